//! Whether the record is what was recorded: what `causette audit verify` does, beside a running server or where none runs.

use crate::beginning;
use crate::config::Config;
use causette_store::register::{Counts, Mismatch, Progress};
use causette_store::{Store, StoreError};
use causette_text::{Language, text_with};

/// Why the record was not found to be what was recorded.
#[derive(Debug)]
pub enum Unverified {
    /// It is not: in the person's language, where and what.
    Altered(String),
    /// It could not be read: in the person's language, why and what to do.
    Unread(String),
}

/// Verifies the whole register of the database that the configuration names, and says now and then how far it has come.
/// It reads in short transactions: a running server is not held up.
///
/// # Errors
/// The first disagreement, or why the database cannot be read.
pub fn verify(config: &Config, progress: impl FnMut(Progress)) -> Result<Counts, Unverified> {
    let language = config.settings.language;
    let database = config.database_path();
    let unread = |error: &_| {
        let told = beginning::words(error, &database, &config.data_dir, language);
        Unverified::Unread(told)
    };
    let store = match Store::look(&database) {
        Err(StoreError::Missing(_)) => {
            let database = database.display().to_string();
            let variables = [("database", database.as_str())];
            let told = text_with(language, "audit-database-missing", &variables);
            return Err(Unverified::Unread(told));
        }
        store => store.map_err(|error| unread(&error))?,
    };
    let mut reader = store.reader().map_err(|error| unread(&error))?;
    match reader.verify(progress) {
        Ok(counts) => Ok(counts),
        Err(Mismatch::Store(error)) => Err(unread(&error)),
        Err(mismatch) => Err(Unverified::Altered(words(&mismatch, language))),
    }
}

/// Where and what, in the person's language. Tables and columns have the names that they have in the database.
fn words(mismatch: &Mismatch, language: Language) -> String {
    let say = |key, variables: &[(&str, &dyn std::fmt::Display)]| {
        let values: Vec<String> = variables.iter().map(|(_, it)| it.to_string()).collect();
        let names = variables.iter().map(|(name, _)| *name);
        let variables: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
        text_with(language, key, &variables)
    };
    match mismatch {
        Mismatch::Store(error) => error.to_string(),
        Mismatch::Missing(entry) => say("audit-missing", &[("entry", entry)]),
        Mismatch::Order(entry) => say("audit-order", &[("entry", entry)]),
        Mismatch::Value(entry) => say("audit-value", &[("entry", entry)]),
        Mismatch::Payload(entry) => say("audit-payload", &[("entry", entry)]),
        Mismatch::Meta(entry) => say("audit-meta", &[("entry", entry)]),
        Mismatch::Content(entry) => say("audit-content", &[("entry", entry)]),
        Mismatch::Erased(entry) => say("audit-erased", &[("entry", entry)]),
        Mismatch::Tag { entry, tag } => say("audit-tag", &[("entry", entry), ("column", tag)]),
        Mismatch::Key(month) => say("audit-key", &[("month", month)]),
        Mismatch::Row { entry, table, what } => say(
            "audit-row",
            &[("entry", entry), ("table", table), ("column", what)],
        ),
        Mismatch::Earlier(entry) => say("audit-earlier", &[("entry", entry)]),
        Mismatch::Binding(entry) => say("audit-binding", &[("entry", entry)]),
        Mismatch::Told { entry, table, what } => say(
            "audit-told",
            &[("entry", entry), ("table", table), ("column", what)],
        ),
        Mismatch::Unrecorded { table, found, told } => say(
            "audit-unrecorded",
            &[("table", table), ("found", found), ("told", told)],
        ),
        Mismatch::TakenBack { room, seq } => {
            say("audit-taken-back", &[("room", room), ("seq", seq)])
        }
        Mismatch::Places { room, from, to } => say(
            "audit-places",
            &[("room", room), ("from", from), ("to", to)],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disagreement_is_told_in_both_languages() {
        let (entry, table, what) = (1234, "message", "source");
        let all = [
            Mismatch::Missing(entry),
            Mismatch::Order(entry),
            Mismatch::Value(entry),
            Mismatch::Payload(entry),
            Mismatch::Meta(entry),
            Mismatch::Content(entry),
            Mismatch::Erased(entry),
            Mismatch::Tag {
                entry,
                tag: "actor",
            },
            Mismatch::Key("2026-11".to_owned()),
            Mismatch::Row { entry, table, what },
            Mismatch::Earlier(entry),
            Mismatch::Binding(entry),
            Mismatch::Told { entry, table, what },
            Mismatch::Unrecorded {
                table,
                found: entry,
                told: 5,
            },
            Mismatch::TakenBack { room: 1234, seq: 5 },
            Mismatch::Places {
                room: 1234,
                from: 1,
                to: 5,
            },
        ];
        for mismatch in all {
            let [en, fr] = Language::ALL.map(|language| words(&mismatch, language));
            assert_ne!(en, fr, "{mismatch:?}");
            let place = if matches!(mismatch, Mismatch::Key(_)) {
                "2026-11"
            } else {
                "1234"
            };
            assert!(en.contains(place) && fr.contains(place), "{en} / {fr}");
        }
    }
}
