//! Whether the record is what was recorded: what `causette audit verify` does, beside a running server or where none runs.

use crate::beginning;
use crate::config::Config;
use causette_store::register::{Kind, RowName};
use causette_store::{Store, StoreError};
use causette_text::{Language, text_with};

pub use causette_store::register::{Finding, Progress, Verified};

/// Verifies the whole register of the database that the configuration names, and says now and then how far it has come.
/// It reads in short transactions: a running server is not held up.
///
/// # Errors
/// In the person's language, why the database could not be read, and what to do. What does not agree is no error.
pub fn verify(config: &Config, progress: impl FnMut(Progress)) -> Result<Verified, String> {
    let language = config.settings.language;
    let database = config.database();
    let unread = |error: &_| beginning::words(error, &database, &config.data_dir, language);
    let store = match Store::look(&database) {
        Err(StoreError::Missing(_)) => {
            let database = database.to_string();
            let variables = [("database", database.as_str())];
            return Err(text_with(language, "audit-database-missing", &variables));
        }
        store => store.map_err(|error| unread(&error))?,
    };
    let mut reader = store.reader().map_err(|error| unread(&error))?;
    reader.verify(progress).map_err(|error| unread(&error))
}

/// Where something does not agree and what, in the person's language. Tables and columns have the names that they have in the
/// database.
pub fn words(finding: &Finding, language: Language) -> String {
    let (from, to) = ends(&finding.row);
    let row = place(&finding.row, language);
    let entry = finding.entry.map(|entry| entry.to_string());
    let variables = [
        ("table", finding.table),
        ("row", &row),
        ("column", finding.column.unwrap_or_default()),
        ("entry", entry.as_deref().unwrap_or_default()),
        ("from", &from),
        ("to", &to),
    ];
    text_with(language, &key(finding), &variables)
}

/// The sentence for it. Some kinds have one of their own for what is not known, or is several.
fn key(finding: &Finding) -> String {
    let own = match (finding.kind, &finding.row) {
        (Kind::EntryMissing, RowName::Entries { .. }) => "audit-entries-missing",
        (Kind::RowMissing, _) if finding.entry.is_none() => "audit-row-missing-alone",
        (Kind::RowWithoutEntry, _) if finding.column.is_some() => "audit-column-without-entry",
        (Kind::RowWithoutEntry, _) if finding.entry.is_some() => "audit-row-unmeant",
        (kind, _) => return format!("audit-{}", kind.name()),
    };
    own.to_owned()
}

/// Which row it is: one with a number, or one at a place.
fn place(row: &RowName, language: Language) -> String {
    let (from, to) = ends(row);
    let (key, room, number) = match row {
        RowName::Place { room, seq } => ("audit-at-place", *room, seq.to_string()),
        RowName::Places { room, .. } => ("audit-at-places", *room, String::new()),
        RowName::Person { room, person } => ("audit-at-person", *room, person.to_string()),
        RowName::Sent { file, account } => ("audit-at-sent", *file, account.to_string()),
        RowName::Month(month) => return month.clone(),
        _ => ("audit-at-row", 0, row.to_string()),
    };
    let room = room.to_string();
    let variables = [
        ("room", &*room),
        ("number", &*number),
        ("from", &*from),
        ("to", &*to),
    ];
    text_with(language, key, &variables)
}

/// The first and the last of several, or the numbers that there are and that there should be.
fn ends(row: &RowName) -> (String, String) {
    match row {
        RowName::Entry(entry) => (entry.to_string(), entry.to_string()),
        RowName::Entries { from, to } => (from.to_string(), to.to_string()),
        RowName::Places { from, to, .. } => (from.to_string(), to.to_string()),
        RowName::Count { found, told } => (found.to_string(), told.to_string()),
        _ => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: Kind, row: RowName) -> Finding {
        let (column, entry) = (Some("source"), Some(1234));
        Finding {
            kind,
            table: "message",
            row,
            column,
            entry,
        }
    }

    #[test]
    fn each_disagreement_is_told_in_both_languages() {
        let rows = [
            RowName::Entry(1234),
            RowName::Entries { from: 5, to: 1234 },
            RowName::Number(1234),
            RowName::Month("1234-11".to_owned()),
            RowName::Place { room: 1234, seq: 5 },
            RowName::Places {
                room: 1234,
                from: 5,
                to: 6,
            },
            RowName::Person {
                room: 1234,
                person: 5,
            },
            RowName::Sent {
                file: 1234,
                account: 5,
            },
        ];
        for kind in Kind::ALL {
            for row in &rows {
                if kind == Kind::EntryMissing
                    && !matches!(row, RowName::Entry(_) | RowName::Entries { .. })
                {
                    continue;
                }
                let whole = finding(kind, row.clone());
                let (column, entry) = (None, None);
                let without_column = Finding {
                    column,
                    ..whole.clone()
                };
                let alone = Finding {
                    entry,
                    ..without_column.clone()
                };
                for finding in [&whole, &without_column, &alone] {
                    let [en, fr] = Language::ALL.map(|language| words(finding, language));
                    assert_ne!(en, fr, "{finding:?}");
                    if kind != Kind::Count && finding.entry.is_some() {
                        assert!(en.contains("1234") && fr.contains("1234"), "{en} / {fr}");
                    }
                }
            }
        }
        let row = RowName::Count {
            found: 1234,
            told: 5,
        };
        let [en, fr] =
            Language::ALL.map(|language| words(&finding(Kind::Count, row.clone()), language));
        assert!(en.contains("1234") && fr.contains("1234"), "{en} / {fr}");
    }
}
