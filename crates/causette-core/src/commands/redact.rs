//! REDACT: take back what was said. <https://ircv3.net/specs/extensions/message-redaction>

use super::{Command, Needs};
use crate::fitting::Cut;
use crate::id::Msgid;
use crate::input::{Answer, Asker};
use crate::limits;
use crate::output::{Ask, Output};
use crate::reply::{Ctx, Outcome};
use crate::room;
use crate::room::redact::{no_such_message, redact};
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
        return Err(no_such_message(target, msgid).into());
    }
    let room = room::redact::room(ctx.turn.state, ctx.user().id, target)?;
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

/// Takes the message back, now that it has been looked up.
pub(crate) fn answered(
    ctx: &mut Ctx<'_>,
    target: &CompactString,
    msgid: Msgid,
    reason: Cut,
    answer: &Answer,
) -> Outcome {
    let found = match answer {
        Answer::Found(Some(found)) => found,
        Answer::Found(None) => return Err(no_such_message(target, &msgid.0).into()),
        _ => {
            let context = [target.as_str(), msgid.0.as_str()];
            let code = "TEMPORARILY_UNAVAILABLE";
            return Err(ctx.failure("REDACT", code, &context, "unavailable", &[]));
        }
    };
    let (actor, by) = (ctx.actor(), ctx.user().id);
    redact(
        &mut ctx.turn,
        &actor,
        by,
        (target, msgid),
        found,
        &reason.kept,
    )?;
    ctx.tell_cut("REDACT", &reason);
    Ok(())
}
