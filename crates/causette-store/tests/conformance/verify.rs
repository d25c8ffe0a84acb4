//! Verifying beside a writer.

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
    let counts = reader.verify(|_| {}).unwrap();
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
    let counts = reader
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
    assert_eq!((counts.entries, counts.messages), (1502, 1500));
    reader.verify(|_| {}).unwrap();
}
