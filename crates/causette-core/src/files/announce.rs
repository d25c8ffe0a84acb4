//! That a file is there, as those read it for whom it is: a message of its owner, kept as everything that is said.

use crate::actor::Actor;
use crate::event::{Reach, Verb, What};
use crate::file::{File, Visibility};
use crate::id::{AccountId, Room, UserId};
use crate::turn::Turn;
use causette_proto::{CompactString, Tags, percent_encoded};
use compact_str::format_compact;

/// The tag of such a message; its value is the number of the file.
const TAG: &str = "+causette/file";

/// Tells those in the room that a file is for, or the room that everybody lands in where it is for all.
pub(super) fn in_room(turn: &mut Turn<'_>, actor: &Actor, file: &File) {
    let Some(owner) = file.owner else { return };
    let by = UserId::from(owner);
    let room = match file.visibility {
        Visibility::Room(room) => Some(room),
        Visibility::Public => {
            let landing = turn.settings.auto_join.first();
            landing.and_then(|name| Some(turn.state.channel_of(name)?.id))
        }
        Visibility::Link | Visibility::Private => None,
    };
    let channel = room.and_then(|room| turn.state.channels().get(&room));
    // Where they are not they say nothing.
    if let Some(channel) = channel.filter(|channel| channel.members.contains_key(&by)) {
        let room = Room::Channel(channel.id);
        say(turn, actor, by, room, file);
    }
}

/// Tells somebody that a file was sent to them, also where they are not here.
pub(super) fn to(turn: &mut Turn<'_>, actor: &Actor, file: &File, to: AccountId) {
    if let Some(owner) = file.owner {
        let by = UserId::from(owner);
        say(turn, actor, by, Room::direct(by, to.into()), file);
    }
}

fn say(turn: &mut Turn<'_>, actor: &Actor, by: UserId, room: Room, file: &File) {
    let mut tags = Tags::new();
    tags.insert(TAG, file.id.0.to_string());
    let what = What::Said {
        verb: Verb::Privmsg,
        text: text(&turn.settings.files.url, file),
        tags,
        reach: Reach::Room,
    };
    turn.happen(actor, vec![room], by, what);
}

/// Its name, its length and its address, the same in every language.
fn text(url: &str, file: &File) -> CompactString {
    let (name, size) = (file.name.as_str(), size(file.size));
    format_compact!("📎 {name} ({size}) {}", address(url, file))
}

/// Where a file is, as people open it.
pub(crate) fn address(url: &str, file: &File) -> String {
    let name = percent_encoded(file.name.as_str(), "");
    format!("{url}/files/{}/{name}", file.key)
}

/// A length as people say it, in powers of a thousand.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_length_is_said_in_the_largest_unit_that_it_fills() {
        for (bytes, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (11_953_421, "11.9 MB"),
            (2_147_483_648, "2.1 GB"),
            (5_000_000_000_000_000, "5000.0 TB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }
}
