//! What accounts have, and their end.

use crate::scribe::*;
use causette_core::event::{Prefixes, What};
use causette_core::history::TargetsQuery;
use causette_core::id::{AccountId, Marked, Room, SessionId, TokenId, UserId};
use causette_core::record::{AccountChange, Fact, Mechanism};
use causette_core::secret::{Verifier, code_verifier};
use causette_core::snapshot::{DeviceRow, MarkerRow, TokenRow};
use causette_proto::{Casemap, ChannelName, CompactString, Timestamp};
use causette_store::Store;

const ALICE_ID: AccountId = AccountId(11);
const BOB_ID: AccountId = AccountId(12);

fn changes(scribe: &mut Scribe, account: AccountId, change: AccountChange) {
    scribe.write(Fact::AccountChanged { account, change });
}

fn sets(scribe: &mut Scribe, account: AccountId, name: &str, value: &str) {
    let change = AccountChange::Setting {
        name: name.into(),
        value: value.into(),
    };
    changes(scribe, account, change);
}

fn signs_in(scribe: &mut Scribe, device: &str) -> DeviceRow {
    let last_used = scribe.write(Fact::SignedIn {
        account: ALICE_ID,
        mechanism: Mechanism::Plain,
        device: Some(device.into()),
        token: None,
        address: peer().address,
    });
    DeviceRow {
        name: device.into(),
        last_used,
    }
}

fn gets_token(scribe: &mut Scribe, account: AccountId, token: u64, name: &str) -> TokenRow {
    let id = TokenId(token);
    let change = AccountChange::TokenAdded {
        token: id,
        name: name.into(),
        verifier: hash(account, token),
        scopes: None,
        until: None,
    };
    let created = scribe.write(Fact::AccountChanged { account, change });
    TokenRow {
        id,
        name: name.into(),
        created,
        last_used: None,
        last_address: None,
        scopes: None,
        until: None,
    }
}

fn hash(account: AccountId, token: u64) -> Verifier {
    Verifier(format!("hash of {} of {}", token, account.0))
}

#[test]
fn a_code_stands_in_the_place_of_a_password_until_there_is_another() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let code = code_verifier(Timestamp(9_000_000), &Verifier("hash".to_owned()));
        let used = code_verifier(Timestamp::MIN, &Verifier("hash".to_owned()));
        let password = Verifier("$argon2id$".to_owned());
        let reset = AccountChange::Reset {
            verifier: code.clone(),
            code: true,
        };
        for (change, verifier, by_code) in [
            (reset, code, true),
            (AccountChange::CodeUsed(used.clone()), used, true),
            (AccountChange::Password(password.clone()), password, false),
        ] {
            changes(&mut scribe, ALICE_ID, change);
            let kept = store.reader().unwrap().verifier(ALICE_ID).unwrap();
            assert_eq!(kept, Some(verifier));
            let accounts = store.snapshot().unwrap().accounts;
            let codes: Vec<bool> = accounts.iter().map(|row| row.by_code).collect();
            assert_eq!(codes, [by_code, false]);
        }
    }
}

#[test]
fn a_device_s_token_opens_its_account_until_it_is_taken_back() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let mut phone = gets_token(&mut scribe, ALICE_ID, 1, "téléphone");
        let desk = gets_token(&mut scribe, ALICE_ID, 2, "desk");
        gets_token(&mut scribe, ALICE_ID, 3, "lost");
        let bobs = gets_token(&mut scribe, BOB_ID, 1, "phone");
        let used = scribe.write_from(
            Some(SessionId(21)),
            Fact::SignedIn {
                account: ALICE_ID,
                mechanism: Mechanism::Plain,
                device: None,
                token: Some(phone.id),
                address: peer().address,
            },
        );
        phone.last_used = Some(used);
        phone.last_address = Some(peer().address);
        let change = AccountChange::TokenRemoved(TokenId(3));
        changes(&mut scribe, ALICE_ID, change);
        drop(scribe);

        let store = Store::open(store.database()).unwrap();
        let accounts = store.snapshot().unwrap().accounts;
        assert_eq!(accounts[0].tokens, [phone, desk]);
        assert_eq!(accounts[0].last_token, 3, "its number is never given again");
        assert_eq!(accounts[1].tokens, [bobs]);
        let mut reader = store.reader().unwrap();
        for (account, token, found) in [
            (ALICE_ID, 1, true),
            (ALICE_ID, 2, true),
            (ALICE_ID, 3, false),
            (BOB_ID, 1, true),
            (BOB_ID, 2, false),
        ] {
            let expected = found.then_some((account, TokenId(token)));
            assert_eq!(reader.find_token(&hash(account, token)).unwrap(), expected);
        }
        reader.check_register().unwrap();
    }
}

