//! Pages of a room, against a look at every event.

use crate::scribe::{CHESS, GUEST, Scribe, TEA, page_query, said, stores};
use causette_core::event::{Event, Reach, Verb, What};
use causette_core::history::{Bound, PageQuery, Past, Selector};
use causette_core::id::{BatchId, Msgid, Room};
use causette_core::record::{Fact, Record};
use causette_proto::{Tags, Timestamp};
use causette_store::Reader;
use proptest::prelude::*;

/// What happens in the room that pages are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A message for everyone.
    Message,
    /// What is no message.
    Event,
    /// A message that only operators get.
    Restricted,
    /// A message that is taken back later.
    Regretted,
}

/// One event of the room: how much later than the one before it, and of which kind.
fn happening() -> impl Strategy<Value = (i64, Kind)> {
    let kind = prop_oneof![
        4 => Just(Kind::Message),
        3 => Just(Kind::Event),
        1 => Just(Kind::Restricted),
        1 => Just(Kind::Regretted),
    ];
    (prop_oneof![Just(0_i64), Just(1), 2..40_i64], kind)
}

/// A bound, drawn from the events there are, as (what, which).
fn bound() -> impl Strategy<Value = (u8, prop::sample::Index, i64)> {
    (0..4_u8, any::<prop::sample::Index>(), -1..=1_i64)
}

fn selector() -> impl Strategy<
    Value = (
        u8,
        (u8, prop::sample::Index, i64),
        (u8, prop::sample::Index, i64),
    ),
> {
    (0..6_u8, bound(), bound())
}

/// What a page must be, found by looking at every event, of which some were taken back.
fn naive(events: &[Past], regretted: &[u64], query: &PageQuery) -> Vec<Past> {
    let position = |bound: &Bound| -> Option<(Timestamp, Option<u64>)> {
        match bound {
            Bound::Time(time) => Some((*time, None)),
            Bound::Msgid(msgid) => events
                .iter()
                .find(|past| past.msgid == *msgid)
                .map(|past| (past.time, Some(past.seq))),
        }
    };
    let is_before = |past: &Past, (time, seq): (Timestamp, Option<u64>)| match seq {
        Some(seq) => past.seq < seq,
        None => past.time < time,
    };
    let is_after = |past: &Past, (time, seq): (Timestamp, Option<u64>)| match seq {
        Some(seq) => past.seq > seq,
        None => past.time > time,
    };
    let shown = |past: &&Past| {
        (query.events || past.kind.is_message())
            && (query.restricted || past.reach == Reach::Room)
            && query.since.is_none_or(|since| past.time >= since)
            && !regretted.contains(&past.seq)
    };
    let first = |list: Vec<Past>, limit: usize| list.into_iter().take(limit).collect::<Vec<_>>();
    let last = |mut list: Vec<Past>, limit: usize| list.split_off(list.len().saturating_sub(limit));
    let select = |wanted: &dyn Fn(&Past) -> bool| -> Vec<Past> {
        events
            .iter()
            .filter(shown)
            .filter(|past| wanted(past))
            .cloned()
            .collect()
    };
    let limit = query.limit;
    let answer = || -> Option<Vec<Past>> {
        Some(match &query.selector {
            Selector::Latest(None) => last(select(&|_| true), limit),
            Selector::Latest(Some(bound)) => {
                let bound = position(bound)?;
                last(select(&|past| is_after(past, bound)), limit)
            }
            Selector::Before(bound) => {
                let bound = position(bound)?;
                last(select(&|past| is_before(past, bound)), limit)
            }
            Selector::After(bound) => {
                let bound = position(bound)?;
                first(select(&|past| is_after(past, bound)), limit)
            }
            Selector::Around(bound) => {
                let bound = position(bound)?;
                let mut page = last(select(&|past| is_before(past, bound)), limit / 2);
                page.extend(first(
                    select(&|past| !is_before(past, bound)),
                    limit - limit / 2,
                ));
                page
            }
            Selector::Between(one, other) => {
                let (one, other) = (position(one)?, position(other)?);
                if (one.0, one.1.unwrap_or(0)) <= (other.0, other.1.unwrap_or(0)) {
                    first(
                        select(&|past| is_after(past, one) && is_before(past, other)),
                        limit,
                    )
                } else {
                    last(
                        select(&|past| is_after(past, other) && is_before(past, one)),
                        limit,
                    )
                }
            }
        })
    };
    answer().unwrap_or_default()
}

