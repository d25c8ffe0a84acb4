//! The register as people read it: entry by entry, with the names behind its numbers and what each entry tells of.
//!
//! A reading has a connection of its own and asks in short transactions, so that it holds up neither the writer nor its log.
//! What a page costs is bounded in entries that are looked at (those included that tell from where a connection came), in those
//! that are given, and in bytes; where one ends, the next goes on.
//!
//! - [`sought`]: what somebody looks for; most entries are passed over by their tags and types alone
//! - [`whole`]: an entry with its payload and its row
//! - [`listed`]: the same as it is given out
//! - [`names`]: what accounts, rooms and guests are called
//! - [`origin`]: from where a connection came
//! - [`seek`]: the entry of a time
//! - [`kinds`]: the types that there are

mod kinds;
mod listed;
mod names;
mod origin;
mod seek;
mod sought;
mod whole;

pub use kinds::KINDS;
pub use listed::{Keeping, Listed, Named, Origin, Redacted, Said};
pub use sought::{Question, Sought, Unknown};

use crate::engine::{Database, Moment, Reading, values};
use crate::error::{Fault, StoreError};
use crate::history::era;
use crate::store::Temporary;
use causette_core::limits::{
    REGISTER_LAST, REGISTER_LOOKED, REGISTER_LOOKED_BACK, REGISTER_PAGE, REGISTER_PAGE_BYTES,
};
use causette_proto::Casemap;
use names::Names;
use origin::Origins;
use std::sync::Arc;

/// Entries that are looked at in one transaction.
const CHUNK: u64 = 512;

/// One that reads the register.
pub struct RegisterReader {
    reading: Reading,
    casemap: Casemap,
    known: Known,
    /// Dropped after the connection.
    _temporary: Option<Arc<Temporary>>,
}

/// What is remembered from one page to the next.
#[derive(Default)]
struct Known {
    names: Names,
    origins: Origins,
    eras: era::Remembered,
}

/// A part of what was found, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// The entries.
    pub entries: Vec<Listed>,
    /// The entry from which on to look for more; `None` where everything was looked at.
    pub next: Option<u64>,
    /// Entries that are not among them because nothing tells from where they came, where that is asked: what opened their connection
    /// was not found among as many entries as are looked at for it.
    pub unplaced: u64,
}

impl RegisterReader {
    pub(crate) fn open(
        database: &Database,
        casemap: Casemap,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            reading: Reading::open(database)?,
            casemap,
            known: Known::default(),
            _temporary: temporary,
        })
    }

    /// Behind the last entry that there is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn end(&mut self) -> Result<u64, StoreError> {
        Ok(end(&self.reading.now()?)?)
    }

    /// Finds out whom and what a question means.
    ///
    /// # Errors
    /// When the database cannot be read; what it names and never was is in the answer.
    pub fn understand(
        &mut self,
        question: Question,
    ) -> Result<Result<Sought, Unknown>, StoreError> {
        let moment = self.reading.moment()?;
        let eras = self.known.eras.of(&moment)?;
        Ok(Sought::of(&moment, eras, question, self.casemap)?)
    }

    /// The entries that are sought from a number on and before another, at most so many and not more than a page has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(
        &mut self,
        sought: &mut Sought,
        (from, before): (u64, u64),
        limit: usize,
    ) -> Result<Portion, StoreError> {
        let (from, before) = (from.max(sought.first), before.min(sought.end));
        self.known.names.forget();
        let mut page = Gathered::new(limit.min(REGISTER_PAGE));
        let mut next = from;
        self.known.origins.looked = 0;
        while next < before
            && (next - from) + self.known.origins.looked < REGISTER_LOOKED
            && !page.is_full()
        {
            let chunk_end = next.saturating_add(CHUNK).min(before);
            let moment = self.reading.moment()?;
            // Nothing is behind the last one.
            let there = end(&moment)?.min(chunk_end);
            if there <= next {
                next = before;
                break;
            }
            let candidates = sought.candidates(&moment, (next, there))?;
            next = there;
            for seq in candidates {
                self.known.take(&moment, sought, seq, &mut page)?;
                if page.is_full() || self.known.origins.looked >= REGISTER_LOOKED {
                    next = seq + 1;
                    break;
                }
            }
        }
        Ok(Portion {
            entries: page.entries,
            next: (next < before).then_some(next),
            unplaced: page.unplaced,
        })
    }

    /// The last entries that are sought before a number, at most so many, oldest first. It looks back for so long and no longer:
    /// then `next` is the entry before which there may be more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn last(
        &mut self,
        sought: &mut Sought,
        before: u64,
        limit: usize,
    ) -> Result<Portion, StoreError> {
        let before = before.min(sought.end).min(self.end()?);
        self.known.names.forget();
        let first = sought
            .first
            .max(before.saturating_sub(REGISTER_LOOKED_BACK));
        let mut page = Gathered::new(limit.min(REGISTER_LAST));
        let mut until = before;
        self.known.origins.looked = 0;
        while until > first
            && (before - until) + self.known.origins.looked < REGISTER_LOOKED_BACK
            && !page.is_full()
        {
            let from = until.saturating_sub(CHUNK).max(first);
            let moment = self.reading.moment()?;
            let candidates = sought.candidates(&moment, (from, until))?;
            // No transaction lasts longer than that of a page.
            let looked_max = self.known.origins.looked + REGISTER_LOOKED;
            until = from;
            for seq in candidates.into_iter().rev() {
                self.known.take(&moment, sought, seq, &mut page)?;
                if page.is_full() || self.known.origins.looked >= looked_max {
                    until = seq;
                    break;
                }
            }
        }
        page.entries.reverse();
        let is_cut = !page.is_full() && until > sought.first;
        Ok(Portion {
            entries: page.entries,
            next: is_cut.then_some(until),
            unplaced: page.unplaced,
        })
    }
}

