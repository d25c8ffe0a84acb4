//! SAMODE: change the modes of a channel without a rank in it.

use super::{Command, Needs, mode, need_more_params};
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::room::mode::rule;
use causette_proto::Message;

pub(super) const SAMODE: Command = Command {
    verb: "SAMODE",
    params: 2,
    needs: Needs::Right(Act::RuleChannels),
    syntax: "SAMODE <channel> <modes> [<argument>…]",
    summary: "command-samode",
    spec: "https://docs.inspircd.org/4/modules/samode/",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (name, modes) = (message.params[0].as_str(), message.params[1].as_str());
    let changes = mode::parse(ctx, modes, &message.params[2..]);
    let changes = changes.into_iter();
    let changes: Vec<_> = changes
        .filter(|change| !mode::is_question(change))
        .collect();
    if changes.is_empty() {
        return Err(need_more_params(ctx, &SAMODE));
    }
    let (actor, place) = (ctx.actor(), ctx.turn.own.place());
    let changed = rule(&mut ctx.turn, &actor, name, changes)?;
    let (channel, made) = (changed.channel.clone(), changed.made.clone());
    ctx.ahead(place, |ctx| mode::say_refused(ctx, changed));
    let key = if made.is_empty() {
        "samode-nothing"
    } else {
        "samode-done"
    };
    let variables = [("channel", channel.as_str()), ("modes", made.as_str())];
    let text = ctx.text_with(key, &variables);
    ctx.notice(None, &text);
    Ok(())
}
