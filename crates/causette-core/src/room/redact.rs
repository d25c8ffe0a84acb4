//! Taking back what was said.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::{enforce, strike};
use crate::event::What;
use crate::fitting::{Cut, text_bytes};
use crate::id::{Msgid, Room, UserId};
use crate::input::{Answer, Asker, Found};
use crate::limits;
use crate::output::Ask;
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use crate::state::waiting::Then;
use crate::turn::Turn;
use causette_proto::CompactString;

/// A message that is to be taken back, as it was asked for.
pub(crate) struct Asked<'a> {
    /// To whom it was said.
    pub(crate) target: &'a str,
    pub(crate) msgid: Msgid,
    pub(crate) reason: Cut,
}

/// Has a message looked up that is to be taken back; whoever asks waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    by: UserId,
    (target, msgid): (&str, &CompactString),
    reason: &str,
) -> Result<(), Denied> {
    if msgid.len() > limits::MSGID_BYTES {
        return Err(no_such_message(target, msgid));
    }
    let room = room(turn.state, actor, by, target)?;
    let (source, max) = (turn.state.source_of(by), turn.settings.kick_bytes());
    let max = text_bytes(source, "REDACT", &[target, msgid], max);
    let reason = Cut::of(reason, max);
    let (target, msgid) = (CompactString::new(target), Msgid(msgid.clone()));
    let ask = Ask::FindMessage {
        room,
        msgid: msgid.clone(),
    };
    turn.ask(asker, ask);
    turn.wait(
        asker,
        Then::Redact {
            target,
            msgid,
            reason,
        },
    );
    Ok(())
}

/// Takes a message back that has been looked up. Everything is judged now: much may have happened meanwhile. Gives back what
/// was kept of the reason.
pub(crate) fn redact(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    Asked {
        target,
        msgid,
        reason,
    }: Asked<'_>,
    answer: &Answer,
) -> Result<Cut, Denied> {
    let found = match answer {
        Answer::Found(Some(found)) => found,
        Answer::Found(None) => return Err(no_such_message(target, &msgid.0)),
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    let room = room(turn.state, actor, by, target)?;
    judge(turn.state, actor, by, room, (target, &msgid), found)?;
    let channel = match room {
        Room::Channel(channel) => Some(channel),
        Room::Direct(..) => None,
    };
    let words = enforce::readable(turn.state, by, channel, &reason.kept);
    let words = match channel {
        Some(channel) => strike::reason_of(turn, actor, by, &[channel], words),
        None => words,
    };
    let reason = Cut {
        kept: words.into(),
        ..reason
    };
    let what = What::Redacted {
        msgid,
        reason: reason.kept.clone(),
        said_by: found.author,
        reach: found.reach,
    };
    // Who is gone is named as in the command.
    let gone = !target.starts_with('#') && turn.state.addressee(target).is_none();
    let name = gone.then_some(target);
    turn.happen_at(actor, vec![room], name, by, what);
    Ok(reason)
}

/// Who moderates a channel may take back what others said there; authors may for a while; operators of the server may always, where their role reaches the
/// author.
/// For others who may not read it, there is no such message.
fn judge(
    state: &State,
    actor: &Actor,
    by: UserId,
    room: Room,
    (target, msgid): (&str, &Msgid),
    found: &Found,
) -> Result<(), Denied> {
    if found.author == UserId::ADMINISTRATION
        && matches!(room, Room::Channel(id) if state.is_administration(id))
    {
        // What those who run the server have done is not taken back by what it says.
        let about = [("target", target), ("msgid", msgid.0.as_str())];
        return Err(Denied::new(Why::NotOwnMessage, "redact-forbidden", &about));
    }
    // Operators of the server act on what people report to them, wherever it was said.
    let anywhere = actor.may(state, Act::RedactAnywhere);
    let reached = actor.must_reach_author(state, found.author);
    if anywhere && reached.is_ok() {
        return Ok(());
    }
    let is_own = found.author == by;
    if !is_own
        && !anywhere
        && let Room::Channel(id) = room
        && let Some(channel) = state.channels().get(&id)
        && !(channel.reaches(by, found.reach)
            && channel.readable(by).holds(found.reach, found.steady))
    {
        return Err(no_such_message(target, &msgid.0));
    }
    if matches!(room, Room::Channel(room) if privilege::has_rank(state, room, by, 'h')) {
        return Ok(());
    }
    if anywhere && !is_own {
        return reached;
    }
    let about = [("target", target), ("msgid", msgid.0.as_str())];
    if !is_own {
        return Err(Denied::new(Why::NotOwnMessage, "redact-forbidden", &about));
    }
    let said = state.clock.counted_from(found.steady);
    let minutes = (state.clock.steady().seconds() - said.seconds()) / 60;
    if minutes >= limits::REDACT_MINUTES {
        let window = (limits::REDACT_MINUTES * 60).to_string();
        let hours = (limits::REDACT_MINUTES / 60).to_string();
        let [target, msgid] = about;
        let variables = [target, msgid, ("window", &window), ("hours", &hours)];
        return Err(Denied::new(
            Why::TooLateToRedact,
            "redact-expired",
            &variables,
        ));
    }
    Ok(())
}

/// The room in which a message was said to a target. Whoever may take back what was said in any channel need not be in it.
fn room(state: &State, actor: &Actor, by: UserId, target: &str) -> Result<Room, Denied> {
    if actor.may(state, Act::RedactAnywhere)
        && let Some(channel) = state.channel_named(target)
    {
        return Ok(Room::Channel(channel.id));
    }
    let variables = [("target", target)];
    privilege::conversation(state, by, target)
        .ok_or_else(|| Denied::new(Why::NoSuchTarget, "redact-no-target", &variables))
}

/// The refusal of a message that does not exist, or is not to be known.
fn no_such_message(target: &str, msgid: &str) -> Denied {
    let variables = [("target", target), ("msgid", msgid)];
    Denied::new(Why::NoSuchMessage, "redact-unknown", &variables)
}