impl Known {
    /// Adds an entry to a page, where it is sought.
    fn take(
        &mut self,
        moment: &Moment<'_>,
        sought: &mut Sought,
        seq: u64,
        page: &mut Gathered,
    ) -> Result<(), Fault> {
        let Some(whole) = whole::read(moment, seq)? else {
            return Ok(());
        };
        let eras = self.eras.of(moment)?;
        let mut origin = None;
        // To find from where it came costs more than to look whether it is meant.
        let is_meant = sought.means(moment, &whole)?;
        if is_meant && let Some(session) = whole.session() {
            let (origins, keys) = (&mut self.origins, &mut sought.keys);
            origin = origins.of(moment, eras, keys, session, &whole)?;
        }
        if !is_meant {
            return Ok(());
        }
        if !sought.means_origin(&whole, origin) {
            page.unplaced += u64::from(origin.is_none() && whole.session().is_some());
            return Ok(());
        }
        let redacted = match whole.taken_back() {
            Some((msgid, at)) => seek::redaction(moment, eras, msgid, at)?,
            None => None,
        };
        let named = listed::of(moment, &mut self.names, &whole, origin)?;
        let redacted = match redacted {
            Some((entry, by)) => {
                let by = self.names.of(moment, &by)?;
                named.redacted.map(|redacted| Redacted {
                    entry: Some(entry),
                    by: Some(by),
                    ..redacted
                })
            }
            None => named.redacted,
        };
        page.add(Listed { redacted, ..named });
        Ok(())
    }
}

/// What a page has so far.
struct Gathered {
    entries: Vec<Listed>,
    limit: usize,
    bytes: usize,
    unplaced: u64,
}

impl Gathered {
    fn new(limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            limit,
            bytes: 0,
            unplaced: 0,
        }
    }

    fn add(&mut self, found: Listed) {
        self.bytes += found.bytes();
        self.entries.push(found);
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.limit || self.bytes >= REGISTER_PAGE_BYTES
    }
}

/// Behind the last entry.
fn end(moment: &Moment<'_>) -> Result<u64, Fault> {
    let last = "SELECT max(seq) FROM register_entry WHERE seq >= 0";
    let last = moment.only(last, values![], |row| row.maybe_int(0))?;
    Ok(last.map_or(0, |last| last.cast_unsigned() + 1))
}
