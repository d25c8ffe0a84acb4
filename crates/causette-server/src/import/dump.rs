//! Reads the rows of some tables out of an SQL dump, as `mysqldump` and phpMyAdmin write them. Nothing is run: of all statements only
//! `CREATE TABLE`, for the order of the columns, and `INSERT` are looked into. What is damaged is told by its line, and reading goes on at
//! the next row that can be one.

mod lexer;

use lexer::{Lexer, Torn};
use std::collections::HashMap;

/// A table that is wanted, and its columns in the order in which its rows are given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
}

/// A row of a wanted table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The table's place among those that are wanted.
    pub(super) table: usize,
    /// The line on which it begins.
    pub(super) line: u64,
    /// Its cells, in the order of the wanted columns; nothing and an empty text are the same.
    pub(super) cells: Vec<Vec<u8>>,
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// The line on which it begins.
    pub(super) line: u64,
    pub(super) what: What,
}

/// In what way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A row is not written as rows are.
    Row,
    /// It has another number of values than its table has columns.
    Width {
        /// How many values.
        found: usize,
        /// How many columns.
        expected: usize,
    },
    /// The dump ends in the middle of a row.
    Cut,
    /// The dump ends before what should be its end.
    End,
    /// The table has not the columns that it should have.
    Columns {
        /// The table.
        table: &'static str,
        /// A column that it lacks.
        column: &'static str,
    },
}

/// What a dump holds.
#[derive(Debug, Default)]
pub(super) struct Dump {
    pub(super) rows: Vec<Row>,
    pub(super) damages: Vec<Damage>,
    /// Which of the wanted tables it tells of at all.
    pub(super) seen: Vec<bool>,
    /// The line on which it ends.
    pub(super) last_line: u64,
}

impl Dump {
    pub(super) fn read(bytes: &[u8], tables: &[Table]) -> Self {
        let mut reading = Reading {
            lexer: Lexer::new(bytes),
            tables,
            orders: HashMap::new(),
            dump: Self {
                seen: vec![false; tables.len()],
                ..Self::default()
            },
        };
        while reading.statement() {}
        reading.end()
    }
}

struct Reading<'a> {
    lexer: Lexer<'a>,
    tables: &'a [Table],
    /// The columns of wanted tables as `CREATE TABLE` has them, folded.
    orders: HashMap<usize, Vec<String>>,
    dump: Dump,
}

