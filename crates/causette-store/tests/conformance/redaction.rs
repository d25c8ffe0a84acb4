//! What was said and taken back, and what only some got.

use crate::scribe::*;
use causette_core::event::{Kind, Reach, Verb};
use causette_core::history::{Bound, PageQuery, Readable, ReplayQuery, ReplayedChannel, Selector};
use causette_core::id::Room;
use causette_core::input::Found;
use causette_proto::Timestamp;

#[test]
fn what_was_taken_back_is_hidden_and_the_register_still_agrees() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let tea = Room::Channel(TEA);
        scribe.says(&ALICE, tea, "before");
        let slip = scribe.happens(
            &ALICE,
            &[tea, Room::Channel(CHESS)],
            said(Verb::Privmsg, "a slip"),
        );
        let after = scribe.says(&ALICE, tea, "after");
        let mut reader = store.reader().unwrap();
        let found = Found {
            author: ALICE.id,
            time: slip.time,
            steady: slip.time,
            reach: Reach::Room,
        };
        assert_eq!(reader.find_message(tea, &slip.msgid).unwrap(), Some(found));
        assert_eq!(store.snapshot().unwrap().channels[0].acl_version, 0);

        scribe.happens(&ALICE, &[tea], taken_back(&slip));
        let mut page = |room, selector, events| {
            reader
                .page(&page_query(room, selector, 10, events))
                .unwrap()
        };
        let latest = page(tea, Selector::Latest(None), false);
        assert_eq!(texts(&latest.events), ["before", "after"]);
        assert_eq!(
            latest.acl_version,
            Some(1),
            "a page being read is judged again"
        );
        let with_events = page(tea, Selector::Latest(None), true).events;
        assert_eq!(with_events[2].kind, Kind::Redact);
        assert_eq!(with_events[2].text, format!("{} slip", slip.msgid));
        assert_eq!(with_events.len(), 3);
        let bound = Bound::Msgid(slip.msgid.clone());
        let following = page(tea, Selector::After(bound.clone()), false);
        assert_eq!(texts(&following.events), ["after"], "it is still a place");
        let around = page(tea, Selector::Around(bound), false);
        assert_eq!(texts(&around.events), ["before", "after"]);
        // The other room has another message under the same name.
        let chess = page(Room::Channel(CHESS), Selector::Latest(None), false);
        assert_eq!(texts(&chess.events), ["a slip"]);

        let query = ReplayQuery {
            channels: vec![ReplayedChannel {
                room: TEA,
                name: "#tea".into(),
                readable: Readable::default(),
                from: None,
                acl_version: 1,
            }],
            direct_since: None,
            direct_with: None,
            before: Timestamp::MAX,
            limit: 10,
            direct_limit: 10,
        };
        let replay = reader.replay(&query, ALICE.id).unwrap();
        assert_eq!(texts(&replay.channels[0].1), ["before", "after"]);
        assert_eq!(reader.find_message(tea, &slip.msgid).unwrap(), None);
        assert!(reader.find_message(tea, &after.msgid).unwrap().is_some());
        // The text is what the entry commits to; it is erased there and not here.
        assert_eq!(reader.check_register().unwrap().messages, 5);
        let entry = reader.entries(7, 1).unwrap().remove(0);
        assert_eq!(
            (entry.category, entry.kind.as_str()),
            (5, "message.suppression")
        );
    }
}

#[test]
fn what_was_taken_back_in_a_conversation_is_hidden_too() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        let room = Room::direct(ALICE.id, BOB.id);
        let since = Timestamp(scribe.time);
        scribe.says(&ALICE, room, "one");
        let slip = scribe.says(&ALICE, room, "two");
        scribe.happens(&ALICE, &[room], taken_back(&slip));
        let mut reader = store.reader().unwrap();
        let query = page_query(room, Selector::Latest(None), 10, false);
        assert_eq!(texts(&reader.page(&query).unwrap().events), ["one"]);
        let query = ReplayQuery {
            channels: Vec::new(),
            direct_since: Some(since),
            direct_with: None,
            before: Timestamp::MAX,
            limit: 10,
            direct_limit: 10,
        };
        let replay = reader.replay(&query, BOB.id).unwrap();
        assert_eq!(texts(&replay.direct), ["one"]);
        assert_eq!(reader.find_message(room, &slip.msgid).unwrap(), None);
        reader.check_register().unwrap();
    }
}

#[test]
fn what_only_some_got_is_shown_to_those_who_may_see_it() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        let tea = Room::Channel(TEA);
        scribe.says(&GUEST, tea, "to all");
        let to_operators = scribe.happens(
            &GUEST,
            &[tea],
            said_to(Reach::Status('@'), Verb::Privmsg, "to operators"),
        );
        scribe.happens(
            &GUEST,
            &[tea],
            said_to(Reach::Status('@'), Verb::Tagmsg, ""),
        );
        scribe.happens(
            &GUEST,
            &[tea],
            said_to(Reach::Operators, Verb::Notice, "moderated"),
        );
        scribe.says(&GUEST, tea, "to all again");
        let mut reader = store.reader().unwrap();
        let mut page = |restricted, events| {
            let query = PageQuery {
                restricted,
                ..page_query(tea, Selector::Latest(None), 10, events)
            };
            reader.page(&query).unwrap().events
        };
        for events in [false, true] {
            assert_eq!(texts(&page(false, events)), ["to all", "to all again"]);
        }
        assert_eq!(
            texts(&page(true, false)),
            ["to all", "to operators", "moderated", "to all again"]
        );
        let all = page(true, true);
        let reaches: Vec<Reach> = all.iter().map(|past| past.reach).collect();
        assert_eq!(
            reaches,
            [
                Reach::Room,
                Reach::Status('@'),
                Reach::Status('@'),
                Reach::Operators,
                Reach::Room
            ]
        );
        assert_eq!(all[2].kind, Kind::Tagmsg);

        assert!(
            reader
                .find_message(tea, &to_operators.msgid)
                .unwrap()
                .is_some()
        );
        scribe.happens(&GUEST, &[tea], taken_back(&to_operators));
        let query = PageQuery {
            restricted: true,
            ..page_query(tea, Selector::Latest(None), 10, false)
        };
        assert_eq!(
            texts(&reader.page(&query).unwrap().events),
            ["to all", "moderated", "to all again"]
        );
    }
}
