//! One story of the record, for every engine.
//!
//! It runs on SQLite in a temporary folder. `CAUSETTE_TEST_DB_URLS` names the servers of other engines, separated by spaces.

#![allow(clippy::unwrap_used, reason = "tests")]

use causette_core::event::{Event, Kind, ModeChange, Prefixes, Verb, What};
use causette_core::history::{Bound, PageQuery, Past, ReplayQuery, Selector, Target, TargetsQuery};
use causette_core::id::{
    AccountId, BatchId, Msgid, MsgidSequence, Room, RoomId, SessionId, UserId,
};
use causette_core::input::{Peer, Transport};
use causette_core::record::{Fact, Factor, Mechanism, Record};
use causette_core::secret::Verifier;
use causette_core::snapshot::{AccountRow, BanRow, ChannelRow, MemberRow, Snapshot, TopicRow};
use causette_proto::mode::Change;
use causette_proto::{AccountName, ChannelName, CompactString, Nick, Tags, Timestamp};
use causette_store::register::Counts;
use causette_store::{AppendError, Reader, Store, Writer};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// A new store of every engine there is.
fn stores() -> impl Iterator<Item = Store> {
    if let Ok(urls) = std::env::var("CAUSETTE_TEST_DB_URLS") {
        assert!(urls.trim().is_empty(), "there is no engine yet for {urls}");
    }
    std::iter::once(Store::temporary().unwrap())
}

/// Writes batches as the recorder would: ids in order, times that grow.
struct Scribe {
    writer: Writer,
    batch: u64,
    time: i64,
    msgids: MsgidSequence,
}

impl Scribe {
    fn new(store: &Store) -> Self {
        Self {
            writer: store.writer().unwrap(),
            batch: 0,
            time: 1_795_316_400_000_000,
            msgids: MsgidSequence::new(1),
        }
    }

    fn now(&mut self) -> Timestamp {
        self.time += 1_000_000;
        Timestamp(self.time)
    }

    fn record(&mut self, session: Option<SessionId>, fact: Fact) -> Record {
        let time = match &fact {
            Fact::Event { event, .. } => event.time,
            _ => self.now(),
        };
        Record {
            time,
            session,
            fact,
        }
    }

    /// Appends one fact in a batch of its own.
    fn write(&mut self, fact: Fact) -> Timestamp {
        self.write_from(None, fact)
    }

    fn write_from(&mut self, session: Option<SessionId>, fact: Fact) -> Timestamp {
        let record = self.record(session, fact);
        let time = record.time;
        self.batch += 1;
        self.writer.append(BatchId(self.batch), &[record]).unwrap();
        time
    }

    fn event(&mut self, author: &Author, what: What) -> Event {
        let time = self.now();
        Event {
            msgid: self.msgids.next(time),
            time,
            author: author.id,
            source: author.source.into(),
            account: author.account.map(account_name),
            what,
        }
    }

    fn happens(&mut self, author: &Author, rooms: &[Room], what: What) -> Event {
        let event = self.event(author, what);
        self.write(Fact::Event {
            rooms: rooms.to_vec(),
            event: event.clone(),
        });
        event
    }

    fn says(&mut self, author: &Author, room: Room, text: &str) -> Event {
        self.happens(author, &[room], said(Verb::Privmsg, text))
    }

    fn opens(&mut self, room: RoomId, name: &str) -> Timestamp {
        let name = ChannelName::parse(name, 64).unwrap();
        self.write(Fact::RoomOpened {
            room,
            name,
            permanent: false,
            modes: "+nt".into(),
        })
    }

    fn signs_up(&mut self, author: &Author) -> Timestamp {
        self.write(Fact::AccountCreated {
            account: AccountId(author.id.0),
            name: account_name(author.account.unwrap()),
            verifier: Verifier(format!("verifier of {}", author.account.unwrap())),
            by_administrator: false,
        })
    }
}

struct Author {
    id: UserId,
    source: &'static str,
    account: Option<&'static str>,
}

const ALICE: Author = Author {
    id: UserId(11),
    source: "Alice!a@h",
    account: Some("Alice"),
};
const BOB: Author = Author {
    id: UserId(12),
    source: "bob!b@h",
    account: Some("bob"),
};
const GUEST: Author = Author {
    id: UserId(13),
    source: "zoe!z@h",
    account: None,
};
const TEA: RoomId = RoomId(101);
const CHESS: RoomId = RoomId(102);

