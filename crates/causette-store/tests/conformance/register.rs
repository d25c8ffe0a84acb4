//! The register beside the facts, and the sessions that a crash leaves.

use crate::scribe::*;
use causette_core::event::{Kind, Prefixes, Reach, Verb, What};
use causette_core::history::Selector;
use causette_core::id::{AccountId, Marked, Room, SessionId, TokenId};
use causette_core::record::{AccountChange, Fact, Factor, Mechanism, Who};
use causette_core::secret::Verifier;
use causette_core::snapshot::ClockStepRow;
use causette_proto::{Casemap, Nick, Tags, Timestamp};
use causette_store::register::Counts;
use causette_store::{Reader, Started};

#[test]
fn every_fact_has_its_entry() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        let session = SessionId(13);
        scribe.write(Fact::ServerStarted {
            version: "0.1.0".into(),
            name: "irc.test".into(),
        });
        scribe.write(Fact::SessionOpened {
            session,
            peer: peer(),
            since: Timestamp(1),
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
            address: peer().address,
        };
        scribe.write_from(Some(session), refused);
        scribe.signs_up(&ALICE);
        let signed_in = Fact::SignedIn {
            account: AccountId(11),
            mechanism: Mechanism::Register,
            device: None,
            token: None,
            address: peer().address,
        };
        scribe.write_from(Some(session), signed_in);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let both = [Room::Channel(TEA), Room::Channel(CHESS)];
        scribe.happens(&ALICE, &both, joined(Prefixes::NONE));
        let tags = Tags::parse("+draft/reply=abc;+x=a\\:b").unwrap();
        let what = What::Said {
            verb: Verb::Notice,
            text: "\"tea\"\u{1}".into(),
            tags,
            reach: Reach::Room,
        };
        scribe.happens(&ALICE, &[Room::direct(ALICE.id, GUEST.id)], what);
        scribe.happens(
            &ALICE,
            &both,
            What::Renamed {
                nick: Nick::parse("Al", 32, Casemap::Ascii).unwrap(),
            },
        );
        scribe.happens(&ALICE, &both, What::Quit { reason: "".into() });
        scribe.happens(
            &GUEST,
            &[],
            What::Renamed {
                nick: Nick::parse("zz", 32, Casemap::Ascii).unwrap(),
            },
        );
        let alive = Timestamp(scribe.time - 1);
        scribe.write(Fact::SessionClosed {
            session,
            address: peer().address,
            account: Some(AccountId(11)),
            last_seen: Some(alive),
            reason: "left".into(),
        });
        scribe.write(Fact::ServerStopped {
            reason: "stop".into(),
        });

        let mut reader = store.reader().unwrap();
        assert_eq!(
            reader.check_register().unwrap(),
            Counts {
                entries: 16,
                messages: 3,
                shared: 2,
                places: 4,
                ..Counts::default()
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
        assert_eq!(entries[10].target, entries[13].actor);
        assert_ne!(entries[8].meta, entries[9].meta);
        assert_eq!(entries[0].actor, None);
        assert!(
            entries
                .iter()
                .all(|entry| (entry.content.is_some()) == (8..=13).contains(&entry.seq))
        );
        assert_eq!(reader.entries(15, 100).unwrap(), entries[15..]);
        assert_eq!(store.snapshot().unwrap().accounts[0].last_seen, alive);

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
fn what_owners_and_operators_do_is_in_the_register() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let session = SessionId(21);
        scribe.write(Fact::SessionOpened {
            session,
            peer: peer(),
            since: Timestamp(1),
        });
        let (alice, bob) = (AccountId(11), AccountId(12));
        scribe.write_from(
            Some(session),
            Fact::SignedIn {
                account: alice,
                mechanism: Mechanism::External,
                device: None,
                token: None,
                address: peer().address,
            },
        );
        let changed = |change| Fact::AccountChanged {
            account: alice,
            change,
        };
        let facts = [
            changed(AccountChange::Password(Verifier("secret".to_owned()))),
            changed(AccountChange::Setting {
                name: "language".into(),
                value: "fr".into(),
            }),
            changed(AccountChange::CertificateAdded("aa".into())),
            changed(AccountChange::CertificateRemoved("aa".into())),
            changed(AccountChange::TokenAdded {
                token: TokenId(1),
                name: "phone".into(),
                verifier: Verifier("hash".to_owned()),
                scopes: None,
                until: None,
            }),
            changed(AccountChange::TokenRemoved(TokenId(1))),
            Fact::RoomRegistered {
                room: TEA,
                founder: alice,
            },
            Fact::AccessChanged {
                room: TEA,
                account: bob,
                prefixes: Prefixes::of('o'),
            },
            Fact::Invited {
                room: TEA,
                target: Who::Account(AccountId(12)),
                admits: true,
                instead_of: None,
            },
            Fact::RoomUnregistered { room: TEA },
            Fact::PastOpened { room: TEA },
            Fact::BecameOperator {
                name: "root".into(),
                class: "all".into(),
            },
            Fact::Killed {
                target: Who::Account(AccountId(12)),
                reason: "enough".into(),
            },
            Fact::Announced { text: "tea".into() },
            Fact::Reloaded,
            Fact::FingerprintsShown,
            Fact::InvitationMade {
                room: Some(TEA),
                link: "causette://chat.example.org/#tea".into(),
                invitation: None,
            },
            Fact::BackupMade {
                file: "/srv/backup.tar".into(),
                bytes: 7,
                sha256: "00ff".into(),
            },
            Fact::StopAsked {
                reason: "stopped by alice".into(),
            },
            Fact::MarkerSet {
                account: alice,
                of: Marked::Channel("#tea".into()),
                time: Timestamp(1),
            },
            Fact::AccountDropped {
                account: bob,
                reason: "".into(),
            },
        ];
        let first = store.reader().unwrap().check_register().unwrap().entries;
        for fact in facts {
            scribe.write_from(Some(session), fact);
        }

        let mut reader = store.reader().unwrap();
        reader.check_register().unwrap();
        let entries = reader.entries(first, 100).unwrap();
        let kinds: Vec<(u8, &str)> = entries
            .iter()
            .map(|entry| (entry.category, entry.kind.as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                (2, "compte.motdepasse"),
                (2, "compte.reglage"),
                (2, "compte.certificat.ajout"),
                (2, "compte.certificat.retrait"),
                (2, "compte.appareil.ajout"),
                (2, "compte.appareil.retrait"),
                (5, "salon.enregistrement"),
                (5, "salon.acces"),
                (5, "salon.invitation"),
                (5, "salon.desenregistrement"),
                (5, "salon.ouverture"),
                (7, "administration.operateur"),
                (7, "administration.deconnexion"),
                (7, "administration.annonce"),
                (7, "administration.rechargement"),
                (7, "administration.empreinte"),
                (7, "administration.invitation"),
                (7, "administration.sauvegarde"),
                (7, "administration.arret"),
                (1, "compte.suppression"),
            ]
        );
        let all = reader.entries(0, 3).unwrap();
        let (alice, bob, tea) = (all[0].target, all[1].target, all[2].target);
        assert!(entries.iter().all(|entry| entry.actor == alice));
        let targets: Vec<_> = entries.iter().map(|entry| entry.target).collect();
        assert_eq!(targets[..6], [alice; 6]);
        assert_eq!(targets[6..11], [tea; 5]);
        assert_eq!(
            targets[11..],
            [None, bob, None, None, None, tea, None, None, bob]
        );
    }
}

#[test]
fn nobody_was_there_until_a_crash_at_a_client_at_which_nobody_was() {
    for (said, stays_away) in [
        (&[false][..], true),
        (&[false, true][..], false),
        (&[true, false][..], true),
    ] {
        for mut store in stores() {
            let mut scribe = Scribe::new(&store);
            scribe.signs_up(&ALICE);
            let (session, account) = (SessionId(21), AccountId(11));
            scribe.write(Fact::SessionOpened {
                session,
                peer: peer(),
                since: Timestamp(1),
            });
            let signed_in = Fact::SignedIn {
                account,
                mechanism: Mechanism::Pass,
                device: None,
                token: None,
                address: peer().address,
            };
            scribe.write_from(Some(session), signed_in);
            let left = Timestamp(scribe.time + 1);
            for (number, attended) in said.iter().enumerate() {
                let attended = *attended;
                let fact = Fact::SessionAttended {
                    session,
                    account,
                    attended,
                    last_seen: (number == 0).then_some(left),
                };
                scribe.write_from(Some(session), fact);
            }
            scribe.time += 3600 * 1_000_000;
            let last = scribe.write(Fact::Reloaded);
            let now = scribe.now();
            drop(scribe);

            assert_eq!(store.start(now).unwrap().closed, 1);
            let seen = store.snapshot().unwrap().accounts[0].last_seen;
            let expected = if stays_away {
                left
            } else {
                last.plus_seconds(-180)
            };
            assert_eq!(seen, expected, "{said:?}");
            let findings = store.reader().unwrap().verify(|_| {}).unwrap().findings;
            assert_eq!(findings, []);
        }
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
                since: Timestamp(1),
            });
        }
        let signed_in = Fact::SignedIn {
            account: AccountId(11),
            mechanism: Mechanism::Pass,
            device: None,
            token: None,
            address: peer().address,
        };
        scribe.time += 3600 * 1_000_000;
        let seen = scribe.write_from(Some(SessionId(21)), signed_in);
        drop(scribe);

        // The clock was wrong before, or is now; it is told apart from what has the present time.
        let mut starts = |time| store.start(Timestamp(time)).unwrap();
        let (closed, altered) = (2, Vec::new());
        assert_eq!(starts(5), Started { closed, altered });
        assert_eq!(starts(6), Started::default());
        let snapshot = store.snapshot().unwrap();
        // What was committed last may not have reached anybody: a connection may have been dead for three minutes.
        assert_eq!(snapshot.accounts[0].last_seen, seen.plus_seconds(-180));
        assert_eq!(snapshot.last_time, Timestamp(5));
        let steady = Timestamp(seen.0 + 1);
        assert_eq!(snapshot.last_steady, steady);
        let step = ClockStepRow {
            from: seen,
            to: Timestamp(5),
            steady,
        };
        assert_eq!(snapshot.steps, [step]);
        let mut reader = store.reader().unwrap();
        let count = |reader: &mut Reader| reader.check_register().unwrap().entries;
        assert_eq!(count(&mut reader), 7);
        let entries = reader.entries(4, 10).unwrap();
        let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(
            kinds,
            ["horloge.saut", "session.fermeture", "session.fermeture"]
        );
        assert_ne!(entries[1].actor, entries[2].actor);

        let mut scribe = Scribe {
            time: 5,
            ..Scribe::new(&store)
        };
        scribe.write(Fact::ServerStarted {
            version: "0.1.0".into(),
            name: "irc.test".into(),
        });
        assert_eq!(count(&mut reader), 8);
    }
}

