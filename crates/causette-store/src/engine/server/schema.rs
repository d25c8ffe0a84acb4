//! The tables of a database on a server, and the steps that make them.
//!
//! PostgreSQL takes all steps in one transaction. MySQL and MariaDB commit behind every statement that changes a table: there
//! each statement is noted once it is done, and a start that finds some of them done goes on with the next.

use super::address::Address;
use super::flavour::Flavour;
use super::survey::{Found, survey, tables};
use super::{Connection, Patience, settings, survey, views};
use crate::engine::migrations::{self, Beginning, Begun, Step, Upgrade, VERSIONS};
use crate::engine::views::NAMES;
use crate::engine::{Moment, values};
use crate::error::{Fault, StoreError};
use std::cell::RefCell;

/// How far a step has come: the statement that is next in it.
const PROGRESS: &str = "CREATE TABLE IF NOT EXISTS schema_step (version {int} NOT NULL PRIMARY KEY, next {int} NOT NULL) {table}";

/// What MySQL and MariaDB say of a statement that was done already: a table, a column or an index is there, or is gone.
const DONE_ALREADY: [&str; 8] = [
    "(error 1050)",
    "(error 1051)",
    "(error 1054)",
    "(error 1060)",
    "(error 1061)",
    "(error 1091)",
    "(error 1146)",
    "(error 1176)",
];

/// Makes the tables where there are none, and brings them to the present version.
pub(crate) fn migrate(
    address: &Address,
    beginning: Beginning,
    steps: &[Step],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<Begun, StoreError> {
    let mut connection = Connection::open(address, Patience::Longest)?;
    settings::rely(&mut connection, address)?;
    let connection = RefCell::new(connection);
    let known = steps.last().map_or(0, |step| step.version);
    let Found {
        version: found,
        views,
    } = survey(&connection, address, beginning, known)?;
    let flavour = connection.borrow().flavour();
    let is_whole = known == migrations::known();
    if found == known {
        if !views.is_empty() {
            views::make(&Moment::of_server(&connection), flavour, &views)?;
            tell(Upgrade::Views);
        }
        return Ok(Begun::Unchanged);
    }
    let missing = steps.iter().filter(|step| step.version > found);
    match flavour {
        Flavour::Postgres => whole(&connection, missing, tell)?,
        Flavour::MariaDb | Flavour::MySql => one_by_one(&connection, missing, tell)?,
    }
    if is_whole {
        survey::check(&connection, address)?;
    }
    Ok(match found {
        0 => Begun::Made,
        from => Begun::Migrated {
            from,
            to: known,
            copy: None,
        },
    })
}

/// The tables of a database.
pub(crate) fn names(address: &Address) -> Result<Vec<String>, StoreError> {
    let connection = RefCell::new(Connection::open(address, Patience::Long)?);
    Ok(tables(&connection)?)
}

/// Makes the tables of a database that another is being moved into, as far as they are missing.
pub(crate) fn complete(address: &Address, steps: &[Step], known: u32) -> Result<(), StoreError> {
    let mut connection = Connection::open(address, Patience::Longest)?;
    settings::rely(&mut connection, address)?;
    let connection = RefCell::new(connection);
    let flavour = connection.borrow().flavour();
    let has_version = tables(&connection)?
        .iter()
        .any(|table| table == "schema_version");
    let version = "SELECT coalesce(max(version), 0) FROM schema_version";
    let found = match has_version {
        true => Moment::of_server(&connection).only(version, &[], |row| row.id(0))?,
        false => 0,
    };
    if found == u64::from(known) {
        return Ok(());
    }
    let missing = steps.iter().filter(|step| u64::from(step.version) > found);
    match flavour {
        Flavour::Postgres => whole(&connection, missing, &mut |_| {})?,
        Flavour::MariaDb | Flavour::MySql => one_by_one(&connection, missing, &mut |_| {})?,
    }
    Ok(())
}

/// All steps or none.
fn whole<'s>(
    connection: &RefCell<Connection>,
    steps: impl Iterator<Item = &'s Step>,
    tell: &mut dyn FnMut(Upgrade),
) -> Result<(), Fault> {
    connection.borrow_mut().begin_writing()?;
    let moment = Moment::of_server(connection);
    let readers = views::drop_all(&moment)?;
    for sql in statements(VERSIONS) {
        moment.run(sql, &[])?;
    }
    for step in steps {
        for sql in statements(step.sql) {
            moment.run(sql, &[])?;
        }
        if let Some(behind) = step.behind {
            behind(&moment, tell)?;
        }
        for sql in statements(step.then) {
            moment.run(sql, &[])?;
        }
        if step.version == migrations::known() {
            views::make(&moment, Flavour::Postgres, &NAMES)?;
            views::allow(&moment, &readers)?;
        }
        enter(&moment, step.version)?;
        tell(Upgrade::Version(step.version));
    }
    moment.commit()
}