fn account_name(name: &str) -> AccountName {
    AccountName::parse(name, 32).unwrap()
}

fn said(verb: Verb, text: &str) -> What {
    What::Said {
        verb,
        text: text.into(),
        tags: Tags::new(),
    }
}

fn joined(grant: Prefixes) -> What {
    What::Joined {
        realname: "A person".into(),
        grant,
    }
}

fn mode(add: bool, mode: char, arg: &str, member: Option<UserId>) -> ModeChange {
    ModeChange {
        change: Change {
            add,
            mode,
            arg: Some(arg.into()),
        },
        member,
    }
}

fn peer() -> Peer {
    Peer {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        port: 40_000,
        local_port: 52_020,
        transport: Transport::Ircs,
        tls: Some("TLSv1.3 TLS13_AES_256_GCM_SHA384".into()),
        exempt: false,
    }
}

fn page_query(room: Room, selector: Selector, limit: usize, events: bool) -> PageQuery {
    PageQuery {
        room,
        target: "x".into(),
        selector,
        limit,
        events,
        acl_version: None,
    }
}

fn texts(events: &[Past]) -> Vec<&str> {
    events.iter().map(|past| past.text.as_str()).collect()
}

const OPERATOR: Prefixes = Prefixes {
    operator: true,
    voice: false,
};
const NOBODY: Prefixes = Prefixes {
    operator: false,
    voice: false,
};

#[test]
fn a_restart_finds_what_the_facts_made() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        assert_eq!(store.snapshot().unwrap(), Snapshot::default());

        let alice_created = scribe.signs_up(&ALICE);
        let bob_created = scribe.signs_up(&BOB);
        let tea_opened = scribe.opens(TEA, "#Thé");
        let alice_joined = scribe
            .happens(&ALICE, &[Room::Channel(TEA)], joined(OPERATOR))
            .time;
        let bob_joined = scribe
            .happens(&BOB, &[Room::Channel(TEA)], joined(NOBODY))
            .time;
        scribe.happens(&GUEST, &[Room::Channel(TEA)], joined(NOBODY));
        let topic = scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Topic {
                text: "green".into(),
            },
        );
        let changes = vec![
            mode(true, 'v', "bob", Some(BOB.id)),
            mode(true, 'o', "zoe", Some(GUEST.id)),
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
        let changes = vec![mode(false, 'b', "spam!*@*", None)];
        scribe.happens(
            &ALICE,
            &[Room::Channel(TEA)],
            What::Mode {
                changes,
                after: after.clone(),
            },
        );
        scribe.opens(CHESS, "#chess");
        scribe.happens(&BOB, &[Room::Channel(CHESS)], joined(OPERATOR));
        let both = [Room::Channel(TEA), Room::Channel(CHESS)];
        scribe.happens(
            &BOB,
            &both,
            What::Renamed {
                nick: Nick::parse("Bobby", 32).unwrap(),
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
            nick: Nick::parse("Alice", 32).unwrap(),
            created: alice_created,
            last_seen: alice_created,
        };
        let bob = AccountRow {
            id: AccountId(12),
            name: account_name("bob"),
            nick: Nick::parse("Bobby", 32).unwrap(),
            created: bob_created,
            last_seen: bob_created,
        };
        let tea = ChannelRow {
            id: TEA,
            name: ChannelName::parse("#Thé", 64).unwrap(),
            created: tea_opened,
            permanent: false,
            modes: after,
            topic: Some(TopicRow {
                text: "green".into(),
                by: "Alice!a@h".into(),
                at: topic.time,
            }),
            acl_version: 2,
            members: vec![
                MemberRow {
                    account: AccountId(11),
                    prefixes: OPERATOR,
                    joined: alice_joined,
                },
                MemberRow {
                    account: AccountId(12),
                    prefixes: Prefixes {
                        operator: false,
                        voice: true,
                    },
                    joined: bob_joined,
                },
            ],
            bans: vec![BanRow {
                mask: "*!*@bad".into(),
                by: "Alice!a@h".into(),
                at: modes.time,
            }],
        };
        let before = store.snapshot().unwrap();
        assert_eq!(before.accounts, [alice, bob]);
        assert_eq!(before.accounts[1].nick.as_str(), "Bobby");
        assert_eq!(before.channels[0], tea);
        assert_eq!(before.channels[0].name.as_str(), "#Thé");
        assert_eq!(before.last_id, CHESS.0);
        assert_eq!(before.last_time, Timestamp(scribe.time));

        drop(scribe);
        let store = Store::open(store.location()).unwrap();
        assert_eq!(store.snapshot().unwrap(), before);
        let mut scribe = Scribe {
            time: before.last_time.0,
            ..Scribe::new(&store)
        };

        let kick = What::Kicked {
            target: BOB.id,
            nick: Nick::parse("Bobby", 32).unwrap(),
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
        scribe.writer.append(BatchId(7), &records).unwrap();
        scribe.writer.append(BatchId(7), &records).unwrap();
        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 2,
                messages: 1
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
                messages: 2
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
                messages: 3
            }
        );
    }
}

