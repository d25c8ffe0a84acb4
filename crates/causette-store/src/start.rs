//! What a start does to the record before anything new comes into it.

use crate::engine::sqlite::recording::lane;
use crate::engine::{Moment, sqlite, write};
use crate::error::{Fault, StoreError};
use crate::{plan, recall};
use causette_core::id::{AccountId, BatchId, SessionId};
use causette_core::limits::{PING_AFTER_SECONDS, PONG_WITHIN_SECONDS};
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;
use std::path::Path;

/// How long a connection may have been dead before anybody noticed.
const SILENCE_SECONDS: i64 = (PING_AFTER_SECONDS + PONG_WITHIN_SECONDS) as i64;

/// Closes every session that is still open. See [`Store::start`](crate::Store::start).
pub(crate) fn close_crashed(location: &Path, now: Timestamp) -> Result<usize, StoreError> {
    sqlite::change(location, |moment| close_all(moment, now))
}

fn close_all(moment: &Moment<'_>, now: Timestamp) -> Result<usize, Fault> {
    let (_, lane) = lane(moment)?;
    let last_time = Timestamp(lane.last_time);
    // The register never goes back, even where the clock did.
    let time = now.max(last_time);
    // What was committed shortly before may not have reached anybody.
    let alive = last_time.plus_seconds(-SILENCE_SECONDS);
    let sessions = "SELECT id, account, address FROM session ORDER BY id";
    let records = moment.all(sessions, &[], |row| {
        let session = SessionId(row.id(0)?);
        let account = row.maybe_int(1)?.map(i64::cast_unsigned).map(AccountId);
        let address = row.text(2)?.parse();
        Ok(Record {
            time,
            steady: time,
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
    })?;
    if records.is_empty() {
        return Ok(0);
    }
    let mut known = recall::begin(moment)?;
    let missing = known.missing(&records);
    recall::read(moment, &mut known, &missing)?;
    // It is no batch of the recorder's.
    let batch = BatchId(lane.last_batch.cast_unsigned());
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes);
    let plan = plan::plan(batch, &records, lane, &mut known, &mut random)?;
    write::write(moment, &plan)?;
    Ok(records.len())
}
