//! What is asked about rooms.

use super::super::verb::{FieldKind, Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{PORTION, REASON, ROOM, argument, portion};
use causette_core::order::Order;

/// Which rooms there are.
pub(super) const LIST: Verb = Verb {
    name: "rooms",
    about: "cli-admin-rooms",
    nature: Nature::Tells,
    fields: PORTION,
    spellings: &[Spelling::plain("Rooms")],
    wanted: |fields| Wanted::Order(Order::ListRooms(portion(fields))),
};

/// A room is given up.
pub(super) const CLOSE: Verb = Verb {
    name: "room.close",
    about: "cli-admin-room-close",
    nature: Nature::Harms,
    fields: &[ROOM, REASON],
    spellings: &[Spelling::plain("CloseRoom")],
    wanted: |fields| {
        Wanted::Order(Order::CloseRoom {
            room: fields.word("room"),
            reason: fields.word("reason"),
        })
    },
};

/// A room has another owner.
pub(super) const TAKE: Verb = Verb {
    name: "room.take",
    about: "cli-admin-room-take",
    nature: Nature::Harms,
    fields: &[
        ROOM,
        argument(
            "to",
            FieldKind::Word,
            "cli-value-name",
            "admin-field-new-owner",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("TakeRoom")],
    wanted: |fields| {
        Wanted::Order(Order::TakeOverRoom {
            room: fields.word("room"),
            to: fields.word("to"),
            reason: fields.word("reason"),
        })
    },
};

/// A room has another name.
pub(super) const RENAME: Verb = Verb {
    name: "room.rename",
    about: "cli-admin-room-rename",
    nature: Nature::Harms,
    fields: &[
        ROOM,
        argument(
            "name",
            FieldKind::Room,
            "cli-value-room",
            "admin-field-new-name",
        ),
        REASON,
    ],
    spellings: &[Spelling::plain("RenameRoom")],
    wanted: |fields| {
        Wanted::Order(Order::RenameRoom {
            room: fields.word("room"),
            name: fields.word("name"),
            reason: fields.word("reason"),
        })
    },
};