#[test]
fn every_fact_has_one_entry_for_each_room() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        let session = SessionId(13);
        scribe.write(Fact::ServerStarted {
            version: "0.1.0".into(),
        });
        scribe.write(Fact::SessionOpened {
            session,
            peer: peer(),
        });
        scribe.write(Fact::SessionRefused {
            peer: peer(),
            reason: "too many".into(),
        });
        let refused = Fact::SignInRefused {
            name: "Alice".into(),
            account: None,
            factor: Factor::Name,
            mechanism: Mechanism::Plain,
        };
        scribe.write_from(Some(session), refused);
        scribe.signs_up(&ALICE);
        let signed_in = Fact::SignedIn {
            account: AccountId(11),
            mechanism: Mechanism::Register,
        };
        scribe.write_from(Some(session), signed_in);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let both = [Room::Channel(TEA), Room::Channel(CHESS)];
        scribe.happens(&ALICE, &both, joined(NOBODY));
        let tags = Tags::parse("+draft/reply=abc;+x=a\\:b").unwrap();
        let what = What::Said {
            verb: Verb::Notice,
            text: "\"tea\"\u{1}".into(),
            tags,
        };
        scribe.happens(&ALICE, &[Room::direct(ALICE.id, GUEST.id)], what);
        scribe.happens(
            &ALICE,
            &both,
            What::Renamed {
                nick: Nick::parse("Al", 32).unwrap(),
            },
        );
        scribe.happens(&ALICE, &both, What::Quit { reason: "".into() });
        scribe.happens(
            &GUEST,
            &[],
            What::Renamed {
                nick: Nick::parse("zz", 32).unwrap(),
            },
        );
        let closed = scribe.write(Fact::SessionClosed {
            session,
            account: Some(AccountId(11)),
            last: true,
            reason: "left".into(),
        });
        scribe.write(Fact::ServerStopped {
            reason: "stop".into(),
        });

        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 18,
                messages: 7
            }
        );
        let entries = reader.entries(0, 100).unwrap();
        let kinds: Vec<(u8, &str)> = entries
            .iter()
            .map(|entry| (entry.category, entry.kind.as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                (7, "serveur.demarrage"),
                (4, "session.ouverture"),
                (4, "session.refus"),
                (4, "authentification.echec"),
                (1, "compte.creation"),
                (4, "authentification.succes"),
                (5, "salon.creation"),
                (5, "salon.creation"),
                (5, "salon.entree"),
                (5, "salon.entree"),
                (5, "message.creation"),
                (2, "pseudo.change"),
                (2, "pseudo.change"),
                (5, "salon.sortie"),
                (5, "salon.sortie"),
                (2, "pseudo.change"),
                (4, "session.fermeture"),
                (7, "serveur.arret"),
            ]
        );
        // The same subject has the same tag: the two refusals' address, the guest before and after, Alice.
        assert_eq!(entries[1].actor, entries[2].actor);
        assert_eq!(entries[1].target, entries[3].actor);
        assert_eq!(entries[4].target, entries[8].actor);
        assert_eq!(entries[8].target, entries[6].target);
        assert_eq!(entries[10].target, entries[15].actor);
        assert_ne!(entries[8].meta, entries[9].meta);
        assert_eq!(entries[0].actor, None);
        assert!(
            entries
                .iter()
                .all(|entry| (entry.content.is_some()) == (8..=15).contains(&entry.seq))
        );
        assert_eq!(reader.entries(17, 100).unwrap(), entries[17..]);
        assert_eq!(store.snapshot().unwrap().accounts[0].last_seen, closed);

        let direct = page_query(
            Room::direct(GUEST.id, ALICE.id),
            Selector::Latest(None),
            5,
            false,
        );
        let page = reader.page(&direct).unwrap();
        assert_eq!(page.acl_version, None);
        assert_eq!(page.events[0].tags, "+draft/reply=abc;+x=a\\:b");
        assert_eq!(page.events[0].kind, Kind::Notice);
        assert_eq!(page.events[0].text, "\"tea\"\u{1}");
        assert_eq!(
            reader.verifier(AccountId(11)).unwrap(),
            Some(Verifier("verifier of Alice".to_owned()))
        );
        assert_eq!(reader.verifier(AccountId(13)).unwrap(), None);
    }
}

