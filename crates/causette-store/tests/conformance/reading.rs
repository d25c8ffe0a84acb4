//! The register as people read it.

use crate::scribe::*;
use causette_core::event::{Prefixes, What};
use causette_core::id::{AccountId, Room, SessionId};
use causette_core::limits::{REGISTER_LOOKED, REGISTER_PAGE};
use causette_core::record::{Fact, Factor, Mechanism, Record, Who};
use causette_core::right::Role;
use causette_proto::{Casemap, Nick, Timestamp};
use causette_store::Store;
use causette_store::register::{
    Keeping, Listed, Named, Portion, Question, RegisterReader, Sought, Unknown,
};

/// A connection that came when the story begins.
const SESSION: SessionId = SessionId((1_795_316_400_000 << 20) | 1);

fn understood(reader: &mut RegisterReader, question: Question) -> Sought {
    let understood = reader.understand(question).unwrap();
    understood.unwrap_or_else(|unknown| panic!("{unknown:?}"))
}

/// Everything that is found, page by page.
pub(crate) fn found(store: &Store, question: Question, limit: usize) -> Vec<Listed> {
    let mut reader = store.register_reader().unwrap();
    let mut sought = understood(&mut reader, question);
    let (mut from, mut found) = (0, Vec::new());
    loop {
        let page = reader.page(&mut sought, (from, u64::MAX), limit).unwrap();
        assert!(page.entries.len() <= limit);
        found.extend(page.entries);
        match page.next {
            Some(next) => {
                assert!(next > from, "it goes on");
                from = next;
            }
            None => return found,
        }
    }
}

pub(crate) fn of_account(name: &str) -> Question {
    Question {
        account: Some(name.to_owned()),
        ..Question::default()
    }
}

pub(crate) fn kinds(found: &[Listed]) -> Vec<&str> {
    found.iter().map(|listed| listed.kind.as_str()).collect()
}

/// A story in which Alice does and suffers something of every sort.
fn told(store: &Store) -> Scribe {
    let mut scribe = Scribe::new(store);
    scribe.write(Fact::SessionOpened {
        session: SESSION,
        peer: peer(),
        since: Timestamp(1),
    });
    scribe.signs_up(&ALICE);
    scribe.signs_up(&BOB);
    scribe.opens(TEA, "#tea");
    scribe.opens(CHESS, "#chess");
    scribe.write_from(
        Some(SESSION),
        Fact::SignedIn {
            account: AccountId(11),
            mechanism: Mechanism::Plain,
            device: None,
            token: None,
            address: peer().address,
        },
    );
    let both = [Room::Channel(TEA), Room::Channel(CHESS)];
    scribe.happens(&ALICE, &both, joined(Prefixes::NONE));
    scribe.says(&ALICE, Room::Channel(TEA), "Green TEA for all");
    scribe.says(&BOB, Room::direct(BOB.id, ALICE.id), "to you alone");
    scribe.says(&BOB, Room::Channel(CHESS), "check");
    scribe.happens(
        &BOB,
        &[Room::Channel(CHESS)],
        What::Kicked {
            target: ALICE.id,
            nick: Nick::parse("Alice", 32, Casemap::Ascii).unwrap(),
            reason: "out".into(),
            guest: false,
        },
    );
    scribe.happens(&ALICE, &both, What::Quit { reason: "".into() });
    scribe.write(Fact::SignInRefused {
        name: "alice".into(),
        account: Some(AccountId(11)),
        factor: Factor::Password,
        mechanism: Mechanism::Plain,
        address: [198, 51, 100, 9].into(),
    });
    scribe.write(Fact::RoleGiven {
        account: AccountId(11),
        role: Role::Moderator,
        reason: "trusted".into(),
    });
    scribe
}

