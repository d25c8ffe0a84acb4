//! Alters one thing at a time, of each column of each table that there is: verifying finds it.

use crate::altered::{Altered, Table, verify};
use crate::migration::Folder;
use crate::story;
use causette_store::Store;
use proptest::prelude::*;
use proptest::sample::Index;
use rusqlite::Connection;

/// What the register does not speak for, and why. `*` is a whole table.
const UNSPOKEN: [(&str, &str, &str); 35] = [
    (
        "lane",
        "*",
        "how far the recorder has come: the recorder's own",
    ),
    ("schema_version", "*", "the steps that made the tables"),
    (
        "read_marker",
        "*",
        "private: what somebody looked at is nobody else's to know",
    ),
    (
        "membership",
        "*",
        "who is in now; coming and going are entries",
    ),
    ("list_mask", "*", "what is set now; setting it is an entry"),
    (
        "room_access",
        "*",
        "who has rights now; giving them is an entry",
    ),
    (
        "room_invited",
        "*",
        "who may enter once now; inviting is an entry",
    ),
    (
        "account_setting",
        "*",
        "what is set now; setting it is an entry",
    ),
    (
        "account_metadata",
        "*",
        "what is said now; saying it is an entry",
    ),
    (
        "room_metadata",
        "*",
        "what is said now; saying it is an entry",
    ),
    (
        "account_certificate",
        "*",
        "what opens the account now; adding it is an entry",
    ),
    (
        "account_device",
        "*",
        "what was used last; signing in is an entry",
    ),
    (
        "device",
        "*",
        "what opens the account now; adding it is an entry",
    ),
    ("account", "folded", "made anew from the name at each start"),
    ("account", "nick", "the present one; taking it is an entry"),
    ("account", "role", "the present one; giving it is an entry"),
    (
        "account",
        "waiting",
        "the present state; approving is an entry",
    ),
    (
        "sanction",
        "lifted",
        "whether it holds; ending it is an entry",
    ),
    (
        "invitation",
        "used",
        "how many have; each that signs up with it is an entry",
    ),
    (
        "invitation",
        "ended",
        "whether it holds; ending it is an entry",
    ),
    (
        "word_filter",
        "removed",
        "whether it holds; removing it is an entry",
    ),
    (
        "held_message",
        "decided",
        "whether it waits; deciding about it is an entry",
    ),
    (
        "server_setting",
        "*",
        "what is set now; setting it is an entry",
    ),
    ("account", "verifier", "a secret, which no entry has"),
    (
        "account",
        "last_seen",
        "the present one; leaving is an entry",
    ),
    (
        "room",
        "room_key",
        "of a channel made anew from the name at each start; that of a conversation is altered below",
    ),
    (
        "room",
        "modes",
        "the present ones; setting them is an entry",
    ),
    (
        "room",
        "topic_text",
        "the present one; setting it is an entry",
    ),
    (
        "room",
        "topic_by",
        "the present one; setting it is an entry",
    ),
    (
        "room",
        "topic_at",
        "the present one; setting it is an entry",
    ),
    (
        "room",
        "acl_version",
        "lets pages that are being read be read again",
    ),
    (
        "room",
        "last_time",
        "lets rooms with nothing new be left out",
    ),
    (
        "room",
        "founder",
        "the present one; registering is an entry",
    ),
    ("room", "opened", "the last one; opening is an entry"),
    (
        "participant",
        "peer_nick",
        "what a guest was called last; what they said then is an entry",
    ),
];

pub(crate) fn is_unspoken(table: &str, column: &str) -> bool {
    UNSPOKEN
        .iter()
        .any(|(of, unspoken, _)| *of == table && (*unspoken == "*" || *unspoken == column))
}

#[test]
fn an_alteration_of_any_column_is_found() {
    for altered in [Altered::new("columns"), Altered::earlier("earlier-columns")] {
        verify(&altered.copy()).unwrap();
        let (mut tables, mut columns, mut alterations) = (0, 0, 0);
        for table in &altered.tables {
            if is_unspoken(&table.name, "*") || table.rows.is_empty() {
                continue;
            }
            tables += 1;
            for (column, name) in table.columns.iter().enumerate() {
                if is_unspoken(&table.name, name) {
                    continue;
                }
                columns += 1;
                for row in table.some_rows() {
                    alterations += 1;
                    let values = &table.rows[row];
                    assert!(
                        altered.alters(table, row, column),
                        "{}.{name} of {values:?}",
                        table.name
                    );
                }
            }
            for row in table.some_rows() {
                alterations += 2;
                let values = &table.rows[row];
                assert!(
                    altered.deletes(table, row),
                    "{} without {values:?}",
                    table.name
                );
                assert!(
                    altered.inserts(table, row),
                    "{} with another {values:?}",
                    table.name
                );
            }
        }
        println!("{columns} columns of {tables} tables: {alterations} alterations, all found");
    }
}

