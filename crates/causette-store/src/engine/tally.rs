//! What a database holds, so that a copy can be compared with it.

use crate::engine::{Database, Moment, Reading, sqlite, tables};
use crate::error::{Fault, StoreError};
use std::collections::BTreeMap;

/// What a database holds, to be compared with a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The version of its tables.
    pub schema: u32,
    /// Its tables, and how many rows each has.
    pub tables: BTreeMap<String, u64>,
    /// The number of the last entry of the register, and its commitment to who did what; `None` where there is no entry.
    pub head: Option<(u64, [u8; 32])>,
}

/// What a database of the present version holds at one moment.
pub(crate) fn of(database: &Database) -> Result<Tally, StoreError> {
    match database {
        Database::File(file) => sqlite::backup::tally(file),
        #[cfg(feature = "sql")]
        Database::Server(_) => {
            let mut reading = Reading::open(database)?;
            let moment = reading.moment()?;
            let version = "SELECT max(version) FROM schema_version";
            let version = moment.only(version, &[], |row| row.int(0))?;
            let mut tally = ours(&moment)?;
            tally.schema = u32::try_from(version).unwrap_or(0);
            let versions = rows(&moment, "schema_version")?;
            tally.tables.insert("schema_version".to_owned(), versions);
            Ok(tally)
        }
    }
}

/// What our tables hold, without the one in which the versions are noted.
pub(crate) fn ours(moment: &Moment<'_>) -> Result<Tally, StoreError> {
    let mut tables = BTreeMap::new();
    for table in tables::all()? {
        tables.insert(table.name.to_owned(), rows(moment, table.name)?);
    }
    Ok(Tally {
        schema: crate::engine::migrations::known(),
        tables,
        head: head(moment)?,
    })
}

/// How many rows a table has.
pub(crate) fn rows(moment: &Moment<'_>, table: &str) -> Result<u64, Fault> {
    moment.only(&format!("SELECT count(*) FROM {table}"), &[], |row| {
        row.id(0)
    })
}

/// The end of the register.
pub(crate) fn head(moment: &Moment<'_>) -> Result<Option<(u64, [u8; 32])>, Fault> {
    let head = "SELECT seq, meta_commitment FROM register_entry ORDER BY seq DESC LIMIT 1";
    moment.first(head, &[], |row| Ok((row.id(0)?, row.array(1)?)))
}