/// What was altered of an open session while nobody ran is not entered by the start.
#[test]
fn a_start_closes_sessions_as_the_register_tells_of_them() {
    for update in [
        "UPDATE session SET address = '198.51.100.9', account = NULL WHERE id = 21",
        "UPDATE session SET address = 'nowhere', opened = 0 WHERE id = 21",
        "UPDATE session SET account = 12 WHERE id IN (21, 22)",
        "INSERT INTO session (id, account, address, opened) VALUES (23, 12, '198.51.100.9', 5)",
    ] {
        for store in stores() {
            let mut scribe = Scribe::new(&store);
            scribe.signs_up(&ALICE);
            let sessions = [SessionId(21), SessionId(22)];
            for session in sessions {
                let since = Timestamp(1);
                let peer = peer();
                scribe.write(Fact::SessionOpened {
                    session,
                    peer,
                    since,
                });
            }
            let signed_in = Fact::SignedIn {
                account: AccountId(11),
                mechanism: Mechanism::Pass,
                device: None,
                token: None,
                address: peer().address,
            };
            scribe.write_from(Some(SessionId(21)), signed_in);
            let now = scribe.now();
            drop(scribe);
            store.alter(update);
            let mut reader = store.reader().unwrap();
            let found = |reader: &mut Reader| reader.verify(|_| {}).unwrap().findings;
            let findings = found(&mut reader);
            assert!(!findings.is_empty(), "{update}");
            assert!(findings.iter().all(|finding| finding.table == "session"));

            let mut store = store;
            let started = store.start(now).unwrap();
            assert_eq!(started.closed, 2, "{update}");
            let is_added = update.starts_with("INSERT");
            assert_eq!(started.altered.contains(&SessionId(23)), is_added);
            let closings = reader.entries(4, 2).unwrap();
            assert!(
                closings
                    .iter()
                    .all(|entry| entry.kind == "session.fermeture")
            );
            let openings = reader.entries(1, 3).unwrap();
            // Who came is from where they leave, and as whom they signed in.
            assert_eq!(closings[0].target, openings[0].actor);
            assert_eq!(closings[0].actor, openings[2].target);
            assert_eq!(closings[1].actor, openings[1].target);
            let left = found(&mut reader);
            assert_eq!(left.len(), usize::from(is_added), "{update}: {left:?}");
        }
    }
}
