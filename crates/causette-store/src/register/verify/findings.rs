//! What does not agree, as it is found: all of it is counted, and the first is listed.

use crate::register::finding::{Finding, Kind, RowName};
use std::collections::HashSet;

/// Findings that are listed. What is altered on purpose is less, and what a fault of the disk did is told by its beginning.
const LISTED: usize = 100;

/// Findings of which it is known that they were told, so that what two paths lead to is told once.
const REMEMBERED: usize = 10_000;

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings {
    listed: Vec<Finding>,
    count: u64,
    told: HashSet<(&'static str, i64, i64)>,
}

impl Findings {
    pub(super) fn tell(&mut self, finding: Finding) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(finding);
        }
    }

    /// Tells of something by which others will come too.
    pub(super) fn tell_once(&mut self, finding: Finding) {
        if let Some(key) = key(&finding)
            && !self.is_told(key)
        {
            if self.told.len() < REMEMBERED {
                self.told.insert(key);
            }
            self.tell(finding);
        }
    }

    /// Whether something was told of a row.
    pub(super) fn is_told(&self, key: (&'static str, i64, i64)) -> bool {
        self.told.contains(&key)
    }

    /// What an entry, or a row by it, has does not agree with what it tells.
    pub(super) fn altered(
        &mut self,
        entry: u64,
        (table, row): (&'static str, RowName),
        column: &'static str,
    ) {
        self.tell(
            Finding::new(Kind::ColumnAltered, table, row)
                .column(column)
                .by(entry),
        );
    }

    /// All that is listed, and how many there are.
    pub(super) fn finish(self) -> (Vec<Finding>, u64) {
        (self.listed, self.count)
    }
}

/// A row, as numbers.
fn key(finding: &Finding) -> Option<(&'static str, i64, i64)> {
    let (one, other) = match finding.row {
        RowName::Entry(entry) => (entry.cast_signed(), 0),
        RowName::Number(number) => (number, 0),
        RowName::Place { room, seq } => (room, seq),
        RowName::Person { room, person } => (room, person.cast_signed()),
        RowName::Sent { file, account } => (file, account.cast_signed()),
        _ => return None,
    };
    Some((finding.table, one, other))
}
