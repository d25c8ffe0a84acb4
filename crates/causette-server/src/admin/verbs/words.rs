//! What is asked about words that are looked for in what is said, and about messages that wait because of them.

use super::super::fields::Fields;
use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{IN_ROOM, REASON, argument, number, option};
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId};
use causette_core::order::Order;

/// Which words are looked for.
pub(super) const LIST: Verb = Verb {
    name: "filters",
    about: "cli-admin-filters",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Filters")],
    wanted: |_| Wanted::Order(Order::ListFilters),
};

/// Words are looked for.
pub(super) const ADD: Verb = Verb {
    name: "filter.add",
    about: "cli-admin-filter-add",
    nature: Nature::Acts,
    fields: &[
        option(
            "action",
            FieldKind::OneOf(ACTIONS),
            "cli-value-action",
            "admin-field-action",
        ),
        IN_ROOM,
        argument(
            "pattern",
            FieldKind::Text,
            "cli-value-words",
            "admin-field-pattern",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("AddFilter")],
    wanted: |fields| {
        Wanted::Order(Order::SetFilter {
            pattern: fields.word("pattern"),
            // Where nobody says which, the mildest.
            action: FilterAction::of(&fields.word("action")).unwrap_or(FilterAction::Warn),
            room: fields.text("room").map(Into::into),
            reason: fields.word("reason"),
        })
    },
};

/// Words are looked for no more.
pub(super) const REMOVE: Verb = Verb {
    name: "filter.remove",
    about: "cli-admin-filter-remove",
    nature: Nature::Acts,
    fields: &[number("admin-field-filter"), REASON],
    spellings: &[Spelling::plain("RemoveFilter")],
    wanted: |fields| {
        Wanted::Order(Order::RemoveFilter {
            filter: FilterId(fields.number("number").unwrap_or_default()),
            reason: fields.word("reason"),
        })
    },
};

/// Which messages wait.
pub(super) const HELD: Verb = Verb {
    name: "held",
    about: "cli-admin-held",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Held")],
    wanted: |_| Wanted::Order(Order::ListHeld),
};

/// One is said.
pub(super) const RELEASE: Verb = Verb {
    name: "held.release",
    about: "cli-admin-held-release",
    nature: Nature::Acts,
    fields: &[number("admin-field-held")],
    spellings: &[Spelling::plain("Release")],
    wanted: |fields| decide(fields, true),
};

/// One is never said.
pub(super) const DISCARD: Verb = Verb {
    name: "held.discard",
    about: "cli-admin-held-discard",
    nature: Nature::Acts,
    fields: &[number("admin-field-held")],
    spellings: &[Spelling::plain("Discard")],
    wanted: |fields| decide(fields, false),
};

fn decide(fields: &Fields<'_>, release: bool) -> Wanted {
    Wanted::Order(Order::DecideHeld {
        held: HeldId(fields.number("number").unwrap_or_default()),
        release,
    })
}

/// What may happen to a message that has the words.
pub(in super::super) const ACTIONS: &[&str] = &["warn", "hold", "drop", "mute"];
