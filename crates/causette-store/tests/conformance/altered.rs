//! A database with one thing altered at a time.

use crate::earlier::Earlier;
use crate::migration::Folder;
use crate::story;
use causette_core::id::BatchId;
use causette_store::register::Finding;
use causette_store::{Reader, Store};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A database that was closed whole, and the copy of it that is altered.
pub(crate) struct Altered {
    folder: Folder,
    pub(crate) tables: Vec<Table>,
}

pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// The places of the columns of its primary key.
    pub(crate) key: Vec<usize>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Altered {
    /// A story of this version.
    pub(crate) fn new(name: &str) -> Self {
        // It is told once: each of its batches waits for the disk.
        static STORY: OnceLock<Vec<u8>> = OnceLock::new();
        let folder = Folder::new(name);
        let told = STORY.get_or_init(|| {
            let store = Store::open(folder.database()).unwrap();
            story::tell(&store);
            fs::read(folder.database()).unwrap()
        });
        fs::write(folder.database(), told).unwrap();
        Self::of(folder)
    }

    /// One that an earlier version has begun.
    pub(crate) fn earlier(name: &str) -> Self {
        let folder = Folder::new(name);
        Earlier::make(&folder.database(), 4).close();
        let mut store = Store::open(folder.database()).unwrap();
        let now = causette_proto::Timestamp(crate::earlier::START + 60_000_000);
        store.start(now).unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &[]).unwrap();
        writer.close().unwrap();
        Self::of(folder)
    }

    fn of(folder: Folder) -> Self {
        let connection = Connection::open(folder.database()).unwrap();
        let mut names = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let names: Vec<String> = names
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let tables = names
            .into_iter()
            .map(|name| table(&connection, name))
            .collect();
        Self { folder, tables }
    }

    pub(crate) fn copy(&self) -> PathBuf {
        let copy = self.folder.database().with_file_name("altered.db");
        for suffix in ["", "-wal", "-shm"] {
            let mut file = copy.clone().into_os_string();
            file.push(suffix);
            let _ = fs::remove_file(file);
        }
        fs::copy(self.folder.database(), &copy).unwrap();
        copy
    }

    /// Whether verifying finds a statement that changed something; `None` where the tables themselves refuse it.
    pub(crate) fn finds(&self, sql: &str, values: &[Value]) -> Option<bool> {
        let copy = self.copy();
        let connection = Connection::open(&copy).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;")
            .unwrap();
        let changed = connection.execute(sql, params_from_iter(values)).ok()?;
        assert!(changed > 0, "{sql} {values:?}");
        drop(connection);
        Some(verify(&copy).is_err())
    }

    /// What verifying finds of a statement: the kind, the table and the column of each.
    pub(crate) fn found(&self, sql: &str) -> Vec<String> {
        let copy = self.copy();
        let connection = Connection::open(&copy).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;")
            .unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
        drop(connection);
        let mut reader = Store::open(&copy).unwrap().reader().unwrap();
        let verified = reader.verify(|_| {}).unwrap();
        assert_eq!(verified.findings.len() as u64, verified.found);
        let words = |finding: &Finding| {
            let (kind, column) = (finding.kind.name(), finding.column.unwrap_or_default());
            let told = format!("{kind} {} {column}", finding.table);
            told.trim_end().to_owned()
        };
        verified.findings.iter().map(words).collect()
    }

    /// The same of several statements.
    pub(crate) fn finds_all(&self, sql: &str) -> bool {
        let copy = self.copy();
        let connection = Connection::open(&copy).unwrap();
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;")
            .unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        verify(&copy).is_err()
    }

    /// Alters a value of a row, to others until the tables let it be.
    pub(crate) fn alters(&self, table: &Table, row: usize, column: usize) -> bool {
        let name = &table.columns[column];
        let sql = format!(
            "UPDATE {} SET {name} = ? WHERE {}",
            table.name,
            table.is_row()
        );
        let row = &table.rows[row];
        others(&row[column], name)
            .into_iter()
            .find_map(|other| {
                let mut values = vec![other];
                values.extend(row.iter().cloned());
                self.finds(&sql, &values)
            })
            .unwrap_or_else(|| panic!("{} of {} cannot be altered", name, table.name))
    }

    pub(crate) fn deletes(&self, table: &Table, row: usize) -> bool {
        let sql = format!("DELETE FROM {} WHERE {}", table.name, table.is_row());
        self.finds(&sql, &table.rows[row]).unwrap()
    }

    /// Inserts a copy of a row under another key; with other texts, where those must differ too.
    pub(crate) fn inserts(&self, table: &Table, row: usize) -> bool {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} VALUES ({places})", table.name);
        let texts = (0..table.columns.len()).filter(|column| {
            matches!(table.rows[row][*column], Value::Text(_)) && !table.key.contains(column)
        });
        let mut altered = vec![Vec::new()];
        altered.extend(texts.map(|column| vec![column]));
        altered
            .into_iter()
            .flat_map(|more| {
                table
                    .key
                    .iter()
                    .map(move |key| [vec![*key], more.clone()].concat())
            })
            .find_map(|columns| {
                let mut values = table.rows[row].clone();
                for column in columns {
                    values[column] = others(&values[column], &table.columns[column])
                        .pop()
                        .unwrap();
                }
                self.finds(&sql, &values)
            })
            .unwrap_or_else(|| panic!("no row can be added to {}", table.name))
    }
}

