//! The tables, as the numbered steps that made them. A step is never edited once released; a change is a new step.

mod beginning;
mod bound;
pub(crate) mod target;
#[cfg(test)]
mod tests;

pub use beginning::{Beginning, Begun, Upgrade};

use crate::engine::outlook::Outlook;
#[cfg(feature = "sql")]
use crate::engine::server::{schema, survey};
use crate::engine::shape::Shape;
use crate::engine::sqlite::{connection, copy, log, views};
use crate::engine::{Database, Moment, dialect};
use crate::error::{Fault, StoreError};
use crate::marker;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::cmp::Ordering;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A step to a version of the tables.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The version that it leads to.
    pub(crate) version: u32,
    /// Statements, in the words that all engines share.
    pub(crate) sql: &'static str,
    /// What is done behind them, which may take long: it changes rows, and no table.
    pub(crate) behind: Option<Behind>,
    /// Statements behind that.
    pub(crate) then: &'static str,
}

/// What is done in a step that statements alone cannot do.
pub(crate) type Behind = fn(&Moment<'_>, &mut dyn FnMut(Upgrade)) -> Result<(), Fault>;

/// A step of statements alone.
const fn step(version: u32, sql: &'static str) -> Step {
    Step {
        version,
        sql,
        behind: None,
        then: "",
    }
}

/// Every step, oldest first, numbered without holes.
pub(crate) const MIGRATIONS: &[Step] = &[
    step(1, include_str!("migrations/0001_record.sql")),
    step(2, include_str!("migrations/0002_session.sql")),
    step(3, include_str!("migrations/0003_base.sql")),
    step(4, include_str!("migrations/0004_device.sql")),
    Step {
        behind: Some(bound::bind),
        then: bound::REPLACE,
        ..step(5, include_str!("migrations/0005_order.sql"))
    },
    step(6, include_str!("migrations/0006_administration.sql")),
    step(7, include_str!("migrations/0007_moderation.sql")),
    // From here on there are the views, which are made anew behind the last step, whichever that is.
    step(8, ""),
    // The views show what was imported as its author's.
    step(9, ""),
    step(10, include_str!("migrations/0010_file.sql")),
    Step {
        behind: Some(marker::name_channels),
        ..step(11, include_str!("migrations/0011_room.sql"))
    },
    step(12, include_str!("migrations/0012_metadata.sql")),
    step(13, include_str!("migrations/0013_closed.sql")),
];

/// Keeps which steps were taken.
pub(crate) const VERSIONS: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version {int} NOT NULL PRIMARY KEY) {table};";

/// Makes the database where there is none, and brings its tables to the present version. A database that holds something
/// is first copied to `<name>.before-<version>` beside it.
///
/// # Errors
/// Refuses what is not as expected, a newer database and one of another program; then, and when a step fails, nothing has been
/// changed.
pub(crate) fn migrate(
    database: &Database,
    beginning: Beginning,
    tell: &mut dyn FnMut(Upgrade),
) -> Result<Begun, StoreError> {
    match database {
        Database::File(file) => steps(file, beginning, MIGRATIONS, tell),
        #[cfg(feature = "sql")]
        Database::Server(address) => schema::migrate(address, beginning, MIGRATIONS, tell),
    }
}

