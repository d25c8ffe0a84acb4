//! Taking back what was said.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::What;
use crate::id::{Msgid, Room, UserId};
use crate::input::Found;
use crate::limits;
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Takes a message back that was found in the room of a target. Everything is judged now: much may have happened while it was
/// looked up.
pub(crate) fn redact(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (target, msgid): (&str, Msgid),
    found: &Found,
    reason: &CompactString,
) -> Result<(), Denied> {
    let room = room(turn.state, by, target)?;
    judge(turn.state, actor, by, room, (target, &msgid), found)?;
    let what = What::Redacted {
        msgid,
        reason: reason.clone(),
        said_by: found.author,
        reach: found.reach,
    };
    // Who is gone is named as in the command.
    let gone = !target.starts_with('#') && turn.state.addressee(target).is_none();
    let name = gone.then_some(target);
    turn.happen_at(actor, vec![room], name, by, what);
    Ok(())
}

/// Who moderates a channel may take back what others said there; authors may for a while; operators of the server may always.
/// For others who may not read it, there is no such message.
fn judge(
    state: &State,
    actor: &Actor,
    by: UserId,
    room: Room,
    (target, msgid): (&str, &Msgid),
    found: &Found,
) -> Result<(), Denied> {
    // Operators of the server act on what people report to them, wherever it was said.
    if actor.may(state, Act::RedactAnywhere) {
        return Ok(());
    }
    let is_own = found.author == by;
    if !is_own
        && let Room::Channel(id) = room
        && let Some(channel) = state.channels().get(&id)
        && !(channel.reaches(by, found.reach)
            && channel
                .readable_since(by)
                .is_none_or(|since| found.time >= since))
    {
        return Err(no_such_message(target, &msgid.0));
    }
    if matches!(room, Room::Channel(room) if privilege::has_rank(state, room, by, 'h')) {
        return Ok(());
    }
    let about = [("target", target), ("msgid", msgid.0.as_str())];
    if !is_own {
        return Err(Denied::new(Why::NotOwnMessage, "redact-forbidden", &about));
    }
    let minutes = (state.clock.seconds() - found.time.seconds()) / 60;
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

/// The room in which a message was said to a target.
pub(crate) fn room(state: &State, by: UserId, target: &str) -> Result<Room, Denied> {
    let variables = [("target", target)];
    privilege::conversation(state, by, target)
        .ok_or_else(|| Denied::new(Why::NoSuchTarget, "redact-no-target", &variables))
}

/// The refusal of a message that does not exist, or is not to be known.
pub(crate) fn no_such_message(target: &str, msgid: &str) -> Denied {
    let variables = [("target", target), ("msgid", msgid)];
    Denied::new(Why::NoSuchMessage, "redact-unknown", &variables)
}
