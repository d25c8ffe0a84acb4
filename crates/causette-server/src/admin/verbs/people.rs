//! What is asked about people who are there.

use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{IN_ROOM, NICK, PORTION, REASON, TEXT, argument, portion};
use causette_core::order::Order;

/// Who is there.
pub(super) const LIST: Verb = Verb {
    name: "people",
    about: "cli-admin-people",
    nature: Nature::Tells,
    fields: PORTION,
    spellings: &[Spelling::plain("ListU")],
    wanted: |fields| Wanted::Order(Order::ListPeople(portion(fields))),
};

/// Something that nobody must miss.
pub(super) const ALERT: Verb = Verb {
    name: "alert",
    about: "cli-admin-alert",
    nature: Nature::Acts,
    fields: &[TEXT],
    spellings: &[Spelling::plain("Alert")],
    wanted: |fields| {
        Wanted::Order(Order::Alert {
            text: fields.word("text"),
            kept: true,
        })
    },
};

/// A word in the name of the administration.
pub(super) const WRITE: Verb = Verb {
    name: "write",
    about: "cli-admin-write",
    nature: Nature::Acts,
    fields: &[
        argument("to", FieldKind::Word, "cli-value-nick", "admin-field-to"),
        TEXT,
    ],
    // The console opens a conversation, of which each line is one of these.
    spellings: &[],
    wanted: |fields| {
        Wanted::Order(Order::Write {
            to: fields.word("to"),
            text: fields.word("text"),
        })
    },
};

/// Somebody is put out.
pub(super) const KICK: Verb = Verb {
    name: "kick",
    about: "cli-admin-kick",
    nature: Nature::Harms,
    fields: &[NICK, IN_ROOM, REASON],
    spellings: &[Spelling::plain("Kill")],
    wanted: |fields| {
        Wanted::Order(Order::Kick {
            nick: fields.word("nick"),
            room: fields.text("room").map(Into::into),
            reason: fields.word("reason"),
        })
    },
};
