//! A whole database moves into another, of the same engine or not; and what a database on a server holds is copied into a file.
//!
//! - `page`: the rows of a table, a bounded number at a time
//! - `target`: where they go, and how far that has come

mod page;
mod target;

use crate::engine::sqlite::backup;
use crate::engine::tables::{self, Table};
use crate::engine::tally::{self, Tally};
use crate::engine::{Changing, Database, Moment, Reading, migrations, recording};
use crate::error::{Fault, StoreError};
use crate::history::Reader;
use crate::register::{Progress, Verified};
use crate::{Copied, Uncopied};
use causette_core::limits::MOVE_ROWS;
use page::Pages;
use std::fmt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use target::Target;

/// How a database is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Whether the register is verified where it has come.
    pub verify: bool,
    /// Rows that are brought in one transaction.
    pub rows: usize,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            verify: true,
            rows: MOVE_ROWS,
        }
    }
}

/// How far a move has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moving {
    /// It is known how many rows there are, and how many an earlier attempt has brought.
    Begun {
        /// Rows that are there already.
        brought: u64,
        /// Rows that there are.
        of: u64,
    },
    /// Rows of a table are about to be kept.
    Rows {
        /// The table.
        table: &'static str,
        /// How many rows of all tables will be there then.
        brought: u64,
        /// Rows that there are.
        of: u64,
    },
    /// All rows are there, and the register is verified.
    Verified(Progress),
}

/// A table that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableMoved {
    /// The table.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// How many of them this attempt has brought.
    pub brought: u64,
    /// How long that took.
    pub took: Duration,
}

/// What came of a move.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The tables, in the order in which they were moved.
    pub tables: Vec<TableMoved>,
    /// How long the rows took.
    pub took: Duration,
    /// The last entry of the register, and its commitment.
    pub head: Option<(u64, [u8; 32])>,
    /// What there is otherwise than in the source; nothing, where it is moved.
    pub differences: Vec<Difference>,
    /// What verifying found, where that was wanted and the counts are the same.
    pub verified: Option<Verified>,
    /// How long that took.
    pub verifying_took: Duration,
}

impl Moved {
    /// Whether there are files whose contents lie beside the database.
    pub fn has_files(&self) -> bool {
        self.tables
            .iter()
            .any(|table| table.table == "file" && table.rows > 0)
    }

    /// Whether the target is a server's database now. Otherwise it stays what a move has begun, and nobody serves it.
    pub fn is_whole(&self) -> bool {
        let agrees = self
            .verified
            .as_ref()
            .is_none_or(|verified| verified.found == 0);
        self.differences.is_empty() && agrees
    }
}

/// What a database has otherwise than the one that was moved into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A table has more rows, or less.
    Rows {
        /// The table.
        table: String,
        /// How many it has.
        found: u64,
        /// How many the source has.
        expected: u64,
    },
    /// The register ends with another entry.
    Head,
}

/// Why a database was not moved.
#[derive(Debug, thiserror::Error)]
pub enum Unmoved {
    /// Both are one.
    #[error("{0} is where it is already")]
    Same(String),
    /// Where it should go, there is something else.
    #[error("{0} holds something already")]
    Occupied(String),
    /// Where it should go, there is what another move has begun, or this one before the source was served again.
    #[error("{0} holds what the move of another database has begun")]
    AnotherSource(String),
    /// The source was served meanwhile.
    #[error("{0} was served while it was moved")]
    Served(String),
    /// Whoever asked for it wants it no more.
    #[error("the move was given up")]
    GivenUp,
    /// The source cannot be read.
    #[error(transparent)]
    From(StoreError),
    /// The target cannot be read or written.
    #[error(transparent)]
    To(#[from] StoreError),
}

impl From<Fault> for Unmoved {
    fn from(fault: Fault) -> Self {
        Self::To(fault.into())
    }
}

/// By what a source is known again: whoever serves it changes that.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    epoch: i64,
    head: Option<(u64, [u8; 32])>,
}

