//! Things that are numbered: no number ever comes twice.

use crate::filter::{Filter, HeldMessage};
use crate::invitation::Invitation;
use crate::snapshot::Numbered as Rows;
use std::collections::BTreeMap;

/// Something that has a number.
pub(crate) trait HasNumber {
    /// Its number.
    fn number(&self) -> u64;
}

impl HasNumber for Invitation {
    fn number(&self) -> u64 {
        self.id.0
    }
}

impl HasNumber for Filter {
    fn number(&self) -> u64 {
        self.id.0
    }
}

impl HasNumber for HeldMessage {
    fn number(&self) -> u64 {
        self.id.0
    }
}

/// All of a kind that there are.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    held: BTreeMap<u64, T>,
    last: u64,
}

impl<T: HasNumber + Clone> Numbered<T> {
    /// Those that the store remembers.
    pub(crate) fn restored(rows: Rows<T>) -> Self {
        let held = rows.rows.into_iter().map(|row| (row.number(), row));
        Self {
            held: held.collect(),
            last: rows.last,
        }
    }

    /// What the store would remember.
    pub(crate) fn rows(&self) -> Rows<T> {
        Rows {
            rows: self.held.values().cloned().collect(),
            last: self.last,
        }
    }

    /// The number of the next one.
    pub(crate) fn next_number(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.held.get(&number)
    }

    /// All, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.held.values()
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        self.held.get_mut(&number)
    }

    pub(super) fn insert(&mut self, one: T) {
        self.last = self.last.max(one.number());
        self.held.insert(one.number(), one);
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.held.remove(&number);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.held.retain(|_, one| keep(one));
    }
}
