//! Accounts and channels as their owners change them, markers and what was taken back.

use crate::scribe::*;
use causette_core::event::{Prefixes, Reach, Verb, What};
use causette_core::history::{PageQuery, ReplayQuery, ReplayedChannel, Selector, TargetsQuery};
use causette_core::id::{AccountId, Room, SessionId, UserId};
use causette_core::input::Found;
use causette_core::limits::DEVICES;
use causette_core::record::{AccountChange, Fact, Mechanism};
use causette_core::secret::Verifier;
use causette_core::snapshot::{DeviceRow, MarkerRow};
use causette_proto::{Tags, Timestamp};
use causette_store::Store;

const ALICE_ACCOUNT: AccountId = AccountId(11);
const BOB_ACCOUNT: AccountId = AccountId(12);

fn change(scribe: &mut Scribe, account: AccountId, change: AccountChange) {
    scribe.write(Fact::AccountChanged { account, change });
}

fn setting(scribe: &mut Scribe, name: &str, value: &str) {
    let (name, value) = (name.into(), value.into());
    change(
        scribe,
        ALICE_ACCOUNT,
        AccountChange::Setting { name, value },
    );
}

fn signs_in(scribe: &mut Scribe, session: u64, device: &str) -> Timestamp {
    let session = SessionId(session);
    scribe.write_from(
        Some(session),
        Fact::SessionOpened {
            session,
            peer: peer(),
        },
    );
    scribe.write_from(
        Some(session),
        Fact::SignedIn {
            account: ALICE_ACCOUNT,
            mechanism: Mechanism::Plain,
            device: Some(device.into()),
        },
    )
}

#[test]
fn what_an_owner_sets_is_found_again() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        setting(&mut scribe, "language", "fr");
        setting(&mut scribe, "always-on", "off");
        setting(&mut scribe, "language", "en");
        setting(&mut scribe, "always-on", "");
        for fingerprint in ["bb", "aa", "cc"] {
            let added = AccountChange::CertificateAdded(fingerprint.into());
            change(&mut scribe, ALICE_ACCOUNT, added);
        }
        let removed = AccountChange::CertificateRemoved("cc".into());
        change(&mut scribe, ALICE_ACCOUNT, removed);
        let password = AccountChange::Password(Verifier("another".to_owned()));
        change(&mut scribe, ALICE_ACCOUNT, password);
        let marker = |scribe: &mut Scribe, room, time| {
            scribe.write(Fact::MarkerSet {
                account: ALICE_ACCOUNT,
                room,
                time: Timestamp(time),
            });
        };
        let talk = Room::direct(UserId(11), UserId(12));
        scribe.opens(TEA, "#tea");
        marker(&mut scribe, Room::Channel(TEA), 5);
        marker(&mut scribe, Room::Channel(TEA), 7);
        marker(&mut scribe, talk, 6);

        let snapshot = store.snapshot().unwrap();
        let alice = &snapshot.accounts[0];
        assert_eq!(alice.settings, [("language".into(), "en".into())]);
        assert_eq!(alice.certificates, ["aa", "bb"]);
        let row = |room, time| MarkerRow {
            account: ALICE_ACCOUNT,
            room,
            time: Timestamp(time),
        };
        assert_eq!(snapshot.markers, [row(talk, 6), row(Room::Channel(TEA), 7)]);
        let mut reader = store.reader().unwrap();
        let verifier = reader.verifier(ALICE_ACCOUNT).unwrap();
        assert_eq!(verifier, Some(Verifier("another".to_owned())));
        // A marker tells what somebody looked at: the register does not know it.
        let counts = reader.check_register().unwrap();
        assert_eq!(counts.entries, 1 + 4 + 4 + 1 + 1);
    }
}

#[test]
fn the_devices_of_an_account_are_bounded() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        for number in 0..=DEVICES as u64 {
            signs_in(&mut scribe, 1001 + 2 * number, &format!("device {number}"));
        }
        let again = signs_in(&mut scribe, 9001, "device 5");
        let devices = &store.snapshot().unwrap().accounts[0].devices;
        assert_eq!(devices.len(), DEVICES);
        let last = DeviceRow {
            name: "device 5".into(),
            last_used: again,
        };
        assert_eq!(devices.last(), Some(&last));
        assert!(devices.iter().all(|device| device.name != "device 0"));
    }
}

#[test]
fn a_dropped_account_frees_its_name_and_keeps_what_it_said() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        scribe.happens(&ALICE, &[Room::Channel(TEA)], joined(Prefixes::of('o')));
        scribe.says(&ALICE, Room::Channel(TEA), "I was here");
        scribe.write(Fact::RoomRegistered {
            room: TEA,
            founder: ALICE_ACCOUNT,
        });
        scribe.write(Fact::AccessChanged {
            room: TEA,
            account: ALICE_ACCOUNT,
            prefixes: Prefixes::of('a'),
        });
        setting(&mut scribe, "language", "fr");
        scribe.write(Fact::RoomUnregistered { room: TEA });
        scribe.write(Fact::AccountDropped {
            account: ALICE_ACCOUNT,
        });

        let snapshot = store.snapshot().unwrap();
        let names: Vec<&str> = snapshot
            .accounts
            .iter()
            .map(|row| row.name.as_str())
            .collect();
        assert_eq!(names, ["bob"]);
        let tea = &snapshot.channels[0];
        assert_eq!(
            (tea.founder, tea.members.len(), tea.access.len()),
            (None, 0, 0)
        );
        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.verifier(ALICE_ACCOUNT).unwrap(),
            Some(Verifier(String::new())),
            "no password is this"
        );
        let all = page_query(Room::Channel(TEA), Selector::Latest(None), 10, false);
        assert_eq!(texts(&reader.page(&all).unwrap().events), ["I was here"]);

        // Another Alice, who is not the same.
        let heir = Author {
            id: UserId(21),
            ..ALICE
        };
        scribe.signs_up(&heir);
        assert_eq!(store.snapshot().unwrap().accounts.len(), 2);
        reader.check_register().unwrap();
    }
}