/// What the list above has must be there, so that no reason outlives its column.
#[test]
fn what_the_register_does_not_speak_for_is_there() {
    let altered = Altered::new("unspoken");
    for (table, column, _) in UNSPOKEN {
        let found = altered
            .tables
            .iter()
            .find(|found| found.name == table)
            .unwrap();
        assert!(
            column == "*" || found.columns.iter().any(|name| name == column),
            "{table}.{column}"
        );
    }
    for table in &altered.tables {
        let is_told = !table.rows.is_empty() || is_unspoken(&table.name, "*");
        assert!(is_told, "the story has nothing of {}", table.name);
    }
}

/// Alterations of several columns, each of which agrees with the others.
#[test]
fn an_alteration_that_agrees_with_itself_is_found() {
    let altered = Altered::new("agreeing");
    for sql in [
        // Something is hidden as if it had been taken back, and something that was is shown again.
        "UPDATE message SET class = 3, redacted = time + 5 WHERE text = 'to all'",
        "UPDATE message SET class = 1, redacted = NULL WHERE text = 'a slip'",
        "UPDATE message SET redacted = redacted + 1 WHERE text = 'a slip'",
        // Operators alone saw it, or all did.
        "UPDATE message SET class = 2, reach = '@' WHERE text = 'to all'",
        "UPDATE message SET class = 1, reach = '' WHERE text = 'to some'",
        "UPDATE shared_place SET class = 4",
        // Two messages change their places, or their times.
        "UPDATE message SET seq = CASE seq WHEN 4 THEN 1000 ELSE seq END WHERE room = 101",
        "UPDATE message SET author = 12, source = 'bob!b@h', account = 'bob' WHERE author = 11",
        // Somebody else spoke with somebody else.
        "UPDATE room SET room_key = 'dm:12:16' WHERE room_key = 'dm:11:12'",
        "UPDATE participant SET person = 16 WHERE person = 12",
        "UPDATE account SET name = CASE name WHEN 'bob' THEN 'carol' ELSE 'bob' END WHERE name IN ('bob', 'carol')",
        "UPDATE room SET name = CASE name WHEN '#tea' THEN '#chess' ELSE '#tea' END WHERE name IN ('#tea', '#chess')",
        // An entry and all that it has.
        "UPDATE register_payload SET meta = NULL, meta_salt = NULL, content = NULL, content_salt = NULL WHERE seq = 9",
        "UPDATE register_payload SET meta = NULL, meta_salt = NULL, content = NULL, content_salt = NULL, erased = 20 WHERE seq = 9",
        "UPDATE register_payload SET meta = replace(meta, 'Alice', 'Alicia')",
        "UPDATE register_entry SET time = time + 1000",
        "DELETE FROM register_entry WHERE seq = (SELECT max(seq) FROM register_entry)",
        "DELETE FROM shared_place WHERE entry = (SELECT max(entry) FROM shared_place)",
        "DELETE FROM register_key",
        "DELETE FROM clock_step",
    ] {
        assert_eq!(altered.finds(sql, &[]), Some(true), "{sql}");
    }
}