fn reads(scribe: &mut Scribe, account: AccountId, of: &Marked, time: i64) -> MarkerRow {
    let time = Timestamp(time);
    scribe.write(Fact::MarkerSet {
        account,
        of: of.clone(),
        time,
    });
    MarkerRow {
        account,
        of: of.clone(),
        time,
    }
}

#[test]
fn what_an_account_has_survives_a_restart() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        sets(&mut scribe, ALICE_ID, "language", "en");
        sets(&mut scribe, ALICE_ID, "always-on", "yes");
        sets(&mut scribe, ALICE_ID, "language", "fr");
        sets(&mut scribe, BOB_ID, "away", "tea");
        sets(&mut scribe, BOB_ID, "away", "");
        for certificate in ["bb", "aa", "cc", "aa"] {
            let change = AccountChange::CertificateAdded(certificate.into());
            changes(&mut scribe, ALICE_ID, change);
        }
        let change = AccountChange::CertificateRemoved("bb".into());
        changes(&mut scribe, ALICE_ID, change);
        // It is Alice's, and stays so.
        let change = AccountChange::CertificateRemoved("aa".into());
        changes(&mut scribe, BOB_ID, change);
        signs_in(&mut scribe, "phone");
        let laptop = signs_in(&mut scribe, "laptop");
        let phone = signs_in(&mut scribe, "phone");
        let entries = store.reader().unwrap().check_register().unwrap().entries;
        let direct = Marked::Direct(ALICE.id, BOB.id);
        let named = |name: &str| Marked::Channel(name.into());
        reads(&mut scribe, ALICE_ID, &named("#tea"), 5);
        let alice = [
            reads(&mut scribe, ALICE_ID, &named("#tea"), 6),
            reads(&mut scribe, ALICE_ID, &direct, 7),
        ];
        let bob = reads(&mut scribe, BOB_ID, &direct, 8);
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, entries, "what somebody reads is no entry");
        let verifier = Verifier("another".to_owned());
        changes(&mut scribe, BOB_ID, AccountChange::Password(verifier));
        drop(scribe);

        let store = Store::open(store.database()).unwrap();
        let snapshot = store.snapshot().unwrap();
        let pair = |name: &str, value: &str| (CompactString::new(name), CompactString::new(value));
        let [alice_row, bob_row] = &snapshot.accounts[..] else {
            panic!("two accounts");
        };
        assert_eq!(
            alice_row.settings,
            [pair("always-on", "yes"), pair("language", "fr")]
        );
        assert_eq!(alice_row.certificates, ["aa", "cc"]);
        assert_eq!(alice_row.devices, [laptop, phone]);
        assert!(bob_row.settings.is_empty() && bob_row.certificates.is_empty());
        assert_eq!(
            snapshot.markers,
            [alice[0].clone(), alice[1].clone(), bob.clone()]
        );
        let mut reader = store.reader().unwrap();
        let verifier = |reader: &mut causette_store::Reader, account| {
            reader.verifier(account).unwrap().map(|verifier| verifier.0)
        };
        assert_eq!(verifier(&mut reader, BOB_ID).as_deref(), Some("another"));
        assert_eq!(
            verifier(&mut reader, ALICE_ID).as_deref(),
            Some("verifier of Alice")
        );

        // What was read of a channel goes with its name when it is renamed, and outlasts it.
        let mut scribe = Scribe {
            time: snapshot.last_time.0,
            ..Scribe::new(&store)
        };
        let other = reads(&mut scribe, BOB_ID, &named("#coffee"), 9);
        let renamed = |name: &str| Fact::RoomRenamed {
            room: TEA,
            name: ChannelName::parse(name, 64, Casemap::Ascii).unwrap(),
            reason: "".into(),
        };
        scribe.write(renamed("#TEA"));
        let [tea, alices] = alice;
        let markers = store.snapshot().unwrap().markers;
        assert_eq!(markers, [tea, alices.clone(), other, bob.clone()]);
        scribe.write(renamed("#Coffee"));
        scribe.write(Fact::RoomClosed { room: TEA });
        let moved = MarkerRow {
            account: ALICE_ID,
            of: named("#coffee"),
            time: Timestamp(6),
        };
        assert_eq!(store.snapshot().unwrap().markers, [moved, alices, bob]);
    }
}