fn enter(moment: &Moment<'_>, version: u32) -> Result<(), Fault> {
    let insert = "INSERT INTO schema_version (version) VALUES (?)";
    moment.run(insert, values![i64::from(version)])?;
    Ok(())
}

/// What is done at a time.
enum Part {
    /// A statement that changes tables.
    Table(&'static str),
    /// A statement that changes rows.
    Rows(&'static str),
    /// What statements alone cannot do.
    Behind(migrations::Behind),
}

fn parts(step: &Step) -> Vec<Part> {
    let part = |sql: &'static str| match sql.split_whitespace().next() {
        Some("INSERT" | "UPDATE" | "DELETE") => Part::Rows(sql),
        _ => Part::Table(sql),
    };
    let mut parts: Vec<Part> = statements(step.sql).map(part).collect();
    parts.extend(step.behind.map(Part::Behind));
    parts.extend(statements(step.then).map(part));
    parts
}

/// Each statement by itself, from where an earlier attempt was cut off.
fn one_by_one<'s>(
    connection: &RefCell<Connection>,
    steps: impl Iterator<Item = &'s Step>,
    tell: &mut dyn FnMut(Upgrade),
) -> Result<(), Fault> {
    let once = Moment::of_server(connection);
    for sql in statements(VERSIONS).chain([PROGRESS]) {
        once.run(sql, &[])?;
    }
    for step in steps {
        let version = i64::from(step.version);
        let select = "SELECT next FROM schema_step WHERE version = ?";
        let found = once.first(select, values![version], |row| row.int(0))?;
        if found.is_none() {
            let insert = "INSERT INTO schema_step (version, next) VALUES (?, 0)";
            once.run(insert, values![version])?;
        }
        let done = usize::try_from(found.unwrap_or(0)).unwrap_or(0);
        for (place, part) in parts(step).into_iter().enumerate().skip(done) {
            // It may have been done, and the process have ended before that was noted.
            let is_doubtful = found.is_some() && place == done;
            one(connection, &part, is_doubtful, (version, place + 1), tell)?;
        }
        if step.version == migrations::known() {
            // One that is there is replaced, so that this may be done again.
            let flavour = connection.borrow().flavour();
            views::make(&once, flavour, &NAMES)?;
        }
        connection.borrow_mut().begin_writing()?;
        let moment = Moment::of_server(connection);
        enter(&moment, step.version)?;
        moment.run(
            "DELETE FROM schema_step WHERE version = ?",
            values![version],
        )?;
        moment.commit()?;
        tell(Upgrade::Version(step.version));
    }
    Ok(())
}

fn one(
    connection: &RefCell<Connection>,
    part: &Part,
    is_doubtful: bool,
    (version, next): (i64, usize),
    tell: &mut dyn FnMut(Upgrade),
) -> Result<(), Fault> {
    let note = "UPDATE schema_step SET next = ? WHERE version = ?";
    if let Part::Table(sql) = part {
        let once = Moment::of_server(connection);
        match once.run(sql, &[]) {
            Err(fault) if is_doubtful && was_done(&fault) => {}
            done => drop(done?),
        }
        once.run(note, values![next, version])?;
        return Ok(());
    }
    connection.borrow_mut().begin_writing()?;
    let moment = Moment::of_server(connection);
    match part {
        Part::Rows(sql) | Part::Table(sql) => drop(moment.run(sql, &[])?),
        Part::Behind(behind) => behind(&moment, tell)?,
    }
    moment.run(note, values![next, version])?;
    moment.commit()
}

