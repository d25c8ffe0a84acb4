//! Where in the register a time lies: entries are not indexed by it, but between two steps of the clock times rise with the
//! numbers.

use super::whole;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::register::words::MESSAGE_SUPPRESSION;
use causette_proto::Timestamp;

/// Spans of entries in which times rise: the first and the one behind the last.
pub(super) fn spans(eras: &Eras, end: u64) -> Vec<(u64, u64)> {
    let starts: Vec<u64> = eras
        .spans()
        .iter()
        .map(|span| u64::try_from(span.entry).unwrap_or(0).min(end))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().copied().zip(ends).collect()
}

/// The first entry of a span that is not before a time; its end where there is none.
pub(super) fn first_from(
    moment: &Moment<'_>,
    (mut low, mut high): (u64, u64),
    time: Timestamp,
) -> Result<u64, Fault> {
    while low < high {
        let middle = low + (high - low) / 2;
        let found = at(moment, middle)?;
        match found {
            Some((seq, found)) if seq < high && found < time => low = seq + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// The first entry from a number on that is there, and its time.
fn at(moment: &Moment<'_>, seq: u64) -> Result<Option<(u64, Timestamp)>, Fault> {
    let select = "SELECT seq, time FROM register_entry WHERE seq >= ? ORDER BY seq LIMIT 1";
    moment.first(select, values![seq], |row| Ok((row.id(0)?, row.time(1)?)))
}

/// The entry that took a message back at a time, and who did, as metadata name them.
pub(super) fn redaction(
    moment: &Moment<'_>,
    eras: &Eras,
    msgid: &str,
    at: Timestamp,
) -> Result<Option<(u64, String)>, Fault> {
    let end = super::end(moment)?;
    let select =
        "SELECT seq, time, type FROM register_entry WHERE seq >= ? AND seq < ? ORDER BY seq";
    for (start, end) in spans(eras, end) {
        let from = first_from(moment, (start, end), at)?;
        let mut candidates = Vec::new();
        moment.prepare(select)?.each(values![from, end], |row| {
            let is_then = row.time(1)? == at;
            if is_then && row.text(2)? == MESSAGE_SUPPRESSION.text {
                candidates.push(row.id(0)?);
            }
            Ok(is_then)
        })?;
        for seq in candidates {
            let found = whole::read(moment, seq)?;
            if let Some(found) = found.filter(|found| found.member("message") == Some(msgid)) {
                let by = found.member("acteur").unwrap_or_default().to_owned();
                return Ok(Some((seq, by)));
            }
        }
    }
    Ok(None)
}