#[test]
fn a_start_closes_the_sessions_of_a_crash_once() {
    for mut store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        for session in [SessionId(21), SessionId(22)] {
            scribe.write(Fact::SessionOpened {
                session,
                peer: peer(),
            });
        }
        let signed_in = Fact::SignedIn {
            account: AccountId(11),
            mechanism: Mechanism::Pass,
        };
        let seen = scribe.write_from(Some(SessionId(21)), signed_in);
        drop(scribe);

        // The clock went back meanwhile; the register does not.
        assert_eq!(store.start(Timestamp(5)).unwrap(), 2);
        assert_eq!(store.start(Timestamp(6)).unwrap(), 0);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.accounts[0].last_seen, seen);
        assert_eq!(snapshot.last_time, seen);
        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 6,
                messages: 0
            }
        );
        let entries = reader.entries(4, 10).unwrap();
        assert!(
            entries
                .iter()
                .all(|entry| entry.kind == "session.fermeture")
        );
        assert_ne!(entries[0].actor, entries[1].actor);

        let mut scribe = Scribe {
            time: seen.0,
            ..Scribe::new(&store)
        };
        scribe.write(Fact::ServerStarted {
            version: "0.1.0".into(),
        });
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 7,
                messages: 0
            }
        );
    }
}

#[test]
fn targets_are_the_rooms_with_something_new() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#Tea");
        scribe.opens(CHESS, "#chess");
        let start = Timestamp(scribe.time);
        let tea = scribe.says(&BOB, Room::Channel(TEA), "a").time;
        let guest = scribe
            .says(&GUEST, Room::direct(ALICE.id, GUEST.id), "b")
            .time;
        let bob = scribe
            .says(&ALICE, Room::direct(ALICE.id, BOB.id), "c")
            .time;
        // Not to Alice, not in a room of hers, not a message, to a guest who has no name.
        scribe.says(&GUEST, Room::direct(GUEST.id, BOB.id), "d");
        scribe.happens(
            &BOB,
            &[Room::Channel(CHESS)],
            What::Topic { text: "x".into() },
        );
        scribe.says(&ALICE, Room::direct(ALICE.id, UserId(99)), "e");
        let end = scribe.now();
        let later = scribe.says(&BOB, Room::Channel(TEA), "f").time;
        scribe.happens(
            &BOB,
            &[],
            What::Renamed {
                nick: Nick::parse("Bobby", 32).unwrap(),
            },
        );
        scribe.happens(
            &GUEST,
            &[],
            What::Renamed {
                nick: Nick::parse("zz", 32).unwrap(),
            },
        );

        let mut reader = store.reader().unwrap();
        let mut targets = |from, to, limit| {
            let query = TargetsQuery {
                user: ALICE.id,
                channels: vec![TEA, CHESS],
                from,
                to,
                limit,
            };
            reader.targets(&query).unwrap()
        };
        let expected = [
            Target {
                name: "#Tea".into(),
                time: tea,
            },
            Target {
                name: "zoe".into(),
                time: guest,
            },
            Target {
                name: "Bobby".into(),
                time: bob,
            },
        ];
        assert_eq!(targets(start, end, 10), expected);
        assert_eq!(targets(end, start, 10), expected);
        assert_eq!(targets(start, end, 2), expected[..2]);
        assert_eq!(targets(end, start, 2), expected[1..]);
        assert_eq!(targets(tea, bob, 10), expected[1..2]);
        assert_eq!(
            targets(end, Timestamp::MAX, 10),
            [Target {
                name: "#Tea".into(),
                time: later
            }]
        );
        assert_eq!(targets(Timestamp::MAX, later, 10), []);
    }
}

