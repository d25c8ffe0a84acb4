//! One story of the record, for every engine.
//!
//! It runs on SQLite in a temporary folder, and on the servers of other engines that `CAUSETTE_TEST_DB_URLS` names.
//! What is altered at length, and what is killed while it migrates, is a database of SQLite, by its own means.

#![allow(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod administration;
mod alteration;
mod altered;
mod channels;
mod clock;
mod earlier;
mod elsewhere;
mod files;
mod metadata;
mod migration;
mod moving;
mod names;
mod pages;
mod phpmyadmin;
mod presence;
mod reading;
mod redaction;
mod refused;
mod register;
mod rooms;
mod scribe;
mod settings;
mod story;
mod texts;
mod verify;
mod views;

use causette_core::event::{Prefixes, Verb, What};
use causette_core::history::Selector;
use causette_core::id::{AccountId, BatchId, Room, RoomId};
use causette_core::record::Fact;
use causette_core::right::Role;
use causette_core::snapshot::{AccountRow, ChannelRow, MaskRow, MemberRow, Snapshot, TopicRow};
use causette_proto::{Casemap, ChannelName, CompactString, Nick, Timestamp};
use causette_store::register::Counts;
use causette_store::{AppendError, Store};
use scribe::*;

#[test]
fn a_restart_finds_what_the_facts_made() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        assert_eq!(store.snapshot().unwrap(), Snapshot::default());

        let alice_created = scribe.signs_up(&ALICE);
        let bob_created = scribe.signs_up(&BOB);
        let tea_opened = scribe.opens(TEA, "#Thé");
        let alice_joined = scribe
            .happens(&ALICE, &[Room::Channel(TEA)], joined(Prefixes::of('o')))
            .time;
        let bob_joined = scribe
            .happens(&BOB, &[Room::Channel(TEA)], joined(Prefixes::NONE))
            .time;
        scribe.happens(&GUEST, &[Room::Channel(TEA)], joined(Prefixes::NONE));
        let topic = scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Topic {
                text: "green".into(),
            },
        );
        let changes = vec![
            mode(true, 'v', "bob", Some((BOB.id, "v"))),
            mode(true, 'o', "zoe", Some((GUEST.id, "o"))),
            mode(true, 'b', "Spam!*@*", None),
            mode(true, 'b', "*!*@bad", None),
            mode(true, 'k', "door", None),
        ];
        let after = CompactString::from("+knt door");
        let modes = scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Mode {
                changes,
                after: after.clone(),
            },
        );
        let changes = vec![mode(false, 'b', "Spam!*@*", None)];
        scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Mode {
                changes,
                after: after.clone(),
            },
        );
        scribe.opens(CHESS, "#chess");
        scribe.happens(&BOB, &[Room::Channel(CHESS)], joined(Prefixes::of('o')));
        let both = [Room::Channel(TEA), Room::Channel(CHESS)];
        scribe.happens(
            &BOB,
            &both,
            What::Renamed {
                nick: Nick::parse("Bobby", 32, Casemap::Ascii).unwrap(),
            },
        );
        scribe.happens(
            &GUEST,
            &[],
            What::Quit {
                reason: "bye".into(),
            },
        );

        let alice = AccountRow {
            id: AccountId(11),
            name: account_name("Alice"),
            nick: Nick::parse("Alice", 32, Casemap::Ascii).unwrap(),
            created: alice_created,
            last_seen: alice_created,
            role: Role::User,
            waiting: false,
            by_code: false,
            settings: Vec::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
            tokens: Vec::new(),
            last_token: 0,
        };
        let bob = AccountRow {
            id: AccountId(12),
            name: account_name("bob"),
            nick: Nick::parse("Bobby", 32, Casemap::Ascii).unwrap(),
            created: bob_created,
            last_seen: bob_created,
            role: Role::User,
            waiting: false,
            by_code: false,
            settings: Vec::new(),
            certificates: Vec::new(),
            devices: Vec::new(),
            tokens: Vec::new(),
            last_token: 0,
        };
        let tea = ChannelRow {
            id: TEA,
            name: ChannelName::parse("#Thé", 64, Casemap::Ascii).unwrap(),
            created: tea_opened,
            permanent: false,
            modes: after,
            topic: Some(TopicRow {
                text: "green".into(),
                by: "Alice!a@h".into(),
                at: topic.time,
            }),
            acl_version: 2,
            opened: None,
            members: vec![
                MemberRow {
                    account: AccountId(11),
                    prefixes: Prefixes::of('o'),
                    joined: alice_joined,
                },
                MemberRow {
                    account: AccountId(12),
                    prefixes: Prefixes::of('v'),
                    joined: bob_joined,
                },
            ],
            masks: vec![MaskRow {
                mode: 'b',
                mask: "*!*@bad".into(),
                by: "Alice!a@h".into(),
                at: modes.time,
            }],
            founder: None,
            access: Vec::new(),
            invited: Vec::new(),
        };
        let before = store.snapshot().unwrap();
        assert_eq!(before.accounts, [alice, bob]);
        assert_eq!(before.accounts[1].nick.as_str(), "Bobby");
        assert_eq!(before.channels[0], tea);
        assert_eq!(before.channels[0].name.as_str(), "#Thé");
        assert_eq!(before.last_id, CHESS.0);
        assert_eq!(before.last_time, Timestamp(scribe.time));

        drop(scribe);
        let store = Store::open(store.database()).unwrap();
        assert_eq!(store.snapshot().unwrap(), before);
        let mut scribe = Scribe {
            time: before.last_time.0,
            ..Scribe::new(&store)
        };

        let kick = What::Kicked {
            target: BOB.id,
            guest: false,
            nick: Nick::parse("Bobby", 32, Casemap::Ascii).unwrap(),
            reason: "out".into(),
        };
        scribe.happens(&ALICE, &[Room::Channel(TEA)], kick);
        scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Topic { text: "".into() },
        );
        scribe.happens(
            &BOB,
            &[Room::Channel(CHESS)],
            What::Parted { reason: "".into() },
        );
        scribe.write(Fact::RoomClosed { room: CHESS });
        let after = store.snapshot().unwrap();
        assert_eq!(after.channels.len(), 1);
        assert_eq!(after.channels[0].members.len(), 1);
        assert_eq!(after.channels[0].topic, None);
        assert_eq!(after.channels[0].acl_version, 3);

        // The name is free again, and the new room is another one.
        scribe.opens(RoomId(103), "#Chess");
        scribe.says(&ALICE, Room::Channel(RoomId(103)), "new");
        let mut reader = store.reader().unwrap();
        let all = page_query(Room::Channel(RoomId(103)), Selector::Latest(None), 10, true);
        assert_eq!(texts(&reader.page(&all).unwrap().events), ["new"]);
        assert_eq!(store.snapshot().unwrap().last_id, 103);
        reader.check_register().unwrap();
    }
}

