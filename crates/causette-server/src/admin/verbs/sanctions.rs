//! What is asked about who is kept out or silent.

use super::super::fields::Fields;
use super::super::verb::{Nature, Spelling, Verb};
use super::super::wanted::Wanted;
use super::parts::{FOR, IN_ROOM, REASON, WHOM, number};
use causette_core::id::SanctionId;
use causette_core::order::Order;
use causette_core::sanction::SanctionKind;

/// Which sanctions hold.
pub(super) const LIST: Verb = Verb {
    name: "sanctions",
    about: "cli-admin-sanctions",
    nature: Nature::Tells,
    fields: &[],
    spellings: &[Spelling::plain("Sanctions")],
    wanted: |_| Wanted::Order(Order::ListSanctions),
};

/// Somebody is kept out.
pub(super) const BAN: Verb = Verb {
    name: "ban",
    about: "cli-admin-ban",
    nature: Nature::Harms,
    fields: &[WHOM, IN_ROOM, FOR, REASON],
    spellings: &[Spelling::plain("Ban")],
    wanted: |fields| Wanted::Order(sanction(SanctionKind::Ban, fields)),
};

/// Somebody may come again.
pub(super) const UNBAN: Verb = Verb {
    name: "unban",
    about: "cli-admin-unban",
    nature: Nature::Acts,
    fields: &[WHOM, IN_ROOM, REASON],
    spellings: &[Spelling::plain("Unban")],
    wanted: |fields| lift(SanctionKind::Ban, fields),
};

/// Somebody is silent.
pub(super) const MUTE: Verb = Verb {
    name: "mute",
    about: "cli-admin-mute",
    nature: Nature::Harms,
    fields: &[WHOM, IN_ROOM, FOR, REASON],
    spellings: &[Spelling::plain("Mute")],
    wanted: |fields| Wanted::Order(sanction(SanctionKind::Mute, fields)),
};

/// Somebody may speak again.
pub(super) const UNMUTE: Verb = Verb {
    name: "unmute",
    about: "cli-admin-unmute",
    nature: Nature::Acts,
    fields: &[WHOM, IN_ROOM, REASON],
    spellings: &[Spelling::plain("Unmute")],
    wanted: |fields| lift(SanctionKind::Mute, fields),
};

/// A sanction ends.
pub(super) const LIFT: Verb = Verb {
    name: "lift",
    about: "cli-admin-lift",
    nature: Nature::Acts,
    fields: &[number("admin-field-number"), REASON],
    spellings: &[Spelling::plain("Lift")],
    wanted: |fields| {
        Wanted::Order(Order::Lift {
            sanction: SanctionId(fields.number("number").unwrap_or_default()),
            reason: fields.word("reason"),
        })
    },
};

fn sanction(kind: SanctionKind, fields: &mut Fields<'_>) -> Order {
    Order::Sanction {
        kind,
        whom: fields.word("whom"),
        room: fields.text("room").map(Into::into),
        seconds: fields.seconds("for"),
        reason: fields.word("reason"),
    }
}

/// Ends whatever sanctions of a kind are for just this one.
fn lift(kind: SanctionKind, fields: &mut Fields<'_>) -> Wanted {
    Wanted::Order(Order::LiftFrom {
        kind,
        whom: fields.word("whom"),
        room: fields.text("room").map(Into::into),
        reason: fields.word("reason"),
    })
}