#[test]
fn an_account_finds_what_it_did_and_what_was_done_to_it() {
    for store in stores() {
        told(&store);
        // Names are found in any case.
        let found = found(&store, of_account("aLICE"), 3);
        assert_eq!(
            kinds(&found),
            [
                "compte.creation",
                "authentification.succes",
                "salon.entree",
                "salon.entree",
                "message.creation",
                "message.creation",
                "salon.expulsion",
                "salon.sortie",
                "authentification.echec",
                "administration.role",
            ]
        );
        let direct = &found[5];
        assert_eq!(direct.actor.to_string(), "bob");
        assert_eq!(direct.target.as_ref().unwrap().to_string(), "Alice");
        assert_eq!(direct.said.as_ref().unwrap().text, "to you alone");
        assert_eq!(direct.rooms[0].to_string(), "Alice · bob");
        let quit = &found[7];
        let rooms: Vec<String> = quit.rooms.iter().map(ToString::to_string).collect();
        assert_eq!(rooms, ["#tea", "#chess"]);
        let signed_in = found[1].origin.unwrap();
        assert_eq!(
            (signed_in.address, signed_in.port, signed_in.local_port),
            (peer().address, Some(40_000), Some(52_020))
        );
        let mut reader = store.register_reader().unwrap();
        let unknown = reader.understand(of_account("nobody")).unwrap().err();
        assert_eq!(unknown, Some(Unknown::Account("nobody".to_owned())));
        let by_number = reader.understand(of_account("account:11")).unwrap();
        assert!(by_number.is_ok());
    }
}

/// Who lets a held message pass acts; what it says is its author's all the same.
#[test]
fn what_somebody_else_let_pass_is_found_by_its_author() {
    for store in stores() {
        let mut scribe = told(&store);
        let event = scribe.event(
            &ALICE,
            said(causette_core::event::Verb::Privmsg, "held for a while"),
        );
        let fact = Fact::Event {
            rooms: vec![Room::Channel(TEA)],
            event,
        };
        let record = Record {
            by: Who::Account(AccountId(12)),
            ..scribe.record(None, fact)
        };
        scribe.batch += 1;
        let batch = causette_core::id::BatchId(scribe.batch);
        scribe.writer.append(batch, &[record]).unwrap();
        let by = |name: &str, room: Option<&str>| {
            let question = Question {
                room: room.map(str::to_owned),
                kind: "message".to_owned(),
                text: "held".to_owned(),
                ..of_account(name)
            };
            found(&store, question, 10).len()
        };
        assert_eq!((by("alice", None), by("alice", Some("#tea"))), (1, 1));
        assert_eq!((by("bob", None), by("alice", Some("#chess"))), (1, 0));
    }
}

#[test]
fn an_account_that_was_given_up_is_found_by_its_name_and_so_is_its_successor() {
    for store in stores() {
        let mut scribe = told(&store);
        scribe.write(Fact::AccountDropped {
            account: AccountId(11),
            reason: "".into(),
        });
        let second = Author {
            id: causette_core::id::UserId(21),
            ..ALICE
        };
        scribe.signs_up(&second);
        let found = found(&store, of_account("Alice"), 100);
        let made: Vec<&Listed> = found
            .iter()
            .filter(|listed| listed.kind == "compte.creation")
            .collect();
        let gone =
            |listed: &Listed| matches!(listed.target, Some(Named::Account { is_gone: true, .. }));
        assert_eq!(made.len(), 2);
        assert!(gone(made[0]) && !gone(made[1]));
    }
}

#[test]
fn rooms_words_types_addresses_and_times_are_found() {
    for store in stores() {
        let scribe = told(&store);
        let ask = |question: Question| {
            let found = found(&store, question, 100);
            let numbers: Vec<u64> = found.iter().map(|listed| listed.seq).collect();
            numbers
        };
        let chess = Question {
            room: Some("#CHESS".to_owned()),
            ..Question::default()
        };
        let in_chess = found(&store, chess.clone(), 100);
        assert_eq!(
            kinds(&in_chess),
            [
                "salon.creation",
                "salon.entree",
                "message.creation",
                "salon.expulsion",
                "salon.sortie"
            ]
        );
        let words = Question {
            text: "tea green".to_owned(),
            ..Question::default()
        };
        let with_words = found(&store, words, 100);
        assert_eq!(kinds(&with_words), ["message.creation"]);
        let kind = Question {
            kind: "authentification".to_owned(),
            ..Question::default()
        };
        assert_eq!(ask(kind).len(), 2);
        let stranger = Question {
            address: Some("198.51.100.0/24".parse().unwrap()),
            ..Question::default()
        };
        let from_there = found(&store, stranger, 100);
        assert_eq!(kinds(&from_there), ["authentification.echec"]);
        assert_eq!(
            from_there[0].origin.unwrap().address.to_string(),
            "198.51.100.9"
        );
        let home = Question {
            address: Some("192.0.2.7".parse().unwrap()),
            ..Question::default()
        };
        let from_home = found(&store, home, 100);
        assert_eq!(
            kinds(&from_home),
            ["session.ouverture", "authentification.succes"]
        );
        let all = ask(Question::default());
        assert_eq!(all, (0..all.len() as u64).collect::<Vec<_>>());
        for from in [0, 4, 9] {
            let entries = store.reader().unwrap().entries(from, 3).unwrap();
            let between = Question {
                from: Some(entries[0].time),
                to: Some(entries[2].time),
                ..Question::default()
            };
            assert_eq!(ask(between), [from, from + 1]);
        }
        let later = Question {
            from: Some(Timestamp(scribe.time + 1)),
            ..Question::default()
        };
        assert_eq!(ask(later), Vec::<u64>::new());
    }
}