#[test]
fn a_batch_is_committed_once() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        let event = scribe.event(&GUEST, said(Verb::Privmsg, "once"));
        let fact = Fact::Event {
            rooms: vec![Room::Channel(TEA)],
            event,
        };
        let records = [scribe.record(None, fact)];
        // The answer to it carries the number of the entry, however often it is appended.
        for _ in 0..2 {
            let numbers = scribe.writer.append(BatchId(7), &records).unwrap();
            assert_eq!(numbers, [Some(1)]);
        }
        let earlier = scribe.writer.append(BatchId(6), &records).unwrap();
        assert_eq!(earlier, [None], "it is known of the last batch only");
        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 2,
                messages: 1,
                ..Counts::default()
            }
        );

        // The next start numbers its batches afresh, and the writer before it may write no more.
        let mut next = Scribe {
            time: scribe.time,
            ..Scribe::new(&store)
        };
        next.says(&GUEST, Room::Channel(TEA), "again");
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 3,
                messages: 2,
                ..Counts::default()
            }
        );
        assert!(matches!(
            scribe.writer.append(BatchId(8), &[]),
            Err(AppendError::Fatal(_))
        ));
    }
}

#[test]
fn a_refused_batch_leaves_nothing_and_the_next_succeeds() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        scribe.says(&GUEST, Room::Channel(TEA), "one");
        let before = store.snapshot().unwrap();

        let good = scribe.event(&GUEST, said(Verb::Privmsg, "lost"));
        let bad = scribe.event(&GUEST, said(Verb::Privmsg, "nowhere"));
        let records = [
            scribe.record(
                None,
                Fact::Event {
                    rooms: vec![Room::Channel(TEA), Room::direct(ALICE.id, GUEST.id)],
                    event: good,
                },
            ),
            scribe.record(
                None,
                Fact::Event {
                    rooms: vec![Room::Channel(CHESS)],
                    event: bad,
                },
            ),
        ];
        assert!(matches!(
            scribe.writer.append(BatchId(50), &records),
            Err(AppendError::Fatal(_))
        ));
        assert_eq!(store.snapshot().unwrap(), before);

        scribe.batch = 50;
        scribe.says(&GUEST, Room::Channel(TEA), "two");
        scribe.says(&GUEST, Room::direct(ALICE.id, GUEST.id), "direct");
        let mut reader = store.reader().unwrap();
        let all = page_query(Room::Channel(TEA), Selector::Latest(None), 10, true);
        let page = reader.page(&all).unwrap();
        assert_eq!(texts(&page.events), ["one", "two"]);
        assert_eq!(
            page.events.iter().map(|past| past.seq).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 4,
                messages: 3,
                ..Counts::default()
            }
        );
    }
}

#[test]
fn a_clean_end_leaves_one_file() {
    let store = Store::temporary().unwrap();
    let mut scribe = Scribe::new(&store);
    scribe.opens(TEA, "#tea");
    let mut reader = store.reader().unwrap();
    let query = page_query(Room::Channel(TEA), Selector::Latest(None), 1, true);
    assert_eq!(reader.page(&query).unwrap().acl_version, Some(0));
    drop(reader);
    scribe.writer.close().unwrap();
    let folder = store.file().unwrap().parent().unwrap();
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files, ["causette.db"]);
}