/// What takes no key and no computing: rows of others are copied, exchanged and numbered anew.
#[test]
fn rows_that_go_with_each_other_only_are_found_elsewhere() {
    let altered = Altered::new("moved");
    let said = "room, seq, time, msgid, kind, class, author, source, account, text, tags, entry, reach, redacted";
    let entries = [
        ("register_entry", "seq"),
        ("register_payload", "seq"),
        ("message", "entry"),
        ("shared_event", "entry"),
        ("shared_place", "entry"),
        ("clock_step", "entry"),
    ];
    let renumber: String = entries
        .iter()
        .map(|(table, entry)| {
            format!("UPDATE {table} SET {entry} = {entry} - 1 WHERE {entry} > 3;")
        })
        .collect();
    let put_back = |set: &str| format!("SET {set} = (SELECT {set} FROM pair WHERE entry <> e)");
    for (what, sql) in [
        (
            "a message is put behind the last one",
            format!(
                "INSERT INTO message ({said})
                 SELECT m.room, r.last_seq + 1, m.time, 'forged', m.kind, m.class, m.author, m.source, m.account, 'forged', '', m.entry, '', NULL
                 FROM message m JOIN room r ON r.id = m.room WHERE m.text = 'to all';
                 UPDATE room SET last_seq = last_seq + 1 WHERE id = (SELECT room FROM message WHERE msgid = 'forged');"
            ),
        ),
        (
            "a place that is nobody's is put behind the last one",
            "INSERT INTO shared_place (room, class, seq, entry)
             SELECT id, 0, last_seq + 1, 0 FROM room WHERE name = '#tea';
             UPDATE room SET last_seq = last_seq + 1 WHERE name = '#tea';"
                .to_owned(),
        ),
        (
            "two entries exchange what was said",
            format!(
                "CREATE TEMP TABLE pair AS
                 SELECT m.entry AS e, m.text, m.tags, m.source, m.account, p.content_salt, c.content_commitment
                 FROM message m JOIN register_payload p ON p.seq = m.entry JOIN register_entry c ON c.seq = m.entry
                 WHERE m.kind = 0 ORDER BY m.entry LIMIT 2;
                 UPDATE message {}, text = (SELECT text FROM pair WHERE entry <> e),
                   account = (SELECT account FROM pair WHERE entry <> e), tags = (SELECT tags FROM pair WHERE entry <> e)
                   WHERE entry IN (SELECT e FROM pair);
                 UPDATE register_payload {} WHERE seq IN (SELECT e FROM pair);
                 UPDATE register_entry {} WHERE seq IN (SELECT e FROM pair);",
                put_back("source"),
                put_back("content_salt").replace("entry <> e", "seq <> e"),
                put_back("content_commitment").replace("entry <> e", "seq <> e"),
            ),
        ),
        (
            "an entry is taken out, and the others follow",
            format!(
                "DELETE FROM register_entry WHERE seq = 3; DELETE FROM register_payload WHERE seq = 3; {renumber}"
            ),
        ),
    ] {
        assert!(altered.finds_all(&sql), "{what}");
    }
}

/// Erased as an entry says is another thing than gone; what was taken back by an entry that is erased stays so.
#[test]
fn what_was_erased_is_counted_apart() {
    let folder = Folder::new("erased");
    let store = Store::open(folder.database()).unwrap();
    story::tell(&store);
    drop(store);
    let before = Store::open(folder.database())
        .unwrap()
        .reader()
        .unwrap()
        .check_register()
        .unwrap();
    let connection = Connection::open(folder.database()).unwrap();
    // As the feature will that erases: an entry behind all, which itself is whole.
    let last: i64 = connection
        .query_row("SELECT max(seq) FROM register_entry", [], |row| row.get(0))
        .unwrap();
    let (meta, salt) = ("{}", [9; 32]);
    let time: i64 = connection
        .query_row(
            "SELECT time FROM register_entry WHERE seq = ?",
            [last],
            |row| row.get(0),
        )
        .unwrap();
    let bound = format!(
        r#"{{"categorie":"C7","meta":{meta},"numero":{},"temps":{time},"type":"effacement.fait"}}"#,
        last + 1
    );
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &salt);
    let commitment = aws_lc_rs::hmac::sign(&key, bound.as_bytes())
        .as_ref()
        .to_owned();
    connection
        .execute(
            "INSERT INTO register_entry (seq, time, category, type, meta_commitment) VALUES (?, ?, 7, 'effacement.fait', ?)",
            rusqlite::params![last + 1, time, commitment],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO register_payload (seq, meta, meta_salt) VALUES (?, ?, ?)",
            rusqlite::params![last + 1, meta, salt],
        )
        .unwrap();
    connection
        .execute(
            "UPDATE register_payload SET meta = NULL, meta_salt = NULL, content = NULL, content_salt = NULL, erased = ? WHERE seq IN (3, 9) OR meta LIKE '%REDACT%' OR meta LIKE '%\"geste\":\"quarantaine\"%' OR meta LIKE '%\"nom\":\"plan 1.pdf\"%'",
            [last + 1],
        )
        .unwrap();
    drop(connection);
    let after = Store::open(folder.database())
        .unwrap()
        .reader()
        .unwrap()
        .check_register()
        .unwrap();
    assert_eq!((before.erased, after.erased), (0, 9));
    assert_eq!(after.entries, before.entries + 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_alteration_of_any_row_is_found(
        picks in prop::collection::vec((any::<Index>(), any::<Index>(), any::<Index>()), 24),
    ) {
        let altered = Altered::new("random");
        let tables: Vec<&Table> = altered.tables.iter().filter(|table| !is_unspoken(&table.name, "*")).collect();
        for (table, row, column) in picks {
            let table = tables[table.index(tables.len())];
            let (row, column) = (row.index(table.rows.len()), column.index(table.columns.len()));
            if !is_unspoken(&table.name, &table.columns[column]) {
                prop_assert!(
                    altered.alters(table, row, column),
                    "{}.{} of {:?}", table.name, table.columns[column], table.rows[row]
                );
            }
        }
    }
}
