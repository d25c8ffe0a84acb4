//! NICK: take a nickname. <https://modern.ircdocs.horse/#nick-message>

use super::{Command, Needs, registration};
use crate::person::nickname::{self, Taken};
use crate::reply::{Ctx, Outcome};
use causette_proto::numeric::ERR_NONICKNAMEGIVEN;
use causette_proto::{Message, Nick};

pub(super) const NICK: Command = Command {
    verb: "NICK",
    params: 0,
    needs: Needs::Nothing,
    syntax: "NICK <nickname>",
    summary: "command-nick",
    spec: "https://modern.ircdocs.horse/#nick-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(wanted) = message.params.first().filter(|wanted| !wanted.is_empty()) else {
        return Err(ctx.refusal(ERR_NONICKNAMEGIVEN, &[], "no-nickname", &[]));
    };
    let actor = ctx.actor();
    match nickname::take(&mut ctx.turn, &actor, ctx.id, wanted)? {
        Taken::Kept => registration::complete(ctx),
        Taken::InLobby { from, nick } => {
            let from = from.as_ref().map_or("*", Nick::as_str);
            ctx.line_from(format!(":{from}!{from}@causette NICK {nick}"));
        }
        Taken::Theirs => {}
    }
    Ok(())
}
