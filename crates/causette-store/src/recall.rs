//! What the writer has to read before it plans a batch: once for the whole batch, several keys at a time.

use crate::engine::{Moment, Row, Value, values};
use crate::error::Fault;
use crate::plan::known::{Conversation, Known, Missing, Person};
use crate::plan::row::HeadRow;
use causette_core::id::{Room, UserId};
use causette_proto::CompactString;
use std::collections::{HashMap, HashSet};

/// Keys asked for at a time: as many as the lists of the statements have places.
const KEYS: usize = 16;

/// A statement that asks for several keys at a time.
macro_rules! of_keys {
    ($select:literal) => {
        concat!(
            $select,
            " IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
    };
}

/// What a writer knows when it begins.
pub(crate) fn begin(moment: &Moment<'_>) -> Result<Known, Fault> {
    let last = "SELECT max(seq) FROM register_entry";
    let last = moment.only(last, &[], |row| row.maybe_int(0))?;
    let lowest = "SELECT min(id) FROM room WHERE name IS NULL";
    let lowest = moment.only(lowest, &[], |row| row.maybe_int(0))?;
    Ok(Known::new(
        last.map_or(0, |last| last + 1),
        lowest.unwrap_or(0) - 1,
    ))
}

/// Reads what is missing.
pub(crate) fn read(moment: &Moment<'_>, known: &mut Known, missing: &Missing) -> Result<(), Fault> {
    let rooms: Vec<_> = missing.rooms.iter().map(|room| Value::Int(*room)).collect();
    let select =
        of_keys!("SELECT id, last_seq, last_time, acl_version, was_closed FROM room WHERE id");
    each(moment, select, &rooms, |row| {
        known.room_read(head(row)?, row.flag(4)?);
        Ok(())
    })?;
    let months: Vec<_> = missing.months.iter().map(Value::from).collect();
    let select = of_keys!("SELECT month, secret FROM register_key WHERE month");
    each(moment, select, &months, |row| {
        known.month_read(row.text(0)?.to_owned(), row.array(1)?);
        Ok(())
    })?;
    conversations(moment, known, &missing.conversations)
}

fn head(row: &Row<'_>) -> Result<HeadRow, Fault> {
    Ok(HeadRow {
        room: row.int(0)?,
        last_seq: row.int(1)?,
        last_time: row.int(2)?,
        acl_version: row.int(3)?,
    })
}

fn conversations(
    moment: &Moment<'_>,
    known: &mut Known,
    pairs: &[(UserId, UserId)],
) -> Result<(), Fault> {
    let keys: Vec<String> = pairs
        .iter()
        .map(|(low, high)| Room::Direct(*low, *high).to_string())
        .collect();
    let values: Vec<_> = keys.iter().map(Value::from).collect();
    let mut rooms: HashMap<String, i64> = HashMap::new();
    let select =
        of_keys!("SELECT id, last_seq, last_time, acl_version, room_key FROM room WHERE room_key");
    each(moment, select, &values, |row| {
        let head = head(row)?;
        rooms.insert(row.text(4)?.to_owned(), head.room);
        // No conversation is ever closed.
        known.room_read(head, false);
        Ok(())
    })?;
    let mut nick_of =
        moment.prepare("SELECT peer_nick FROM participant WHERE person = ? AND room = ?")?;
    let people: HashSet<UserId> = pairs.iter().flat_map(|(low, high)| [*low, *high]).collect();
    let values: Vec<_> = people.iter().map(|person| Value::from(*person)).collect();
    let mut accounts = HashSet::new();
    each(
        moment,
        of_keys!("SELECT id FROM account WHERE id"),
        &values,
        |row| {
            accounts.insert(UserId(row.id(0)?));
            Ok(())
        },
    )?;
    for ((low, high), key) in pairs.iter().zip(&keys) {
        let room = rooms.get(key).copied();
        let mut person = |id: UserId, peer: UserId| {
            let nick = match room {
                // The row of the one has the nickname of the other.
                Some(room) if !accounts.contains(&id) => nick_of
                    .first(values![peer, room], |row| {
                        Ok(row.maybe_text(0)?.map(CompactString::new))
                    })?
                    .flatten(),
                _ => None,
            };
            Ok::<_, Fault>(Person {
                id,
                has_account: accounts.contains(&id),
                nick,
            })
        };
        let people = [person(*low, *high)?, person(*high, *low)?];
        known.conversation_read(Conversation { room, people });
    }
    Ok(())
}

/// Each row that a statement gives for any of the keys.
fn each(
    moment: &Moment<'_>,
    select: &str,
    keys: &[Value<'_>],
    mut read: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for keys in keys.chunks(KEYS) {
        // What is asked for twice is given once.
        let mut list = [keys[0]; KEYS];
        list[..keys.len()].copy_from_slice(keys);
        moment.each(select, &list, &mut read)?;
    }
    Ok(())
}
