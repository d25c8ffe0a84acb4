//! A clock that was wrong for a while.

use crate::scribe::*;
use causette_core::event::Verb;
use causette_core::history::{
    Bound, Readable, ReplayQuery, ReplayedChannel, Selector, TargetChannel, TargetsQuery,
};
use causette_core::id::{BatchId, Room, SessionId};
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;
use causette_store::Store;

/// Seventy-three years.
const FAR: i64 = 73 * 365 * 86_400 * 1_000_000;

/// The clock is set an hour back, and all goes on.
pub(crate) fn steps_back(scribe: &mut Scribe) {
    let (from, hour) = (scribe.time, 3600 * 1_000_000);
    let at = |time: i64, fact| Record {
        time: Timestamp(time),
        steady: Timestamp(time + hour),
        session: None,
        by: Who::Guest(GUEST.id),
        fact,
    };
    scribe.time = from + 1 - hour;
    let step = Fact::ClockStepped {
        from: Timestamp(from),
        to: Timestamp(scribe.time),
    };
    let mut records = vec![Record {
        by: Who::Server,
        ..at(scribe.time, step)
    }];
    for room in [Room::Channel(TEA), Room::direct(BOB.id, GUEST.id)] {
        let event = scribe.event(&GUEST, said(Verb::Privmsg, "an hour before"));
        let rooms = vec![room];
        records.push(at(event.time.0, Fact::Event { rooms, event }));
    }
    let stopped = Fact::ServerStopped {
        reason: "stop".into(),
    };
    let closed = Fact::SessionClosed {
        session: SessionId(13),
        address: peer().address,
        account: None,
        last_seen: None,
        reason: "left".into(),
    };
    for fact in [closed, stopped] {
        let time = scribe.now();
        records.push(at(time.0, fact));
    }
    scribe.batch += 1;
    scribe
        .writer
        .append(BatchId(scribe.batch), &records)
        .unwrap();
}

/// Goes on as after a start: behind what the record has, at the time that the clock shows.
fn next(store: &Store, time: i64) -> Scribe {
    Scribe {
        time,
        ..Scribe::new(store)
    }
}

/// What is said with times of its own.
fn says(scribe: &mut Scribe, steady: i64, room: Room, text: &str) -> Timestamp {
    let event = scribe.event(&BOB, said(Verb::Privmsg, text));
    let time = event.time;
    let rooms = vec![room];
    let record = Record {
        time,
        steady: Timestamp(steady),
        session: None,
        by: Who::Account(causette_core::id::AccountId(BOB.id.0)),
        fact: Fact::Event { rooms, event },
    };
    scribe.batch += 1;
    let batch = BatchId(scribe.batch);
    scribe.writer.append(batch, &[record]).unwrap();
    time
}

