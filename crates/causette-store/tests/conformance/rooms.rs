//! What is read across rooms: targets and replays.

use crate::scribe::{
    ALICE, BOB, CHESS, GUEST, Scribe, TEA, peer, said, said_to, stores, taken_back, texts,
};
use causette_core::event::{Reach, Verb, What};
use causette_core::history::{
    Past, Readable, ReplayQuery, ReplayedChannel, Target, TargetChannel, TargetsQuery,
};
use causette_core::id::{AccountId, Room, RoomId, SessionId, UserId};
use causette_core::record::Fact;
use causette_proto::{Casemap, Nick, Timestamp};

fn channel(room: RoomId, since: Option<Timestamp>) -> TargetChannel {
    TargetChannel {
        room,
        readable: Readable {
            since,
            ..Readable::default()
        },
        restricted: false,
    }
}

/// What a client is shown is a millisecond, by which it goes on.
#[test]
fn targets_are_told_by_their_last_message_and_by_whole_milliseconds() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let (tea, chess) = (Room::Channel(TEA), Room::Channel(CHESS));
        scribe.says(&BOB, tea, "of long ago");
        scribe.time = (scribe.time / 1_000_000 + 1) * 1_000_000;
        let second = Timestamp(scribe.time);
        // Each of these is microseconds behind the one before.
        let mut at = |micros: i64, author, room, what| {
            scribe.time = second.0 + micros - 1_000_000;
            scribe.happens(author, &[room], what);
        };
        let plain = || said(Verb::Privmsg, "x");
        at(100, &BOB, chess, plain());
        at(200, &BOB, Room::direct(ALICE.id, BOB.id), plain());
        at(300, &GUEST, Room::direct(ALICE.id, GUEST.id), plain());
        at(2_500, &BOB, tea, plain());
        let to_some = said_to(Reach::Status('@'), Verb::Privmsg, "to operators");
        at(4_200, &BOB, chess, to_some);
        let mut reader = store.reader().unwrap();
        let mut targets = |from: i64, to: i64, limit: usize, restricted: bool| {
            let in_room = |room| TargetChannel {
                restricted,
                ..channel(room, None)
            };
            let query = TargetsQuery {
                user: ALICE.id,
                channels: vec![in_room(TEA), in_room(CHESS)],
                from: Timestamp(second.0 + from),
                to: Timestamp(second.0 + to),
                limit,
            };
            let targets = reader.targets(&query).unwrap().into_iter();
            targets
                .map(|target| (target.name.to_string(), target.time.0 - second.0))
                .collect::<Vec<_>>()
        };
        let list = |names: &[(&str, i64)]| -> Vec<(String, i64)> {
            let names = names.iter();
            names.map(|(name, at)| ((*name).to_owned(), *at)).collect()
        };
        let first = list(&[("#chess", 100), ("bob", 200), ("zoe~d", 300)]);
        let tea = list(&[("#tea", 2_500)]);
        let all = [first.clone(), tea.clone()].concat();
        assert_eq!(targets(-1, 9_000, 10, false), all);
        // One millisecond comes whole, however many share it, and a page ends where one does.
        for limit in [1, 2, 3] {
            assert_eq!(targets(-1, 9_000, limit, false), first);
        }
        assert_eq!(targets(-1, 9_000, 4, false), all);
        assert_eq!(targets(9_000, -1, 1, false), tea);
        assert_eq!(targets(9_000, -1, 3, false), tea);
        assert_eq!(targets(9_000, -1, 4, false), all);
        // Whoever goes on from the time that was shown gets the rest, and no more.
        assert_eq!(targets(0, 9_000, 1, false), tea);
        assert_eq!(targets(999, 9_000, 1, false), tea);
        assert_eq!(targets(2_000, 9_000, 10, false), []);
        assert_eq!(targets(9_000, 2_999, 10, false), []);
        // What was said there earlier does not count, whatever lies in the span.
        assert_eq!(targets(-90_000_000, 2_000, 10, false), first);
        assert_eq!(targets(-90_000_000, 0, 10, false), []);
        // To an operator the last is what only operators got.
        let theirs = [first[1..].to_vec(), tea, list(&[("#chess", 4_200)])].concat();
        assert_eq!(targets(-1, 9_000, 10, true), theirs);
        assert_eq!(targets(-1, 4_000, 10, true), theirs[..3]);
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
        let session = SessionId(GUEST.id.0);
        let opened = Fact::SessionOpened {
            session,
            peer: peer(),
            since: Timestamp(1),
        };
        scribe.write_from(Some(session), opened);
        let start = Timestamp(scribe.time);
        let early = scribe.says(&BOB, Room::Channel(CHESS), "before Alice may read");
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
        let chess = Room::Channel(CHESS);
        let to_some = said_to(Reach::Status('@'), Verb::Privmsg, "not to Alice");
        scribe.happens(&BOB, &[chess], to_some);
        let slip = scribe.says(&BOB, chess, "taken back");
        scribe.happens(&BOB, &[chess], taken_back(&slip));
        scribe.says(&ALICE, Room::direct(ALICE.id, UserId(99)), "e");
        let last = scribe.now();
        let end = scribe.now();
        scribe.happens(
            &BOB,
            &[],
            What::Renamed {
                nick: Nick::parse("Bobby", 32, Casemap::Ascii).unwrap(),
            },
        );
        scribe.happens(
            &GUEST,
            &[],
            What::Renamed {
                nick: Nick::parse("zz", 32, Casemap::Ascii).unwrap(),
            },
        );

        let mut reader = store.reader().unwrap();
        let mut targets_since = |since, from, to, limit| {
            let query = TargetsQuery {
                user: ALICE.id,
                channels: vec![channel(TEA, None), channel(CHESS, since)],
                from,
                to,
                limit,
            };
            reader.targets(&query).unwrap()
        };
        let found = targets_since(Some(early.time), start, end, 1);
        assert_eq!(
            found[0].time, early.time,
            "what was said from then on counts"
        );
        let joined = Some(early.time.plus_seconds(1));
        let mut targets = |from, to, limit| targets_since(joined, from, to, limit);
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
        assert_eq!(targets(Timestamp::MAX, last, 10), []);
        // Once the guest has left, another may have the name.
        let closed = Fact::SessionClosed {
            session,
            address: peer().address,
            account: None,
            last_seen: None,
            reason: "left".into(),
        };
        scribe.write_from(Some(session), closed);
        assert_eq!(targets(tea, bob, 10)[0].name, "zoe~d");
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
            let to_some = said_to(Reach::Operators, Verb::Notice, "not to Alice");
            scribe.happens(&GUEST, &[Room::Channel(TEA)], to_some);
        }
        scribe.says(&BOB, Room::direct(ALICE.id, BOB.id), "old");
        let since = Timestamp(scribe.time);
        for text in ["x", "y"] {
            scribe.says(&BOB, Room::direct(ALICE.id, BOB.id), text);
            scribe.says(&GUEST, Room::direct(ALICE.id, GUEST.id), text);
            scribe.says(&ALICE, Room::direct(ALICE.id, BOB.id), "own");
        }
        let mut reader = store.reader().unwrap();
        let mut replay_since = |since, before, acl_version, direct_since, limit| {
            let channel = |room, name: &str| ReplayedChannel {
                room,
                name: name.into(),
                readable: Readable {
                    since,
                    ..Readable::default()
                },
                from: None,
                acl_version,
            };
            let channels = vec![channel(TEA, "#tea"), channel(CHESS, "#none")];
            let query = ReplayQuery {
                channels,
                direct_since,
                direct_with: None,
                before,
                limit,
                direct_limit: limit,
            };
            reader.replay(&query, ALICE.id).unwrap()
        };
        let mut replay =
            |before, acl, direct, limit| replay_since(None, before, acl, direct, limit);
        let later = Timestamp(i64::MAX);
        let all = replay(later, 0, Some(since), 10);
        assert_eq!(
            all.channels.len(),
            1,
            "a channel that is not there is left out"
        );
        assert_eq!(
            (all.channels[0].0.as_str(), texts(&all.channels[0].1)),
            ("#tea", vec!["1", "2", "3"])
        );
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
        let said_by = |past: &Past| (past.source.to_string(), past.account.clone());
        assert_eq!(
            said_by(&all.direct[0]),
            ("bob!b@h".to_owned(), Some("bob".into()))
        );
        assert_eq!(
            said_by(&all.direct[1]),
            ("zoe~d!z@h".to_owned(), None),
            "a guest who has left"
        );
        let few = replay(later, 0, Some(since), 2);
        assert_eq!(texts(&few.channels[0].1), ["2", "3"]);
        assert_eq!(texts(&few.direct), ["y", "y"]);
        assert_eq!(replay(later, 0, None, 10).direct, []);
        // Only what was said before, and nothing where who may read has changed meanwhile.
        let third = all.channels[0].1[2].time;
        let early = replay(third, 0, Some(since), 10);
        assert_eq!(texts(&early.channels[0].1), ["1", "2"]);
        assert_eq!(early.direct, []);
        assert_eq!(replay(later, 1, None, 10).channels, []);
        let second = all.channels[0].1[1].time;
        let few = replay_since(Some(second), later, 0, None, 10);
        assert_eq!(texts(&few.channels[0].1), ["2", "3"]);
        // What programs ask each other is not replayed, and pushes nothing out.
        for number in 0..50 {
            let asked = format!("\u{1}PING {number}\u{1}");
            scribe.says(&BOB, Room::Channel(TEA), &asked);
            scribe.says(&BOB, Room::direct(ALICE.id, BOB.id), &asked);
        }
        scribe.says(&BOB, Room::Channel(TEA), "\u{1}ACTION waves\u{1}");
        let few = replay_since(None, later, 0, Some(since), 3);
        assert_eq!(
            texts(&few.channels[0].1),
            ["2", "3", "\u{1}ACTION waves\u{1}"]
        );
        assert_eq!(texts(&few.direct), ["x", "y", "y"]);
        // What one person wrote, and nothing of the others.
        let of_one = ReplayQuery {
            channels: Vec::new(),
            direct_since: Some(since),
            direct_with: Some(GUEST.id),
            before: later,
            limit: 10,
            direct_limit: 10,
        };
        let of_one = store.reader().unwrap().replay(&of_one, ALICE.id).unwrap();
        let authors: Vec<_> = of_one.direct.iter().map(|past| past.author).collect();
        assert_eq!(
            (texts(&of_one.direct), authors),
            (vec!["x", "y"], vec![GUEST.id; 2])
        );
        let account = AccountId(BOB.id.0);
        scribe.write(Fact::AccountDropped {
            account,
            reason: "".into(),
        });
        let all = replay_since(None, later, 0, Some(since), 10);
        assert_eq!(said_by(&all.direct[0]), ("bob~c!b@h".to_owned(), None));
    }
}
