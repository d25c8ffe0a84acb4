//! What is in a database on a server, and whether a start can go on from there: looked at before anything is changed, by a start
//! and by whoever only wants to know what it would do.

use super::address::Address;
use super::flavour::Flavour;
use super::{Connection, Patience, rights, settings, shape, views};
use crate::engine::migrations::target::MOVING;
use crate::engine::migrations::{self, Beginning};
use crate::engine::outlook::Outlook;
use crate::engine::{Moment, tables};
use crate::error::{Fault, StoreError};
use std::cell::RefCell;

/// What a start would find, which is asked the very same way; nothing is changed.
pub(crate) fn foresee(address: &Address, beginning: Beginning) -> Result<Outlook, StoreError> {
    let mut connection = Connection::open(address, Patience::Long)?;
    settings::rely(&mut connection, address)?;
    let engine = connection.flavour().told(connection.version());
    let connection = RefCell::new(connection);
    let known = migrations::known();
    let found = survey(&connection, address, beginning, known)?;
    Ok(Outlook {
        engine,
        found: found.version,
        known,
        lacks_views: !found.views.is_empty(),
    })
}

/// What a start goes on from.
pub(super) struct Found {
    /// That of the tables; 0 where there are none.
    pub(super) version: u32,
    /// The views that are missing beside tables of the present version.
    pub(super) views: Vec<&'static str>,
}

/// Refuses what a start could not go on with: tables of others, of a later version or changed by hand, and rights that are not
/// given. Changes nothing.
pub(super) fn survey(
    connection: &RefCell<Connection>,
    address: &Address,
    beginning: Beginning,
    known: u32,
) -> Result<Found, StoreError> {
    let there = There::look(connection, address)?;
    let version = there.version;
    match beginning {
        Beginning::Existing if !there.is_begun => {
            return Err(StoreError::Missing(address.to_string()));
        }
        Beginning::New if version > 0 => return Err(StoreError::Present(address.to_string())),
        _ => {}
    }
    if version > known {
        return Err(StoreError::Newer {
            location: address.to_string(),
            found: version,
            known,
        });
    }
    // Only a test stops in between.
    let views = if there.is_begun && known == migrations::known() {
        let flavour = connection.borrow().flavour();
        let location = address.to_string();
        views::missing(&Moment::of_server(connection), flavour, &location)?
    } else {
        Vec::new()
    };
    let mut asking = connection.borrow_mut();
    if there.is_begun {
        rights::to_write(&mut asking)?;
    }
    if version < known || !views.is_empty() {
        rights::to_make(&mut asking)?;
    }
    drop(asking);
    if version == known && known == migrations::known() {
        check(connection, address)?;
    }
    Ok(Found { version, views })
}

/// Refuses tables of the present version that somebody has changed by hand.
pub(crate) fn check_shape(address: &Address) -> Result<(), StoreError> {
    let connection = RefCell::new(Connection::open(address, Patience::Long)?);
    if There::look(&connection, address)?.version == migrations::known() {
        check(&connection, address)?;
    }
    Ok(())
}

/// The version of the tables that are there; 0 where there are none.
pub(crate) fn look(address: &Address) -> Result<u32, StoreError> {
    let connection = RefCell::new(Connection::open(address, Patience::Long)?);
    Ok(There::look(&connection, address)?.version)
}

/// Refuses tables that somebody has changed by hand.
pub(super) fn check(connection: &RefCell<Connection>, address: &Address) -> Result<(), StoreError> {
    let flavour = connection.borrow().flavour();
    let shape = shape::read(&Moment::of_server(connection), flavour)?;
    shape.check(&address.to_string())
}

/// What there is of our tables.
struct There {
    /// 0 before the first step is done.
    version: u32,
    /// Whether a first start has made something, which the next one goes on with.
    is_begun: bool,
}

impl There {
    fn look(connection: &RefCell<Connection>, address: &Address) -> Result<Self, StoreError> {
        let moment = Moment::of_server(connection);
        let tables = tables(connection)?;
        if tables.is_empty() {
            return Ok(Self {
                version: 0,
                is_begun: false,
            });
        }
        if tables.iter().any(|table| table == MOVING) {
            return Err(StoreError::Moving(address.to_string()));
        }
        let foreign = || StoreError::Foreign(address.to_string());
        let select = match connection.borrow().flavour() {
            Flavour::Postgres => {
                "SELECT a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
                 AND c.relname = 'schema_version' AND a.attnum > 0 AND NOT a.attisdropped"
            }
            Flavour::MariaDb | Flavour::MySql => {
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS
                 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'schema_version'"
            }
        };
        // Other programs have a table of that name too.
        let columns = moment.all(select, &[], |row| row.text(0).map(str::to_owned))?;
        if columns != ["version"] {
            return Err(foreign());
        }
        let select = "SELECT max(version) FROM schema_version";
        let version = moment.only(select, &[], |row| row.maybe_int(0))?;
        let version = version.and_then(|version| version.try_into().ok());
        let version = version.unwrap_or(0);
        let has = |name: &str| tables.iter().any(|table| table == name);
        if version > 0 && !has("register_entry") {
            return Err(match tables::all()?.iter().any(|table| has(table.name)) {
                // Dropped, and not somebody else's.
                true => StoreError::Altered {
                    database: address.to_string(),
                    table: "register_entry".to_owned(),
                    difference: "it is not there".to_owned(),
                },
                false => foreign(),
            });
        }
        if version == 0 && tables::all()?.iter().any(|table| has(table.name)) {
            // A first start of MySQL and MariaDB that was cut off has noted how far it came.
            let is_noted = has("schema_step") && {
                let select = "SELECT count(*) FROM schema_step";
                moment.only(select, &[], |row| row.id(0))? > 0
            };
            if !is_noted {
                return Err(migrations::unversioned(&address.to_string()));
            }
        }
        Ok(Self {
            version,
            is_begun: true,
        })
    }
}

/// The tables there. What views there are, somebody else has put there, and they hold nothing.
pub(super) fn tables(connection: &RefCell<Connection>) -> Result<Vec<String>, Fault> {
    let select = match connection.borrow().flavour() {
        // Also those that this name has no right to, which its information_schema keeps from it.
        Flavour::Postgres => {
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
             AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
        }
        Flavour::MariaDb | Flavour::MySql => {
            "SELECT TABLE_NAME FROM information_schema.TABLES
             WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"
        }
    };
    Moment::of_server(connection).all(select, &[], |row| row.text(0).map(str::to_owned))
}