impl Reading<'_> {
    /// Reads one statement; false at the end of the dump.
    fn statement(&mut self) -> bool {
        self.lexer.skip_blank();
        if self.lexer.is_at_end() {
            return false;
        }
        match self.lexer.word().as_deref() {
            Some("insert" | "replace") => self.insert(),
            Some("create") => self.create(),
            _ => self.lexer.skip_statement(),
        }
        true
    }

    /// Tells where the dump was cut off, where no damaged row tells of it.
    fn end(mut self) -> Dump {
        let line = self.lexer.line();
        self.dump.last_line = line;
        let is_told = |damage: &Damage| matches!(damage.what, What::Cut | What::End);
        if self.lexer.lacks_its_end() && !self.dump.damages.iter().any(is_told) {
            let what = What::End;
            self.dump.damages.push(Damage { line, what });
        }
        self.dump
    }

    /// The table that is named next, where it is a wanted one.
    fn table(&mut self) -> Option<usize> {
        let mut name = self.lexer.name()?;
        while self.lexer.takes(b'.') {
            name = self.lexer.name()?;
        }
        let name = folded(&name);
        self.tables.iter().position(|table| table.name == name)
    }

    fn create(&mut self) {
        let is_table = self.lexer.word().as_deref() == Some("table");
        if is_table {
            for word in ["if", "not", "exists"] {
                self.lexer.takes_word(word);
            }
            if let Some(table) = self.table()
                && self.lexer.takes(b'(')
            {
                self.dump.seen[table] = true;
                let columns = self.lexer.column_definitions();
                let columns = columns.iter().map(|name| folded(name)).collect();
                self.orders.insert(table, columns);
                self.lexer.skip_statement();
                if self.lexer.is_at_end() && !self.lexer.is_behind_statement() {
                    let (line, what) = (self.lexer.line(), What::End);
                    self.dump.damages.push(Damage { line, what });
                }
                return;
            }
        }
        self.lexer.skip_statement();
    }

    fn insert(&mut self) {
        let begun = self.lexer.line();
        for word in ["low_priority", "delayed", "high_priority", "ignore", "into"] {
            self.lexer.takes_word(word);
        }
        let Some(table) = self.table() else {
            return self.lexer.skip_statement();
        };
        self.dump.seen[table] = true;
        let wanted = self.tables[table];
        let mut order = self.orders.get(&table).cloned();
        if self.lexer.takes(b'(') {
            let names = self.lexer.names();
            order = Some(names.iter().map(|name| folded(name)).collect());
        }
        let listed = || {
            wanted
                .columns
                .iter()
                .map(|name| (*name).to_owned())
                .collect()
        };
        let order: Vec<String> = order.unwrap_or_else(listed);
        let mut places = Vec::new();
        for column in wanted.columns {
            let Some(place) = order.iter().position(|name| name == column) else {
                let table = wanted.name;
                let what = What::Columns { table, column };
                self.dump.damages.push(Damage { line: begun, what });
                return self.lexer.skip_statement();
            };
            places.push(place);
        }
        if !(self.lexer.takes_word("values") || self.lexer.takes_word("value")) {
            let what = What::Row;
            self.dump.damages.push(Damage { line: begun, what });
            return self.lexer.skip_statement();
        }
        self.rows(table, order.len(), &places);
    }

    fn rows(&mut self, table: usize, width: usize, places: &[usize]) {
        loop {
            self.lexer.skip_blank();
            let (line, start) = (self.lexer.line(), self.lexer.place());
            let read = self.lexer.values();
            let what = match read {
                Ok(cells) if cells.len() == width => {
                    let cells = places.iter().map(|place| cells[*place].clone()).collect();
                    self.dump.rows.push(Row { table, line, cells });
                    match self.lexer.separator() {
                        Some(b',') => continue,
                        Some(b';') => return,
                        _ if self.lexer.is_at_end() => return,
                        // `ON DUPLICATE KEY …`, or something that is none of this.
                        _ if self.lexer.is_at_word() => return self.lexer.skip_statement(),
                        _ => What::Row,
                    }
                }
                Ok(cells) => What::Width {
                    found: cells.len(),
                    expected: width,
                },
                Err(Torn::End) => What::Cut,
                Err(Torn::Value) => What::Row,
            };
            self.dump.damages.push(Damage { line, what });
            if !self.lexer.resume(start) {
                return;
            }
        }
    }
}