impl Source {
    fn of(moment: &Moment<'_>) -> Result<Self, Fault> {
        Ok(Self {
            epoch: recording::epoch(moment)?,
            head: tally::head(moment)?,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.epoch)?;
        let Some((entry, commitment)) = self.head else {
            return Ok(());
        };
        write!(f, " {entry} ")?;
        commitment
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Keeps others from serving a database on a server for as long as it lives.
#[cfg(feature = "sql")]
fn lock(database: &Database) -> Result<Option<impl Sized>, StoreError> {
    match database {
        Database::File(_) => Ok(None),
        Database::Server(address) => crate::engine::server::lock::Lock::take(address).map(Some),
    }
}

#[cfg(not(feature = "sql"))]
fn lock(_: &Database) -> Result<Option<()>, StoreError> {
    Ok(None)
}

/// Moves everything that one database holds into another, which is empty, or has what the same move has brought before it was cut
/// off. The source is only read; nobody may serve it meanwhile. `go_on` hears how far it has come, and whether it goes on: before
/// rows are kept. Blocks.
///
/// # Errors
/// Then nothing that was brought is lost, and the same move may go on with it. What does not agree in the end is no error.
pub fn run(
    from: &Database,
    to: &Database,
    manner: Manner,
    mut go_on: impl FnMut(Moving) -> bool,
) -> Result<Moved, Unmoved> {
    if from == to {
        return Err(Unmoved::Same(to.to_string()));
    }
    let _from = lock(from).map_err(Unmoved::From)?;
    migrations::look(from).map_err(Unmoved::From)?;
    let mut reading = Reading::open(from).map_err(Unmoved::From)?;
    let _to = lock(to)?;
    let moment = reading.moment().map_err(unread)?;
    let source = Source::of(&moment).map_err(unread)?;
    let mut target = Target::begin(to, &source)?;
    let expected = tally::ours(&moment).map_err(Unmoved::From)?;
    let begun = Instant::now();
    let tables = bring(&moment, &mut target, &expected, manner, &mut go_on)?;
    let took = begun.elapsed();
    drop(moment);
    let differences = differences(&expected, &found(to)?);
    if Source::of(&reading.moment().map_err(unread)?).map_err(unread)? != source {
        return Err(Unmoved::Served(from.to_string()));
    }
    let begun = Instant::now();
    let mut verified = None;
    if manner.verify && differences.is_empty() {
        let mut wanted = true;
        let progress = |progress| wanted &= go_on(Moving::Verified(progress));
        verified = Some(Reader::open(to, None)?.verify(progress)?);
        if !wanted {
            return Err(Unmoved::GivenUp);
        }
    }
    let moved = Moved {
        tables,
        took,
        head: expected.head,
        differences,
        verified,
        verifying_took: begun.elapsed(),
    };
    if moved.is_whole() {
        target.end()?;
        if let Some(file) = to.file() {
            backup::fold(file)?;
        }
    }
    Ok(moved)
}

fn unread(fault: Fault) -> Unmoved {
    Unmoved::From(fault.into())
}

/// Brings all rows that are not there yet.
fn bring(
    moment: &Moment<'_>,
    target: &mut Target,
    expected: &Tally,
    manner: Manner,
    go_on: &mut impl FnMut(Moving) -> bool,
) -> Result<Vec<TableMoved>, Unmoved> {
    let tables = tables::all()?;
    let of = expected.tables.values().sum();
    let mut before = Vec::with_capacity(tables.len());
    for table in tables {
        before.push(target.done(table)?);
    }
    let mut brought: u64 = before.iter().sum();
    if !go_on(Moving::Begun { brought, of }) {
        return Err(Unmoved::GivenUp);
    }
    let mut moved = Vec::with_capacity(tables.len());
    for (table, done) in tables.iter().zip(before) {
        let (begun, others) = (Instant::now(), brought - done);
        let rows = bring_table(moment, target, (table, done), manner, |rows| {
            go_on(Moving::Rows {
                table: table.name,
                brought: others + rows,
                of,
            })
        })?;
        brought = others + rows;
        moved.push(TableMoved {
            table: table.name,
            rows,
            brought: rows - done,
            took: begun.elapsed(),
        });
    }
    Ok(moved)
}

fn bring_table(
    moment: &Moment<'_>,
    target: &mut Target,
    (table, mut done): (&'static Table, u64),
    manner: Manner,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<u64, Unmoved> {
    let after = target.last_key(table)?;
    if done > 0 && after.is_none() {
        // Somebody has removed what had come, and the counts will tell.
        return Ok(done);
    }
    let after = after.filter(|_| done > 0);
    let mut pages = Pages::new(table, manner.rows, after);
    loop {
        let page = pages.next(moment).map_err(unread)?;
        if page.is_empty() {
            return Ok(done);
        }
        done = target.bring(table, done, &page, &mut go_on)?;
    }
}

/// What our tables hold in a database that is not served yet.
fn found(database: &Database) -> Result<Tally, StoreError> {
    let mut reading = Reading::open(database)?;
    let moment = reading.moment()?;
    tally::ours(&moment)
}

fn differences(expected: &Tally, found: &Tally) -> Vec<Difference> {
    let counts = expected.tables.iter().zip(found.tables.values());
    let mut differences: Vec<Difference> = counts
        .filter(|((_, expected), found)| expected != found)
        .map(|((table, &expected), &found)| Difference::Rows {
            table: table.clone(),
            found,
            expected,
        })
        .collect();
    if expected.head != found.head {
        differences.push(Difference::Head);
    }
    differences
}

/// Copies a database on a server, as it is at one moment and while others write in it, into a file of SQLite that is not there
/// yet. The copy is not made to survive a power cut: it is on its way to another place.
pub(crate) fn copy(
    database: &Database,
    target: &Path,
    mut go_on: impl FnMut(Copied) -> bool,
) -> Result<(), Uncopied> {
    migrations::look(database)?;
    let mut reading = Reading::open(database)?;
    let moment = reading.moment().map_err(StoreError::from)?;
    let of = tally::ours(&moment)?.tables.values().sum();
    let mut copy = backup::empty(target)?;
    migrations::target::make(&mut copy)?;
    let mut copy = Changing::Sqlite(copy);
    let mut parts = 0;
    for table in tables::all()? {
        let clear = format!("DELETE FROM {}", table.name);
        copy.once().run(&clear, &[]).map_err(StoreError::from)?;
        let mut pages = Pages::new(table, MOVE_ROWS, None);
        loop {
            let begun = Instant::now();
            let page = pages.next(&moment).map_err(StoreError::from)?;
            if page.is_empty() {
                break;
            }
            copy.change(|moment| page::write(moment, table, &page))
                .map_err(StoreError::from)?;
            parts += (page.len() / table.columns.len()) as u64;
            if !go_on(Copied { parts, of }) {
                return Err(Uncopied::GivenUp);
            }
            thread::sleep(backup::pause(begun.elapsed()));
        }
    }
    Ok(())
}
