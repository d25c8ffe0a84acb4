//! The step to version 5 in what SQL alone cannot do: what is found of each entry of an earlier version is bound.
//!
//! It shares nothing with what writes today but the digests, by which such entries are verified for ever.

use super::Upgrade;
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use crate::register::Commitment;
use crate::register::binding::{self, Content, Digests, Found, FoundRow};

/// Entries read at a time.
const CHUNK: usize = 1000;

/// An entry of an earlier version.
struct Earlier {
    seq: i64,
    meta: String,
    meta_salt: Vec<u8>,
    content: Option<String>,
    content_salt: Option<Vec<u8>>,
    /// Room and seq of its message.
    place: Option<(i64, i64)>,
    bound: [u8; 32],
}

/// The new table takes the place of the old one.
pub(super) const REPLACE: &str = "DROP TABLE register_payload;
ALTER TABLE register_payload_bound RENAME TO register_payload;";

/// Copies the payloads into their new table, each with a digest of what is found of its entry, and enters one over all.
pub(super) fn bind(moment: &Moment<'_>, tell: &mut dyn FnMut(Upgrade)) -> Result<(), Fault> {
    let mut digests = Digests::new();
    let mut next = i64::MIN;
    let mut count = 0;
    loop {
        let entries = moment.all(SELECT, values![next, CHUNK], earlier)?;
        let Some(last) = entries.last() else { break };
        next = last.seq + 1;
        for entry in &entries {
            digests.add(&entry.bound);
            insert(moment, entry)?;
        }
        count += entries.len() as u64;
        tell(Upgrade::Entries(count));
    }
    if next == i64::MIN {
        return Ok(());
    }
    enter(moment, &digests.text())
}

/// The entry that binds all before it, as this step has written it since it was released: whatever later versions write
/// otherwise, a database that comes through here gets the same.
fn enter(moment: &Moment<'_>, digest: &str) -> Result<(), Fault> {
    let last = "SELECT max(seq) FROM register_entry";
    let seq = moment.only(last, &[], |row| row.int(0))? + 1;
    let last_time = "SELECT last_time FROM lane WHERE lane = 0";
    let time = moment.only(last_time, &[], |row| row.int(0))?;
    let meta = format!(r#"{{"empreinte":"{digest}","premiere":{seq}}}"#);
    let bound = format!(
        r#"{{"categorie":"C7","meta":{meta},"numero":{seq},"temps":{time},"type":"registre.liaison"}}"#
    );
    let mut salt = [0; 32];
    getrandom::fill(&mut salt)?;
    moment.run(
        "INSERT INTO register_entry (seq, time, category, type, meta_commitment) VALUES (?, ?, 7, 'registre.liaison', ?)",
        values![seq, time, &Commitment::new(&salt, &bound).0],
    )?;
    moment.run(
        "INSERT INTO register_payload_bound (seq, meta, meta_salt) VALUES (?, ?, ?)",
        values![seq, &meta, &salt],
    )?;
    Ok(())
}

/// Only entries with a payload: what has lost it before is not made whole.
const SELECT: &str =
    "SELECT e.seq, e.category, e.type, e.time, p.meta, p.meta_salt, p.content, p.content_salt, p.room, p.message,
            m.time, m.msgid, m.kind, m.class, m.author, m.reach, m.redacted, m.account, m.source, m.tags, m.text
     FROM register_entry e JOIN register_payload p ON p.seq = e.seq
     LEFT JOIN message m ON m.room = p.room AND m.seq = p.message
     WHERE e.seq >= ? ORDER BY e.seq LIMIT ?";

fn earlier(row: &Row<'_>) -> Result<Earlier, Fault> {
    let place = row.maybe_int(8)?.zip(row.maybe_int(9)?);
    let message = match (place, row.maybe_text(11)?) {
        (Some((room, seq)), Some(msgid)) => Some(FoundRow {
            room,
            seq,
            time: row.time(10)?,
            msgid,
            kind: row.int(12)?,
            class: row.int(13)?,
            author: row.id(14)?,
            reach: row.text(15)?,
            redacted: row.maybe_int(16)?,
            content: Content {
                account: row.maybe_text(17)?,
                source: row.text(18)?,
                tags: row.text(19)?,
                text: row.text(20)?,
            },
        }),
        _ => None,
    };
    let category = u8::try_from(row.int(1)?)
        .map_err(|_| Fault::corrupt("an entry of no category".to_owned()))?;
    let salt = row.maybe_bytes(5)?.unwrap_or_default();
    let found = Found {
        category,
        kind: row.text(2)?,
        time: row.time(3)?,
        row: message,
    };
    Ok(Earlier {
        seq: row.int(0)?,
        meta: row.text(4)?.to_owned(),
        meta_salt: salt.to_owned(),
        content: row.maybe_text(6)?.map(str::to_owned),
        content_salt: row.maybe_bytes(7)?.map(<[u8]>::to_owned),
        place,
        bound: binding::found(salt, &found),
    })
}

fn insert(moment: &Moment<'_>, entry: &Earlier) -> Result<(), Fault> {
    moment.run(
        "INSERT INTO register_payload_bound (seq, meta, meta_salt, content, room, message, content_salt, bound)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            entry.seq,
            &entry.meta,
            entry.meta_salt.as_slice(),
            entry.content.as_ref(),
            entry.place.map(|(room, _)| room),
            entry.place.map(|(_, seq)| seq),
            entry.content_salt.as_deref(),
            &entry.bound,
        ],
    )?;
    Ok(())
}
