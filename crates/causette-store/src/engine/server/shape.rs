//! What tables a server has, and how they are made.

use super::flavour::Flavour;
use crate::engine::Moment;
use crate::engine::shape::{Column, Kind, Shape};
use crate::error::Fault;

/// The tables of our schema.
pub(super) fn read(moment: &Moment<'_>, flavour: Flavour) -> Result<Shape, Fault> {
    let (columns, indexes, unique) = match flavour {
        // What is compared as the database or the person likes it has the collation "default", and no name here.
        Flavour::Postgres => (
            "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable, c.collation_name
             FROM information_schema.columns c JOIN information_schema.tables t
               ON t.table_schema = c.table_schema AND t.table_name = c.table_name
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'",
            "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()",
            "SELECT t.relname, i.relname, a.attname
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
             CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (number, place)
             JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
             WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
             AND x.indisunique AND x.indisvalid AND x.indpred IS NULL ORDER BY t.relname, i.relname, k.place",
        ),
        Flavour::MariaDb | Flavour::MySql => (
            "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.IS_NULLABLE, c.COLLATION_NAME
             FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
               ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
             WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'",
            "SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1",
            "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0 AND SUB_PART IS NULL
             ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
        ),
    };
    let mut shape = Shape::default();
    moment.each(columns, &[], |row| {
        let kind = kind(row.text(2)?, row.maybe_text(4)?);
        let may_be_null = row.text(3)? == "YES";
        shape.add_column(row.text(0)?, row.text(1)?, Column { kind, may_be_null });
        Ok(())
    })?;
    moment.each(indexes, &[], |row| {
        shape.add_index(row.text(0)?, row.text(1)?);
        Ok(())
    })?;
    moment.each(unique, &[], |row| {
        // Of what is no column nothing is asked.
        let column = row.maybe_text(2)?.unwrap_or_default();
        shape.add_unique(row.text(0)?, row.text(1)?, column);
        Ok(())
    })?;
    if !flavour.is_postgres() {
        moment.each(ENGINES, &[], |row| {
            let engine = row.maybe_text(1)?.unwrap_or_default();
            // Only this one does a transaction whole or not at all, and keeps it over a power cut.
            if !engine.eq_ignore_ascii_case("InnoDB") {
                let difference = format!("its engine is {engine} and not InnoDB");
                shape.add_odd(row.text(0)?, difference);
            }
            Ok(())
        })?;
    }
    Ok(shape)
}

/// What keeps the rows of each table of MySQL and MariaDB.
const ENGINES: &str = "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'";

/// What a column of a type holds.
fn kind(of: &str, collation: Option<&str>) -> Kind {
    match (of, collation) {
        ("bigint", _) => Kind::Int,
        ("bytea" | "longblob", _) => Kind::Bytes,
        ("text" | "varchar" | "longtext", Some("C" | "utf8mb4_nopad_bin" | "utf8mb4_0900_bin")) => {
            Kind::Text
        }
        _ => Kind::Other,
    }
}
