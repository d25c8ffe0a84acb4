//! Keeping somebody out of the server or a channel, or silent there.

use super::target::Aim;
use super::terms::{Terms, until};
use super::{enforce, reach, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::{self, Cut};
use crate::id::{RoomId, SanctionId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::right::Act;
use crate::room::{kick, privilege};
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::state::State;
use crate::state::sanction::suspect::Cover;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// What is wanted, as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) kind: SanctionKind,
    pub(crate) whom: Aim<'a>,
    /// In which channel; `None` for the server.
    pub(crate) room: Option<&'a str>,
    /// For how many seconds; `None` for ever.
    pub(crate) seconds: Option<u64>,
    pub(crate) reason: &'a str,
}

/// What was imposed.
pub(crate) struct Imposed {
    /// The first of them.
    pub(crate) first: Option<SanctionId>,
    /// The numbers of the sanctions, with spaces between them: somebody without account may come from several places.
    pub(crate) numbers: String,
    /// Whom they are for, alike.
    pub(crate) whom: String,
    /// Until when, as people are shown it; `never` for ever.
    pub(crate) until: CompactString,
    /// How many people it hits who are connected.
    pub(crate) people: usize,
    /// What of the reason is kept.
    pub(crate) reason: Cut,
    /// The entry of the first.
    pub(crate) mark: Mark,
}

/// Keeps somebody out or silent from now on.
pub(crate) fn impose(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: Wanted<'_>,
) -> Result<Imposed, Denied> {
    actor.must(turn.state, Act::Sanction)?;
    let reason = fitting::reason(wanted.reason, limits::SANCTION_REASON_BYTES)?;
    may_last(turn.state, actor, wanted.seconds)?;
    let room = match wanted.room {
        Some(name) => {
            let found = turn.state.channel_named(name);
            Some(found.ok_or_else(|| privilege::no_such_channel(name))?.id)
        }
        None => None,
    };
    let targets = target::read(turn.state, wanted.whom)?;
    let mut people = Vec::new();
    for whom in &targets {
        is_new(turn, wanted.kind, room, whom)?;
        people.extend(may_hit(turn.state, actor, room, whom)?);
    }
    has_place(turn.state, &targets)?;
    people.sort_unstable();
    people.dedup();
    let done = decide(turn, actor, wanted, reason, (room, targets));
    Ok(Imposed {
        people: people.len(),
        ..done
    })
}

/// Whether there is place for more.
pub(super) fn has_place(state: &State, targets: &[Whom]) -> Result<(), Denied> {
    let held = state.sanctions();
    let is_mask = matches!(targets, [Whom::Mask(_)]);
    let (max, key) = if held.len() + targets.len() > limits::SANCTIONS {
        (limits::SANCTIONS, "sanctions-full")
    } else if is_mask && held.masks() >= limits::SANCTION_MASKS {
        (limits::SANCTION_MASKS, "sanctions-full-of-masks")
    } else {
        return Ok(());
    };
    let max = max.to_string();
    let variables = [("max", max.as_str())];
    Err(Denied::new(Why::TooManySanctions, key, &variables))
}

/// Whether somebody may impose something for so long.
fn may_last(state: &State, actor: &Actor, seconds: Option<u64>) -> Result<(), Denied> {
    if seconds.is_some_and(|seconds| seconds == 0 || seconds > limits::SANCTION_SECONDS) {
        return Err(Denied::new(Why::BadDuration, "sanction-duration", &[]));
    }
    match actor.role(state).sanction_seconds() {
        Some(max) if seconds.is_none_or(|seconds| seconds > max) => {
            let days = (max / (24 * 3600)).to_string();
            let variables = [("days", days.as_str())];
            Err(Denied::new(Why::NoRight, "sanction-too-long", &variables))
        }
        _ => Ok(()),
    }
}

/// Refuses what holds already.
fn is_new(
    turn: &Turn<'_>,
    kind: SanctionKind,
    room: Option<RoomId>,
    whom: &Whom,
) -> Result<(), Denied> {
    let Some(held) = target::held(turn.state, kind, room, whom) else {
        return Ok(());
    };
    let (number, until) = (held.id.0.to_string(), until(turn, held));
    let variables = [("number", number.as_str()), ("until", &until)];
    Err(Denied::new(
        Why::SanctionedAlready,
        "sanction-already",
        &variables,
    ))
}

/// The people who are connected and would be hit, but for who asks. Refused where that is who asks themselves, everybody, or somebody
/// whom their role does not reach.
fn may_hit(
    state: &State,
    actor: &Actor,
    room: Option<RoomId>,
    whom: &Whom,
) -> Result<Vec<UserId>, Denied> {
    let own = actor.person(state);
    if let Whom::Account(account) = whom {
        let user = state.users.get(&UserId::from(*account));
        if own == Some(UserId::from(*account)) {
            return Err(Denied::new(Why::NoRight, "sanction-yourself", &[]));
        }
        match user {
            Some(user) => actor.must_reach(state, user)?,
            None if !actor.role(state).reaches(state.role_of_account(*account)) => {
                return Err(Denied::new(Why::NoRight, "out-of-reach", &[]));
            }
            None => {}
        }
        let there = user.filter(|user| !user.sessions.is_empty());
        return Ok(there.map(|user| user.id).into_iter().collect());
    }
    let Some(cover) = target::cover(state, whom) else {
        return Ok(Vec::new());
    };
    let mut others = 0;
    let mut hit = Vec::new();
    // Who asks by HTTP need not be here.
    let own_account = actor.account(state).map(|id| state.suspect_of(id));
    let mut hits_own =
        is_address_of(actor, &cover) || own_account.is_some_and(|own| cover.covers(&own));
    let mut hits_above = false;
    for user in reach::concerned(state, room) {
        let covered = cover.covers(&state.suspect(user, true));
        if own == Some(user.id) {
            hits_own |= covered;
            continue;
        }
        let is_connected = !user.sessions.is_empty();
        others += usize::from(is_connected);
        if covered && (is_connected || room.is_some()) {
            hits_above |= actor.must_reach(state, user).is_err();
            hit.extend(is_connected.then_some(user.id));
        }
    }
    // It would not bind those who run the server and are not there: who aims at them is told so, and not left to believe it.
    let role = actor.role(state);
    hits_above |= state.officers().any(|officer| {
        own != Some(UserId::from(officer.id))
            && !role.reaches(officer.role)
            && cover.covers(&state.suspect_of(officer.id))
    });
    let number = hit.len().to_string();
    let refused = |why, key| Err(Denied::new(why, key, &[("number", number.as_str())]));
    if cover.is_too_wide() {
        refused(Why::TouchesTooMany, "sanction-too-wide")
    } else if hits_own {
        refused(Why::TouchesTooMany, "sanction-hits-you")
    } else if hit.len() > 1 && hit.len() == others {
        refused(Why::TouchesTooMany, "sanction-hits-all")
    } else if hits_above {
        refused(Why::NoRight, "sanction-hits-above")
    } else {
        Ok(hit)
    }
}

/// Whether who asks by HTTP comes from there.
fn is_address_of(actor: &Actor, cover: &Cover) -> bool {
    match (actor, cover) {
        (Actor::Account { address, .. }, Cover::Network(network)) => network.contains(*address),
        _ => false,
    }
}

/// Imposes what was found to be in order.
fn decide(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: Wanted<'_>,
    reason: Cut,
    (room, targets): (Option<RoomId>, Vec<Whom>),
) -> Imposed {
    let (since, by) = (turn.steady(), actor.name(turn.state));
    let seconds = wanted.seconds.map(u64::cast_signed);
    let mark = turn.mark();
    let mut imposed = Vec::new();
    for whom in targets {
        let sanction = Sanction {
            id: turn.state.sanctions().next_id(),
            kind: wanted.kind,
            whom,
            room,
            reason: reason.kept.clone(),
            by: by.clone(),
            role: actor.role(turn.state),
            since,
            until: seconds.map(|seconds| since.plus_seconds(seconds)),
        };
        turn.commit(actor, Fact::Sanctioned(Box::new(sanction.clone())));
        imposed.push(sanction);
    }
    let shown = |show: &dyn Fn(&Sanction) -> String| {
        let shown: Vec<String> = imposed.iter().map(show).collect();
        shown.join(" ")
    };
    let done = Imposed {
        first: imposed.first().map(|sanction| sanction.id),
        numbers: shown(&|sanction| sanction.id.0.to_string()),
        whom: shown(&|sanction| target::named(turn.state, &sanction.whom).into()),
        until: imposed
            .first()
            .map_or_else(CompactString::default, |sanction| until(turn, sanction)),
        people: 0,
        reason,
        mark,
    };
    tell(turn, actor, wanted, &done);
    for sanction in &imposed {
        apply(turn, actor, sanction);
    }
    done
}

/// Tells the others who run the server.
fn tell(turn: &mut Turn<'_>, actor: &Actor, wanted: Wanted<'_>, done: &Imposed) {
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("kind", wanted.kind.name()),
        ("whom", &done.whom),
        ("channel", wanted.room.unwrap_or("none")),
        ("until", &done.until),
        ("number", &done.numbers),
        ("reason", &done.reason.kept),
    ];
    turn.tell_acted(actor, "notice-sanctioned", &variables);
}