fn steps(
    location: &Path,
    beginning: Beginning,
    migrations: &[Step],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<Begun, StoreError> {
    let known = migrations.last().map_or(0, |step| step.version);
    let (found, lacks_views) = survey(location, beginning, known)?;
    if length(location)?.is_none() {
        connection::make(location)?;
    }
    if found == known {
        if lacks_views {
            views::make(&connection::open(location)?)?;
            tell(Upgrade::Views);
        }
        return Ok(Begun::Unchanged);
    }
    let mut connection = connection::open(location)?;
    if found == 0 {
        apply(&mut connection, found, migrations, tell)?;
        return Ok(Begun::Made);
    }
    let copy = copy::make(&connection, location, known)?;
    tell(Upgrade::Copied);
    if let Err(error) = apply(&mut connection, found, migrations, tell) {
        drop(connection);
        // Where the database is as it was, a copy for each attempt would only fill the disk. But a commit that failed may be in
        // its log all the same, and then the copy is all that there is of what was before.
        let now = connection::open_read_only(location)
            .and_then(|connection| version(&connection, location));
        if now.is_ok_and(|now| now == found) {
            copy::discard(&copy);
        }
        return Err(error);
    }
    Ok(Begun::Migrated {
        from: found,
        to: known,
        copy: Some(copy),
    })
}

/// What a start would find, which is asked the very same way; nothing is changed.
///
/// # Errors
/// As those of [`migrate`].
pub(crate) fn foresee(database: &Database, beginning: Beginning) -> Result<Outlook, StoreError> {
    match database {
        Database::File(file) => {
            let (found, lacks_views) = survey(file, beginning, known())?;
            Ok(Outlook {
                engine: format!("SQLite {}", rusqlite::version()),
                found,
                known: known(),
                lacks_views,
            })
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => survey::foresee(address, beginning),
    }
}

/// Refuses tables of the present version that somebody has changed by hand.
pub(crate) fn check_shape(database: &Database) -> Result<(), StoreError> {
    match database {
        Database::File(file) => {
            let connection = connection::open_read_only(file)?;
            if version(&connection, file)? == known() {
                check(&connection, file)?;
            }
            Ok(())
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => survey::check_shape(address),
    }
}

/// Refuses a file that a start could not go on with. Returns the version of its tables, and whether views are missing beside
/// tables of the present one. Changes nothing.
fn survey(location: &Path, beginning: Beginning, known: u32) -> Result<(u32, bool), StoreError> {
    let found = found(location, beginning)?;
    let name = location.display().to_string();
    if found > known {
        return Err(StoreError::Newer {
            location: name,
            found,
            known,
        });
    }
    // Only a test stops in between.
    if found == 0 || known != self::known() {
        return Ok((found, false));
    }
    let connection = connection::open_read_only(location)?;
    let lacks_views = !views::missing(&connection, &name)?.is_empty();
    if found == known {
        check(&connection, location)?;
    }
    Ok((found, lacks_views))
}

/// Our tables are there, and which steps made them is not.
pub(crate) fn unversioned(database: &str) -> StoreError {
    StoreError::Altered {
        database: database.to_owned(),
        table: "schema_version".to_owned(),
        difference: "its rows are not there".to_owned(),
    }
}

/// Refuses tables that somebody has changed by hand.
fn check(connection: &Connection, location: &Path) -> Result<(), StoreError> {
    let shape = Shape::of_file(&Moment::lent(connection))?;
    shape.check(&location.display().to_string())
}

/// The version to which a database is brought.
pub(crate) fn known() -> u32 {
    MIGRATIONS.last().map_or(0, |step| step.version)
}

/// Looks whether there is a database of the present version, and changes nothing.
///
/// # Errors
/// Where there is none, and where it is of another version or another program.
pub(crate) fn look(database: &Database) -> Result<(), StoreError> {
    let found = match database {
        Database::File(file) => {
            if length(file)?.is_none_or(|length| length == 0) {
                return Err(StoreError::Missing(database.to_string()));
            }
            version(&connection::open_read_only(file)?, file)?
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => match survey::look(address)? {
            0 => return Err(StoreError::Missing(database.to_string())),
            found => found,
        },
    };
    let known = known();
    let location = database.to_string();
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(StoreError::Older {
            location,
            found,
            known,
        }),
        Ordering::Greater => Err(StoreError::Newer {
            location,
            found,
            known,
        }),
    }
}

/// The version of the tables that are there, as expected; 0 for an empty database, and where there is none.
fn found(location: &Path, beginning: Beginning) -> Result<u32, StoreError> {
    let found = match length(location)? {
        None | Some(0) => {
            // SQLite removes the log of an empty file; what that still holds may be all that there is.
            let log = log::path(&fs::canonicalize(location).unwrap_or_else(|_| location.into()));
            if length(&log)?.is_some_and(|length| length > 0) {
                return Err(match beginning {
                    Beginning::New => StoreError::Present(log.display().to_string()),
                    Beginning::Any | Beginning::Existing => {
                        StoreError::Missing(location.display().to_string())
                    }
                });
            }
            0
        }
        // Opening for writing would already change the file of another program.
        Some(_) => version(&connection::open_read_only(location)?, location)?,
    };
    match beginning {
        Beginning::Existing if found == 0 => {
            return Err(StoreError::Missing(location.display().to_string()));
        }
        Beginning::New if found > 0 => {
            return Err(StoreError::Present(location.display().to_string()));
        }
        _ => {}
    }
    Ok(found)
}

/// How long a file is; `None` where there is none.
fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some(file.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Io(format!("{}: {error}", path.display()))),
    }
}

/// Takes the steps that are missing, all or none.
fn apply(
    connection: &mut Connection,
    found: u32,
    migrations: &[Step],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    views::drop_all(&transaction)?;
    transaction.execute_batch(&dialect::expand(VERSIONS))?;
    for step in migrations.iter().filter(|step| step.version > found) {
        transaction.execute_batch(&dialect::expand(step.sql))?;
        if let Some(behind) = step.behind {
            behind(&Moment::lent(&transaction), tell)?;
        }
        transaction.execute_batch(&dialect::expand(step.then))?;
        if step.version == known() {
            views::make(&transaction)?;
        }
        transaction.execute(
            "INSERT INTO schema_version (version) VALUES (?)",
            [step.version],
        )?;
        tell(Upgrade::Version(step.version));
    }
    transaction.commit()?;
    Ok(())
}

/// The version of a database's tables; 0 where there are none.
pub(crate) fn version(connection: &Connection, location: &Path) -> Result<u32, StoreError> {
    let has = |sql| connection.query_row(sql, [], |_| Ok(())).optional();
    let foreign = || StoreError::Foreign(location.display().to_string());
    if has("SELECT 1 FROM sqlite_schema WHERE name = 'moving'")?.is_some() {
        return Err(StoreError::Moving(location.display().to_string()));
    }
    if has("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'")?.is_some() {
        // Other programs have a table of that name too.
        let others = "SELECT 1 FROM pragma_table_info('schema_version') WHERE name <> 'version'";
        let ours = "SELECT 1 FROM sqlite_schema WHERE name = 'register_entry'";
        if has(others)?.is_some() || has(ours)?.is_none() {
            return Err(foreign());
        }
        let version: Option<u32> =
            connection.query_row("SELECT max(version) FROM schema_version", [], |row| {
                row.get(0)
            })?;
        // All steps are one transaction.
        return version.ok_or_else(|| unversioned(&location.display().to_string()));
    }
    match has("SELECT 1 FROM sqlite_schema LIMIT 1")? {
        Some(()) => Err(foreign()),
        None => Ok(0),
    }
}
