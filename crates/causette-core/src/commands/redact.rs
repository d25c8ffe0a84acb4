//! REDACT: take back what was said. <https://ircv3.net/specs/extensions/message-redaction>

use super::{Command, Needs};
use crate::event::What;
use crate::fitting::Cut;
use crate::id::{Msgid, Room};
use crate::input::{Answer, Asker, Found};
use crate::limits;
use crate::output::{Ask, Output};
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::privilege;
use crate::state::waiting::Then;
use causette_proto::{Capability, CompactString, Message};

pub(super) const REDACT: Command = Command {
    verb: "REDACT",
    params: 2,
    needs: Needs::Online,
    syntax: "REDACT <target> <msgid> [:<reason>]",
    summary: "command-redact",
    spec: "https://ircv3.net/specs/extensions/message-redaction",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (target, msgid) = (&message.params[0], &message.params[1]);
    if !ctx.has(Capability::MessageRedaction) {
        return Err(ctx.failure(
            "REDACT",
            "NEED_CAPABILITY",
            &["draft/message-redaction"],
            "need-message-redaction",
            &[],
        ));
    }
    if msgid.len() > limits::MSGID_BYTES {
        return Err(unknown(ctx, target, msgid));
    }
    let room = room(ctx, target).ok_or_else(|| invalid_target(ctx, target))?;
    let reason = message.params.get(2).map_or("", |reason| reason.as_str());
    let max = ctx.text_bytes("REDACT", &[target, msgid], ctx.turn.settings.kick_bytes());
    let reason = Cut::of(reason, max);
    let msgid = Msgid(msgid.clone());
    let asker = Asker::Session(ctx.id);
    let ask = Ask::FindMessage {
        room,
        msgid: msgid.clone(),
    };
    ctx.after(Output::Ask { asker, ask });
    ctx.hold(Then::Redact {
        target: target.clone(),
        msgid,
        reason,
    });
    Ok(())
}

/// Takes the message back, where it exists and the session's user may. Everything is judged now: much may have happened
/// while the message was looked up.
pub(crate) fn answered(
    ctx: &mut Ctx<'_>,
    target: &CompactString,
    msgid: Msgid,
    reason: Cut,
    answer: &Answer,
) -> Outcome {
    let found = match answer {
        Answer::Found(Some(found)) => found,
        Answer::Found(None) => return Err(unknown(ctx, target, &msgid.0)),
        _ => {
            let context = [target.as_str(), msgid.0.as_str()];
            let code = "TEMPORARILY_UNAVAILABLE";
            return Err(ctx.failure("REDACT", code, &context, "unavailable", &[]));
        }
    };
    let room = room(ctx, target).ok_or_else(|| invalid_target(ctx, target))?;
    judge(ctx, room, target, &msgid, found)?;
    let me = ctx.user().id;
    let what = What::Redacted {
        msgid,
        reason: reason.kept.clone(),
        said_by: found.author,
        reach: found.reach,
    };
    // Who is gone is named as in the command.
    let state = &ctx.turn.state;
    let gone = !target.starts_with('#') && state.addressee(target).is_none();
    let (actor, name) = (ctx.actor(), gone.then_some(target.as_str()));
    ctx.turn.happen_at(&actor, vec![room], name, me, what);
    ctx.tell_cut("REDACT", &reason);
    Ok(())
}

/// Who moderates a channel may take back what others said there; authors may for a while; operators of the server may always.
/// For
/// others who may not read it, there is no such message.
fn judge(ctx: &Ctx<'_>, room: Room, target: &str, msgid: &Msgid, found: &Found) -> Outcome {
    let me = ctx.user().id;
    let context = [target, msgid.0.as_str()];
    // Operators of the server act on what people report to them, wherever it was said.
    if ctx.session().operator.is_some() {
        return Ok(());
    }
    if found.author != me
        && let Room::Channel(id) = room
        && let Some(channel) = ctx.turn.state.channels().get(&id)
        && !(channel.reaches(me, found.reach)
            && channel
                .readable_since(me)
                .is_none_or(|since| found.time >= since))
    {
        return Err(unknown(ctx, target, &msgid.0));
    }
    if matches!(room, Room::Channel(room) if privilege::has_rank(ctx.turn.state, room, me, 'h')) {
        return Ok(());
    }
    if found.author != me {
        let code = "REDACT_FORBIDDEN";
        return Err(ctx.failure("REDACT", code, &context, "redact-forbidden", &[]));
    }
    let minutes = (ctx.turn.now().seconds() - found.time.seconds()) / 60;
    if minutes >= limits::REDACT_MINUTES {
        let window = (limits::REDACT_MINUTES * 60).to_string();
        let hours = (limits::REDACT_MINUTES / 60).to_string();
        let context = [target, msgid.0.as_str(), &window];
        return Err(ctx.failure(
            "REDACT",
            "REDACT_WINDOW_EXPIRED",
            &context,
            "redact-expired",
            &[("hours", &hours)],
        ));
    }
    Ok(())
}

/// The room of a target: a channel that one is in, or the conversation with somebody, who may be gone.
pub(super) fn room(ctx: &Ctx<'_>, target: &str) -> Option<Room> {
    let (me, state) = (ctx.user().id, &ctx.turn.state);
    if target.starts_with('#') {
        let channel = state.channel_named(target)?;
        let member = channel.members.contains_key(&me);
        return member.then_some(Room::Channel(channel.id));
    }
    Some(Room::direct(me, state.correspondent(target)?))
}

fn invalid_target(ctx: &Ctx<'_>, target: &str) -> Refusal {
    let variables = [("target", target)];
    ctx.failure(
        "REDACT",
        "INVALID_TARGET",
        &[target],
        "redact-no-target",
        &variables,
    )
}

fn unknown(ctx: &Ctx<'_>, target: &str, msgid: &str) -> Refusal {
    ctx.failure(
        "REDACT",
        "UNKNOWN_MSGID",
        &[target, msgid],
        "redact-unknown",
        &[],
    )
}
