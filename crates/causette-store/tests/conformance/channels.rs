//! What channels have beside their members: lists, owners and lasting rights.

use crate::scribe::*;
use causette_core::event::{Event, Prefixes, Reach, Verb, What};
use causette_core::history::{PageQuery, Readable, Selector, TargetChannel, TargetsQuery};
use causette_core::id::{AccountId, Room, RoomId};
use causette_core::record::{Fact, Who};
use causette_core::snapshot::MaskRow;
use causette_proto::{Casemap, Nick, Timestamp};
use causette_store::{Beginning, Store};

fn sets(scribe: &mut Scribe, room: RoomId, add: bool, list: char, mask: &str) -> MaskRow {
    let what = What::Mode {
        changes: vec![mode(add, list, mask, None)],
        after: "+nt".into(),
    };
    let event = scribe.happens(&ALICE, &[Room::Channel(room)], what);
    MaskRow {
        mode: list,
        mask: mask.into(),
        by: "Alice!a@h".into(),
        at: event.time,
    }
}

#[test]
fn the_lists_of_a_channel_are_kept_apart() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let exempt = sets(&mut scribe, TEA, true, 'e', "*!*@friend");
        sets(&mut scribe, TEA, true, 'b', "*!*@friend");
        let invited = sets(&mut scribe, TEA, true, 'I', "*!*@friend");
        let banned = sets(&mut scribe, TEA, true, 'b', "*!*@enemy");
        sets(&mut scribe, TEA, false, 'b', "*!*@friend");
        let elsewhere = sets(&mut scribe, CHESS, true, 'e', "*!*@friend");

        let store = Store::open(store.database()).unwrap();
        let channels = store.snapshot().unwrap().channels;
        assert_eq!(channels[0].masks, [invited, banned, exempt]);
        assert_eq!(channels[1].masks, [elsewhere]);
    }
}

#[test]
fn a_registered_channel_keeps_its_founder_and_rights() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let (alice, bob) = (AccountId(11), AccountId(12));
        for room in [TEA, CHESS] {
            scribe.write(Fact::RoomRegistered {
                room,
                founder: alice,
            });
        }
        let mut grants = |room, account, prefixes| {
            scribe.write(Fact::AccessChanged {
                room,
                account,
                prefixes,
            });
        };
        let operator = Prefixes::of('o').union(Prefixes::of('v'));
        grants(TEA, bob, Prefixes::of('v'));
        grants(TEA, alice, operator);
        grants(TEA, bob, operator);
        grants(CHESS, bob, operator);
        grants(CHESS, alice, operator);
        grants(CHESS, alice, Prefixes::NONE);
        // Given to somebody else, it has one founder.
        scribe.write(Fact::RoomRegistered {
            room: CHESS,
            founder: bob,
        });
        sets(&mut scribe, CHESS, true, 'b', "*!*@enemy");

        let before = store.snapshot().unwrap();
        let store = Store::open(store.database()).unwrap();
        assert_eq!(store.snapshot().unwrap(), before);
        let [tea, chess] = &before.channels[..] else {
            panic!("two channels");
        };
        assert_eq!(tea.founder, Some(alice));
        assert_eq!(tea.access, [(alice, operator), (bob, operator)]);
        assert_eq!(chess.founder, Some(bob));
        assert_eq!(chess.access, [(bob, operator)]);

        let mut scribe = Scribe {
            time: before.last_time.0,
            ..Scribe::new(&store)
        };
        scribe.write(Fact::RoomUnregistered { room: TEA });
        scribe.write(Fact::RoomClosed { room: CHESS });
        let channels = store.snapshot().unwrap().channels;
        assert_eq!(channels.len(), 1);
        assert_eq!((channels[0].founder, channels[0].access.len()), (None, 0));
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn invitations_are_kept_until_they_are_used() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        for author in [&ALICE, &BOB] {
            scribe.signs_up(author);
        }
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let (alice, bob) = (AccountId(11), AccountId(12));
        let invites = |scribe: &mut Scribe, room, target, admits, instead_of| {
            scribe.write(Fact::Invited {
                room,
                target,
                admits,
                instead_of,
            });
            Timestamp(scribe.time)
        };
        let invited = |store: &Store| {
            let channels = store.snapshot().unwrap().channels;
            let invited = channels.into_iter().map(|channel| channel.invited);
            invited.collect::<Vec<_>>()
        };
        let (guest, bobs) = (Who::Guest(GUEST.id), Who::Account(bob));
        invites(&mut scribe, TEA, guest, true, None);
        invites(&mut scribe, TEA, bobs.clone(), false, None);
        invites(&mut scribe, TEA, bobs.clone(), true, None);
        let again = invites(&mut scribe, TEA, bobs.clone(), true, None);
        let elsewhere = invites(&mut scribe, CHESS, bobs, true, None);
        let reopened = Store::open(store.database()).unwrap();
        assert_eq!(
            invited(&reopened),
            [vec![(bob, again)], vec![(bob, elsewhere)]]
        );
        // Where there is no place, another's ends.
        let alices = Who::Account(alice);
        let replaced = invites(&mut scribe, CHESS, alices, true, Some(BOB.id));
        assert_eq!(
            invited(&store),
            [vec![(bob, again)], vec![(alice, replaced)]]
        );
        // Who enters by it has used it up; who enters without one changes nothing.
        let enters = |invited| What::Joined {
            realname: "Bob".into(),
            grant: Prefixes::NONE,
            invited,
        };
        scribe.happens(&BOB, &[Room::Channel(CHESS)], enters(false));
        scribe.happens(&BOB, &[Room::Channel(TEA)], enters(true));
        assert_eq!(invited(&store), [vec![], vec![(alice, replaced)]]);
        scribe.write(Fact::RoomClosed { room: CHESS });
        assert_eq!(invited(&store), [vec![]]);
        // What is closed, or given up, has none.
        let alices = Who::Account(alice);
        invites(&mut scribe, TEA, alices, true, None);
        scribe.write(Fact::AccountDropped {
            account: alice,
            reason: "".into(),
        });
        assert_eq!(invited(&store), [vec![]]);
        store.reader().unwrap().check_register().unwrap();
    }
}

