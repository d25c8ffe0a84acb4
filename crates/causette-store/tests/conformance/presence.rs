//! What becomes of who is in a channel and not seen there.

use crate::scribe::*;
use causette_core::event::{Kind, Prefixes, What};
use causette_core::history::Selector;
use causette_core::id::{AccountId, Room};
use causette_core::record::Fact;
use causette_core::snapshot::MemberRow;
use causette_proto::Timestamp;
use causette_store::Store;

#[test]
fn who_vanishes_and_returns_stays_what_they_are_in_their_channels() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let both = [Room::Channel(TEA), Room::Channel(CHESS)];
        let mut entered = Vec::new();
        for room in both {
            let event = scribe.happens(&ALICE, &[room], joined(Prefixes::of('o')));
            entered.push(event.time);
        }
        let reason = "Absent for 30 days".into();
        let vanished = scribe.happens(&ALICE, &both, What::Vanished { reason });
        let returned = What::Returned {
            realname: "Alice".into(),
            prefixes: Prefixes::of('o'),
        };
        let returned = scribe.happens(&ALICE, &both[..1], returned);

        let mut reader = store.reader().unwrap();
        for (room, shown) in [
            (both[0], vec![&vanished, &returned]),
            (both[1], vec![&vanished]),
        ] {
            let query = page_query(room, Selector::Latest(None), 10, true);
            let past = reader.page(&query).unwrap().events;
            let past: Vec<_> = past.iter().map(|past| (past.kind, &past.msgid)).collect();
            let kinds = [Kind::Quit, Kind::Join];
            let shown: Vec<_> = kinds
                .into_iter()
                .zip(shown.iter().map(|event| &event.msgid))
                .collect();
            assert_eq!(past[1..], shown);
        }
        let store = Store::open(store.database()).unwrap();
        for (channel, joined) in store.snapshot().unwrap().channels.iter().zip(entered) {
            let member = MemberRow {
                account: AccountId(11),
                prefixes: Prefixes::of('o'),
                joined,
            };
            assert_eq!(channel.members, [member]);
        }
    }
}

#[test]
fn who_was_a_guest_is_a_member_from_then_on() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        scribe.happens(&ALICE, &[Room::Channel(TEA)], joined(Prefixes::of('o')));
        let account = AccountId(11);
        let places = [(TEA, Prefixes::of('v')), (CHESS, Prefixes::NONE)];
        for (room, prefixes) in places {
            scribe.write(Fact::PlaceKept {
                room,
                account,
                guest: GUEST.id,
                prefixes,
                joined: Timestamp(7),
            });
        }
        let store = Store::open(store.database()).unwrap();
        let channels = store.snapshot().unwrap().channels;
        for (channel, (_, prefixes)) in channels.iter().zip(places) {
            let joined = Timestamp(7);
            let member = MemberRow {
                account,
                prefixes,
                joined,
            };
            assert_eq!(channel.members, [member]);
        }
    }
}
