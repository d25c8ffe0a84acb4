//! The kinds of servers, and how each spells our SQL.

use std::fmt::Write as _;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Postgres,
    MariaDb,
    MySql,
}

/// What each token stands for: in PostgreSQL, MariaDB, MySQL.
const TOKENS: [(&str, [&str; 3]); 12] = [
    ("{int}", ["BIGINT", "BIGINT", "BIGINT"]),
    // Compared byte by byte, also at its end: there are collations that overlook spaces there. The longest keys are masks, of 256
    // bytes; two of them and a number are an index, which may have 3072 bytes, four for each character.
    (
        "{key}",
        [
            "TEXT COLLATE \"C\"",
            "VARCHAR(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "VARCHAR(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
    (
        "{text}",
        [
            "TEXT COLLATE \"C\"",
            "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
    ("{blob}", ["BYTEA", "LONGBLOB", "LONGBLOB"]),
    (
        "{table}",
        [
            "",
            "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
    (
        "{clustered}",
        [
            "",
            "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        ],
    ),
    // An index belongs to its table, or to the schema.
    ("{on message}", ["", "ON message", "ON message"]),
    // What is read in order to be written: nobody else writes it until the transaction ends.
    ("{for update}", ["FOR UPDATE", "FOR UPDATE", "FOR UPDATE"]),
    // Places of a class. MySQL seeks such a pair in no index, and has to be told in which it finds the two apart; PostgreSQL has
    // no other index for the pair, and would think the primary key as good for the two.
    (
        "{behind}",
        [
            "(class, seq) > (?, ?)",
            "class = ? AND seq > ?",
            "class = ? AND seq > ?",
        ],
    ),
    (
        "{from}",
        [
            "(class, seq) >= (?, ?)",
            "class = ? AND seq >= ?",
            "class = ? AND seq >= ?",
        ],
    ),
    (
        "{before}",
        [
            "(class, seq) < (?, ?)",
            "class = ? AND seq < ?",
            "class = ? AND seq < ?",
        ],
    ),
    (
        "{message_page}",
        [
            "",
            "FORCE INDEX (message_page)",
            "FORCE INDEX (message_page)",
        ],
    ),
];

/// The oldest versions that are good, and what to say of an older one.
const NEEDED: [(Flavour, (u32, u32), &str); 3] = [
    (Flavour::Postgres, (15, 0), "PostgreSQL 15"),
    (Flavour::MariaDb, (10, 11), "MariaDB 10.11"),
    (Flavour::MySql, (8, 0), "MySQL 8.0"),
];

impl Flavour {
    /// The kind of server that calls its version so. `Err` has what is needed where it is too old.
    pub(super) fn of(version: &str, is_postgres: bool) -> Result<Self, &'static str> {
        let flavour = if is_postgres {
            Self::Postgres
        } else if version.contains("MariaDB") {
            Self::MariaDb
        } else {
            Self::MySql
        };
        let found = numbers(version);
        match NEEDED.iter().find(|(of, ..)| *of == flavour) {
            Some((_, least, name)) if found < *least => Err(name),
            _ => Ok(flavour),
        }
    }

    /// The oldest version that is good.
    pub(super) fn needed(self) -> &'static str {
        let needed = NEEDED.iter().find(|(of, ..)| *of == self);
        needed.map_or("", |(.., name)| name)
    }

    /// The server that calls its version so, by the name and the number that people know it by.
    pub(super) fn told(self, version: &str) -> String {
        let name = match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        };
        let number = version.split(['-', ' ']).next().unwrap_or_default();
        format!("{name} {number}")
    }

    pub(crate) fn is_postgres(self) -> bool {
        self == Self::Postgres
    }

    /// Our SQL in the words of this server.
    pub(crate) fn spell(self, sql: &str) -> String {
        let mut spelled = self.expand(sql);
        if self.is_postgres() {
            spelled = numbered(&spelled);
        }
        spelled
    }

    fn expand(self, sql: &str) -> String {
        let place = match self {
            Self::Postgres => 0,
            Self::MariaDb => 1,
            Self::MySql => 2,
        };
        if !sql.contains('{') {
            return sql.to_owned();
        }
        let tokens = TOKENS.iter();
        tokens.fold(sql.to_owned(), |sql, (token, words)| {
            sql.replace(token, words[place])
        })
    }
}

/// The first two numbers in what a server calls its version.
fn numbers(version: &str) -> (u32, u32) {
    let digits = version.split(|letter: char| !letter.is_ascii_digit());
    let mut numbers = digits.filter_map(|digits| digits.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Gives placeholders their numbers.
fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    let mut count = 0;
    for (place, part) in sql.split('?').enumerate() {
        if place > 0 {
            count += 1;
            // Writing into a string never fails.
            let _ = write!(numbered, "${count}");
        }
        numbered.push_str(part);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::Flavour;

    #[test]
    fn placeholders_are_numbered_where_they_must_be() {
        let sql = "SELECT a FROM b WHERE c = ? AND d = ? {for update}";
        assert_eq!(
            Flavour::Postgres.spell(sql),
            "SELECT a FROM b WHERE c = $1 AND d = $2 FOR UPDATE"
        );
        assert_eq!(
            Flavour::MySql.spell(sql),
            "SELECT a FROM b WHERE c = ? AND d = ? FOR UPDATE"
        );
    }

    #[test]
    fn a_server_is_known_by_what_it_calls_its_version() {
        for (version, is_postgres, known) in [
            (
                "PostgreSQL 15.18 (Debian 15.18-0+deb12u1)",
                true,
                Ok(Flavour::Postgres),
            ),
            ("PostgreSQL 14.2", true, Err("PostgreSQL 15")),
            ("10.11.19-MariaDB-0+deb12u1", false, Ok(Flavour::MariaDb)),
            ("10.6.2-MariaDB", false, Err("MariaDB 10.11")),
            ("11.4.2-MariaDB", false, Ok(Flavour::MariaDb)),
            ("8.0.36", false, Ok(Flavour::MySql)),
            ("5.7.44-log", false, Err("MySQL 8.0")),
        ] {
            assert_eq!(Flavour::of(version, is_postgres), known, "{version}");
        }
    }
}
