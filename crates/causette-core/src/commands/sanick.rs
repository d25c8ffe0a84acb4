//! SANICK: give somebody another nickname.

use super::{Command, Needs};
use crate::person::nickname;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::Message;

pub(super) const SANICK: Command = Command {
    verb: "SANICK",
    params: 2,
    needs: Needs::Right(Act::RuleChannels),
    syntax: "SANICK <nickname> <nickname>",
    summary: "command-sanick",
    spec: "https://docs.inspircd.org/4/modules/sanick/",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (actor, from, to) = (ctx.actor(), &message.params[0], &message.params[1]);
    let nick = nickname::give(&mut ctx.turn, &actor, from, to)?;
    let variables = [("from", from.as_str()), ("nick", nick.as_str())];
    let text = ctx.text_with("sanick-done", &variables);
    ctx.notice(None, &text);
    Ok(())
}
