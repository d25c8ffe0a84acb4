//! Links that invite people.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::RoomId;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;
use std::fmt::Write as _;

/// Makes a link to an address of the web: to the room that somebody names, or to the first that everybody lands in. A client
/// that cannot know the server otherwise knows it by the SHA-256 of its key.
pub(crate) fn make(
    turn: &mut Turn<'_>,
    actor: &Actor,
    address: &str,
    room: Option<&str>,
    public_key: Option<&str>,
) -> Result<(CompactString, Mark), Denied> {
    actor.must(turn.state, Act::Invite)?;
    let found: Option<(RoomId, CompactString)> = match room {
        Some(name) => {
            let Some(channel) = turn.state.channel_named(name) else {
                let variables = [("room", name), ("channel", name)];
                let key = "admin-invite-no-room";
                return Err(Denied::new(Why::NoSuchChannel, key, &variables));
            };
            Some((channel.id, channel.name.as_str().into()))
        }
        None => {
            let mut rooms = turn.settings.auto_join.iter();
            rooms.find_map(|name| {
                let channel = turn.state.channel_of(name)?;
                Some((channel.id, channel.name.as_str().into()))
            })
        }
    };
    let (room, name) = found.unzip();
    let mut link = format!("causette://{address}/");
    link.push_str(&escaped(name.as_deref().unwrap_or_default()));
    if let Some(public_key) = public_key {
        link.push_str("?sha256=");
        link.push_str(public_key);
    }
    let link = CompactString::from(link);
    let fact = Fact::InvitationMade {
        room,
        link: link.clone(),
        invitation: None,
    };
    let mark = turn.commit(actor, fact);
    Ok((link, mark))
}

/// The name of a room as it stands in a link: whatever would end it there, or is lost on the way, as percent and two digits.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