#[test]
fn a_replay_gives_recent_lines_and_missed_messages() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        for text in ["1", "2", "3"] {
            scribe.says(&BOB, Room::Channel(TEA), text);
            scribe.happens(
                &BOB,
                &[Room::Channel(TEA)],
                What::Topic { text: text.into() },
            );
        }
        scribe.says(&BOB, Room::direct(ALICE.id, BOB.id), "old");
        let since = Timestamp(scribe.time);
        for text in ["x", "y"] {
            scribe.says(&BOB, Room::direct(ALICE.id, BOB.id), text);
            scribe.says(&GUEST, Room::direct(ALICE.id, GUEST.id), text);
            scribe.says(&ALICE, Room::direct(ALICE.id, BOB.id), "own");
        }
        let mut reader = store.reader().unwrap();
        let mut replay = |direct_since, limit| {
            let channels = vec![(TEA, "#tea".into()), (CHESS, "#none".into())];
            reader
                .replay(
                    &ReplayQuery {
                        channels,
                        direct_since,
                        limit,
                    },
                    ALICE.id,
                )
                .unwrap()
        };
        let all = replay(Some(since), 10);
        assert_eq!(all.channels.len(), 2);
        assert_eq!(
            (all.channels[0].0.as_str(), texts(&all.channels[0].1)),
            ("#tea", vec!["1", "2", "3"])
        );
        assert_eq!(all.channels[1].1, []);
        let direct: Vec<_> = all
            .direct
            .iter()
            .map(|past| (past.author, past.text.as_str()))
            .collect();
        assert_eq!(
            direct,
            [
                (BOB.id, "x"),
                (GUEST.id, "x"),
                (BOB.id, "y"),
                (GUEST.id, "y")
            ]
        );
        let few = replay(Some(since), 2);
        assert_eq!(texts(&few.channels[0].1), ["2", "3"]);
        assert_eq!(texts(&few.direct), ["y", "y"]);
        assert_eq!(replay(None, 10).direct, []);
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
    let folder = store.location().parent().unwrap();
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(files, ["causette.db"]);
}

/// One event of the room that pages are asked of: how much later than the one before it, and of which kind.
fn happening() -> impl Strategy<Value = (i64, bool)> {
    (prop_oneof![Just(0_i64), Just(1), 2..40_i64], any::<bool>())
}

/// A bound, drawn from the events there are, as (what, which).
fn bound() -> impl Strategy<Value = (u8, prop::sample::Index, i64)> {
    (0..4_u8, any::<prop::sample::Index>(), -1..=1_i64)
}

fn selector() -> impl Strategy<
    Value = (
        u8,
        (u8, prop::sample::Index, i64),
        (u8, prop::sample::Index, i64),
    ),
> {
    (0..6_u8, bound(), bound())
}

/// What a page must be, found by looking at every event.
fn naive(events: &[Past], query: &PageQuery) -> Vec<Past> {
    let position = |bound: &Bound| -> Option<(Timestamp, Option<u64>)> {
        match bound {
            Bound::Time(time) => Some((*time, None)),
            Bound::Msgid(msgid) => events
                .iter()
                .find(|past| past.msgid == *msgid)
                .map(|past| (past.time, Some(past.seq))),
        }
    };
    let is_before = |past: &Past, (time, seq): (Timestamp, Option<u64>)| match seq {
        Some(seq) => past.seq < seq,
        None => past.time < time,
    };
    let is_after = |past: &Past, (time, seq): (Timestamp, Option<u64>)| match seq {
        Some(seq) => past.seq > seq,
        None => past.time > time,
    };
    let shown = |past: &&Past| query.events || past.kind.is_message();
    let first = |list: Vec<Past>, limit: usize| list.into_iter().take(limit).collect::<Vec<_>>();
    let last = |mut list: Vec<Past>, limit: usize| list.split_off(list.len().saturating_sub(limit));
    let select = |wanted: &dyn Fn(&Past) -> bool| -> Vec<Past> {
        events
            .iter()
            .filter(shown)
            .filter(|past| wanted(past))
            .cloned()
            .collect()
    };
    let limit = query.limit;
    let answer = || -> Option<Vec<Past>> {
        Some(match &query.selector {
            Selector::Latest(None) => last(select(&|_| true), limit),
            Selector::Latest(Some(bound)) => {
                let bound = position(bound)?;
                last(select(&|past| is_after(past, bound)), limit)
            }
            Selector::Before(bound) => {
                let bound = position(bound)?;
                last(select(&|past| is_before(past, bound)), limit)
            }
            Selector::After(bound) => {
                let bound = position(bound)?;
                first(select(&|past| is_after(past, bound)), limit)
            }
            Selector::Around(bound) => {
                let bound = position(bound)?;
                let mut page = last(select(&|past| is_before(past, bound)), limit / 2);
                page.extend(first(
                    select(&|past| !is_before(past, bound)),
                    limit - limit / 2,
                ));
                page
            }
            Selector::Between(one, other) => {
                let (one, other) = (position(one)?, position(other)?);
                if (one.0, one.1.unwrap_or(0)) <= (other.0, other.1.unwrap_or(0)) {
                    first(
                        select(&|past| is_after(past, one) && is_before(past, other)),
                        limit,
                    )
                } else {
                    last(
                        select(&|past| is_after(past, other) && is_before(past, one)),
                        limit,
                    )
                }
            }
        })
    };
    answer().unwrap_or_default()
}

