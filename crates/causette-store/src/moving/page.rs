//! The rows of a table, a bounded number at a time, in the order of its primary key.
//!
//! A page begins behind the last row of the one before. Which rows lie behind one is asked for column by column of the key: those
//! that share all of it but the last column, then those that share one less. Each question is answered out of the key's index on
//! every engine; a comparison of whole keys would not be, on some.

use crate::engine::insert::Kind;
use crate::engine::tables::Table;
use crate::engine::{Moment, Row, Value};
use crate::error::Fault;

/// A value on its way from one database to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    fn read(row: &Row<'_>, place: usize, kind: Kind) -> Result<Self, Fault> {
        Ok(match kind {
            Kind::Int => row.maybe_int(place)?.map_or(Self::Null, Self::Int),
            Kind::Text => row
                .maybe_text(place)?
                .map_or(Self::Null, |text| Self::Text(text.to_owned())),
            Kind::Bytes => row
                .maybe_bytes(place)?
                .map_or(Self::Null, |bytes| Self::Bytes(bytes.to_owned())),
        })
    }

    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// Reads a table page by page.
pub(super) struct Pages<'t> {
    table: &'t Table,
    rows: usize,
    /// The key of the last row that was read.
    after: Option<Vec<Cell>>,
    /// All rows from the first on.
    first: String,
    /// Those behind a key, by how many of its columns they share, less one.
    behind: Vec<String>,
}

impl<'t> Pages<'t> {
    /// From behind a key on, or from the beginning; so many rows at a time.
    pub(super) fn new(table: &'t Table, rows: usize, after: Option<Vec<Cell>>) -> Self {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let select = format!("SELECT {} FROM {}", names.join(", "), table.name);
        let key = key(table);
        let behind = (0..key.len()).map(|shared| {
            let mut condition: Vec<String> = key[..shared]
                .iter()
                .map(|name| format!("{name} = ?"))
                .collect();
            condition.push(format!("{} > ?", key[shared]));
            let order = key[shared..].join(", ");
            let condition = condition.join(" AND ");
            format!("{select} WHERE {condition} ORDER BY {order} LIMIT ?")
        });
        Self {
            behind: behind.collect(),
            first: format!("{select} ORDER BY {} LIMIT ?", key.join(", ")),
            table,
            rows,
            after,
        }
    }

    /// The next page, cell by cell and row by row; an empty one behind the last.
    pub(super) fn next(&mut self, moment: &Moment<'_>) -> Result<Vec<Cell>, Fault> {
        let width = self.table.columns.len();
        let mut page = Vec::with_capacity(self.rows * width);
        match self.after.take() {
            None => self.read(moment, &self.first, &[], self.rows, &mut page)?,
            Some(after) => {
                for (shared, sql) in self.behind.iter().enumerate().rev() {
                    let left = self.rows - page.len() / width;
                    if left > 0 {
                        self.read(moment, sql, &after[..=shared], left, &mut page)?;
                    }
                }
                self.after = Some(after);
            }
        }
        if let Some(last) = page.chunks_exact(width).next_back() {
            let key = self.table.key.iter().map(|&place| last[place].clone());
            self.after = Some(key.collect());
        }
        Ok(page)
    }

    fn read(
        &self,
        moment: &Moment<'_>,
        sql: &str,
        key: &[Cell],
        limit: usize,
        page: &mut Vec<Cell>,
    ) -> Result<(), Fault> {
        let mut values: Vec<Value<'_>> = key.iter().map(Cell::value).collect();
        values.push(limit.into());
        moment.each(sql, &values, |row| {
            for (place, (_, kind)) in self.table.columns.iter().enumerate() {
                page.push(Cell::read(row, place, *kind)?);
            }
            Ok(())
        })
    }
}

/// The names of the columns of a table's key.
fn key(table: &Table) -> Vec<&'static str> {
    let names = table.key.iter().map(|&place| table.columns[place].0);
    names.collect()
}

/// The greatest key that a table has; `None` where it is empty.
pub(super) fn last_key(moment: &Moment<'_>, table: &Table) -> Result<Option<Vec<Cell>>, Fault> {
    let names = key(table);
    let order: Vec<String> = names.iter().map(|name| format!("{name} DESC")).collect();
    let select = format!(
        "SELECT {} FROM {} ORDER BY {} LIMIT 1",
        names.join(", "),
        table.name,
        order.join(", ")
    );
    moment.first(&select, &[], |row| {
        let cells = table.key.iter().enumerate();
        cells
            .map(|(place, &column)| Cell::read(row, place, table.columns[column].1))
            .collect()
    })
}

/// Adds the rows of a page to a table.
pub(super) fn write(moment: &Moment<'_>, table: &Table, page: &[Cell]) -> Result<(), Fault> {
    /// The statement is made for rows of a fixed width; tables have these.
    macro_rules! by_width {
        ($($width:literal)*) => {
            match table.columns.len() {
                $($width => {
                    let rows = page.chunks_exact($width);
                    let rows = rows.map(|row| std::array::from_fn::<_, $width, _>(|place| row[place].value()));
                    moment.write(&table.insert, rows)
                })*
                width => Err(Fault::Contradiction(format!("{} has {width} columns", table.name))),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::engine::{Changing, Database, tables};
    use crate::{Store, StoreError};

    #[test]
    fn pages_of_any_size_have_every_row_once_and_in_order() {
        let store = Store::temporary().unwrap();
        let mut changing = Changing::open(store.database()).unwrap();
        let table = tables::all().unwrap().iter();
        let table = table.clone().find(|table| table.name == "shared_place");
        let table = table.unwrap();
        let mut all = Vec::new();
        for room in [-3, -1, 4] {
            for class in [0, 4] {
                for seq in 1..=5 {
                    all.extend([room, class, seq, room * 100 + seq].map(Cell::Int));
                }
            }
        }
        let written: Result<(), StoreError> =
            changing.change(|moment| Ok(write(moment, table, &all)?));
        written.unwrap();
        for rows in 1..40 {
            let moment = changing.once();
            let (mut pages, mut read) = (Pages::new(table, rows, None), Vec::new());
            loop {
                let page = pages.next(&moment).unwrap();
                if page.is_empty() {
                    break;
                }
                assert!(page.len() <= rows * 4);
                read.extend(page);
            }
            assert_eq!(read, all, "{rows}");
        }
        let last = last_key(&changing.once(), table).unwrap();
        assert_eq!(last, Some([4, 4, 5].map(Cell::Int).to_vec()));
    }

    #[test]
    fn every_table_has_a_width_that_is_written() {
        for table in tables::all().unwrap() {
            let store = Store::temporary().unwrap();
            let mut changing = Changing::open(&Database::from(store.file().unwrap())).unwrap();
            let written: Result<(), StoreError> =
                changing.change(|moment| Ok(write(moment, table, &[])?));
            written.unwrap();
        }
    }
}
