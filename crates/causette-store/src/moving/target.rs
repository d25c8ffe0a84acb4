//! The database that another is being moved into: how far that has come, and from where it comes.
//!
//! Until the end it has the table `moving`, with a row for each table and one that names the source. Each transaction that brings
//! rows says so there, so that a move that was cut off goes on where it was, and two of them cannot run at once.

use super::page::{self, Cell};
use super::{Source, Unmoved};
use crate::engine::migrations::target::{self, Contents, MOVING};
use crate::engine::tables::Table;
use crate::engine::{Changing, Database, Moment, values};
use crate::error::{Fault, StoreError};

/// The database that another is moved into.
pub(super) struct Target {
    changing: Changing,
}

impl Target {
    /// Makes the tables of an empty database, or goes on with what the same move has begun.
    pub(super) fn begin(database: &Database, source: &Source) -> Result<Self, Unmoved> {
        if target::contents(database)? == Contents::Something {
            return Err(Unmoved::Occupied(database.to_string()));
        }
        target::make_file(database)?;
        let mut changing = Changing::open(database)?;
        let make = format!(
            "CREATE TABLE IF NOT EXISTS {MOVING} (name {{key}} NOT NULL PRIMARY KEY, done {{int}} NOT NULL, source {{text}}) {{table}}"
        );
        changing.once().run(&make, &[]).map_err(StoreError::from)?;
        changing.change(|moment| begun_by(moment, source, database))?;
        target::complete(database)?;
        Ok(Self { changing })
    }

    /// How many rows of a table are there.
    pub(super) fn done(&self, table: &Table) -> Result<u64, Fault> {
        let select = format!("SELECT done FROM {MOVING} WHERE name = ?");
        let done = self
            .changing
            .once()
            .first(&select, values![table.name], |row| row.id(0))?;
        Ok(done.unwrap_or(0))
    }

    /// The key of the last row of a table that is there.
    pub(super) fn last_key(&self, table: &Table) -> Result<Option<Vec<Cell>>, Fault> {
        page::last_key(&self.changing.once(), table)
    }

    /// Brings rows of a table, behind those that are there. `is_wanted` is asked before they are kept.
    pub(super) fn bring(
        &mut self,
        table: &Table,
        done: u64,
        page: &[Cell],
        mut is_wanted: impl FnMut(u64) -> bool,
    ) -> Result<u64, Unmoved> {
        let now = done + (page.len() / table.columns.len()) as u64;
        self.changing.change(|moment| {
            if done == 0 {
                // What the steps that made the tables have put there.
                moment.run(&format!("DELETE FROM {}", table.name), &[])?;
                let insert = format!("INSERT INTO {MOVING} (name, done) VALUES (?, 0)");
                moment.run(&insert, values![table.name])?;
            }
            let note = format!("UPDATE {MOVING} SET done = ? WHERE name = ? AND done = ?");
            if moment.run(&note, values![now, table.name, done])? != 1 {
                let text = format!("somebody else brings rows of {} too", table.name);
                return Err(Fault::Contradiction(text).into());
            }
            page::write(moment, table, page)?;
            match is_wanted(now) {
                true => Ok(now),
                false => Err(Unmoved::GivenUp),
            }
        })
    }

    /// From now on it is the database of a server.
    pub(super) fn end(self) -> Result<(), StoreError> {
        self.changing
            .once()
            .run(&format!("DROP TABLE {MOVING}"), &[])?;
        Ok(())
    }
}

/// Notes the source, or sees to it that it is the one that was noted.
fn begun_by(moment: &Moment<'_>, source: &Source, database: &Database) -> Result<(), Unmoved> {
    let select = format!("SELECT source FROM {MOVING} WHERE name = ''");
    let found = moment.first(&select, &[], |row| row.text(0).map(str::to_owned))?;
    let source = source.to_string();
    match found {
        Some(found) if found == source => Ok(()),
        Some(_) => Err(Unmoved::AnotherSource(database.to_string())),
        None => {
            let insert = format!("INSERT INTO {MOVING} (name, done, source) VALUES ('', 0, ?)");
            moment.run(&insert, values![&source])?;
            Ok(())
        }
    }
}