/// A channel and a conversation with these events, and another channel between them that no page may show.
fn fill(scribe: &mut Scribe, happenings: &[(i64, bool)]) {
    scribe.opens(TEA, "#tea");
    scribe.opens(CHESS, "#chess");
    let start = scribe.time;
    let mut records = Vec::new();
    let mut time = start;
    for (index, (later, is_message)) in happenings.iter().enumerate() {
        time += later;
        let text = index.to_string();
        let what = if *is_message {
            said(Verb::Privmsg, &text)
        } else {
            What::Topic { text: text.into() }
        };
        let event = Event {
            time: Timestamp(time),
            ..scribe.event(&GUEST, what)
        };
        let mut rooms = vec![Room::Channel(TEA)];
        if index % 3 == 0 {
            rooms.insert(0, Room::Channel(CHESS));
        }
        records.push(Record {
            time: event.time,
            session: None,
            fact: Fact::Event { rooms, event },
        });
    }
    scribe.batch += 1;
    scribe
        .writer
        .append(BatchId(scribe.batch), &records)
        .unwrap();
    scribe.time = time;
}

fn everything(reader: &mut Reader) -> Vec<Past> {
    let query = page_query(Room::Channel(TEA), Selector::Latest(None), 1000, true);
    reader.page(&query).unwrap().events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_what_a_look_at_every_event_gives(
        happenings in prop::collection::vec(happening(), 1..40),
        queries in prop::collection::vec((selector(), 0..12_usize, any::<bool>()), 40),
    ) {
        for store in stores() {
            let mut scribe = Scribe::new(&store);
            fill(&mut scribe, &happenings);
            let mut reader = store.reader().unwrap();
            let events = everything(&mut reader);
            prop_assert_eq!(events.len(), happenings.len());
            prop_assert!(events.iter().enumerate().all(|(index, past)| past.seq == index as u64 + 1 && past.text == index.to_string()));
            let bound = |(what, which, aside): &(u8, prop::sample::Index, i64)| {
                let past = which.get(&events);
                match what {
                    0 => Bound::Msgid(Msgid("unknown".into())),
                    1 => Bound::Time(Timestamp(past.time.0 + aside)),
                    _ => Bound::Msgid(past.msgid.clone()),
                }
            };
            for ((which, one, other), limit, with_events) in &queries {
                let (one, other) = (bound(one), bound(other));
                let selector = match which {
                    0 => Selector::Latest(None),
                    1 => Selector::Latest(Some(one)),
                    2 => Selector::Before(one),
                    3 => Selector::After(one),
                    4 => Selector::Around(one),
                    _ => Selector::Between(one, other),
                };
                let query = page_query(Room::Channel(TEA), selector, *limit, *with_events);
                let page = reader.page(&query).unwrap();
                prop_assert_eq!(page.events, naive(&events, &query), "{:?}", query.selector);
                prop_assert_eq!(page.acl_version, Some(0));
            }
            let messages = happenings.len() + happenings.len().div_ceil(3);
            prop_assert_eq!(reader.check_register().unwrap().messages, messages as u64);
        }
    }
}
