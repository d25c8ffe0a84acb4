//! Links that invite people, and the codes in them that let people sign up.

use crate::account::{target, trial};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{InvitationId, RoomId};
use crate::input::{Answer, Asker};
use crate::invitation::Invitation;
use crate::limits;
use crate::order::InvitationTerms;
use crate::output::Ask;
use crate::record::Fact;
use crate::report::InvitationReport;
use crate::right::Act;
use crate::secret::{Secret, Verifier, in_groups};
use crate::state::State;
use crate::state::waiting::{Orderer, Then, Wanted};
use crate::turn::words::second;
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, Timestamp, percent_encoded};

/// Makes a link to an address of the web, without a code: to the room that somebody names, or to the first that everybody lands in. A
/// client that cannot know the server otherwise knows it by the SHA-256 of its key.
pub(crate) fn make(
    turn: &mut Turn<'_>,
    actor: &Actor,
    address: &str,
    room: Option<&str>,
    public_key: Option<&str>,
) -> Result<(CompactString, Mark), Denied> {
    actor.must(turn.state, Act::Invite)?;
    let Target { room, link } = target(turn, address, room, public_key)?;
    let fact = Fact::InvitationMade {
        room,
        link: link.clone(),
        invitation: None,
    };
    let mark = turn.commit(actor, fact);
    Ok((link, mark))
}

/// Starts to make a link with a code; who asks waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    wanted: Wanted,
    by: Orderer,
) -> Result<(), Denied> {
    allowed(turn, actor, &wanted)?;
    trial::ask_at_once(turn, asker, Ask::MakeCode)?;
    let wanted = Box::new(wanted);
    turn.wait(asker, Then::Invite { wanted, by });
    Ok(())
}

/// An invitation that was made.
pub(crate) struct Made {
    pub(crate) number: InvitationId,
    /// The link, with the code.
    pub(crate) link: String,
    /// The code itself, which is in no other place: what is recorded cannot be turned back into it.
    pub(crate) code: Secret,
    pub(crate) uses: u32,
    /// Until when, as people are shown it.
    pub(crate) until: Option<Timestamp>,
    /// That it was made.
    pub(crate) mark: Mark,
}

/// Makes the invitation, now that there is its code.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &Wanted,
    answer: Answer,
) -> Result<Made, Denied> {
    // Who asked may have lost the right meanwhile, others may have made more, and the room may be gone.
    let Target { room, link } = allowed(turn, actor, wanted)?;
    let Answer::Made { token, verifier } = answer else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    let InvitationTerms { uses, seconds } = wanted.terms;
    let id = InvitationId(turn.state.invitations().next_number());
    let since = turn.steady();
    let until = seconds.map(|seconds| since.plus_seconds(seconds.cast_signed()));
    let invitation = Invitation {
        id,
        hash: verifier,
        room,
        uses,
        by: actor.name(turn.state),
        since,
        until,
    };
    let with_code = match wanted.public_key {
        Some(_) => format!("{link}&code="),
        None => format!("{link}?code="),
    };
    let fact = Fact::InvitationMade {
        room,
        link,
        invitation: Some(Box::new(invitation)),
    };
    let mark = turn.commit(actor, fact);
    let until = until.map(|until| turn.state.clock.shown_at(until));
    tell_made(turn, actor, id, uses, until.map(second).as_deref());
    Ok(Made {
        number: id,
        link: with_code + &in_groups(&token),
        code: token,
        uses,
        until,
        mark,
    })
}

fn tell_made(turn: &mut Turn<'_>, actor: &Actor, id: InvitationId, uses: u32, until: Option<&str>) {
    let (by, number, uses) = (actor.name(turn.state), id.0.to_string(), uses.to_string());
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("uses", &uses),
        ("until", until.unwrap_or("never")),
    ];
    turn.tell_acted(actor, "notice-invitation-made", &variables);
}

/// Where a link leads.
struct Target {
    room: Option<RoomId>,
    /// The link, without a code.
    link: CompactString,
}