/// Where nothing tells from where a connection came, what happened through it is counted, and the page ends when enough was looked
/// at for that.
#[test]
fn what_cannot_be_placed_is_counted() {
    for store in stores() {
        let mut scribe = told(&store);
        let time = scribe.now();
        let record = Record {
            time,
            steady: time,
            ..scribe.record(None, Fact::Reloaded)
        };
        let records = vec![record; 10_000];
        scribe.batch += 1;
        let batch = causette_core::id::BatchId(scribe.batch);
        scribe.writer.append(batch, &records).unwrap();
        let before = store.register_reader().unwrap().end().unwrap();
        for number in 0..6 {
            let session = SessionId(SESSION.0 + 2 + number);
            let fact = Fact::RoleGiven {
                account: AccountId(12),
                role: Role::Bot,
                reason: "x".into(),
            };
            scribe.write_from(Some(session), fact);
        }
        let mut reader = store.register_reader().unwrap();
        let from_home = Question {
            address: Some("192.0.2.7".parse().unwrap()),
            ..Question::default()
        };
        let mut sought = understood(&mut reader, from_home);
        let (mut next, mut pages, mut unplaced) = (Some(before), 0, 0);
        while let Some(from) = next {
            let page = reader.page(&mut sought, (from, u64::MAX), 10).unwrap();
            assert_eq!(page.entries, []);
            (next, pages, unplaced) = (page.next, pages + 1, unplaced + page.unplaced);
        }
        // Two connections are what a page may look at, and nothing is behind the last.
        assert_eq!((pages, unplaced), (4, 6));
        let mut reader = store.register_reader().unwrap();
        let last = reader.last(&mut sought, u64::MAX, 10).unwrap();
        assert_eq!((last.entries.len(), last.unplaced), (2, 6));
    }
}

#[test]
fn the_last_entries_come_oldest_first() {
    for store in stores() {
        told(&store);
        let mut reader = store.register_reader().unwrap();
        let mut all = understood(&mut reader, Question::default());
        let end = reader.end().unwrap();
        let last = reader.last(&mut all, end, 3).unwrap();
        let numbers: Vec<u64> = last.entries.iter().map(|listed| listed.seq).collect();
        assert_eq!(numbers, [end - 3, end - 2, end - 1]);
        assert_eq!(last.next, None);
        let mut alice = understood(&mut reader, of_account("alice"));
        let last = reader.last(&mut alice, end - 1, 2).unwrap();
        assert_eq!(
            kinds(&last.entries),
            ["salon.sortie", "authentification.echec"]
        );
    }
}

#[test]
fn what_was_taken_back_is_told_with_who_and_when() {
    for store in stores() {
        let mut scribe = told(&store);
        let slip = scribe.says(&ALICE, Room::Channel(TEA), "a slip");
        let taken = scribe.happens(&BOB, &[Room::Channel(TEA)], taken_back(&slip));
        let words = Question {
            text: "a slip".to_owned(),
            kind: "message.creation".to_owned(),
            ..Question::default()
        };
        let found = found(&store, words, 10);
        let redacted = found[0].redacted.clone().unwrap();
        assert_eq!(redacted.at, taken.time);
        assert_eq!(redacted.by.unwrap().to_string(), "bob");
        assert_eq!(redacted.entry, Some(found[0].seq + 1));
        assert_eq!(found[0].said.as_ref().unwrap().text, "a slip");
    }
}

