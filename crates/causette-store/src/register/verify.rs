//! Whether the register and what it commits to agree: every commitment is computed again from the rows.
//!
//! It reads a bounded number of entries in each transaction, so that it never holds up the writer's log, up to the entry that
//! was the last when it began. What is appended meanwhile does not disturb it: rows of the register's tables only grow, and
//! what else changes is compared only where an entry says how.
//!
//! - [`found`]: an entry with the rows that it is about
//! - [`walk`]: entry by entry, each against its payload and its row
//! - [`tags`], [`redaction`]: the pseudonyms, and what was taken back
//! - [`names`]: accounts, rooms, conversations and steps of the clock against the entries that made them
//! - [`administered`]: what those who run the server decided against the entries that tell of it; [`renamed`]: names that were given later
//! - [`untold`]: which of those no entry tells of
//! - [`files`]: who may see which file, against the entries that say so
//! - [`sessions`]: connections, against the entries that opened and closed them
//! - [`rooms`]: that no room has anything that no entry tells of
//! - [`findings`]: what does not agree

mod administered;
mod files;
mod findings;
mod found;
mod names;
mod redaction;
mod renamed;
mod rooms;
mod sessions;
mod tags;
mod untold;
mod walk;

use super::entry::{Commitment, Entry, Tag, hexadecimal_text};
use super::finding::{Finding, Mismatch};
use crate::engine::{Row, values};
use crate::error::{Fault, StoreError};
use crate::history::Reader;
use aws_lc_rs::digest::{SHA256, digest};
use walk::Walk;

/// Entries that are read in one transaction.
const CHUNK: usize = 512;

/// The same on a server, which keeps no log from being moved by it: what is asked about a name or a room is asked once for so many
/// entries, and each question goes there and back.
const CHUNK_THERE: usize = 8192;

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the register.
    pub entries: u64,
    /// What happened in one room; each has its entry.
    pub messages: u64,
    /// What happened in several rooms at once; each has its entry.
    pub shared: u64,
    /// Places that the latter have in rooms.
    pub places: u64,
    /// Entries of which what they commit to was erased, as another entry says.
    pub erased: u64,
    /// From this entry on each binds what it tells of. Those before are bound by it, as they were found then.
    pub bound_from: u64,
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries that were looked at.
    pub entries: u64,
    /// Entries that there were when it began.
    pub of: u64,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How much was looked at.
    pub counts: Counts,
    /// The last entry; `None` where there is none.
    pub head: Option<Head>,
    /// What does not agree, as far as it is listed: the first that was found.
    pub findings: Vec<Finding>,
    /// How much does not agree in all.
    pub found: u64,
}

/// The end of the register. What an earlier one was must still be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last entry.
    pub entry: u64,
    /// The SHA-256 of its canonical text, in lower-case hexadecimal.
    pub sha256: String,
}

impl Reader {
    /// Verifies the whole register against all that it tells of, and says now and then how far it has come. Others may read
    /// and write the database meanwhile.
    ///
    /// # Errors
    /// When the database cannot be read. What does not agree is no error.
    pub fn verify(&mut self, mut progress: impl FnMut(Progress)) -> Result<Verified, StoreError> {
        let mut walk = Walk::begin(&self.reading.moment()?)?;
        let of = walk.entries();
        let head = self.head(of)?;
        let chunk = match self.reading.is_on_server() {
            true => CHUNK_THERE,
            false => CHUNK,
        };
        while walk.go_on(&self.reading.moment()?, chunk)? {
            let entries = walk.counts.entries;
            progress(Progress { entries, of });
        }
        let mut room = self.next_room(None)?;
        while let Some(verified) = room {
            rooms::verify(&mut self.reading, verified, &mut walk.findings)?;
            room = self.next_room(room)?;
        }
        let (counts, findings) = walk.finish(&self.reading.moment()?)?;
        let (findings, found) = findings.finish();
        Ok(Verified {
            counts,
            head,
            findings,
            found,
        })
    }

    fn next_room(&mut self, room: Option<i64>) -> Result<Option<i64>, Fault> {
        rooms::next(&self.reading.moment()?, room)
    }

    /// The last entry before a number. One that cannot be read is found later.
    fn head(&mut self, end: u64) -> Result<Option<Head>, StoreError> {
        let Some(last) = end.checked_sub(1) else {
            return Ok(None);
        };
        let found = match self.entries(last, 1) {
            Ok(found) => found,
            Err(StoreError::Corrupt(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(found.first().map(|entry| Head {
            entry: entry.seq,
            sha256: hexadecimal_text(digest(&SHA256, entry.canonical().as_bytes()).as_ref()),
        }))
    }

    /// The same in silence.
    ///
    /// # Errors
    /// When the database cannot be read, and when something does not agree.
    pub fn check_register(&mut self) -> Result<Counts, Mismatch> {
        let verified = self.verify(|_| {})?;
        match verified.findings.into_iter().next() {
            Some(first) => Err(Mismatch::Found {
                first,
                more: verified.found - 1,
            }),
            None => Ok(verified.counts),
        }
    }

    /// Entries from a number on, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let select = "SELECT seq, time, category, type, actor_tag, target_tag, meta_commitment, content_commitment
             FROM register_entry WHERE seq >= ? ORDER BY seq LIMIT ?";
        Ok(self
            .reading
            .now()?
            .all(select, values![from, limit], entry)?)
    }
}

/// An entry, of a row that begins with its columns.
fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        seq: row.id(0)?,
        time: row.time(1)?,
        category: u8::try_from(row.int(2)?)
            .map_err(|_| Fault::corrupt("an entry of no category".to_owned()))?,
        kind: row.text(3)?.to_owned(),
        actor: row.maybe_array(4)?.map(Tag),
        target: row.maybe_array(5)?.map(Tag),
        meta: Commitment(row.array(6)?),
        content: row.maybe_array(7)?.map(Commitment),
    })
}