/// A channel and a conversation with these events, and another channel between them that no page may show.
fn fill(scribe: &mut Scribe, happenings: &[(i64, Kind)]) {
    scribe.opens(TEA, "#tea");
    scribe.opens(CHESS, "#chess");
    let start = scribe.time;
    let mut records = Vec::new();
    let mut time = start;
    for (index, (later, kind)) in happenings.iter().enumerate() {
        time += later;
        let text = index.to_string();
        let what = match kind {
            Kind::Message | Kind::Regretted => said(Verb::Privmsg, &text),
            Kind::Event => What::Topic { text: text.into() },
            Kind::Restricted => What::Said {
                verb: Verb::Notice,
                text: text.into(),
                tags: Tags::new(),
                reach: Reach::Status('@'),
            },
        };
        let event = Event {
            time: Timestamp(time),
            ..scribe.event(&GUEST, what)
        };
        let mut rooms = vec![Room::Channel(TEA)];
        if index % 3 == 0 {
            rooms.insert(0, Room::Channel(CHESS));
        }
        records.push(Record {
            time: event.time,
            session: None,
            fact: Fact::Event { rooms, event },
        });
    }
    scribe.batch += 1;
    scribe
        .writer
        .append(BatchId(scribe.batch), &records)
        .unwrap();
    scribe.time = time;
}

fn everything(reader: &mut Reader) -> Vec<Past> {
    let query = PageQuery {
        restricted: true,
        ..page_query(Room::Channel(TEA), Selector::Latest(None), 1000, true)
    };
    reader.page(&query).unwrap().events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_what_a_look_at_every_event_gives(
        happenings in prop::collection::vec(happening(), 1..40),
        queries in prop::collection::vec((selector(), 0..12_usize, any::<bool>(), any::<bool>(), prop::option::of(any::<prop::sample::Index>())), 40),
    ) {
        for store in stores() {
            let mut scribe = Scribe::new(&store);
            fill(&mut scribe, &happenings);
            let mut reader = store.reader().unwrap();
            let events = everything(&mut reader);
            prop_assert_eq!(events.len(), happenings.len());
            prop_assert!(events.iter().enumerate().all(|(index, past)| past.seq == index as u64 + 1 && past.text == index.to_string()));
            let bound = |(what, which, aside): &(u8, prop::sample::Index, i64)| {
                let past = which.get(&events);
                match what {
                    0 => Bound::Msgid(Msgid("unknown".into())),
                    1 => Bound::Time(Timestamp(past.time.0 + aside)),
                    _ => Bound::Msgid(past.msgid.clone()),
                }
            };
            let regretted: Vec<u64> = happenings
                .iter()
                .zip(&events)
                .filter(|((_, kind), _)| *kind == Kind::Regretted)
                .map(|(_, past)| past.seq)
                .collect();
            for seq in &regretted {
                let msgid = events[*seq as usize - 1].msgid.clone();
                let what = What::Redacted { msgid, reason: "".into() };
                scribe.happens(&GUEST, &[Room::Channel(TEA)], what);
            }
            // What was taken back is still a place, and the taking back is an event.
            let mut all = events.clone();
            let taken_back = everything(&mut reader);
            all.extend(taken_back.into_iter().filter(|past| past.seq > events.len() as u64));
            for ((which, one, other), limit, with_events, restricted, since) in &queries {
                let (one, other) = (bound(one), bound(other));
                let selector = match which {
                    0 => Selector::Latest(None),
                    1 => Selector::Latest(Some(one)),
                    2 => Selector::Before(one),
                    3 => Selector::After(one),
                    4 => Selector::Around(one),
                    _ => Selector::Between(one, other),
                };
                let query = PageQuery {
                    since: since.map(|since| since.get(&events).time),
                    restricted: *restricted,
                    ..page_query(Room::Channel(TEA), selector, *limit, *with_events)
                };
                let page = reader.page(&query).unwrap();
                prop_assert_eq!(page.events, naive(&all, &regretted, &query), "{:?}", query);
                prop_assert_eq!(page.acl_version, Some(regretted.len() as u64));
            }
            let messages = happenings.len() + happenings.len().div_ceil(3) + regretted.len();
            prop_assert_eq!(reader.check_register().unwrap().messages, messages as u64);
        }
    }
}

#[test]
fn a_message_of_another_room_is_no_bound() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        // The event 0 is in both rooms, 1 and 2 in one.
        fill(&mut scribe, &[(1, Kind::Message); 3]);
        let mut reader = store.reader().unwrap();
        let events = everything(&mut reader);
        let mut around = |msgid: &Msgid, room| {
            let bound = Bound::Msgid(msgid.clone());
            let query = page_query(Room::Channel(room), Selector::Around(bound), 10, true);
            reader.page(&query).unwrap().events.len()
        };
        assert_eq!(around(&events[0].msgid, CHESS), 1);
        assert_eq!(around(&events[1].msgid, CHESS), 0);
        assert_eq!(around(&events[1].msgid, TEA), 3);
    }
}
