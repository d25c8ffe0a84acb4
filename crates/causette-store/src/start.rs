//! What a start does to the record before anything new comes into it.

use crate::engine::recording::lane;
use crate::engine::{Database, Moment, change, write};
use crate::error::{Fault, StoreError};
use crate::plan::row::LaneRow;
use crate::register::opened;
use crate::{plan, recall};
use causette_core::id::{AccountId, BatchId, SessionId};
use causette_core::limits::{CLOCK_STEP_SECONDS, PING_AFTER_SECONDS, PONG_WITHIN_SECONDS};
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;
use std::net::IpAddr;

/// How long a connection may have been dead before anybody noticed.
const SILENCE_SECONDS: i64 = (PING_AFTER_SECONDS + PONG_WITHIN_SECONDS) as i64;

/// Enters a step of the clock where what is on record lies after `now`, and closes every session that is still open. See
/// [`Store::start`](crate::Store::start).
pub(crate) fn settle(database: &Database, now: Timestamp) -> Result<Started, StoreError> {
    change(database, |moment| {
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
        let (closings, started) = closings(moment, lane, time, steady)?;
        records.extend(closings);
        append(moment, lane, &records)?;
        Ok(started)
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

/// What became of the sessions that the last run has left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// How many were closed: a crash had left them open.
    pub closed: usize,
    /// Those whose rows are not what the register says. Where it tells of them at all they were closed as it says, and else
    /// their rows are left as they are.
    pub altered: Vec<SessionId>,
}

/// A session that is open by its row.
struct Open {
    session: SessionId,
    address: Option<IpAddr>,
    account: Option<AccountId>,
    opened: Timestamp,
}

fn closings(
    moment: &Moment<'_>,
    lane: LaneRow,
    time: Timestamp,
    steady: Timestamp,
) -> Result<(Vec<Record>, Started), Fault> {
    // What was committed shortly before may not have reached anybody.
    let alive = Timestamp(lane.last_steady).plus_seconds(-SILENCE_SECONDS);
    let sessions = "SELECT id, account, address, opened FROM session ORDER BY id";
    let sessions = moment.all(sessions, &[], |row| {
        Ok(Open {
            session: SessionId(row.id(0)?),
            account: row.maybe_int(1)?.map(i64::cast_unsigned).map(AccountId),
            address: row.text(2)?.parse().ok(),
            opened: row.time(3)?,
        })
    })?;
    let told = opened::read(moment, sessions.iter().map(|open| open.session))?;
    let mut started = Started::default();
    let mut records = Vec::new();
    for open in sessions {
        let session = open.session;
        let told = told.get(&session).copied().unwrap_or_default();
        let by_row = open.address.map(|address| (address, open.opened));
        if told.is_closed || told.from != by_row || told.account != open.account {
            started.altered.push(session);
        }
        let Some((address, _)) = told.from.filter(|_| !told.is_closed) else {
            continue;
        };
        records.push(Record {
            time,
            steady,
            session: Some(session),
            by: Who::Server,
            fact: Fact::SessionClosed {
                session,
                address,
                account: told.account,
                last_seen: told
                    .account
                    .filter(|_| !told.is_unattended())
                    .map(|_| alive),
                reason: "crash".into(),
            },
        });
    }
    started.closed = records.len();
    Ok((records, started))
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