/// A name without regard to its case. In `donnée` only the letters that every encoding shares are looked at.
fn folded(name: &[u8]) -> String {
    let lower = name.to_ascii_lowercase();
    match lower.starts_with(b"donn") {
        true => "donnée".to_owned(),
        false => String::from_utf8_lossy(&lower).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [Table; 2] = [
        Table {
            name: "authentification",
            columns: &["id", "mdp", "ip"],
        },
        Table {
            name: "connexion",
            columns: &["date_time", "type", "ip", "port", "donnée"],
        },
    ];

    fn texts(dump: &Dump) -> Vec<(u64, Vec<String>)> {
        let text = |cell: &Vec<u8>| String::from_utf8_lossy(cell).into_owned();
        let rows = dump.rows.iter();
        rows.map(|row| (row.line, row.cells.iter().map(text).collect()))
            .collect()
    }

    fn damages(dump: &Dump) -> Vec<(u64, What)> {
        let damages = dump.damages.iter();
        damages.map(|one| (one.line, one.what.clone())).collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn rows_are_read_however_they_are_written() {
        let text = r"-- a dump; with a 'quote
/*!40101 SET NAMES utf8mb4 */;
/* INSERT INTO `authentification` VALUES (1,2,3); */
CREATE TABLE IF NOT EXISTS `authentification` (
  `mdp` blob NOT NULL, -- it's the password
  `id` blob NOT NULL COMMENT 'a name, it''s (one)',
  `ip` blob NOT NULL,
  PRIMARY KEY (`id`(20))
) ENGINE=InnoDB;
# another comment; 'too
LOCK TABLES `authentification` WRITE;
INSERT INTO `authentification` VALUES ('YWJj','mimi','192.168.56.1'),(0x5a47566d,_binary 'bob\'s',X'3139'),('','a''b\\\n;),(',NULL);
INSERT IGNORE INTO base.authentification (ip, id, mdp) VALUES
('::1', 'zoé', 'eA=='),
(-1.5, TRUE, N'x') ON DUPLICATE KEY UPDATE id = id;
INSERT INTO `other` VALUES ('INSERT INTO authentification VALUES (1)');
";
        let dump = Dump::read(text.as_bytes(), &TABLES);
        assert_eq!(damages(&dump), []);
        assert_eq!(
            texts(&dump),
            [
                row(12, &["mimi", "YWJj", "192.168.56.1"]),
                row(12, &["bob's", "ZGVm", "19"]),
                row(12, &["a'b\\\n;),(", "", ""]),
                row(14, &["zoé", "eA==", "::1"]),
                row(15, &["TRUE", "x", "-1.5"]),
            ]
        );
        assert_eq!(dump.seen, [true, false]);
    }

    #[test]
    fn the_columns_may_be_written_in_latin_1() {
        let text = b"INSERT INTO connexion (donn\xe9e, date_time, type, ip, port) VALUES ('\xe9', 'd', 't', 'i', 'p');";
        let dump = Dump::read(text, &TABLES);
        assert_eq!(dump.rows[0].cells[4], b"\xe9");
        assert_eq!(damages(&dump), []);
    }

    #[test]
    fn what_is_damaged_is_told_by_its_line_and_the_rest_is_read() {
        let text = "INSERT INTO `authentification` (`id`, `mdp`, `ip`) VALUES
('a', 'b', 'c'),
('d', 'e),
('f', 'g', 'h'),
('i', 'j'),
('k', foo(1), 'l'),
('m', 'n', 'o');
INSERT INTO `authentification` VALUES ('p','q'),('r','s','t');
INSERT INTO `connexion` (`date_time`, `type`) VALUES ('x', 'y');
INSERT INTO `authentification` VALUES ('u','v','w'),('x','y
";
        let dump = Dump::read(text.as_bytes(), &TABLES);
        assert_eq!(
            texts(&dump),
            [
                row(2, &["a", "b", "c"]),
                row(4, &["f", "g", "h"]),
                row(7, &["m", "n", "o"]),
                row(8, &["r", "s", "t"]),
                row(10, &["u", "v", "w"]),
            ]
        );
        let width = What::Width {
            found: 2,
            expected: 3,
        };
        let columns = What::Columns {
            table: "connexion",
            column: "ip",
        };
        assert_eq!(
            damages(&dump),
            [
                (3, What::Row),
                (5, width.clone()),
                (6, What::Row),
                (8, width),
                (9, columns),
                (10, What::Cut),
            ]
        );
    }

    #[test]
    fn a_dump_that_was_cut_off_anywhere_is_not_taken_for_whole() {
        let row = "INSERT INTO `authentification` VALUES ('a','b','c');\n";
        let create = "CREATE TABLE `authentification` (`id` blob, `mdp` blob, `ip` blob);\n";
        let cut = |text: &str| damages(&Dump::read(text.as_bytes(), &TABLES));
        let whole = format!("{create}{row}");
        assert_eq!(cut(&whole), []);
        for part in [
            "CREATE TABLE `connexion` (",
            "CREATE TABLE `connexion` (\n  `date_t",
            "CREATE TABLE `connexion` (\n  `date_time` text,\n",
            "CREATE TABLE `connexion` (`date_time` text) ENGINE=",
        ] {
            let found = cut(&format!("{whole}{part}"));
            assert_eq!(found.len(), 1, "{part}: {found:?}");
            assert_eq!(found[0].1, What::End, "{part}");
        }
        for head in [
            "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n",
            "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.6\n",
        ] {
            let whole = format!("{head}{whole}");
            assert_eq!(cut(&whole), [(whole.lines().count() as u64 + 1, What::End)]);
            for end in [
                "-- Dump completed on 2022-09-18 13:45:00\n",
                "-- Dump completed",
            ] {
                assert_eq!(cut(&format!("{whole}\n{end}")), []);
            }
            let in_row = format!("{whole}INSERT INTO `connexion` VALUES ('a',");
            assert_eq!(cut(&in_row)[0].1, What::Cut);
            assert_eq!(cut(&in_row).len(), 1);
        }
    }

    #[test]
    fn any_bytes_end() {
        for text in [
            &b"INSERT INTO authentification VALUES ("[..],
            b"INSERT",
            b"CREATE TABLE authentification (`a",
            b"/* never closed",
            b"INSERT INTO authentification VALUES (0x",
            b"\xff\xfe;';\"",
            b"INSERT INTO authentification VALUES ('a' 'b' 'c') ( ) ,,,;",
        ] {
            Dump::read(text, &TABLES);
        }
    }
}
