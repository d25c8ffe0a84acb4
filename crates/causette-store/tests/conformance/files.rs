//! Files: what becomes of each is found again as the core has it, on every engine, and agrees with the register.

use crate::reading::{found, kinds, of_account};
use crate::scribe::*;
use causette_core::Core;
use causette_core::file::{Aside, Digest, File, FileChange, FileKey, Visibility};
use causette_core::id::{AccountId, BatchId, FileId, RoomId, SessionId};
use causette_core::input::Peer;
use causette_core::limits::{FILES, GRANTS_PER_FILE};
use causette_core::record::{Fact, Origin, Record, Who};
use causette_core::settings::Settings;
use causette_core::snapshot::Numbered;
use causette_proto::{CompactString, FileName, Timestamp};
use causette_store::Store;
use causette_store::register::Question;
use std::time::{Duration, Instant};

const ALICE_ID: AccountId = AccountId(11);
const BOB_ID: AccountId = AccountId(12);
const DORA: Author = Author {
    id: causette_core::id::UserId(18),
    source: "dora!d@h",
    account: Some("dora"),
};
const DORA_ID: AccountId = AccountId(18);
const CLOSING: RoomId = RoomId(110);

/// The connection through which Alice signed in.
const ALICE_CAME: SessionId = SessionId(21);

fn file(number: u64, owner: Option<AccountId>, visibility: Visibility, since: i64) -> File {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    let mut sha256 = [0xab; 32];
    sha256[..8].copy_from_slice(&number.to_le_bytes());
    File {
        id: FileId(number),
        key: FileKey(key),
        owner,
        name: FileName::nearest(&format!("plan {number}.pdf")),
        media_type: "application/pdf".into(),
        size: 3,
        sha256: Digest(sha256),
        says_beside: false,
        visibility,
        closed: None,
        granted: Vec::new(),
        path: None,
        aside: None,
        since: Timestamp(since),
        until: None,
    }
}

fn shown(visibility: Visibility) -> FileChange {
    let closed = false;
    FileChange::Shown { visibility, closed }
}

/// The same in a room which not everyone may enter.
fn shown_closed(room: RoomId) -> FileChange {
    FileChange::Shown {
        visibility: Visibility::Room(room),
        closed: true,
    }
}

fn from() -> Option<Origin> {
    let Peer { address, port, .. } = peer();
    Some(Origin { address, port })
}

impl Scribe {
    /// Adds a file, as its owner, or as nobody where it has none.
    fn adds(&mut self, file: File) {
        let by = file.owner.map_or(Who::Server, Who::Account);
        let fact = Fact::FileAdded {
            file: Box::new(file),
            verdict: None,
            from: from(),
        };
        self.writes_as(by, fact);
    }

    fn changes(&mut self, file: u64, change: FileChange) {
        let file = FileId(file);
        self.writes_as(Who::Account(ALICE_ID), Fact::FileChanged { file, change });
    }

    fn writes_as(&mut self, by: Who, fact: Fact) {
        let record = Record {
            by,
            ..self.record(None, fact)
        };
        self.batch += 1;
        self.writer.append(BatchId(self.batch), &[record]).unwrap();
    }
}

