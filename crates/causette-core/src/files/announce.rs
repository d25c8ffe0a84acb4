//! That a file is there, as those read it for whom it is: a message of its owner, kept as everything that is said.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::event::{Reach, Verb, What};
use crate::file::{FILE_TAG, File, Visibility, address, size};
use crate::fitting::{BODY_BYTES, text_bytes};
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::turn::Turn;
use causette_proto::{CompactString, Tags, split};
use compact_str::format_compact;

/// Bytes of what stands behind an address that is signed.
const SIGNED_BYTES: usize = "?t=".len() + 38;

/// Tells those in the room that a file is for, or the room that everybody lands in where it is for all.
pub(super) fn in_room(turn: &mut Turn<'_>, actor: &Actor, file: &File) {
    let Some(owner) = file.owner else { return };
    let by = UserId::from(owner);
    let room = match file.visibility {
        Visibility::Room(room) => Some(room),
        Visibility::Public => landing(turn),
        Visibility::Link | Visibility::Private => None,
    };
    let channel = room.and_then(|room| turn.state.channels().get(&room));
    // Where they are not, or are to be silent, they say nothing.
    let Some(channel) = channel.filter(|channel| channel.members.contains_key(&by)) else {
        return;
    };
    let (room, name) = (Room::Channel(channel.id), channel.name.clone());
    if enforce::may_speak(turn, by, room, name.as_str()).is_ok() {
        let what = what(turn, by, name.as_str(), file);
        turn.happen(actor, vec![room], by, what);
        if let Room::Channel(room) = room {
            turn.state.spoke(room, by);
        }
    }
}

/// The room that everybody lands in, where there is one.
pub(super) fn landing(turn: &Turn<'_>) -> Option<RoomId> {
    let name = turn.settings.auto_join.first()?;
    Some(turn.state.channel_of(name)?.id)
}

/// Tells somebody that a file was sent to them, also where they are not here. They read an address that opens it.
pub(super) fn to(turn: &mut Turn<'_>, actor: &Actor, file: &File, to: AccountId) {
    let Some(owner) = file.owner else { return };
    let (by, reader) = (UserId::from(owner), UserId::from(to));
    let name = turn.state.nick_of(reader);
    let what = what(turn, by, &name, file);
    let text = what.text();
    let theirs = turn.signer(to).signed(&text).unwrap_or(text);
    turn.happen_apart(actor, by, (reader, theirs), what);
}

fn what(turn: &Turn<'_>, by: UserId, target: &str, file: &File) -> What {
    let mut tags = Tags::new();
    tags.insert(FILE_TAG, file.id.0.to_string());
    let room = text_bytes(turn.state.source_of(by), "PRIVMSG", &[target], BODY_BYTES);
    What::Said {
        verb: Verb::Privmsg,
        text: message(&turn.settings.files.url, file, room),
        tags,
        reach: Reach::Room,
    }
}

/// Its name, its length and its address, the same in every language. Of a long name as much as one line of so many bytes has room for: an
/// address in two pieces opens nothing.
fn message(url: &str, file: &File, room: usize) -> CompactString {
    let size = size(file.size);
    let address = address(url, file);
    let beside = "📎  () ".len() + size.len() + address.len() + SIGNED_BYTES;
    let name = file.name.as_str();
    let room = room.saturating_sub(beside);
    if name.len() <= room {
        return format_compact!("📎 {name} ({size}) {address}");
    }
    let name = split::cut(name, room.saturating_sub("…".len()));
    format_compact!("📎 {name}… ({size}) {address}")
}