#[test]
fn lasting_rights_survive_and_go_with_the_owner() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let rights = |scribe: &mut Scribe, letters| {
            scribe.write(Fact::AccessChanged {
                room: TEA,
                account: BOB_ACCOUNT,
                prefixes: Prefixes::from_letters(letters),
            });
        };
        let tea = |store: &Store| store.snapshot().unwrap().channels.remove(0);
        scribe.write(Fact::RoomRegistered {
            room: TEA,
            founder: ALICE_ACCOUNT,
        });
        rights(&mut scribe, "ov");
        assert_eq!(tea(&store).founder, Some(ALICE_ACCOUNT));
        assert_eq!(
            tea(&store).access,
            [(BOB_ACCOUNT, Prefixes::from_letters("ov"))]
        );
        rights(&mut scribe, "");
        assert_eq!(tea(&store).access, []);
        rights(&mut scribe, "o");
        scribe.write(Fact::RoomRegistered {
            room: TEA,
            founder: BOB_ACCOUNT,
        });
        assert_eq!(tea(&store).founder, Some(BOB_ACCOUNT));
        scribe.write(Fact::RoomUnregistered { room: TEA });
        assert_eq!((tea(&store).founder, tea(&store).access.len()), (None, 0));
        scribe.write(Fact::RoomClosed { room: TEA });
        assert!(store.snapshot().unwrap().channels.is_empty());
    }
}

#[test]
fn what_is_taken_back_is_shown_to_nobody_and_stays_on_record() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let rooms = [Room::Channel(TEA), Room::direct(ALICE.id, BOB.id)];
        for room in rooms {
            let regretted = scribe.says(&ALICE, room, "regretted");
            let other = scribe.says(&BOB, room, "kept");
            let mut reader = store.reader().unwrap();
            let found = Found {
                author: ALICE.id,
                time: regretted.time,
            };
            let find = |reader: &mut causette_store::Reader, msgid| {
                reader.find_message(room, msgid).unwrap()
            };
            assert_eq!(find(&mut reader, &regretted.msgid), Some(found));
            let reason = "a slip".into();
            let msgid = regretted.msgid.clone();
            let redaction = scribe.happens(&ALICE, &[room], What::Redacted { msgid, reason });
            assert_eq!(find(&mut reader, &regretted.msgid), None);
            assert_eq!(find(&mut reader, &redaction.msgid), None, "no message");
            assert!(find(&mut reader, &other.msgid).is_some());

            let messages = page_query(room, Selector::Latest(None), 10, false);
            assert_eq!(texts(&reader.page(&messages).unwrap().events), ["kept"]);
            let events = page_query(room, Selector::Latest(None), 10, true);
            let told = format!("{} a slip", regretted.msgid);
            assert_eq!(
                texts(&reader.page(&events).unwrap().events),
                ["kept", &told]
            );
        }
        let mut reader = store.reader().unwrap();
        assert_eq!(reader.check_register().unwrap().messages, 6);
        let replay = reader
            .replay(
                &ReplayQuery {
                    channels: Vec::new(),
                    direct_since: Some(Timestamp(0)),
                    before: Timestamp(i64::MAX),
                    limit: 10,
                },
                BOB.id,
            )
            .unwrap();
        assert_eq!(texts(&replay.direct), [""; 0]);
    }
}

#[test]
fn what_only_some_got_and_what_was_before_ones_time_are_hidden() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        let room = Room::Channel(TEA);
        let early = scribe.says(&GUEST, room, "early");
        let what = What::Said {
            verb: Verb::Privmsg,
            text: "operators only".into(),
            tags: Tags::new(),
            reach: Reach::Operators,
        };
        let secret = scribe.happens(&GUEST, &[room], what);
        let late = scribe.says(&GUEST, room, "late");
        let mut reader = store.reader().unwrap();
        let all = page_query(room, Selector::Latest(None), 10, true);
        assert_eq!(texts(&reader.page(&all).unwrap().events), ["early", "late"]);
        let restricted = PageQuery {
            restricted: true,
            since: Some(secret.time),
            ..all
        };
        let page = reader.page(&restricted).unwrap();
        assert_eq!(texts(&page.events), ["operators only", "late"]);
        assert_eq!(page.events[0].reach, Reach::Operators);

        let channel = |since| ReplayedChannel {
            room: TEA,
            name: "#tea".into(),
            since,
            acl_version: 0,
        };
        let replay = |reader: &mut causette_store::Reader, since| {
            let query = ReplayQuery {
                channels: vec![channel(since)],
                direct_since: None,
                before: Timestamp(i64::MAX),
                limit: 10,
            };
            let replay = reader.replay(&query, GUEST.id).unwrap();
            replay.channels[0].1.len()
        };
        assert_eq!(replay(&mut reader, None), 2);
        assert_eq!(replay(&mut reader, Some(late.time)), 1);
        let targets = |reader: &mut causette_store::Reader, since| {
            let query = TargetsQuery {
                user: GUEST.id,
                channels: vec![(TEA, since)],
                from: Timestamp(0),
                to: Timestamp(late.time.0),
                limit: 10,
            };
            reader.targets(&query).unwrap()
        };
        assert_eq!(targets(&mut reader, None)[0].time, early.time);
        assert_eq!(targets(&mut reader, Some(early.time)).len(), 1);
        assert!(targets(&mut reader, Some(secret.time)).is_empty());
    }
}
