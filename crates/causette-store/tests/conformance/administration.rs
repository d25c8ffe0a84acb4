//! What those who run the server decide, and their conversations with people: they are no account.

use crate::scribe::{ADMINISTRATION, ALICE, BOB, Scribe, TEA, stores, texts};
use crate::story;
use causette_core::event::What;
use causette_core::filter::FilterAction;
use causette_core::history::{ReplayQuery, TargetsQuery};
use causette_core::id::{AccountId, InvitationId, Room};
use causette_core::invitation::Invitation;
use causette_core::limits::ALERTS_KEPT;
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, Nick, Timestamp};

#[test]
fn the_administration_keeps_its_name_and_uses_no_number() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let began = scribe.now();
        let (alice, bob) = (
            Room::direct(ADMINISTRATION.id, ALICE.id),
            Room::direct(ADMINISTRATION.id, BOB.id),
        );
        scribe.says(&ADMINISTRATION, alice, "hello");
        scribe.says(&ALICE, alice, "who asks?");
        // Nobody has answered him yet.
        scribe.says(&BOB, bob, "is anybody there?");
        let put_out = What::Kicked {
            target: ALICE.id,
            guest: false,
            nick: Nick::kept("Alice", Casemap::Ascii).unwrap(),
            reason: "closed".into(),
        };
        scribe.happens(&ADMINISTRATION, &[Room::Channel(TEA)], put_out);
        let last = store.snapshot().unwrap().last_id;
        assert_eq!(last, TEA.0, "its number was never given");
        let mut reader = store.reader().unwrap();
        for person in [ALICE, BOB] {
            let query = TargetsQuery {
                user: person.id,
                channels: Vec::new(),
                from: began,
                to: Timestamp::MAX,
                limit: 10,
            };
            let targets = reader.targets(&query).unwrap();
            let names: Vec<_> = targets.iter().map(|target| &*target.name).collect();
            assert_eq!(names, ["Administration"]);
        }
        let query = ReplayQuery {
            channels: Vec::new(),
            direct_since: Some(began),
            direct_with: None,
            before: Timestamp::MAX,
            limit: 10,
            direct_limit: 10,
        };
        let replay = reader.replay(&query, ALICE.id).unwrap();
        assert_eq!(texts(&replay.direct), ["hello"]);
        assert_eq!(replay.direct[0].source, ADMINISTRATION.source);
        reader.verify(|_| {}).unwrap();
    }
}

#[test]
fn what_was_decided_is_found_again() {
    for store in stores() {
        story::tell(&store);
        let snapshot = store.snapshot().unwrap();
        let invitations = snapshot.invitations;
        let held: Vec<u64> = invitations.rows.iter().map(|row| row.id.0).collect();
        assert_eq!((held, invitations.last), (vec![1, 2], 3));
        assert_eq!(invitations.rows[1].room, Some(TEA));
        let actions: Vec<_> = snapshot.filters.rows.iter().map(|row| row.action).collect();
        assert_eq!(actions, [FilterAction::Hold, FilterAction::Drop]);
        assert_eq!(snapshot.filters.last, 3);
        let held = snapshot.held;
        let tags = held.rows.iter().map(|row| row.tags.get("+x"));
        assert_eq!(tags.collect::<Vec<_>>(), [Some("a b"), Some("a b")]);
        assert_eq!(held.rows[1].account.as_ref().unwrap().as_str(), "Alice");
        assert_eq!((&*held.rows[0].text, held.last), ("cheap tea\nhere", 3));
        let alerts = snapshot.alerts.iter().map(|alert| &*alert.text);
        assert_eq!(
            alerts.collect::<Vec<_>>(),
            ["tea is ready", "the roof is on fire", "it is out"]
        );
        assert!(snapshot.alerts.is_sorted_by_key(|alert| alert.steady));
        let mut accounts = snapshot.accounts.iter();
        let alice = accounts.find(|row| row.name.as_str() == "Alice").unwrap();
        let scopes = alice.tokens[0].scopes.unwrap();
        assert_eq!(scopes.list(), "read,register");
        let mut channels = snapshot.channels.iter();
        assert!(channels.any(|row| row.name.as_str() == "#échecs"));
    }
}

#[test]
fn an_invitation_is_used_up_and_only_the_last_alerts_are_kept() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.write(Fact::InvitationMade {
            room: None,
            link: "causette://h/".into(),
            invitation: Some(Box::new(Invitation {
                id: InvitationId(7),
                hash: Verifier("5f".repeat(32)),
                room: None,
                uses: 2,
                by: "root".into(),
                since: Timestamp(scribe.time),
                until: None,
            })),
        });
        for (id, name, left) in [(50, "dora", Some(1)), (52, "eve", None)] {
            scribe.write(Fact::AccountCreated {
                account: AccountId(id),
                name: AccountName::parse(name, 32, Casemap::Ascii).unwrap(),
                verifier: Verifier("$argon2id$".to_owned()),
                by_administrator: false,
                waiting: false,
                invitation: Some(InvitationId(7)),
            });
            let found = store.snapshot().unwrap().invitations;
            assert_eq!(found.rows.first().map(|row| row.uses), left);
            assert_eq!(found.last, 7, "no number comes twice");
        }
        for number in 0..=ALERTS_KEPT {
            let text = number.to_string().into();
            scribe.write(Fact::Alerted { text, kept: true });
        }
        // What was of the moment is in the register alone.
        scribe.write(Fact::Alerted {
            text: "in 3 s".into(),
            kept: false,
        });
        let alerts = store.snapshot().unwrap().alerts;
        assert_eq!((alerts.len(), &*alerts[0].text), (ALERTS_KEPT, "1"));
        store.reader().unwrap().verify(|_| {}).unwrap();
    }
}