/// What can become of files, for the story of every fact. Alice and Bob are there, and Alice has a connection.
pub(crate) fn happen(scribe: &mut Scribe) {
    scribe.signs_up(&DORA);
    scribe.opens(CLOSING, "#closing");
    let (alice, bob, dora) = (Some(ALICE_ID), Some(BOB_ID), Some(DORA_ID));
    let since = scribe.time;
    let mut sent = file(2, alice, Visibility::Private, since);
    sent.granted = vec![BOB_ID, DORA_ID];
    sent.says_beside = true;
    let mut offered = file(6, None, Visibility::Public, since);
    offered.path = Some("leaflets/a b.pdf".into());
    let mut short = file(8, bob, Visibility::Link, since);
    short.until = Some(Timestamp(since + 86_400_000_000));
    let mut aside = file(9, bob, Visibility::Public, since);
    aside.aside = Some(Aside {
        since: Timestamp(since),
        reason: "from the first".into(),
    });
    let mut closed = file(4, alice, Visibility::Room(CLOSING), since);
    closed.closed = Some(closed.since);
    // It is not who enters it whose it is.
    let entrusted = file(10, bob, Visibility::Private, since);
    for added in [
        file(1, alice, Visibility::Public, since),
        sent,
        File {
            closed: Some(Timestamp(since)),
            ..file(3, alice, Visibility::Room(TEA), since)
        },
        closed,
        file(5, alice, Visibility::Private, since),
        offered,
        file(7, dora, Visibility::Public, since),
        short,
        aside,
    ] {
        scribe.adds(added);
    }
    let fact = Fact::FileAdded {
        file: Box::new(entrusted),
        verdict: Some("clean".into()),
        from: None,
    };
    scribe.writes_as(Who::System("root".into()), fact);
    let because = || "asked for".into();
    for (number, change) in [
        (1, FileChange::Granted(BOB_ID)),
        (1, FileChange::Revoked(BOB_ID)),
        (2, FileChange::Revoked(BOB_ID)),
        (2, FileChange::Granted(BOB_ID)),
        (5, FileChange::Granted(BOB_ID)),
        (5, shown(Visibility::Link)),
        (5, shown_closed(CLOSING)),
        (5, shown(Visibility::Public)),
        (4, FileChange::Quarantined { reason: because() }),
        (5, FileChange::Quarantined { reason: because() }),
        (5, FileChange::Released { reason: because() }),
        (5, FileChange::Removed { reason: "".into() }),
        (7, FileChange::Granted(ALICE_ID)),
    ] {
        scribe.changes(number, change);
    }
    for by_address_of in [None, Some(BOB_ID)] {
        scribe.write_from(
            Some(ALICE_CAME),
            Fact::FileFetched {
                file: FileId(2),
                by_address_of,
                from: from().unwrap(),
            },
        );
    }
    scribe.write(Fact::FileRefused {
        name: FileName::nearest("worm.exe"),
        size: Some(1 << 40),
        sha256: Some(Digest([9; 32])),
        reason: "FILE_TOO_LARGE".into(),
        from: from(),
    });
    scribe.write(Fact::RoomClosed { room: CLOSING });
    scribe.write(Fact::AccountDropped {
        account: DORA_ID,
        reason: "left".into(),
    });
}

/// A core that begins with what the store has goes on with the same.
fn restarted(store: &Store) -> Numbered<File> {
    let snapshot = store.snapshot().unwrap();
    let files = snapshot.files.clone();
    let core = Core::new(Settings::default(), snapshot, 1);
    assert_eq!(core.snapshot().files, files);
    files
}

