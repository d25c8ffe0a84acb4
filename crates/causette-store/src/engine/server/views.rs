//! The views, by which people look at the record with the tools of the database: `connexion` and `authentification`.
//!
//! They hold nothing, and are made anew whenever the tables below them change, so that no step has to think of them. A change
//! of the views alone is a step without statements.

use super::flavour::Flavour;
use super::schema::statements;
use crate::engine::{Moment, views};
use crate::error::{Fault, StoreError};

/// Who may read them, as statements that allow it again: PostgreSQL forgets that with a view. Also where only some columns may
/// be read.
const READERS: &str = "SELECT format('GRANT SELECT ON %I TO %s', view.relname, allowed.grantee::regrole)
     FROM pg_class view, LATERAL aclexplode(view.relacl) allowed
     WHERE view.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND view.relname IN ('connexion', 'authentification')
     AND view.relkind = 'v' AND allowed.privilege_type = 'SELECT' AND allowed.grantee NOT IN (0, view.relowner)
     UNION ALL
     SELECT format('GRANT SELECT (%I) ON %I TO %s', col.attname, view.relname, allowed.grantee::regrole)
     FROM pg_class view JOIN pg_attribute col ON col.attrelid = view.oid, LATERAL aclexplode(col.attacl) allowed
     WHERE view.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND view.relname IN ('connexion', 'authentification')
     AND view.relkind = 'v' AND allowed.privilege_type = 'SELECT' AND allowed.grantee NOT IN (0, view.relowner)";

/// Takes away those of PostgreSQL, where no table changes below a view. Returns who may read them, as statements that allow it
/// again.
pub(super) fn drop_all(moment: &Moment<'_>) -> Result<Vec<String>, Fault> {
    let readers = moment.all(READERS, &[], |row| row.text(0).map(str::to_owned))?;
    for view in views::NAMES {
        moment.run(&format!("DROP VIEW IF EXISTS {view}"), &[])?;
    }
    Ok(readers)
}

/// Those that are not there.
///
/// # Errors
/// [`StoreError::NoView`] where something else has the name of one.
pub(super) fn missing(
    moment: &Moment<'_>,
    flavour: Flavour,
    database: &str,
) -> Result<Vec<&'static str>, StoreError> {
    let select = match flavour {
        Flavour::Postgres => {
            "SELECT relname, CASE relkind WHEN 'v' THEN 'VIEW' ELSE '' END FROM pg_class
             WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
        }
        Flavour::MariaDb | Flavour::MySql => {
            "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
             WHERE TABLE_SCHEMA = DATABASE()"
        }
    };
    let found = moment.all(select, &[], |row| {
        Ok((row.text(0)?.to_owned(), row.text(1)? == "VIEW"))
    })?;
    views::missing(&found, database)
}

/// Makes those of these names. Those of MySQL and MariaDB are replaced where they are there, and read by whom they were before.
pub(super) fn make(moment: &Moment<'_>, flavour: Flavour, names: &[&str]) -> Result<(), Fault> {
    let sql = match flavour {
        Flavour::Postgres => include_str!("postgres_views.sql"),
        Flavour::MariaDb | Flavour::MySql => include_str!("mysql_views.sql"),
    };
    for view in statements(sql).filter(|view| views::is_of(view, names)) {
        moment.run(view, &[])?;
    }
    Ok(())
}

/// Lets those read them who might before.
pub(super) fn allow(moment: &Moment<'_>, readers: &[String]) -> Result<(), Fault> {
    for allow in readers {
        moment.run(allow, &[])?;
    }
    Ok(())
}