/// Lets a sanction be felt by those whom it hits now.
pub(super) fn apply(turn: &mut Turn<'_>, actor: &Actor, sanction: &Sanction) {
    let terms = Terms::of(turn, sanction);
    if let (SanctionKind::Ban, None) = (sanction.kind, sanction.room) {
        for session in turn.state.sessions_under(sanction) {
            enforce::end(turn, session, &terms);
        }
        return;
    }
    let key = match (sanction.kind, sanction.room) {
        (SanctionKind::Ban, _) => "sanction-kept-out-of",
        (SanctionKind::Mute, Some(_)) => "sanction-silent-in",
        (SanctionKind::Mute, None) => "sanction-silent",
    };
    let room = sanction.room;
    let channel = room.and_then(|room| turn.state.channels().get(&room));
    let name = channel.map(|channel| channel.name.clone());
    let [reason, until, contact] = terms.variables();
    let name = name.as_ref().map_or("none", |name| name.as_str());
    let variables = [("channel", name), reason, until, contact];
    for person in reach::hit(turn.state, sanction) {
        turn.tell_person(person, key, &variables);
        if let (SanctionKind::Ban, Some(room)) = (sanction.kind, room) {
            kick::by_administration(turn, actor, (room, person), &sanction.reason);
        }
    }
}