#[test]
fn an_account_keeps_the_devices_that_it_used_last() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        let first = signs_in(&mut scribe, "the first");
        for number in 0..31 {
            signs_in(&mut scribe, &format!("device {number}"));
        }
        let devices = |store: &Store| store.snapshot().unwrap().accounts[0].devices.clone();
        assert_eq!(devices(&store).len(), 32);
        assert_eq!(devices(&store)[0], first);

        let again = signs_in(&mut scribe, "the first");
        assert_eq!(devices(&store)[31], again, "one that returns is not new");
        assert_eq!(devices(&store).len(), 32);
        let last = signs_in(&mut scribe, "one more");
        let kept = devices(&store);
        assert_eq!(kept.len(), 32);
        assert_eq!(kept[30..], [again, last]);
        assert!(kept.iter().all(|device| device.name != "device 0"));
    }
}

#[test]
fn the_name_of_a_dropped_account_is_free() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let start = Timestamp(scribe.time);
        scribe.opens(TEA, "#tea");
        let tea = Room::Channel(TEA);
        scribe.happens(&ALICE, &[tea], joined(Prefixes::of('q')));
        scribe.happens(&BOB, &[tea], joined(Prefixes::NONE));
        scribe.write(Fact::RoomRegistered {
            room: TEA,
            founder: ALICE_ID,
        });
        for account in [ALICE_ID, BOB_ID] {
            scribe.write(Fact::AccessChanged {
                room: TEA,
                account,
                prefixes: Prefixes::of('o'),
            });
        }
        sets(&mut scribe, ALICE_ID, "language", "fr");
        let change = AccountChange::CertificateAdded("aa".into());
        changes(&mut scribe, ALICE_ID, change);
        signs_in(&mut scribe, "phone");
        gets_token(&mut scribe, ALICE_ID, 1, "phone");
        reads(&mut scribe, ALICE_ID, &Marked::Channel("#tea".into()), 5);
        scribe.says(&ALICE, Room::direct(ALICE.id, BOB.id), "remember me");
        // The server takes a mask off that named it.
        let server = Author {
            id: UserId::SERVER,
            source: "irc.test",
            account: None,
        };
        let what = What::Mode {
            changes: vec![mode(false, 'b', "~account:alice", None)],
            after: "+nt".into(),
        };
        scribe.happens(&server, &[tea], what);
        scribe.write_from(
            Some(SessionId(21)),
            Fact::AccountDropped {
                account: ALICE_ID,
                reason: "".into(),
            },
        );

        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.accounts.len(), 1);
        assert_eq!(snapshot.accounts[0].id, BOB_ID);
        let channel = &snapshot.channels[0];
        assert_eq!(channel.members.len(), 1);
        assert_eq!((channel.founder, &channel.access[..]), (None, &[][..]));
        assert_eq!(snapshot.markers, []);
        assert_eq!(snapshot.last_id, TEA.0, "its id is never given again");
        let mut reader = store.reader().unwrap();
        assert_eq!(reader.verifier(ALICE_ID).unwrap(), None);
        assert_eq!(reader.find_token(&hash(ALICE_ID, 1)).unwrap(), None);
        let bob = TargetsQuery {
            user: BOB.id,
            channels: Vec::new(),
            from: start,
            to: Timestamp::MAX,
            limit: 10,
        };
        let targets = reader.targets(&bob).unwrap();
        assert_eq!(targets.len(), 1);
        assert_eq!(targets[0].name, "Alice~b", "the conversation stays");

        let another = Author {
            id: UserId(111),
            source: "alice!x@h",
            account: Some("alice"),
        };
        scribe.signs_up(&another);
        let change = AccountChange::CertificateAdded("aa".into());
        changes(&mut scribe, AccountId(111), change);
        let accounts = store.snapshot().unwrap().accounts;
        assert_eq!(accounts[1].id, AccountId(111));
        assert_eq!(accounts[1].name.as_str(), "alice");
        assert_eq!(accounts[1].certificates, ["aa"]);
        assert!(accounts[1].settings.is_empty() && accounts[1].devices.is_empty());
        reader.check_register().unwrap();
    }
}
