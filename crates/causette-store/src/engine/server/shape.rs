//! What tables a server has, and how they are made.

use super::flavour::Flavour;
use crate::engine::Moment;
use crate::engine::shape::{Column, Kind, Shape};
use crate::error::Fault;

/// The tables of our schema.
pub(super) fn read(moment: &Moment<'_>, flavour: Flavour) -> Result<Shape, Fault> {
    let (columns, indexes) = match flavour {
        // What is compared as the database or the person likes it has the collation "default", and no name here.
        Flavour::Postgres => (
            "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable, c.collation_name
             FROM information_schema.columns c JOIN information_schema.tables t
               ON t.table_schema = c.table_schema AND t.table_name = c.table_name
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'",
            "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()",
        ),
        Flavour::MariaDb | Flavour::MySql => (
            "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.IS_NULLABLE, c.COLLATION_NAME
             FROM information_schema.COLUMNS c JOIN information_schema.TABLES t
               ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
             WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'",
            "SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS
             WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1",
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
    Ok(shape)
}

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
