//! What a batch of records becomes: rows, before anything is written.
//!
//! Pure code. From the facts and what the writer remembers ([`Known`]) it makes a [`Plan`]: the rows of the tables that only
//! grow, and the changes of the others in their order. What is not remembered is read before, once for the whole batch
//! ([`Known::missing`]). Random bytes are an argument.

pub(crate) mod class;
mod event;
mod fact;
pub(crate) mod known;
mod register;
pub(crate) mod row;
mod subject;

use crate::error::Fault;
use causette_core::id::BatchId;
use causette_core::record::{Fact, Record};
use known::Known;
use register::Salts;
use row::{Change, EntryRow, HeadRow, LaneRow, MessageRow, PlaceRow, SharedRow};
use std::collections::HashSet;

/// Gives random bytes.
pub(crate) type Random<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), getrandom::Error>;

/// What is written in one transaction.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The register's entries, with what they commit to.
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) messages: Vec<MessageRow>,
    /// What happened in several rooms at once, and its places in them.
    pub(crate) shared: Vec<SharedRow>,
    pub(crate) places: Vec<PlaceRow>,
    /// What changes in the other tables, in order, behind all rows above.
    pub(crate) changes: Vec<Change>,
    /// What moved once for the whole batch.
    pub(crate) heads: Vec<HeadRow>,
    pub(crate) lane: LaneRow,
    /// The number of each record's entry; the first, where it has several.
    pub(crate) numbers: Vec<Option<u64>>,
}

/// Plans a batch.
///
/// # Errors
/// A record that contradicts those before it, and a system without random bytes.
pub(crate) fn plan(
    batch: BatchId,
    records: &[Record],
    lane: LaneRow,
    known: &mut Known,
    random: Random<'_>,
) -> Result<Plan, Fault> {
    let lane = LaneRow {
        last_batch: batch.0.cast_signed(),
        ..lane
    };
    let mut planning = Planning::new(lane, records.len(), known, random);
    for record in records {
        planning.record(record)?;
    }
    Ok(planning.finish())
}

/// A batch that is being planned.
struct Planning<'a> {
    plan: Plan,
    known: &'a mut Known,
    /// The rooms whose heads have moved.
    touched: Vec<i64>,
    /// The accounts that this batch makes.
    accounts: HashSet<u64>,
    salts: Salts<'a>,
}

impl<'a> Planning<'a> {
    fn new(lane: LaneRow, records: usize, known: &'a mut Known, random: Random<'a>) -> Self {
        Self {
            plan: Plan {
                entries: Vec::with_capacity(records),
                messages: Vec::with_capacity(records),
                shared: Vec::new(),
                places: Vec::new(),
                changes: Vec::new(),
                heads: Vec::new(),
                lane,
                numbers: Vec::with_capacity(records),
            },
            known,
            touched: Vec::new(),
            accounts: HashSet::new(),
            salts: Salts::new(random),
        }
    }

    fn record(&mut self, record: &Record) -> Result<(), Fault> {
        let lane = &mut self.plan.lane;
        lane.last_time = match record.fact {
            // The one fact by which it may go back.
            Fact::ClockStepped { .. } => record.time.0,
            _ => lane.last_time.max(record.time.0),
        };
        lane.last_steady = lane.last_steady.max(record.steady.0);
        if let Some(session) = record.session {
            self.given(session.0);
        }
        let first = self.known.next_entry();
        match &record.fact {
            Fact::Event { rooms, event } => self.event(record, rooms, event)?,
            _ => self.fact(record)?,
        }
        let number = (self.known.next_entry() > first).then_some(first.cast_unsigned());
        self.plan.numbers.push(number);
        Ok(())
    }

    /// Notes an id that the core has given.
    fn given(&mut self, id: u64) {
        self.plan.lane.last_id = self.plan.lane.last_id.max(id);
    }

    fn change(&mut self, change: impl Into<Change>) {
        self.plan.changes.push(change.into());
    }

