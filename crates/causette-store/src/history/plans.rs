//! On servers too a page deep in a room costs what one at its end costs.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::page::STATEMENTS;
use crate::engine::{Value, values};
use crate::{Access, Database, Store};

/// Doubles of one message, in one room, of two classes.
const DOUBLINGS: u32 = 16;

/// What else is asked for while people read, with values of its kind.
fn questions() -> Vec<(&'static str, Vec<Value<'static>>)> {
    let int = Value::Int(7);
    let mut questions: Vec<_> = STATEMENTS
        .into_iter()
        .map(|sql| {
            (
                sql,
                values![1_i64, 1_i64, 100_i64, 1_i64, 60_000_i64, 100_i64].to_vec(),
            )
        })
        .collect();
    questions.extend([
        (
            "SELECT author, time, kind, reach, entry FROM message WHERE msgid = ? AND room = ? AND redacted IS NULL",
            values![Value::Text("m7"), 1_i64].to_vec(),
        ),
        (
            "SELECT time, entry FROM message WHERE room = ? AND seq = ?",
            vec![int; 2],
        ),
        (
            "SELECT s.time, p.entry FROM shared_place p JOIN shared_event s ON s.entry = p.entry
             WHERE p.room = ? AND p.class IN (0, 4, 6) AND p.seq = ?",
            vec![int; 2],
        ),
        (
            "SELECT p.seq FROM shared_event s JOIN shared_place p ON p.entry = s.entry
             WHERE s.msgid = ? AND p.room = ?",
            values![Value::Text("s7"), 1_i64].to_vec(),
        ),
    ]);
    questions
}

#[test]
fn pages_are_found_in_the_index_on_servers() {
    for server in causette_testbed::urls_from_environment().unwrap() {
        let database = server.create_database("plans").unwrap();
        let place = Database::parse(&database.url(), &Access::default()).unwrap();
        let store = Store::open(place).unwrap();
        let concat = |prefix: &str, of: &str| match server.is_postgres() {
            true => format!("'{prefix}' || ({of})"),
            false => format!("CONCAT('{prefix}', {of})"),
        };
        let mut rows = "INSERT INTO message (room, seq, time, msgid, kind, class, author, source, text, tags, entry)
             VALUES (1, 0, 0, 'm0', 0, 1, 1, 'a', 'as long as messages are', '', 0);
             INSERT INTO shared_event (entry, time, msgid, kind, author, source, text, reach) VALUES (0, 0, 's0', 3, 1, 'a', '', '');
             INSERT INTO shared_place (room, class, seq, entry) VALUES (1, 0, 0, 0);".to_owned();
        for doubling in 0..DOUBLINGS {
            let next = 1_u32 << doubling;
            let (msgid, shared) = (
                concat("m", &format!("seq + {next}")),
                concat("s", &format!("entry + {next}")),
            );
            rows.push_str(&format!(
                "INSERT INTO message (room, seq, time, msgid, kind, class, author, source, text, tags, entry)
                   SELECT 1, seq + {next}, seq + {next}, {msgid}, 0, (seq + {next}) % 2, 1, 'a', text, '', seq + {next} FROM message;
                 INSERT INTO shared_event (entry, time, msgid, kind, author, source, text, reach)
                   SELECT entry + {next}, 0, {shared}, 3, 1, 'a', '', '' FROM shared_event;
                 INSERT INTO shared_place (room, class, seq, entry) SELECT 1, 0, seq + {next}, entry + {next} FROM shared_place;"
            ));
        }
        rows.push_str(match server.is_postgres() {
            true => "ANALYZE message; ANALYZE shared_event; ANALYZE shared_place;",
            false => "ANALYZE TABLE message, shared_event, shared_place;",
        });
        database.query(&rows).unwrap();
        let reader = store.reader().unwrap();
        for (sql, values) in questions() {
            let explain = match server.is_postgres() {
                true => format!("EXPLAIN {sql}"),
                false => format!("EXPLAIN FORMAT=JSON {sql}"),
            };
            let moment = reader.reading.now().unwrap();
            let plan = moment.all(&explain, &values, |row| row.text(0).map(str::to_owned));
            let plan = plan.unwrap().join("\n");
            // What MySQL says in the second form of its plans has other words.
            let bad: &[&str] = match plan.contains("\"json_schema_version\"") {
                true => &["Table scan", "\"index_scan\"", "Sort: ", "Sort row"],
                false => &["Seq Scan", "Sort", "\"ALL\"", "\"index\"", "filesort"],
            };
            for bad in bad {
                assert!(!plan.contains(bad), "{sql}\n{plan}");
            }
            if sql.contains("{message_page}") {
                assert!(plan.contains("message_page"), "{sql}\n{plan}");
            }
        }
    }
}
