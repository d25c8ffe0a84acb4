//! The rows of read markers: up to when people have read. They are private, and the register does not know them.

use crate::error::StoreError;
use causette_core::id::{AccountId, Room, RoomId, UserId};
use causette_core::snapshot::MarkerRow;
use causette_proto::Timestamp;
use rusqlite::{Connection, Result, params};

pub(crate) fn set(
    connection: &Connection,
    account: AccountId,
    room: Room,
    time: Timestamp,
) -> Result<()> {
    let (account, room) = (account.0.cast_signed(), room.to_string());
    connection
        .prepare_cached("DELETE FROM read_marker WHERE account = ? AND room_key = ?")?
        .execute(params![account, room])?;
    connection
        .prepare_cached("INSERT INTO read_marker (account, room_key, time) VALUES (?, ?, ?)")?
        .execute(params![account, room, time.0])?;
    Ok(())
}

/// Forgets all markers of a room that nobody can read any more.
pub(crate) fn forget(connection: &Connection, room: Room) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM read_marker WHERE room_key = ?")?
        .execute([room.to_string()])?;
    Ok(())
}

pub(crate) fn read_all(connection: &Connection) -> std::result::Result<Vec<MarkerRow>, StoreError> {
    let mut statement = connection
        .prepare("SELECT account, room_key, time FROM read_marker ORDER BY account, room_key")?;
    let mut rows = statement.query([])?;
    let mut markers = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(1)?;
        markers.push(MarkerRow {
            account: AccountId(row.get::<_, i64>(0)?.cast_unsigned()),
            room: parse(&key)
                .ok_or_else(|| StoreError::Corrupt(format!("a marker in the room {key:?}")))?,
            time: Timestamp(row.get(2)?),
        });
    }
    Ok(markers)
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
