//! Ending a sanction before its time.

use super::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::Cut;
use crate::id::SanctionId;
use crate::limits;
use crate::record::Fact;
use crate::right::Act;
use crate::sanction::{Sanction, Whom};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// What was lifted.
pub(crate) struct Lifted {
    /// Whom it was for.
    pub(crate) whom: CompactString,
    pub(crate) mark: Mark,
}

/// Ends a sanction before its time.
pub(crate) fn lift(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: SanctionId,
    reason: &str,
) -> Result<Lifted, Denied> {
    actor.must(turn.state, Act::Sanction)?;
    let number = id.0.to_string();
    let held = turn.state.sanctions().get(id).ok_or_else(|| {
        let variables = [("number", number.as_str())];
        Denied::new(Why::NoSuchSanction, "sanction-unknown", &variables)
    })?;
    if reason.trim().is_empty() {
        return Err(Denied::new(Why::NoReason, "reason-needed", &[]));
    }
    may_lift(turn, actor, held)?;
    let whom = target::named(turn.state, &held.whom);
    let reason = Cut::of(reason, limits::SANCTION_REASON_BYTES).kept;
    let mark = end(turn, actor, id, Some(reason.clone()));
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("whom", &whom),
        ("reason", &reason),
    ];
    turn.tell_acted(actor, "notice-sanction-lifted", &variables);
    Ok(Lifted { whom, mark })
}

/// Nobody lifts what they could not impose, nor what holds for themselves.
fn may_lift(turn: &Turn<'_>, actor: &Actor, held: &Sanction) -> Result<(), Denied> {
    let role = actor.role(turn.state);
    let own = actor.person(turn.state);
    let own = own.and_then(|user| turn.state.users.get(&user));
    let for_oneself = target::cover(turn.state, &held.whom)
        .zip(own)
        .is_some_and(|(cover, own)| cover.covers(&turn.state.suspect(own, true)));
    if for_oneself && !role.reaches(role) {
        return Err(Denied::new(Why::NoRight, "sanction-yourself", &[]));
    }
    let Some(max) = role.sanction_seconds() else {
        return Ok(());
    };
    let seconds = held
        .until
        .map(|until| until.seconds().saturating_sub(held.since.seconds()));
    if seconds.is_some_and(|seconds| seconds.unsigned_abs() <= max) {
        return Ok(());
    }
    let days = (max / (24 * 3600)).to_string();
    Err(Denied::new(
        Why::NoRight,
        "sanction-lift-too-long",
        &[("days", &days)],
    ))
}

/// Lets a sanction hold no more.
pub(super) fn end(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: SanctionId,
    reason: Option<CompactString>,
) -> Mark {
    let held = turn.state.sanctions().get(id);
    let account = held.and_then(|held| match held.whom {
        Whom::Account(account) => Some(account),
        Whom::Network(_) | Whom::Mask(_) => None,
    });
    let fact = Fact::SanctionLifted {
        sanction: id,
        account,
        reason,
    };
    turn.commit(actor, fact)
}