#[test]
fn files_are_found_again_as_they_are() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let since = scribe.time;
        let public = file(1, Some(ALICE_ID), Visibility::Public, since);
        let mut sent = file(2, Some(ALICE_ID), Visibility::Private, since);
        sent.granted = vec![BOB_ID];
        sent.says_beside = true;
        scribe.adds(public.clone());
        scribe.adds(sent.clone());
        assert_eq!(restarted(&store).rows, [public.clone(), sent.clone()]);

        scribe.changes(1, shown_closed(TEA));
        let closed = Some(Timestamp(scribe.time));
        scribe.changes(1, FileChange::Granted(BOB_ID));
        scribe.changes(2, FileChange::Revoked(BOB_ID));
        let reason: CompactString = "looks ill".into();
        let why = reason.clone();
        scribe.changes(2, FileChange::Quarantined { reason: why });
        let since = Timestamp(scribe.time);
        let public = File {
            visibility: Visibility::Room(TEA),
            closed,
            granted: vec![BOB_ID],
            ..public
        };
        let aside = File {
            granted: Vec::new(),
            aside: Some(Aside { since, reason }),
            ..sent.clone()
        };
        assert_eq!(restarted(&store).rows, [public, aside.clone()]);

        let reason = "is well".into();
        scribe.changes(2, FileChange::Released { reason });
        scribe.changes(1, FileChange::Removed { reason: "".into() });
        let released = File {
            aside: None,
            ..aside
        };
        let found = restarted(&store);
        assert_eq!((found.rows, found.last), (vec![released], 2));
        scribe.changes(2, FileChange::Removed { reason: "".into() });
        let found = restarted(&store);
        assert_eq!(
            (found.rows, found.last),
            (vec![], 2),
            "no number comes twice"
        );
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn files_go_with_their_owner_and_with_whom_they_were_sent_to() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        for author in [&ALICE, &BOB, &DORA] {
            scribe.signs_up(author);
        }
        let since = scribe.time;
        let mut of_alice = file(1, Some(ALICE_ID), Visibility::Private, since);
        of_alice.granted = vec![BOB_ID, DORA_ID];
        let mut of_bob = file(2, Some(BOB_ID), Visibility::Public, since);
        of_bob.granted = vec![ALICE_ID];
        scribe.adds(of_alice.clone());
        scribe.adds(of_bob);
        scribe.write(Fact::AccountDropped {
            account: BOB_ID,
            reason: "left".into(),
        });
        of_alice.granted = vec![DORA_ID];
        let found = restarted(&store);
        assert_eq!((found.rows, found.last), (vec![of_alice], 2));
        let left = "SELECT 'left' FROM file_grant WHERE file = 2 OR account = 12";
        assert!(store.ask::<1>(left).is_empty());
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn files_of_a_room_that_is_no_more_are_their_owners_alone() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(CLOSING, "#closing");
        let since = scribe.time;
        let left = File {
            closed: Some(Timestamp(since)),
            ..file(1, Some(ALICE_ID), Visibility::Room(CLOSING), since)
        };
        let removed = file(2, Some(ALICE_ID), Visibility::Room(CLOSING), since);
        scribe.adds(left.clone());
        scribe.adds(removed);
        scribe.changes(2, FileChange::Removed { reason: "".into() });
        scribe.write(Fact::RoomClosed { room: CLOSING });
        let left = File {
            visibility: Visibility::Private,
            closed: None,
            ..left
        };
        assert_eq!(restarted(&store).rows, [left]);
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn files_have_names_lengths_and_recipients_up_to_their_bounds() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        let mut granted = Vec::new();
        for number in 0..GRANTS_PER_FILE as u64 {
            let account = AccountId(1000 + 2 * number);
            scribe.write(Fact::AccountCreated {
                account,
                name: account_name(&format!("p{number}")),
                verifier: causette_core::secret::Verifier(String::new()),
                by_administrator: false,
                invitation: None,
                waiting: false,
            });
            granted.push(account);
        }
        let since = scribe.time;
        let names = [
            format!("{}abc", "🦉".repeat(63)),
            "'; DROP TABLE file; --\\x".to_owned(),
            "a".repeat(255),
            "é漢字 ".repeat(20) + ".txt",
        ];
        let names = names.iter().map(|name| FileName::nearest(name));
        let sizes = [(1 << 32) + 7, 0, (i64::MAX as u64) - 1, 1 << 50];
        let mut files = Vec::new();
        for (number, (name, size)) in (1..).zip(names.zip(sizes)) {
            let mut file = file(number, Some(ALICE_ID), Visibility::Link, since);
            (file.name, file.size) = (name, size);
            files.push(file);
        }
        assert_eq!(files[0].name.as_str().len(), 255);
        for file in &files {
            scribe.adds(file.clone());
        }
        for account in granted.iter().rev() {
            scribe.changes(1, FileChange::Granted(*account));
        }
        files[0].granted = granted;
        assert_eq!(restarted(&store).rows, files);
        store.reader().unwrap().check_register().unwrap();
    }
}

