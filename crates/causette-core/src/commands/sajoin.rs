//! SAJOIN: put somebody into a channel.

use super::{Command, Needs, arrival};
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::room::bring::{Brought, bring};
use causette_proto::Message;

pub(super) const SAJOIN: Command = Command {
    verb: "SAJOIN",
    params: 2,
    needs: Needs::Right(Act::RuleChannels),
    syntax: "SAJOIN <nickname> <channel>",
    summary: "command-sajoin",
    spec: "https://docs.inspircd.org/4/modules/sajoin/",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (actor, nick, name) = (ctx.actor(), &message.params[0], &message.params[1]);
    let Brought { user, room } = bring(&mut ctx.turn, &actor, nick, name)?;
    let own = ctx.user().id == user;
    let sessions = ctx.turn.state.users.get(&user).map(|user| &user.sessions);
    let first = sessions.and_then(|sessions| sessions.first()).copied();
    match first {
        _ if own => arrival::show_entered(ctx, room),
        Some(first) => {
            let mut ctx = Ctx::new(ctx.turn.reborrow(), first, None);
            arrival::show_entered(&mut ctx, room);
            ctx.conclude();
        }
        None => {}
    }
    let variables = [("nick", nick.as_str()), ("channel", name.as_str())];
    let text = ctx.text_with("sajoin-done", &variables);
    ctx.notice(None, &text);
    Ok(())
}
