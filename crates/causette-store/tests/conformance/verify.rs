//! Verifying beside a writer.

use crate::altered::Altered;
use crate::scribe::*;
use crate::story;
use causette_core::id::Room;
use causette_store::Store;
use std::collections::HashSet;

#[test]
fn a_story_of_every_fact_agrees() {
    let store = Store::temporary().unwrap();
    story::tell(&store);
    let mut reader = store.reader().unwrap();
    let counts = reader.check_register().unwrap();
    assert_eq!((counts.bound_from, counts.erased), (0, 0));
    let entries = reader.entries(0, 1000).unwrap();
    assert_eq!(entries.len() as u64, counts.entries);
    let kinds: HashSet<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds.len(), story::KINDS, "{kinds:?}");
}

#[test]
fn what_is_written_meanwhile_does_not_disturb_it() {
    let store = Store::temporary().unwrap();
    let mut scribe = Scribe::new(&store);
    scribe.signs_up(&ALICE);
    scribe.opens(TEA, "#tea");
    let tea = Room::Channel(TEA);
    let said: Vec<_> = (0..1500)
        .map(|number| scribe.says(&ALICE, tea, &number.to_string()))
        .collect();
    let mut reader = store.reader().unwrap();
    let mut told = Vec::new();
    let verified = reader
        .verify(|progress| {
            told.push(progress.entries);
            // What is read and what is still to be read is taken back, people come, and conversations begin.
            let number = told.len();
            scribe.happens(&ALICE, &[tea], taken_back(&said[number]));
            scribe.happens(&ALICE, &[tea], taken_back(&said[1400 + number]));
            scribe.says(&ALICE, Room::direct(ALICE.id, BOB.id), "meanwhile");
            if number == 1 {
                scribe.signs_up(&BOB);
                scribe.opens(CHESS, "#chess");
            }
        })
        .unwrap();
    assert_eq!(told, [512, 1024, 1502]);
    let counts = verified.counts;
    assert_eq!(verified.findings, []);
    assert_eq!((counts.entries, counts.messages), (1502, 1500));
    reader.check_register().unwrap();
}

/// What is found has its right word, once, and nothing is said of what was not altered.
#[test]
fn what_was_altered_is_called_what_it_is() {
    let altered = Altered::new("called");
    for (sql, found) in [
        (
            "UPDATE message SET source = 'x!x@x' WHERE text = 'to all'",
            "content-altered message",
        ),
        (
            "UPDATE message SET author = 99 WHERE text = 'to all'",
            "column-altered message author",
        ),
        (
            "UPDATE message SET class = 2 WHERE text = 'to all'",
            "column-altered message class",
        ),
        (
            "UPDATE message SET class = 3, redacted = 5 WHERE text = 'to all'",
            "redaction message redacted",
        ),
        (
            "DELETE FROM message WHERE text = 'to all'",
            "row-missing message",
        ),
        (
            "UPDATE message SET entry = 3 WHERE text = 'to all'",
            "column-altered message entry",
        ),
        (
            "DELETE FROM shared_event WHERE entry = (SELECT min(entry) FROM shared_event)",
            "row-missing shared_event",
        ),
        (
            "DELETE FROM register_payload WHERE seq = 3",
            "row-missing register_payload",
        ),
        (
            "DELETE FROM register_entry WHERE seq = 3",
            "entry-missing register_entry",
        ),
        (
            "UPDATE register_entry SET time = time + 1000 WHERE seq = 3",
            "entry-altered register_entry",
        ),
        (
            "UPDATE register_entry SET category = 300 WHERE seq = 3",
            "impossible register_entry",
        ),
        (
            "DELETE FROM account WHERE name = 'bob'",
            "row-missing account",
        ),
        (
            "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen) VALUES (99, 'eve', 'eve', 'eve', '', 1, 1)",
            "row-without-entry account",
        ),
        (
            "UPDATE account SET dropped = 5 WHERE name = 'bob'",
            "row-without-entry account dropped",
        ),
        (
            "UPDATE room SET closed = 5 WHERE name = '#tea'",
            "row-without-entry room closed",
        ),
        (
            "INSERT INTO clock_step (entry, from_time, to_time, steady) VALUES (100000, 1, 1, 1)",
            "row-without-entry clock_step",
        ),
        (
            "UPDATE room SET room_key = 'dm:12:16' WHERE room_key = 'dm:11:12'",
            "column-altered room room_key",
        ),
        (
            "UPDATE room SET last_seq = last_seq + 1 WHERE name = '#tea'",
            "place-empty message",
        ),
        (
            "UPDATE room SET last_seq = last_seq - 1 WHERE name = '#tea'",
            "place-beyond room last_seq",
        ),
        (
            "UPDATE session SET address = '198.51.100.1'",
            "column-altered session address",
        ),
        (
            "UPDATE session SET account = NULL",
            "column-altered session account",
        ),
        ("DELETE FROM session", "row-missing session"),
        (
            "UPDATE file SET size = 1 WHERE id = 1",
            "column-altered file size",
        ),
        (
            "UPDATE file SET says_beside = 0 WHERE id = 2",
            "column-altered file says_beside",
        ),
        (
            "UPDATE file SET owner = 12 WHERE id = 1",
            "column-altered file owner",
        ),
        (
            "UPDATE file SET visibility = 'public' WHERE id = 2",
            "column-altered file visibility",
        ),
        (
            "UPDATE file SET room = 102 WHERE id = 3",
            "column-altered file room",
        ),
        (
            "UPDATE file SET aside_since = NULL WHERE id = 4",
            "column-altered file aside_since",
        ),
        (
            "UPDATE file SET aside_reason = 'nothing' WHERE id = 4",
            "column-altered file aside_reason",
        ),
        (
            "UPDATE file SET visibility = 'link' WHERE id = 5",
            "column-altered file visibility",
        ),
        (
            "UPDATE file SET removed = NULL WHERE id = 5",
            "column-altered file removed",
        ),
        (
            "UPDATE file SET removed = 5 WHERE id = 1",
            "row-without-entry file removed",
        ),
        ("DELETE FROM file WHERE id = 1", "row-missing file"),
        (
            "INSERT INTO file SELECT 99, 'x', owner, name, media_type, size, sha256, says_beside, visibility, room, path, aside_since, aside_reason, since, until, removed, 3, closed
             FROM file WHERE id = 1",
            "row-without-entry file",
        ),
        (
            "DELETE FROM file_grant WHERE file = 2",
            "row-missing file_grant",
        ),
        (
            "UPDATE file_grant SET entry = 3 WHERE file = 2",
            "column-altered file_grant entry",
        ),
        (
            "INSERT INTO file_grant (file, account, entry) VALUES (1, 12, 3)",
            "row-without-entry file_grant",
        ),
        (
            "INSERT INTO session (id, address, opened) VALUES (99, '192.0.2.1', 5)",
            "row-without-entry session",
        ),
    ] {
        assert_eq!(altered.found(sql), [found], "{sql}");
    }
}

#[test]
fn all_is_counted_and_the_first_is_listed() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(TEA, "#tea");
        for number in 0..150 {
            scribe.says(&ALICE, Room::Channel(TEA), &number.to_string());
        }
        store.alter("UPDATE message SET text = 'forged'");
        let verified = store.reader().unwrap().verify(|_| {}).unwrap();
        assert_eq!((verified.findings.len(), verified.found), (100, 150));
        assert_eq!(verified.counts.entries, 152);
        assert_eq!(verified.head.unwrap().entry, 151);
        let first = &verified.findings[0];
        assert_eq!(first.to_string(), "content-altered: message 101/1, entry 2");
    }
}
