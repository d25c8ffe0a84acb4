//! Ending a sanction before its time.

use super::target::Aim;
use super::{list, reach, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting;
use crate::id::SanctionId;
use crate::limits;
use crate::record::Fact;
use crate::right::Act;
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// What was lifted.
pub(crate) struct Lifted {
    pub(crate) number: SanctionId,
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
    let reason = fitting::reason(reason, limits::SANCTION_REASON_BYTES)?.kept;
    may_lift(turn, actor, held)?;
    let whom = target::named(turn.state, &held.whom);
    let mark = end(turn, actor, id, Some(reason.clone()));
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("whom", &whom),
        ("reason", &reason),
    ];
    turn.tell_acted(actor, "notice-sanction-lifted", &variables);
    Ok(Lifted {
        number: id,
        whom,
        mark,
    })
}

/// Ends whatever is for just somebody of a kind, on the server or in a channel, before its time: all of it or nothing. Who has no account
/// is where they come from, which may be several places.
pub(crate) fn lift_from(
    turn: &mut Turn<'_>,
    actor: &Actor,
    kind: SanctionKind,
    (whom, room): (Aim<'_>, Option<&str>),
    reason: &str,
) -> Result<Vec<Lifted>, Denied> {
    let found = list::find(turn, actor, kind, (whom, room))?;
    fitting::reason(reason, limits::SANCTION_REASON_BYTES)?;
    for held in found
        .iter()
        .filter_map(|id| turn.state.sanctions().get(*id))
    {
        may_lift(turn, actor, held)?;
    }
    let found = found.into_iter();
    found.map(|id| lift(turn, actor, id, reason)).collect()
}

/// The key and the variables of what is told of what was lifted; the numbers have spaces between them.
pub(crate) fn told(lifted: &[Lifted]) -> (&'static str, [(&'static str, String); 3]) {
    let numbers: Vec<String> = lifted.iter().map(|one| one.number.0.to_string()).collect();
    let whom: Vec<&str> = lifted.iter().map(|one| one.whom.as_str()).collect();
    let key = match lifted {
        [_] => "sanction-lifted",
        _ => "sanctions-lifted",
    };
    let variables = [
        ("number", numbers.join(" ")),
        ("whom", whom.join(" ")),
        ("count", lifted.len().to_string()),
    ];
    (key, variables)
}

/// Nobody lifts what they could not impose, nor what holds for themselves, nor what somebody decided who is above them.
fn may_lift(turn: &Turn<'_>, actor: &Actor, held: &Sanction) -> Result<(), Denied> {
    let role = actor.role(turn.state);
    if is_for_oneself(turn, actor, held) && !role.reaches(role) {
        return Err(Denied::new(Why::NoRight, "sanction-yourself", &[]));
    }
    if let Some(max) = role.sanction_seconds()
        && !lasts_at_most(held, max)
    {
        let days = (max / (24 * 3600)).to_string();
        let variables = [("days", days.as_str())];
        return Err(Denied::new(
            Why::NoRight,
            "sanction-lift-too-long",
            &variables,
        ));
    }
    if held.role.reaches(role) && !role.reaches(held.role) {
        let variables = [("role", held.role.name())];
        return Err(Denied::new(Why::NoRight, "sanction-lift-above", &variables));
    }
    Ok(())
}

/// Whether it was imposed for so many seconds at most.
fn lasts_at_most(held: &Sanction, max: u64) -> bool {
    let seconds = held
        .until
        .map(|until| until.seconds().saturating_sub(held.since.seconds()));
    seconds.is_some_and(|seconds| seconds.unsigned_abs() <= max)
}

/// Whether a sanction holds for who asks, who need not be here where they ask by HTTP.
fn is_for_oneself(turn: &Turn<'_>, actor: &Actor, held: &Sanction) -> bool {
    let person = actor.person(turn.state);
    let suspect = match person.and_then(|person| turn.state.users.get(&person)) {
        Some(user) => Some(turn.state.suspect(user, true)),
        None => actor
            .account(turn.state)
            .map(|id| turn.state.suspect_of(id)),
    };
    target::cover(turn.state, &held.whom)
        .zip(suspect)
        .is_some_and(|(cover, suspect)| held.binds(suspect.role()) && cover.covers(&suspect))
}

/// Lets a sanction hold no more.
pub(super) fn end(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: SanctionId,
    reason: Option<CompactString>,
) -> Mark {
    let held = turn.state.sanctions().get(id).cloned();
    let account = held.as_ref().and_then(|held| match held.whom {
        Whom::Account(account) => Some(account),
        Whom::Network(_) | Whom::Mask(_) => None,
    });
    let fact = Fact::SanctionLifted {
        sanction: id,
        account,
        reason,
    };
    let mark = turn.commit(actor, fact);
    if let Some(held) = held.filter(|held| held.kind == SanctionKind::Mute) {
        tell_over(turn, &held);
    }
    mark
}

/// Tells those who were to be silent that they may speak again, where no other mute holds.
fn tell_over(turn: &mut Turn<'_>, held: &Sanction) {
    let room = held.room.and_then(|room| turn.state.channels().get(&room));
    let name = room.map(|room| room.name.clone());
    let (key, name) = match &name {
        None => ("sanction-silent-over", "none"),
        Some(name) => ("sanction-silent-over-in", name.as_str()),
    };
    for person in reach::hit(turn.state, held) {
        let user = turn.state.users.get(&person);
        let mute = |user| turn.state.sanction_on(held.kind, held.room, user);
        if user.and_then(|user| mute(user)).is_none() {
            turn.tell_person(person, key, &[("channel", name)]);
        }
    }
}