/// As a server has it that is used for years: a start waits for all of them.
#[test]
fn files_in_thousands_are_read_at_a_start() {
    const COUNT: u64 = 10_000;
    assert!(COUNT as usize <= FILES);
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let since = scribe.time;
        for batch in 0..COUNT / 500 {
            let numbers = batch * 500 + 1..=(batch + 1) * 500;
            let records: Vec<Record> = numbers
                .map(|number| {
                    let mut file = file(number, Some(ALICE_ID), Visibility::Public, since);
                    file.granted = vec![BOB_ID];
                    let fact = Fact::FileAdded {
                        file: Box::new(file),
                        verdict: None,
                        from: None,
                    };
                    Record {
                        by: Who::Account(ALICE_ID),
                        ..scribe.record(None, fact)
                    }
                })
                .collect();
            scribe.batch += 1;
            let batch = BatchId(scribe.batch);
            scribe.writer.append(batch, &records).unwrap();
        }
        let began = Instant::now();
        let found = store.snapshot().unwrap().files;
        let took = began.elapsed();
        println!("{COUNT} files read in {took:?} from {:?}", store.database());
        assert_eq!(found.rows.len() as u64, COUNT);
        assert_eq!(found.rows[4_711].granted, [BOB_ID]);
        assert!(took < Duration::from_secs(10), "{took:?}");
        store.reader().unwrap().check_register().unwrap();
    }
}

/// What is changed while they are verified is compared with what there was when that began.
#[test]
fn files_that_change_while_they_are_verified_disturb_nothing() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let since = scribe.time;
        for number in 1..=600 {
            scribe.adds(file(number, Some(ALICE_ID), Visibility::Public, since));
        }
        let mut told = 0;
        let verified = store.reader().unwrap().verify(|_| {
            told += 1;
            if told > 1 {
                return;
            }
            scribe.changes(1, shown(Visibility::Private));
            scribe.changes(2, FileChange::Granted(BOB_ID));
            scribe.changes(3, FileChange::Removed { reason: "".into() });
            scribe.changes(599, FileChange::Removed { reason: "".into() });
            scribe.adds(file(601, Some(ALICE_ID), Visibility::Public, since));
        });
        assert_eq!(verified.unwrap().findings, []);
        assert!(told > 0);
        store.reader().unwrap().check_register().unwrap();
    }
}

/// Whoever was sent a file, or whose address of it was used, is found by that; so is from where.
#[test]
fn files_are_found_in_the_register_by_all_whom_they_concern() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let since = scribe.time;
        let mut sent = file(1, Some(ALICE_ID), Visibility::Private, since);
        sent.granted = vec![BOB_ID];
        scribe.adds(sent);
        let elsewhere = Origin {
            address: [198, 51, 100, 9].into(),
            port: 4711,
        };
        scribe.writes_as(
            Who::Address(elsewhere.address),
            Fact::FileFetched {
                file: FileId(1),
                by_address_of: Some(BOB_ID),
                from: elsewhere,
            },
        );
        scribe.writes_as(
            Who::Account(ALICE_ID),
            Fact::FileRefused {
                name: FileName::nearest("worm.exe"),
                size: Some(68),
                sha256: Some(Digest([9; 32])),
                reason: "FILE_HARMFUL".into(),
                from: from(),
            },
        );
        scribe.changes(1, FileChange::Revoked(BOB_ID));
        let of_bob = found(&store, of_account("bob"), 10);
        let expected = [
            "compte.creation",
            "fichier.depot",
            "fichier.lecture",
            "fichier.changement",
        ];
        assert_eq!(kinds(&of_bob), expected);
        let fetched = of_bob[2].origin.unwrap();
        assert_eq!(
            (fetched.address, fetched.port),
            (elsewhere.address, Some(4711))
        );
        let by_address = Question {
            address: Some("198.51.100.0/24".parse().unwrap()),
            ..Question::default()
        };
        assert_eq!(kinds(&found(&store, by_address, 10)), ["fichier.lecture"]);
        let refused = Question {
            kind: "fichier.refus".into(),
            text: "worm".into(),
            ..of_account("alice")
        };
        let refused = found(&store, refused, 10);
        assert_eq!(kinds(&refused), ["fichier.refus"]);
        assert_eq!(refused[0].origin.unwrap().port, Some(peer().port));
    }
}