#[test]
fn what_was_erased_is_told_as_such() {
    for store in stores() {
        told(&store);
        let erase =
            "UPDATE register_payload SET meta = NULL, meta_salt = NULL, erased = 9 WHERE seq = 1";
        store.alter(erase);
        let all = found(&store, Question::default(), 100);
        assert_eq!(all[1].keeping, Keeping::Erased { by: 9 });
        assert_eq!(all[1].kind, "compte.creation");
        assert_eq!((&all[1].target, &all[1].said), (&None, &None));
        assert!(all[1].meta.is_empty());
    }
}

/// Without the key of a month its tags are nobody's: what the entries tell of is looked at.
#[test]
fn an_account_is_found_where_the_key_of_the_month_is_gone() {
    for store in stores() {
        told(&store);
        let before = found(&store, of_account("Alice"), 100);
        store.alter("DELETE FROM register_key");
        let after = found(&store, of_account("Alice"), 100);
        assert_eq!(kinds(&before), kinds(&after));
    }
}

/// A clock that was wrong for a while: times are sought on either side of its steps.
#[test]
fn times_are_found_though_the_clock_went_back() {
    for mut store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        let present = scribe.time;
        scribe.time += 400 * 86_400 * 1_000_000;
        let wrong = scribe.signs_up(&BOB);
        drop(scribe);
        let back = Timestamp(present + 60_000_000);
        store.start(back).unwrap();
        let mut scribe = Scribe {
            time: back.0,
            batch: 100,
            ..Scribe::new(&store)
        };
        let stopped = scribe.now();
        let record = Record {
            time: stopped,
            steady: Timestamp(wrong.0 + 10_000_000),
            session: None,
            by: Who::Server,
            fact: Fact::ServerStopped {
                reason: "stop".into(),
            },
        };
        let batch = causette_core::id::BatchId(101);
        scribe.writer.append(batch, &[record]).unwrap();
        let since = |from: Timestamp, to: Timestamp| {
            let question = Question {
                from: Some(from),
                to: Some(to),
                ..Question::default()
            };
            let found = found(&store, question, 100);
            found.iter().map(|l| l.kind.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            since(back, Timestamp(stopped.0 + 1)),
            ["horloge.saut", "serveur.arret"]
        );
        assert_eq!(since(wrong, Timestamp(i64::MAX)), ["compte.creation"]);
        assert_eq!(since(Timestamp(0), back), ["compte.creation"]);
    }
}

/// A page ends where it has looked at so many, and the next one finds what is behind.
#[test]
fn a_page_is_bounded_in_what_it_looks_at() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        let many = REGISTER_LOOKED + 1000;
        let records: Vec<Record> = (0..many)
            .map(|_| scribe.record(None, Fact::Reloaded))
            .collect();
        scribe.batch += 1;
        let batch = causette_core::id::BatchId(scribe.batch);
        scribe.writer.append(batch, &records).unwrap();
        scribe.write(Fact::RoleGiven {
            account: AccountId(11),
            role: Role::Bot,
            reason: "x".into(),
        });
        let mut reader = store.register_reader().unwrap();
        let mut sought = understood(&mut reader, of_account("Alice"));
        let first = reader.page(&mut sought, (1, u64::MAX), 10).unwrap();
        let nothing_yet = Portion {
            entries: Vec::new(),
            next: first.next,
            unplaced: 0,
        };
        assert_eq!(first, nothing_yet);
        let next = first.next.unwrap();
        assert!((REGISTER_LOOKED..many).contains(&next), "{next}");
        assert_eq!(found(&store, of_account("Alice"), 10).len(), 2);
        let mut all = understood(&mut reader, Question::default());
        let page = reader.page(&mut all, (0, u64::MAX), usize::MAX).unwrap();
        assert_eq!(page.entries.len(), REGISTER_PAGE);
        assert_eq!(page.next, Some(REGISTER_PAGE as u64));
        let none = reader.page(&mut all, (0, 0), 10).unwrap();
        assert_eq!(none, Portion::default());
    }
}