impl Table {
    fn is_row(&self) -> String {
        let same: Vec<String> = self
            .columns
            .iter()
            .map(|name| format!("{name} IS ?"))
            .collect();
        same.join(" AND ")
    }

    /// The first rows, the last, and some between.
    pub(crate) fn some_rows(&self) -> Vec<usize> {
        let count = self.rows.len();
        let mut rows: Vec<usize> = [
            0,
            1,
            count / 3,
            count / 2,
            count * 2 / 3,
            count.saturating_sub(1),
        ]
        .into_iter()
        .filter(|row| *row < count)
        .collect();
        rows.dedup();
        rows
    }
}

fn table(connection: &Connection, name: String) -> Table {
    let mut info = connection
        .prepare(&format!("PRAGMA table_info({name})"))
        .unwrap();
    let info: Vec<(String, i64)> = info
        .query_map([], |row| Ok((row.get(1)?, row.get(5)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut rows = connection
        .prepare(&format!("SELECT * FROM {name}"))
        .unwrap();
    let count = info.len();
    let rows = rows
        .query_map([], |row| (0..count).map(|column| row.get(column)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = (0..count)
        .rev()
        .filter(|place| info[*place].1 > 0)
        .collect();
    let columns = info.into_iter().map(|(column, _)| column).collect();
    Table {
        name,
        columns,
        key,
        rows,
    }
}

/// Values that one is altered to.
fn others(value: &Value, column: &str) -> Vec<Value> {
    match value {
        Value::Null if column.ends_with("tag") || column == "bound" => {
            vec![Value::Blob(vec![0; 12]), Value::Blob(vec![0; 32])]
        }
        Value::Null => vec![
            Value::Integer(7),
            Value::Text("x".to_owned()),
            Value::Blob(vec![0; 32]),
        ],
        Value::Integer(number) => vec![
            Value::Integer(number + 1),
            Value::Integer(number + 1_000_003),
        ],
        Value::Text(text) => vec![Value::Text(format!("{text}x"))],
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            bytes[0] ^= 1;
            vec![Value::Blob(bytes)]
        }
        Value::Real(_) => unreachable!("there are no such columns"),
    }
}

/// What verifying says of a database.
pub(crate) fn verify(database: &Path) -> Result<(), String> {
    let mut reader: Reader = Store::open(database).unwrap().reader().unwrap();
    reader
        .check_register()
        .map(drop)
        .map_err(|error| error.to_string())
}
