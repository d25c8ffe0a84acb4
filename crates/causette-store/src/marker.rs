//! Read markers: up to when people have read. They are private, and the register does not know them.

use crate::engine::migrations::Upgrade;
use crate::engine::{Moment, values};
use crate::error::Fault;
use causette_core::id::{AccountId, Marked, UserId};
use causette_core::snapshot::MarkerRow;

pub(crate) fn read_all(moment: &Moment<'_>) -> Result<Vec<MarkerRow>, Fault> {
    let select = "SELECT account, room_key, time FROM read_marker ORDER BY account, room_key";
    moment.all(select, &[], |row| {
        let key = row.text(1)?;
        Ok(MarkerRow {
            account: AccountId(row.id(0)?),
            of: parse(key).ok_or_else(|| Fault::corrupt(format!("a marker of {key:?}")))?,
            time: row.time(2)?,
        })
    })
}

/// Reads what a marker is of as it is written.
fn parse(key: &str) -> Option<Marked> {
    if key.starts_with('#') {
        return Some(Marked::Channel(key.into()));
    }
    let (low, high) = key.strip_prefix("dm:")?.split_once(':')?;
    let (low, high) = (UserId(low.parse().ok()?), UserId(high.parse().ok()?));
    (low <= high).then_some(Marked::Direct(low, high))
}

/// Lets markers in channels that were kept by the room's number be kept by its name.
pub(crate) fn name_channels(moment: &Moment<'_>, _: &mut dyn FnMut(Upgrade)) -> Result<(), Fault> {
    let select = "SELECT id, room_key FROM room WHERE name IS NOT NULL AND closed IS NULL";
    let rooms = moment.all(select, &[], |row| {
        Ok((row.int(0)?, row.text(1)?.to_owned()))
    })?;
    for (room, name) in rooms {
        let update = "UPDATE read_marker SET room_key = ? WHERE room_key = ?";
        moment.run(update, values![&name, &format!("room:{room}")])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;
    use crate::engine::change;

    #[test]
    fn what_a_marker_is_of_is_read_as_it_is_written() {
        for of in [
            Marked::Channel("#tea:1".into()),
            Marked::Direct(UserId(9), UserId(10)),
            Marked::Direct(UserId(7), UserId(7)),
        ] {
            assert_eq!(parse(&of.to_string()), Some(of));
        }
        for text in ["", "room:1", "dm:1", "dm:1:2:3", "dm:2:1", "club:1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn markers_of_a_room_s_number_become_those_of_its_name() {
        let store = Store::temporary().unwrap();
        let kept = |moment: &Moment<'_>| {
            moment.run(
                "INSERT INTO room (id, room_key, name, permanent, modes, acl_version, last_seq, last_time, created)
                 VALUES (7, '#tea', '#Tea', 0, '', 0, 0, 0, 0)",
                &[],
            )?;
            moment.run(
                "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen)
                 VALUES (2, 'bob', 'bob', 'bob', '', 0, 0)",
                &[],
            )?;
            for key in ["room:7", "dm:2:4"] {
                let insert = "INSERT INTO read_marker (account, room_key, time) VALUES (2, ?, 5)";
                moment.run(insert, values![key])?;
            }
            name_channels(moment, &mut |_| {})?;
            read_all(moment)
        };
        let rows = change(store.database(), kept).unwrap();
        let of: Vec<String> = rows.iter().map(|row| row.of.to_string()).collect();
        assert_eq!(of, ["#tea", "dm:2:4"]);
    }
}
