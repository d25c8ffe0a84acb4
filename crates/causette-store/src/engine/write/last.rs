//! Writes what a batch moves last: how far the rooms and the recorder have come.

use crate::engine::insert::{Kind, Many};
use crate::engine::{Moment, Value, values};
use crate::error::Fault;
use crate::plan::Plan;
use crate::plan::row::{HeadRow, LaneRow};
#[cfg(feature = "sql")]
use std::fmt::Write as _;

/// Rooms that go with the last message to a server; where more have moved, they are written before, by one statement.
#[cfg(feature = "sql")]
const LAST_HEADS: usize = 4;

static HEADS: Many = Many::update(
    "room",
    &[
        ("id", Kind::Int),
        ("last_seq", Kind::Int),
        ("last_time", Kind::Int),
        ("acl_version", Kind::Int),
    ],
);

/// Writes it; the transaction goes on.
pub(super) fn write(moment: &Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    moment.write(&HEADS, plan.heads.iter().map(head))?;
    lane(moment, plan.lane)
}

/// Writes it and keeps everything. A server is told all of that in one message: each costs a way there and back.
pub(super) fn commit(moment: Moment<'_>, plan: &Plan) -> Result<(), Fault> {
    #[cfg(feature = "sql")]
    if let Some(connection) = moment.server() {
        let mut last = String::new();
        match plan.heads.len() {
            0..=LAST_HEADS => plan
                .heads
                .iter()
                .for_each(|row| spell_head(&mut last, *row)),
            _ => moment.write(&HEADS, plan.heads.iter().map(head))?,
        }
        spell_lane(&mut last, plan.lane);
        return connection.borrow_mut().commit_with(&last);
    }
    write(&moment, plan)?;
    moment.commit()
}

fn head(row: &HeadRow) -> [Value<'static>; 4] {
    [
        row.room.into(),
        row.last_seq.into(),
        row.last_time.into(),
        row.acl_version.into(),
    ]
}

fn lane(moment: &Moment<'_>, lane: LaneRow) -> Result<(), Fault> {
    moment.run(
        "UPDATE lane SET last_batch = ?, last_time = ?, last_steady = ?, last_id = ? WHERE lane = 0",
        values![
            lane.last_batch,
            lane.last_time,
            lane.last_steady,
            lane.last_id
        ],
    )?;
    Ok(())
}

/// There is nothing in it but numbers.
#[cfg(feature = "sql")]
fn spell_head(sql: &mut String, row: HeadRow) {
    let HeadRow {
        room,
        last_seq,
        last_time,
        acl_version,
    } = row;
    // Writing into a string never fails.
    let _ = write!(
        sql,
        "UPDATE room SET last_seq = {last_seq}, last_time = {last_time}, acl_version = {acl_version} WHERE id = {room}; "
    );
}

#[cfg(feature = "sql")]
fn spell_lane(sql: &mut String, lane: LaneRow) {
    let LaneRow {
        last_batch,
        last_time,
        last_steady,
        last_id,
    } = lane;
    let last_id = last_id.cast_signed();
    // Writing into a string never fails.
    let _ = write!(
        sql,
        "UPDATE lane SET last_batch = {last_batch}, last_time = {last_time}, last_steady = {last_steady}, last_id = {last_id} WHERE lane = 0"
    );
}
