//! Pages of a room, against a look at every event.

use crate::scribe::{CHESS, GUEST, Scribe, TEA, page_query, said, said_to, stores};
use causette_core::event::{Event, Kind, Reach, Verb, What};
use causette_core::history::{Bound, PageQuery, Past, Readable, Selector};
use causette_core::id::{BatchId, Msgid, Room};
use causette_core::input::Found;
use causette_core::record::{Fact, Record, Who};
use causette_proto::{Casemap, Nick, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

/// What happens in the room that pages are asked of.
#[derive(Clone, Debug)]
enum Happening {
    Said(Verb, Reach),
    Topic,
    /// An earlier event, whatever it is, is taken back.
    TakenBack(Index),
    /// Somebody takes another name, here and in the other room.
    Renamed,
    /// The clock is set so much earlier or later.
    Stepped(i64),
}

/// How much later than the one before it, and what.
fn happening() -> impl Strategy<Value = (i64, Happening)> {
    let verb = prop_oneof![Just(Verb::Privmsg), Just(Verb::Notice), Just(Verb::Tagmsg)];
    let reach = prop_oneof![
        2 => Just(Reach::Room),
        1 => Just(Reach::Status('@')),
        1 => Just(Reach::Operators),
        1 => Just(Reach::Closed),
    ];
    let what = prop_oneof![
        3 => (verb, reach).prop_map(|(verb, reach)| Happening::Said(verb, reach)),
        1 => Just(Happening::Topic),
        1 => any::<Index>().prop_map(Happening::TakenBack),
        1 => Just(Happening::Renamed),
        1 => prop_oneof![-60..60_i64, -3000..3000_i64].prop_map(Happening::Stepped),
    ];
    // What lies within a millisecond, and what does not.
    let later = prop_oneof![Just(0_i64), Just(1), 2..40_i64, 300..2500_i64];
    (later, what)
}

/// An event of the room, and whether it has been taken back since.
#[derive(Clone, Debug)]
struct Told {
    past: Past,
    steady: Timestamp,
    /// How often the clock went back before: in between, times rise.
    span: usize,
    taken_back: bool,
}

impl Told {
    fn is_said(&self) -> bool {
        matches!(self.past.kind, Kind::Privmsg | Kind::Notice | Kind::Tagmsg)
    }

    fn is_shown(&self, query: &PageQuery) -> bool {
        !self.taken_back
            && (query.events || self.past.kind.is_message())
            && (query.restricted || matches!(self.past.reach, Reach::Room | Reach::Closed))
            && query.readable.holds(self.past.reach, self.steady)
    }
}

/// A bound, drawn from the events there are, as (what, which).
fn bound() -> impl Strategy<Value = (u8, Index, i64)> {
    let aside = prop_oneof![-1..=1_i64, Just(-1000), Just(1000)];
    (0..4_u8, any::<Index>(), aside)
}

fn selector() -> impl Strategy<Value = (u8, (u8, Index, i64), (u8, Index, i64))> {
    (0..6_u8, bound(), bound())
}

/// A steady time near that of one of the events, or none.
fn since() -> impl Strategy<Value = Option<(Index, i64)>> {
    prop::option::of((any::<Index>(), -1..=1_i64))
}

/// What a page must be, found by looking at every event.
fn naive((events, spans): (&[Told], &[(i64, i64)]), query: &PageQuery) -> Vec<Past> {
    // The spans with something in the very millisecond: the first of them for what is behind it, the last for what is before.
    let said_at = |time: Timestamp| {
        let is_then = move |told: &Told| (time.0..time.0 + 1000).contains(&told.past.time.0);
        let said = events.iter().filter(move |told| is_then(told));
        said.map(|told| told.span)
    };
    // Where a bound lies: the first place that is not before it, and the last that is not behind it. Where nothing was said at a
    // time, it is the first moment at which the clock showed it for what is behind, the last for what is before.
    let holds = |(start, end): &(i64, i64), time: Timestamp| (*start..=*end).contains(&time.0);
    let position = |bound: &Bound| -> Option<(u64, u64)> {
        match bound {
            Bound::Time(time) => {
                let time = &time.whole_millisecond();
                let end = Timestamp(time.0 + 999);
                let last = spans.iter().rposition(|span| holds(span, *time)).unwrap();
                let last = said_at(*time).next_back().unwrap_or(last);
                let before = events
                    .iter()
                    .filter(|told| (told.span, told.past.time) < (last, *time))
                    .count();
                let first = spans.iter().position(|span| holds(span, *time)).unwrap();
                let first = said_at(*time).next().unwrap_or(first);
                let after = events
                    .iter()
                    .filter(|told| (told.span, told.past.time) <= (first, end))
                    .count();
                Some((before as u64 + 1, after as u64))
            }
            Bound::Msgid(msgid) => events
                .iter()
                .find(|told| told.past.msgid == *msgid)
                .map(|told| (told.past.seq, told.past.seq)),
        }
    };
    let is_before = |past: &Past, (first, _): (u64, u64)| past.seq < first;
    let is_after = |past: &Past, (_, last): (u64, u64)| past.seq > last;
    let first = |list: Vec<Past>, limit: usize| list.into_iter().take(limit).collect::<Vec<_>>();
    let last = |mut list: Vec<Past>, limit: usize| list.split_off(list.len().saturating_sub(limit));
    let select = |wanted: &dyn Fn(&Past) -> bool| -> Vec<Past> {
        events
            .iter()
            .filter(|told| told.is_shown(query) && wanted(&told.past))
            .map(|told| told.past.clone())
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
            Selector::Between(first_bound, second_bound) => {
                let (one, other) = (position(first_bound)?, position(second_bound)?);
                let is_older = match (first_bound, second_bound) {
                    (Bound::Time(one), Bound::Time(other)) => {
                        one.whole_millisecond() <= other.whole_millisecond()
                    }
                    _ => one.0 <= other.0,
                };
                if is_older {
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

/// A channel with these events, and another that has every third of them, so that names of messages are not its own.
fn fill(scribe: &mut Scribe, happenings: &[(i64, Happening)]) -> (Vec<Told>, Vec<(i64, i64)>) {
    scribe.opens(TEA, "#tea");
    scribe.opens(CHESS, "#chess");
    let mut records = Vec::new();
    let mut told: Vec<Told> = Vec::new();
    let (mut time, mut steady) = (scribe.time, scribe.time);
    // The edges of what lies between two steps back of the clock.
    let mut spans = vec![(i64::MIN, i64::MAX)];
    for (index, (later, happening)) in happenings.iter().enumerate() {
        time += later;
        steady += later;
        let text = index.to_string();
        let what = match happening {
            Happening::TakenBack(which) if !told.is_empty() => {
                let earlier = which.index(told.len());
                let earlier = &mut told[earlier];
                earlier.taken_back |= earlier.is_said();
                What::Redacted {
                    msgid: earlier.past.msgid.clone(),
                    reason: "".into(),
                    said_by: earlier.past.author,
                    reach: earlier.past.reach,
                }
            }
            Happening::Said(verb, reach) => said_to(*reach, *verb, &text),
            Happening::Topic | Happening::TakenBack(_) => What::Topic { text: text.into() },
            Happening::Renamed => What::Renamed {
                nick: Nick::parse(&format!("nick{text}"), 32, Casemap::Ascii).unwrap(),
            },
            Happening::Stepped(by) => {
                let from = Timestamp(time);
                time += by;
                let to = Timestamp(time);
                if *by < 0 {
                    spans.last_mut().unwrap().1 = from.0;
                    spans.push((to.0, i64::MAX));
                }
                let stepped = Fact::ClockStepped { from, to };
                records.push(at(to, steady, Who::Server, stepped));
                continue;
            }
        };
        let event = Event {
            time: Timestamp(time),
            closed: index % 4 == 1,
            ..scribe.event(&GUEST, what)
        };
        told.push(Told {
            past: Past {
                seq: told.len() as u64 + 1,
                time: event.time,
                msgid: event.msgid.clone(),
                author: event.author,
                source: event.source.clone(),
                account: None,
                kind: event.what.kind(),
                reach: event.reach(),
                text: event.what.text(),
                tags: "".into(),
            },
            steady: Timestamp(steady),
            span: spans.len() - 1,
            taken_back: false,
        });
        let mut rooms = vec![Room::Channel(TEA)];
        if index % 3 == 0 {
            rooms.insert(0, Room::Channel(CHESS));
        }
        let by = Who::Guest(event.author);
        records.push(at(event.time, steady, by, Fact::Event { rooms, event }));
    }
    scribe.batch += 1;
    scribe
        .writer
        .append(BatchId(scribe.batch), &records)
        .unwrap();
    scribe.time = time;
    (told, spans)
}

fn at(time: Timestamp, steady: i64, by: Who, fact: Fact) -> Record {
    Record {
        time,
        steady: Timestamp(steady),
        session: None,
        by,
        fact,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_what_a_look_at_every_event_gives(
        happenings in prop::collection::vec(happening(), 1..40),
        queries in prop::collection::vec(
            (selector(), 0..12_usize, any::<[bool; 2]>(), [since(), since(), since()]),
            40,
        ),
    ) {
        for store in stores() {
            let mut scribe = Scribe::new(&store);
            let (told, spans) = fill(&mut scribe, &happenings);

            prop_assume!(!told.is_empty());
            let mut reader = store.reader().unwrap();
            let bound = |(what, which, aside): &(u8, Index, i64)| {
                let past = &which.get(&told).past;
                match what {
                    0 => Bound::Msgid(Msgid("unknown".into())),
                    1 => Bound::Time(Timestamp(past.time.0 + aside)),
                    _ => Bound::Msgid(past.msgid.clone()),
                }
            };
            for ((which, one, other), limit, [events, restricted], times) in &queries {
                let (one, other) = (bound(one), bound(other));
                let selector = match which {
                    0 => Selector::Latest(None),
                    1 => Selector::Latest(Some(one)),
                    2 => Selector::Before(one),
                    3 => Selector::After(one),
                    4 => Selector::Around(one),
                    _ => Selector::Between(one, other),
                };
                let [since, closed_since, opened] = times.map(|time| {
                    time.map(|(which, aside)| Timestamp(which.get(&told).steady.0 + aside))
                });
                let query = PageQuery {
                    readable: Readable { since, closed_since, opened },
                    restricted: *restricted,
                    ..page_query(Room::Channel(TEA), selector, *limit, *events)
                };
                let page = reader.page(&query).unwrap();
                prop_assert_eq!(page.events, naive((&told, &spans), &query), "{:?}", query);
                let taken_back = told.iter().filter(|told| told.past.kind == Kind::Redact).count();
                prop_assert_eq!(page.acl_version, Some(taken_back as u64));
            }
            for told in &told {
                let past = &told.past;
                let found = reader.find_message(Room::Channel(TEA), &past.msgid).unwrap();
                let expected = Found {
                    author: past.author,
                    time: past.time,
                    steady: told.steady,
                    reach: past.reach,
                };
                prop_assert_eq!(found, (told.is_said() && !told.taken_back).then_some(expected));
            }
            let counts = reader.check_register().unwrap();
            let others = store.snapshot().unwrap().steps.len() as u64 + 2;
            prop_assert_eq!(counts.messages + counts.shared + others, counts.entries);
            let both = reader.page(&page_query(Room::Channel(CHESS), Selector::Latest(None), 100, true)).unwrap();
            let hidden = told.iter().filter(|told| told.taken_back || told.past.reach != Reach::Room).count();
            prop_assert!(counts.messages + counts.places <= (told.len() + both.events.len() + hidden) as u64);
        }
    }
}

#[test]
fn a_message_of_another_room_is_no_bound() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.opens(TEA, "#tea");
        scribe.opens(CHESS, "#chess");
        let both = [Room::Channel(CHESS), Room::Channel(TEA)];
        let shared = scribe.happens(&GUEST, &both, said(Verb::Privmsg, "0"));
        let own = scribe.says(&GUEST, Room::Channel(TEA), "1");
        scribe.says(&GUEST, Room::Channel(TEA), "2");
        let mut reader = store.reader().unwrap();
        let mut around = |msgid: &Msgid, room| {
            let bound = Bound::Msgid(msgid.clone());
            let query = page_query(Room::Channel(room), Selector::Around(bound), 10, true);
            reader.page(&query).unwrap().events.len()
        };
        assert_eq!(around(&shared.msgid, CHESS), 1);
        assert_eq!(around(&own.msgid, CHESS), 0);
        assert_eq!(around(&own.msgid, TEA), 3);
        assert_eq!(
            reader
                .find_message(Room::Channel(CHESS), &own.msgid)
                .unwrap(),
            None
        );
        let nowhere = Room::direct(GUEST.id, GUEST.id);
        assert_eq!(reader.find_message(nowhere, &own.msgid).unwrap(), None);
    }
}
