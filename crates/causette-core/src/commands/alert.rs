//! ALERT: tell all people something that they must not miss. A verb of ours.

use super::{Command, Needs};
use crate::person::alert;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::Message;

pub(super) const ALERT: Command = Command {
    verb: "ALERT",
    params: 1,
    needs: Needs::Right(Act::Announce),
    syntax: "ALERT :<text>",
    summary: "command-alert",
    spec: "https://modern.ircdocs.horse/#notice-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (actor, text) = (ctx.actor(), message.params[0].as_str());
    let told = alert::alert(&mut ctx.turn, &actor, text, true)?;
    let number = told.people.to_string();
    let text = ctx.text_with("admin-alerted", &[("number", &number)]);
    ctx.notice(None, &text);
    Ok(())
}
