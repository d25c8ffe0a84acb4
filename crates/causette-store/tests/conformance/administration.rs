//! The conversations of people with those who run the server, who are no account.

use crate::scribe::{ADMINISTRATION, ALICE, BOB, Scribe, TEA, stores, texts};
use causette_core::event::What;
use causette_core::history::{ReplayQuery, TargetsQuery};
use causette_core::id::Room;
use causette_proto::{Nick, Timestamp};

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
            nick: Nick::kept("Alice", causette_proto::Casemap::Ascii).unwrap(),
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