    fn finish(mut self) -> Plan {
        let known = self.known;
        let heads = self.touched.iter().filter_map(|room| known.settled(*room));
        self.plan.heads.extend(heads);
        self.plan
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::known::{Conversation, Person};
    use super::*;
    use crate::plan::known::Missing;
    use crate::plan::row::{HeadRow, InsideChange};
    use causette_core::event::{Event, Reach, Verb, What};
    use causette_core::id::{AccountId, Marked, Msgid, Room, RoomId, SessionId, UserId};
    use causette_core::record::Who;
    use causette_proto::Timestamp;
    use causette_proto::{Casemap, ChannelName, Tags};

    const LANE: LaneRow = LaneRow {
        last_batch: 3,
        last_time: 5,
        last_steady: 5,
        last_id: 8,
    };

    fn record(time: i64, fact: Fact) -> Record {
        Record {
            time: Timestamp(time),
            steady: Timestamp(time),
            session: Some(SessionId(13)),
            by: Who::Guest(UserId(13)),
            fact,
        }
    }

    fn said(time: i64, rooms: &[Room], text: &str) -> Record {
        let event = Event {
            msgid: Msgid(format!("m{time}").into()),
            time: Timestamp(time),
            author: UserId(13),
            source: "zoe!z@h".into(),
            account: None,
            hidden: false,
            closed: false,
            what: What::Said {
                verb: Verb::Privmsg,
                text: text.into(),
                tags: Tags::new(),
                reach: Reach::Room,
            },
        };
        let rooms = rooms.to_vec();
        record(time, Fact::Event { rooms, event })
    }

    fn opened(room: u64) -> Record {
        let opened = Fact::RoomOpened {
            room: RoomId(room),
            name: ChannelName::parse("#tea", 32, Casemap::Ascii).unwrap(),
            permanent: false,
            modes: "+nt".into(),
        };
        record(6, opened)
    }

    fn planned(known: &mut Known, records: &[Record]) -> Result<Plan, Fault> {
        let mut count = 0;
        let mut random = |bytes: &mut [u8]| {
            for byte in bytes {
                count += 1;
                *byte = count as u8;
            }
            Ok(())
        };
        plan(BatchId(4), records, LANE, known, &mut random)
    }

    #[test]
    fn each_record_has_the_number_of_its_first_entry() {
        let mut known = Known::new(7, -1);
        let (tea, chess) = (Room::Channel(RoomId(10)), Room::Channel(RoomId(12)));
        let marker = Fact::MarkerSet {
            account: AccountId(2),
            of: Marked::Channel("#tea".into()),
            time: Timestamp(1),
        };
        let records = [
            opened(10),
            opened(12),
            said(7, &[tea, chess], "a"),
            record(8, marker),
            said(9, &[tea], "b"),
        ];
        let plan = planned(&mut known, &records).unwrap();
        assert_eq!(plan.numbers, [Some(7), Some(8), Some(9), None, Some(11)]);
        let entries: Vec<i64> = plan.entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(entries, [7, 8, 9, 10, 11]);
        let places = plan
            .messages
            .iter()
            .map(|row| (row.room, row.seq, row.entry));
        assert_eq!(
            places.collect::<Vec<_>>(),
            [(10, 1, 9), (12, 1, 10), (10, 2, 11)]
        );
        let lane = LaneRow {
            last_batch: 4,
            last_time: 9,
            last_steady: 9,
            last_id: 13,
        };
        assert_eq!(plan.lane, lane);
        let head = |room, last_seq, last_time| HeadRow {
            room,
            last_seq,
            last_time,
            acl_version: 0,
        };
        assert_eq!(plan.heads, [head(10, 2, 9), head(12, 1, 7)]);

        // The next batch goes on from there, and reads nothing.
        let next = [said(10, &[chess], "c")];
        assert_eq!(known.missing(&next), Missing::default());
        let plan = planned(&mut known, &next).unwrap();
        assert_eq!(plan.numbers, [Some(12)]);
        assert_eq!(plan.heads, [head(12, 2, 10)]);
        assert_eq!(plan.changes, [], "the month has its key already");
    }

    #[test]
    fn what_has_to_be_read_is_asked_for_once() {
        let mut known = Known::new(0, -1);
        let direct = Room::direct(UserId(13), UserId(2));
        let tea = Room::Channel(RoomId(10));
        let records = [
            said(7, &[direct], "a"),
            said(8, &[tea, direct], "b"),
            said(9, &[tea], "c"),
        ];
        let missing = Missing {
            rooms: vec![10],
            conversations: vec![(UserId(2), UserId(13))],
            months: vec!["1970-01".to_owned()],
        };
        assert_eq!(known.missing(&records), missing);
        // A room that was not found is not there.
        let refused = planned(&mut known, &records[2..]);
        assert!(matches!(refused, Err(Fault::Contradiction(_))));
    }

    #[test]
    fn a_conversation_begins_with_the_first_message() {
        let mut known = Known::new(0, -5);
        let person = |id, has_account| Person {
            id: UserId(id),
            has_account,
            nick: None,
        };
        known.conversation_read(Conversation {
            room: None,
            people: [person(2, true), person(13, false)],
        });
        let (low, high) = (UserId(2), UserId(13));
        let records = [
            said(7, &[Room::direct(high, low)], "a"),
            said(8, &[Room::direct(low, high)], "b"),
        ];
        let plan = planned(&mut known, &records).unwrap();
        let places: Vec<_> = plan
            .messages
            .iter()
            .map(|row| (row.room, row.seq))
            .collect();
        assert_eq!(places, [(-5, 1), (-5, 2)]);
        let begun = InsideChange::ConversationBegun {
            room: -5,
            key: Room::Direct(low, high),
            low,
            high,
            created: Timestamp(7),
        };
        let nick = InsideChange::PeerNick {
            person: low,
            room: -5,
            nick: "zoe".into(),
        };
        assert_eq!(plan.changes[..2], [begun.into(), nick.into()]);
        assert!(
            matches!(&plan.changes[2..], [Change::MonthKey { month, .. }] if month == "1970-01")
        );
        assert!(plan.entries[0].meta.contains(r#""cible":"account:2""#));
        assert_eq!(plan.entries[0].target, plan.entries[1].target);
    }
}
