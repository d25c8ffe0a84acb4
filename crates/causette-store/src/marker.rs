//! Read markers: up to when people have read. They are private, and the register does not know them.

use crate::engine::Moment;
use crate::error::Fault;
use causette_core::id::{AccountId, Room, RoomId, UserId};
use causette_core::snapshot::MarkerRow;

pub(crate) fn read_all(moment: &Moment<'_>) -> Result<Vec<MarkerRow>, Fault> {
    let select = "SELECT account, room_key, time FROM read_marker ORDER BY account, room_key";
    moment.all(select, &[], |row| {
        let key = row.text(1)?;
        Ok(MarkerRow {
            account: AccountId(row.id(0)?),
            room: parse(key)
                .ok_or_else(|| Fault::corrupt(format!("a marker in the room {key:?}")))?,
            time: row.time(2)?,
        })
    })
}

/// Reads a room as it is written.
fn parse(key: &str) -> Option<Room> {
    let (kind, ids) = key.split_once(':')?;
    match kind {
        "room" => Some(Room::Channel(RoomId(ids.parse().ok()?))),
        "dm" => {
            let (low, high) = ids.split_once(':')?;
            Some(Room::direct(
                UserId(low.parse().ok()?),
                UserId(high.parse().ok()?),
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_read_as_it_is_written() {
        for room in [
            Room::Channel(RoomId(u64::MAX)),
            Room::direct(UserId(9), UserId(10)),
            Room::direct(UserId(7), UserId(7)),
        ] {
            assert_eq!(parse(&room.to_string()), Some(room));
        }
        for text in ["", "room", "room:", "room:x", "dm:1", "dm:1:2:3", "club:1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