/// Where a link with a code is to lead, where somebody may make it and it can hold.
fn allowed(turn: &Turn<'_>, actor: &Actor, wanted: &Wanted) -> Result<Target, Denied> {
    actor.must(turn.state, Act::Invite)?;
    let InvitationTerms { uses, seconds } = wanted.terms;
    let may_last = seconds.is_none_or(|held| (1..=limits::INVITATION_SECONDS).contains(&held));
    if !(1..=limits::INVITATION_USES).contains(&uses) || !may_last {
        let (uses, days) = (limits::INVITATION_USES, limits::INVITATION_SECONDS / 86_400);
        let (uses, days) = (uses.to_string(), days.to_string());
        let variables = [("uses", uses.as_str()), ("days", &days)];
        return Err(Denied::new(Why::BadTerms, "invitation-terms", &variables));
    }
    if turn.state.invitations().len() >= limits::INVITATIONS {
        let max = limits::INVITATIONS.to_string();
        let (why, key) = (Why::TooManyInvitations, "invitation-too-many");
        return Err(Denied::new(why, key, &[("max", &max)]));
    }
    let (room, public_key) = (wanted.room.as_deref(), wanted.public_key.as_deref());
    target(turn, &wanted.address, room, public_key)
}

fn target(
    turn: &Turn<'_>,
    address: &str,
    room: Option<&str>,
    public_key: Option<&str>,
) -> Result<Target, Denied> {
    let found: Option<(RoomId, CompactString)> = match room {
        Some(name) => {
            let Some(channel) = turn.state.channel_named(name) else {
                let variables = [("room", name), ("channel", name)];
                let key = "admin-invite-no-room";
                return Err(Denied::new(Why::NoSuchChannel, key, &variables));
            };
            Some((channel.id, channel.name.as_str().into()))
        }
        None => {
            let mut rooms = turn.settings.auto_join.iter();
            rooms.find_map(|name| {
                let channel = turn.state.channel_of(name)?;
                Some((channel.id, channel.name.as_str().into()))
            })
        }
    };
    let (room, name) = found.unzip();
    let mut link = format!("causette://{address}/");
    link.push_str(&percent_encoded(name.as_deref().unwrap_or_default(), "#"));
    if let Some(public_key) = public_key {
        link.push_str("?sha256=");
        link.push_str(public_key);
    }
    let link = CompactString::from(link);
    Ok(Target { room, link })
}

/// The invitations that hold, in the order of their numbers.
pub(crate) fn list(turn: &Turn<'_>, actor: &Actor) -> Result<Vec<InvitationReport>, Denied> {
    let state = &*turn.state;
    actor.must(state, Act::Invite)?;
    let held = state.invitations().iter().filter(|held| holds(state, held));
    let report = |held: &Invitation| {
        let channel = held.room.and_then(|room| state.channels().get(&room));
        InvitationReport {
            number: held.id,
            room: channel.map(|channel| channel.name.as_str().into()),
            uses: held.uses,
            by: held.by.clone(),
            since: state.clock.shown_at(held.since),
            until: held.until.map(|until| state.clock.shown_at(until)),
        }
    };
    Ok(held.map(report).collect())
}

/// Lets nobody sign up with an invitation any more.
pub(crate) fn end(
    turn: &mut Turn<'_>,
    actor: &Actor,
    invitation: InvitationId,
    reason: &str,
) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::Invite)?;
    let number = invitation.0.to_string();
    let held = turn.state.invitations().get(invitation.0);
    if held.is_none_or(|held| !holds(turn.state, held)) {
        let variables = [("number", number.as_str())];
        let key = "invitation-unknown";
        return Err(Denied::new(Why::NoSuchInvitation, key, &variables));
    }
    let reason = target::reason(turn.settings, reason)?.kept;
    let fact = Fact::InvitationEnded {
        invitation,
        reason: Some(reason.clone()),
    };
    let mark = turn.commit(actor, fact);
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("reason", &reason),
    ];
    turn.tell_acted(actor, "notice-invitation-ended", &variables);
    Ok(mark)
}

/// Ends those whose time is over.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    let state = &*turn.state;
    let over = state
        .invitations()
        .iter()
        .filter(|held| !holds(state, held));
    let over = over.map(|held| held.id).take(limits::ENDED_PER_TICK);
    for invitation in over.collect::<Vec<_>>() {
        let reason = None;
        turn.commit(&Actor::Server, Fact::InvitationEnded { invitation, reason });
    }
}

/// The invitation of a code, with the room to which it leads; only one that still holds.
pub(crate) fn of_code(state: &State, code: &Verifier) -> Option<(InvitationId, Option<RoomId>)> {
    let mut held = state.invitations().iter();
    let found = held.find(|held| held.hash == *code && holds(state, held))?;
    Some((found.id, found.room))
}

/// Whether the time of an invitation is not over.
fn holds(state: &State, invitation: &Invitation) -> bool {
    let until = invitation.until;
    until.is_none_or(|until| state.clock.steady() < until)
}