fn was_done(fault: &Fault) -> bool {
    let told = fault.to_string();
    DONE_ALREADY.iter().any(|error| told.ends_with(error))
}

/// The statements of a text, without what explains them.
pub(super) fn statements(sql: &'static str) -> impl Iterator<Item = &'static str> {
    // No statement of ours has a semicolon within it; comments stand on lines of their own, in front of one.
    let mut rest = sql;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            if let Some(comment) = rest.strip_prefix("--") {
                rest = comment.split_once('\n').map_or("", |(_, behind)| behind);
                continue;
            }
            if rest.is_empty() {
                return None;
            }
            let (statement, behind) = rest.split_once(';').unwrap_or((rest, ""));
            rest = behind;
            return Some(statement.trim_end());
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::engine::Database;
    use crate::engine::migrations::MIGRATIONS;
    use crate::engine::server::cut;
    use crate::{Access, Store};

    #[test]
    fn statements_are_told_apart_without_what_explains_them() {
        let sql =
            "-- One; and more.\nCREATE TABLE a (b {int});\n\n-- Two.\n-- Three.\nDROP TABLE c;";
        assert_eq!(
            statements(sql).collect::<Vec<_>>(),
            ["CREATE TABLE a (b {int})", "DROP TABLE c"]
        );
    }

    /// The server is asked one thing more at each attempt, and then no more, as where the process is killed: what is done stays
    /// done on MySQL and MariaDB, and nothing is on PostgreSQL. The last attempt finds the same as one that was never cut.
    #[test]
    fn steps_that_are_cut_off_are_finished_by_the_next_start() {
        for server in causette_testbed::urls_from_environment().unwrap() {
            for from in [0, 4] {
                let database = server.create_database("cut").unwrap();
                let place = Database::parse(&database.url(), &Access::default()).unwrap();
                let Database::Server(address) = &place else {
                    panic!("{place}");
                };
                let mut silent = |_| {};
                if from > 0 {
                    let first = &MIGRATIONS[..from];
                    migrate(address, Beginning::Any, first, &mut silent).unwrap();
                    let entry = "INSERT INTO register_entry (seq, time, category, type, meta_commitment) VALUES (0, 5, 7, 'a', 'c');
                         INSERT INTO register_payload (seq, meta, meta_salt) VALUES (0, '{}', 's');
                         UPDATE lane SET last_time = 5";
                    database.query(entry).unwrap();
                }
                let mut attempts = 0;
                loop {
                    let before = survey::look(address).unwrap();
                    cut::after(8 + attempts);
                    let attempt = migrate(address, Beginning::Any, MIGRATIONS, &mut silent);
                    cut::never();
                    match attempt {
                        Ok(_) => break,
                        Err(StoreError::Unreachable(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                    let is_postgres = server.is_postgres();
                    if is_postgres {
                        let now = survey::look(address).unwrap();
                        assert!(now == before || now == migrations::known());
                    }
                    // Where all is undone, the next attempt is to come further by more than the same.
                    attempts += if is_postgres { 7 } else { 1 };
                }
                println!("{address}: cut off until {attempts} things more were asked");
                assert!(attempts > 10, "{attempts}");
                let store = Store::open(place.clone()).unwrap();
                // What is made behind the statements is made once: an entry that binds those before it.
                let expected = if from > 0 { "2" } else { "0" };
                for table in ["register_entry", "register_payload"] {
                    let count = format!("SELECT count(*) FROM {table}");
                    assert_eq!(database.query(&count).unwrap().trim(), expected);
                }
                assert_eq!(
                    store.snapshot().unwrap().last_time.0,
                    5 * i64::from(from > 0)
                );
            }
        }
    }
}
