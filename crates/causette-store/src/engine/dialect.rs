//! Where SQL engines differ: the tokens of our SQL and what they stand for.
//!
//! All SQL is written once. Placeholders are `?`, ids are made by the application, times are whole microseconds, booleans
//! are 0 and 1. What remains different are the words of the table definitions, written as `{token}`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What each token stands for in SQLite.
const SQLITE: [(&str, &str); 12] = [
    // A 64-bit integer; a single primary key of this type is SQLite's rowid.
    ("{int}", "INTEGER"),
    // A text short enough to be indexed, compared byte by byte.
    ("{key}", "TEXT"),
    ("{text}", "TEXT"),
    ("{blob}", "BLOB"),
    // A table in no particular order of rows, and one whose rows lie in the order of the primary key.
    ("{table}", "STRICT"),
    ("{clustered}", "STRICT, WITHOUT ROWID"),
    // An index belongs to the database; its writer is alone; an index is chosen by how the statement is written.
    ("{on message}", ""),
    ("{for update}", ""),
    ("{message_page}", ""),
    // Places of a class: only the index of the classes is good for these.
    ("{behind}", "(class, seq) > (?, ?)"),
    ("{from}", "(class, seq) >= (?, ?)"),
    ("{before}", "(class, seq) < (?, ?)"),
];

thread_local! {
    /// What this thread has asked, in the words of the engine: as many statements as the program has.
    static EXPANDED: RefCell<HashMap<String, Rc<str>>> = RefCell::default();
}

/// The same as [`expand`] of a statement that is asked again and again.
pub(crate) fn expanded(sql: &str) -> Rc<str> {
    EXPANDED.with_borrow_mut(|expanded| {
        if let Some(found) = expanded.get(sql) {
            return found.clone();
        }
        let found: Rc<str> = expand(sql).into();
        expanded.insert(sql.to_owned(), found.clone());
        found
    })
}

/// The SQL in the words of the engine.
pub(crate) fn expand(sql: &str) -> String {
    SQLITE.iter().fold(sql.to_owned(), |sql, (token, words)| {
        sql.replace(token, words)
    })
}

#[cfg(test)]
mod tests {
    use super::{expand, expanded};

    #[test]
    fn tokens_become_the_words_of_the_engine() {
        assert_eq!(
            expand("CREATE TABLE a (id {int} NOT NULL PRIMARY KEY, name {key}) {table};"),
            "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, name TEXT) STRICT;"
        );
    }
    #[test]
    fn what_is_asked_again_has_the_same_words() {
        for sql in ["SELECT {behind}", "SELECT {before}", "SELECT {behind}"] {
            assert_eq!(*expanded(sql), *expand(sql));
        }
    }
}
