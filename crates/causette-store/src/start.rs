//! What a start does to the record before anything new comes into it.

use crate::engine::sqlite::recording::lane;
use crate::engine::{Moment, sqlite, write};
use crate::error::{Fault, StoreError};
use crate::plan::row::LaneRow;
use crate::{plan, recall};
use causette_core::id::{AccountId, BatchId, SessionId};
use causette_core::limits::{CLOCK_STEP_SECONDS, PING_AFTER_SECONDS, PONG_WITHIN_SECONDS};
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;
use std::path::Path;

/// How long a connection may have been dead before anybody noticed.
const SILENCE_SECONDS: i64 = (PING_AFTER_SECONDS + PONG_WITHIN_SECONDS) as i64;

/// Enters a step of the clock where what is on record lies after `now`, and closes every session that is still open. See
/// [`Store::start`](crate::Store::start).
pub(crate) fn settle(location: &Path, now: Timestamp) -> Result<usize, StoreError> {
    sqlite::change(location, |moment| {
        let (_, lane) = lane(moment)?;
        let mut records = Vec::new();
        let (time, steady) = match stepped(lane, now) {
            Some(step) => {
                let at = (step.time, step.steady);
                records.push(step);
                at
            }
            None => {
                let time = now.max(Timestamp(lane.last_time));
                (
                    time,
                    Timestamp(lane.last_steady + (time.0 - lane.last_time)),
                )
            }
        };
        let before = records.len();
        records.extend(closings(moment, lane, time, steady)?);
        let count = records.len() - before;
        append(moment, lane, &records)?;
        Ok(count)
    })
}

/// The step of a clock that shows an earlier time than what is on record has.
fn stepped(lane: LaneRow, now: Timestamp) -> Option<Record> {
    let from = Timestamp(lane.last_time);
    (now.plus_seconds(CLOCK_STEP_SECONDS) < from).then(|| Record {
        time: now,
        steady: Timestamp(lane.last_steady + 1),
        session: None,
        by: Who::Server,
        fact: Fact::ClockStepped { from, to: now },
    })
}

fn closings(
    moment: &Moment<'_>,
    lane: LaneRow,
    time: Timestamp,
    steady: Timestamp,
) -> Result<Vec<Record>, Fault> {
    // What was committed shortly before may not have reached anybody.
    let alive = Timestamp(lane.last_steady).plus_seconds(-SILENCE_SECONDS);
    let sessions = "SELECT id, account, address FROM session ORDER BY id";
    moment.all(sessions, &[], |row| {
        let session = SessionId(row.id(0)?);
        let account = row.maybe_int(1)?.map(i64::cast_unsigned).map(AccountId);
        let address = row.text(2)?.parse();
        Ok(Record {
            time,
            steady,
            session: Some(session),
            by: Who::Server,
            fact: Fact::SessionClosed {
                session,
                address: address
                    .map_err(|_| Fault::corrupt("a session from nowhere".to_owned()))?,
                account,
                last_seen: account.map(|_| alive),
                reason: "crash".into(),
            },
        })
    })
}

fn append(moment: &Moment<'_>, lane: LaneRow, records: &[Record]) -> Result<(), Fault> {
    if records.is_empty() {
        return Ok(());
    }
    let mut known = recall::begin(moment)?;
    let missing = known.missing(records);
    recall::read(moment, &mut known, &missing)?;
    // It is no batch of the recorder's.
    let batch = BatchId(lane.last_batch.cast_unsigned());
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes);
    let plan = plan::plan(batch, records, lane, &mut known, &mut random)?;
    write::write(moment, &plan)
}
