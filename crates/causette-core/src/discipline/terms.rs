//! What somebody is told of a sanction that they are under: why, until when, and where they may object.

use crate::denied::{Denied, Why};
use crate::sanction::Sanction;
use crate::turn::Turn;
use crate::turn::words::second;
use causette_proto::CompactString;

/// The variables of what they are told. What there is not is a word of its own, which the texts know.
pub(super) struct Terms {
    reason: CompactString,
    until: CompactString,
    contact: CompactString,
}

impl Terms {
    pub(super) fn of(turn: &Turn<'_>, sanction: &Sanction) -> Self {
        Self {
            reason: sanction.reason.clone(),
            until: until(turn, sanction),
            contact: turn.settings.contact_or_none().into(),
        }
    }

    pub(super) fn variables(&self) -> [(&'static str, &str); 3] {
        [
            ("reason", &self.reason),
            ("until", &self.until),
            ("contact", &self.contact),
        ]
    }
}

/// Until when a sanction holds, as people are shown it.
pub(super) fn until(turn: &Turn<'_>, sanction: &Sanction) -> CompactString {
    match sanction.until {
        Some(until) => second(turn.state.clock.shown_at(until)).into(),
        None => CompactString::const_new("never"),
    }
}

/// The refusal of what a sanction forbids.
pub(super) fn denied(turn: &Turn<'_>, sanction: &Sanction, why: Why, key: &'static str) -> Denied {
    Denied::new(why, key, &Terms::of(turn, sanction).variables())
}