#[test]
fn a_database_whose_times_lie_far_ahead_recovers_at_a_start() {
    for mut store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&ALICE);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let (tea, direct) = (Room::Channel(TEA), Room::direct(ALICE.id, BOB.id));
        let present = scribe.says(&BOB, tea, "present").time;
        scribe.time += FAR;
        let wrong = scribe.says(&BOB, tea, "2099").time;
        scribe.says(&BOB, direct, "2099 to Alice");
        let last = scribe.time;
        drop(scribe);

        let now = present.0 + 60_000_000;
        store.start(Timestamp(now)).unwrap();
        // What is a little late is no step.
        store.start(Timestamp(now - 2_000_000)).unwrap();
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.last_time, Timestamp(now));
        assert_eq!(snapshot.last_steady, Timestamp(last + 1));
        assert_eq!(snapshot.steps.len(), 1);
        assert_eq!(snapshot.steps[0].to, Timestamp(now));

        let mut scribe = next(&store, now);
        let back = says(&mut scribe, last + 2, tea, "back");
        says(&mut scribe, last + 3, direct, "back to Alice");
        let mut reader = store.reader().unwrap();
        reader.check_register().unwrap();
        let mut page = |selector| {
            let page = reader.page(&page_query(tea, selector, 10, true)).unwrap();
            page.events
                .iter()
                .map(|past| past.text.to_string())
                .collect::<Vec<_>>()
        };
        let all = ["present", "2099", "back"];
        assert_eq!(page(Selector::Latest(None)), all);
        // What was missed comes again rather than not at all.
        assert_eq!(page(Selector::After(Bound::Time(present))), all[1..]);
        // Whoever goes on from what they have seen misses nothing, in either direction.
        assert_eq!(page(Selector::After(Bound::Time(wrong))), all[2..]);
        assert_eq!(page(Selector::Before(Bound::Time(back))), all[..2]);
        assert_eq!(page(Selector::Before(Bound::Time(wrong))), all[..1]);
        // Nothing was said just then.
        let between = Timestamp(back.0 - 10_000_000);
        assert_eq!(page(Selector::Before(Bound::Time(between))), all[..1]);
        assert_eq!(page(Selector::Before(Bound::Time(Timestamp::MAX))), all);
        let latest = Selector::Latest(Some(Bound::Time(present)));
        assert_eq!(page(latest), all[1..]);

        let targets = |from, to| {
            let query = TargetsQuery {
                user: ALICE.id,
                channels: vec![TargetChannel {
                    room: TEA,
                    readable: Readable::default(),
                    restricted: false,
                }],
                from,
                to,
                limit: 10,
            };
            let targets = store.reader().unwrap().targets(&query).unwrap();
            targets
                .into_iter()
                .map(|target| target.name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(targets(present, scribe.now()), ["#tea", "bob"]);
        // Rights and absence go by the clock that never goes back.
        let replay = |since: i64, before: i64| {
            let query = ReplayQuery {
                channels: vec![ReplayedChannel {
                    room: TEA,
                    name: "#tea".into(),
                    readable: Readable::since(Timestamp(since)),
                    from: None,
                    acl_version: 0,
                }],
                direct_since: Some(Timestamp(since)),
                direct_with: None,
                before: Timestamp(before),
                limit: 10,
                direct_limit: 10,
            };
            let replay = store.reader().unwrap().replay(&query, ALICE.id).unwrap();
            let texts = |list: &[_]| texts(list).join(", ");
            (texts(&replay.channels[0].1), texts(&replay.direct))
        };
        let told = |channel: &str, direct: &str| (channel.to_owned(), direct.to_owned());
        assert_eq!(replay(last + 1, i64::MAX), told("back", "back to Alice"));
        assert_eq!(replay(wrong.0, last + 2), told("2099", "2099 to Alice"));
    }
}

/// An hour that comes twice, and once more: what is said in it is interleaved by its times.
#[test]
fn whoever_pages_by_time_across_an_hour_that_comes_again_misses_nothing_and_ends() {
    const MINUTE: i64 = 60_000_000;
    for mut store in stores() {
        let mut scribe = Scribe::new(&store);
        scribe.signs_up(&BOB);
        scribe.opens(TEA, "#tea");
        let tea = Room::Channel(TEA);
        let (start, mut steady, mut number) = (scribe.time + MINUTE, scribe.time + MINUTE, 0);
        for offset in [0, 1_000, 2_000] {
            drop(scribe);
            store.start(Timestamp(start + offset)).unwrap();
            steady = steady.max(store.snapshot().unwrap().last_steady.0);
            scribe = next(&store, start + offset);
            for _ in 0..20 {
                steady += MINUTE;
                scribe.time += MINUTE;
                number += 1;
                says(&mut scribe, steady, tea, &number.to_string());
            }
        }
        let mut reader = store.reader().unwrap();
        reader.check_register().unwrap();
        let mut page = |selector| {
            let page = reader.page(&page_query(tea, selector, 7, true)).unwrap();
            let of = |past: &causette_core::history::Past| (past.text.to_string(), past.time);
            page.events.iter().map(of).collect::<Vec<_>>()
        };
        let mut seen: Vec<String> = Vec::new();
        let mut bound = Selector::Latest(None);
        loop {
            let told = page(bound);
            let Some((_, oldest)) = told.first() else {
                break;
            };
            bound = Selector::Before(Bound::Time(*oldest));
            seen.splice(..0, told.into_iter().map(|(text, _)| text));
            assert!(seen.len() <= 60, "paging back does not end");
        }
        let all: Vec<String> = (1..=60).map(|number| number.to_string()).collect();
        assert_eq!(seen, all);
        let mut seen: Vec<String> = Vec::new();
        let mut bound = Selector::After(Bound::Time(Timestamp(0)));
        loop {
            let told = page(bound);
            let Some((_, newest)) = told.last() else {
                break;
            };
            bound = Selector::After(Bound::Time(*newest));
            seen.extend(told.into_iter().map(|(text, _)| text));
            assert!(seen.len() <= 60, "paging on does not end");
        }
        assert_eq!(seen, all);
    }
}
