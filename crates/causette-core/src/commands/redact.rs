//! REDACT: take back what was said. <https://ircv3.net/specs/extensions/message-redaction>

use super::{Command, Needs};
use crate::denied::Why;
use crate::input::{Answer, Asker};
use crate::reply::{Ctx, Outcome};
use crate::room::redact::{Asked, begin, redact};
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
    let reason = message.params.get(2).map_or("", |reason| reason.as_str());
    let (actor, asker, by) = (ctx.actor(), Asker::Session(ctx.id), ctx.user().id);
    begin(&mut ctx.turn, &actor, asker, by, (target, msgid), reason)?;
    Ok(())
}

/// Takes the message back, now that it has been looked up.
pub(crate) fn answered(ctx: &mut Ctx<'_>, asked: Asked<'_>, answer: &Answer) -> Outcome {
    let context = [CompactString::new(asked.target), asked.msgid.0.clone()];
    let (actor, by) = (ctx.actor(), ctx.user().id);
    match redact(&mut ctx.turn, &actor, by, asked, answer) {
        Ok(reason) => ctx.tell_cut("REDACT", &reason),
        Err(denied) if denied.why == Why::Unavailable => {
            let context = context.each_ref().map(CompactString::as_str);
            return Err(ctx.failed("REDACT", &context, &denied));
        }
        Err(denied) => return Err(denied.into()),
    }
    Ok(())
}
