//! What a backup says of itself, in the first of its files.

use causette_store::Tally;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The number of the format that this version writes; it reads those before it too. From the second on there are contents of files.
pub(super) const FORMAT: u32 = 2;

/// What stands before the number, and behind it, in the name of the first file.
const NAME: (&str, &str) = ("causette-backup-", ".json");

/// The name of the database in a backup.
pub(super) const DATABASE: &str = "causette.db";

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The version of the program that made it.
    pub(super) version: String,
    /// When, as people write it.
    pub(super) created: String,
    /// The server's name.
    pub(super) server: String,
    /// The version of the database's tables.
    pub(super) schema: u32,
    /// The tables, and how many rows each has.
    pub(super) tables: BTreeMap<String, u64>,
    /// The number of the register's last entry, where there is one.
    pub(super) last_entry: Option<u64>,
    /// What that entry commits to, in hexadecimal.
    pub(super) last_commitment: Option<String>,
    /// Files of the server's that lie elsewhere and are not in it.
    pub(super) elsewhere: Vec<String>,
}

/// The name of the first file of a backup of this format.
pub(super) fn name() -> String {
    format!("{}{FORMAT}{}", NAME.0, NAME.1)
}

/// The format of a backup whose first file has a name; `None` where it is no backup.
pub(super) fn format_of(name: &str) -> Option<u32> {
    name.strip_prefix(NAME.0)?
        .strip_suffix(NAME.1)?
        .parse()
        .ok()
}

impl Manifest {
    /// Keeps what a database holds.
    pub(super) fn with_tally(self, tally: Tally) -> Self {
        let (entry, commitment) = tally.head.unzip();
        Self {
            schema: tally.schema,
            tables: tally.tables,
            last_entry: entry,
            last_commitment: commitment.map(hex),
            ..self
        }
    }

    /// The first thing in which a database differs from what is said of it: its name, what it has, what it should have.
    pub(super) fn difference(&self, tally: Tally) -> Option<(String, String, String)> {
        let found = self.clone().with_tally(tally);
        let told = |number: Option<&u64>| number.map_or_else(|| "-".to_owned(), u64::to_string);
        let mut names = self.tables.keys().chain(found.tables.keys());
        let table = names.find(|name| self.tables.get(*name) != found.tables.get(*name));
        if let Some(name) = table {
            let counts = (told(found.tables.get(name)), told(self.tables.get(name)));
            return Some((name.clone(), counts.0, counts.1));
        }
        let head = |of: &Self| {
            let commitment = of.last_commitment.as_deref().unwrap_or("-");
            format!("{} {commitment}", told(of.last_entry.as_ref()))
        };
        let differs = *self != found;
        differs.then(|| ("register_entry".to_owned(), head(&found), head(self)))
    }
}

fn hex(bytes: [u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_name_of_the_first_file_tells_the_format() {
        assert_eq!(format_of(&name()), Some(FORMAT));
        assert_eq!(format_of("causette-backup-7.json"), Some(7));
        assert_eq!(format_of("causette-backup-1.json"), Some(1));
        for other in ["causette.db", "causette-backup-x.json", "causette-backup-1"] {
            assert_eq!(format_of(other), None);
        }
    }

    #[test]
    fn what_a_database_has_more_or_less_is_told() {
        let tally = |rows: u64, byte| Tally {
            schema: 5,
            tables: [("message".to_owned(), rows)].into(),
            head: Some((7, [byte; 32])),
        };
        let manifest = Manifest {
            version: "1".to_owned(),
            created: String::new(),
            server: String::new(),
            schema: 0,
            tables: BTreeMap::new(),
            last_entry: None,
            last_commitment: None,
            elsewhere: Vec::new(),
        };
        let manifest = manifest.with_tally(tally(3, 1));
        assert_eq!(manifest.difference(tally(3, 1)), None);
        let (name, found, told) = manifest.difference(tally(2, 1)).unwrap();
        assert_eq!((&*name, &*found, &*told), ("message", "2", "3"));
        let (name, found, told) = manifest.difference(tally(3, 2)).unwrap();
        assert_eq!(name, "register_entry");
        assert!(found != told && told.starts_with("7 0101"));
    }
}
