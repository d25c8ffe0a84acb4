//! For tests: a process that is killed between two things that it asks of a server.

use std::cell::Cell;

thread_local! {
    static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// After so many answers that this thread gets, no connection of it gets another.
pub(super) fn after(answers: u32) {
    LEFT.set(Some(answers));
}

pub(super) fn never() {
    LEFT.set(None);
}

/// Whether it is killed now.
pub(super) fn is_due() -> bool {
    match LEFT.get() {
        Some(0) => true,
        Some(left) => {
            LEFT.set(Some(left - 1));
            false
        }
        None => false,
    }
}
