//! DIE: stop the server. <https://datatracker.ietf.org/doc/html/rfc2812#section-4.3>

use super::{Command, Needs};
use crate::fitting;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::server::stop;
use causette_proto::{CompactString, Message};

pub(super) const DIE: Command = Command {
    verb: "DIE",
    params: 0,
    needs: Needs::Right(Act::Stop),
    syntax: "DIE [:<reason>]",
    summary: "command-die",
    spec: "https://datatracker.ietf.org/doc/html/rfc2812#section-4.3",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let reason = message.params.first().map_or("", |reason| reason.as_str());
    let nick = ctx.nick();
    // The register and the people learn who it was, each of them the same.
    let reason = match reason {
        "" => ctx.turn.words_with("stopped-by", &[("nick", &nick)]),
        reason => {
            let reason = fitting::plain(reason);
            let reason = ctx.cut("DIE", &reason, ctx.turn.settings.kick_bytes());
            ctx.turn.words_with(
                "stopped-by-because",
                &[("nick", &nick), ("reason", &reason)],
            )
        }
    };
    let actor = ctx.actor();
    stop::ask(&mut ctx.turn, &actor, CompactString::from(reason))?;
    Ok(())
}