#[test]
fn closed_times_are_for_who_was_there_until_they_are_opened() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        let tea = Room::Channel(TEA);
        let said_now = |scribe: &mut Scribe, reach, text: &str| {
            scribe.happens(&ALICE, &[tea], said_to(reach, Verb::Privmsg, text));
            Timestamp(scribe.time)
        };
        said_now(&mut scribe, Reach::Room, "open");
        said_now(&mut scribe, Reach::Closed, "closed");
        let entered = said_now(&mut scribe, Reach::Closed, "closed too");
        let open = said_now(&mut scribe, Reach::Room, "open again");
        let read = |since: Option<Timestamp>| {
            let opened = store.snapshot().unwrap().channels[0].opened;
            let query = PageQuery {
                readable: Readable {
                    since: None,
                    closed_since: since,
                    opened,
                },
                ..page_query(tea, Selector::Latest(None), 10, false)
            };
            let page = store.reader().unwrap().page(&query).unwrap().events;
            let texts = page.into_iter().map(|past| past.text.to_string());
            texts.collect::<Vec<_>>()
        };
        let all = ["open", "closed", "closed too", "open again"];
        assert_eq!(read(None), all);
        assert_eq!(read(Some(entered)), ["open", "closed too", "open again"]);
        let later = Timestamp(scribe.time + 1);
        assert_eq!(read(Some(later)), ["open", "open again"]);
        // It counts for what is new in a room as it does for pages.
        let newest = |since| {
            let query = TargetsQuery {
                user: ALICE.id,
                channels: vec![TargetChannel {
                    room: TEA,
                    readable: Readable {
                        closed_since: since,
                        ..Readable::default()
                    },
                    restricted: false,
                }],
                from: Timestamp(0),
                to: Timestamp::MAX,
                limit: 10,
            };
            let targets = store.reader().unwrap().targets(&query).unwrap();
            targets[0].time
        };
        assert_eq!((newest(None), newest(Some(later))), (open, open));
        scribe.write(Fact::PastOpened { room: TEA });
        let last = said_now(&mut scribe, Reach::Closed, "closed since");
        let since = Some(Timestamp(last.0 + 1));
        assert_eq!((newest(None), newest(since)), (last, open));
        assert_eq!(read(Some(later)), [&all[..], &["closed since"]].concat());
        let later = Timestamp(last.0 + 1);
        assert_eq!(read(Some(later)), all);
        store.reader().unwrap().check_register().unwrap();
    }
}

/// Whichever event it was by which something came to be of a closed time, in one room or in several.
#[test]
fn rooms_that_were_closed_before_are_known_to_be() {
    for place in stores() {
        let mut scribe = Scribe::new(&place);
        let (garden, other) = (RoomId(103), RoomId(104));
        let rooms = [(TEA, "#tea"), (CHESS, "#chess"), (garden, "#garden")];
        for (room, name) in rooms.into_iter().chain([(other, "#other")]) {
            scribe.opens(room, name);
            scribe.says(&ALICE, Room::Channel(room), "open");
        }
        let closed = said_to(Reach::Closed, Verb::Privmsg, "closed");
        scribe.happens(&ALICE, &[Room::Channel(TEA)], closed);
        let nick = Nick::parse("zoe2", 32, Casemap::Ascii).unwrap();
        let event = Event {
            closed: true,
            ..scribe.event(&GUEST, What::Renamed { nick })
        };
        let rooms = vec![Room::Channel(CHESS), Room::Channel(garden)];
        scribe.write(Fact::Event { rooms, event });
        drop(scribe);
        let was_closed = "SELECT name, CAST(was_closed AS CHAR(1)) FROM room ORDER BY id";
        let expected = [
            ("#tea", "1"),
            ("#chess", "1"),
            ("#garden", "1"),
            ("#other", "0"),
        ];
        let expected = expected.map(|(name, was)| [name.to_owned(), was.to_owned()]);
        assert_eq!(place.ask::<2>(was_closed), expected);
        place.alter(&crate::migration::before(1));
        Store::begin(place.database().clone(), Beginning::Existing).unwrap();
        assert_eq!(place.ask::<2>(was_closed), expected);
    }
}
