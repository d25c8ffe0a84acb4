//! OPER: become an operator of the server. <https://modern.ircdocs.horse/#oper-message>

use super::{Command, Needs, user_mode};
use crate::account::operator::{self, Ended};
use crate::account::role::Given;
use crate::input::Answer;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::turn::Turn;
use causette_proto::numeric::RPL_YOUREOPER;
use causette_proto::{CompactString, Message, split};

pub(super) const OPER: Command = Command {
    verb: "OPER",
    params: 2,
    needs: Needs::Online,
    syntax: "OPER <name> <password>",
    summary: "command-oper",
    spec: "https://modern.ircdocs.horse/#oper-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let name = CompactString::new(split::cut(&message.params[0], crate::limits::WORD_BYTES));
    // Blanks in it may have come without a colon in front.
    let password = Secret::new(message.params[1..].join(" "));
    let session = ctx.id;
    operator::begin(&mut ctx.turn, session, name, password)?;
    Ok(())
}

/// Tells what came of it.
pub(crate) fn answered(ctx: &mut Ctx<'_>, name: &str, answer: &Answer) -> Outcome {
    let session = ctx.id;
    operator::settle(&mut ctx.turn, session, name, answer)?;
    welcome(ctx);
    Ok(())
}

/// Tells a session that it is an operator's.
pub(super) fn welcome(ctx: &mut Ctx<'_>) {
    let modes = user_mode::shown(ctx).text();
    show_modes(ctx, &modes);
    let text = ctx.text("oper-welcome");
    ctx.numeric(RPL_YOUREOPER, &[], &text);
}

fn show_modes(ctx: &mut Ctx<'_>, modes: &str) {
    let source = ctx.user().source.clone();
    let nick = ctx.nick();
    ctx.line_of_own(format!(":{source} MODE {nick} {modes}"));
}

/// Tells the sessions of an account that has another role what that makes of them.
pub(crate) fn tell_given(turn: &mut Turn<'_>, given: &Given) {
    for session in &given.gained {
        let mut ctx = Ctx::new(turn.reborrow(), *session, None);
        welcome(&mut ctx);
        ctx.conclude();
    }
    for session in &given.lost {
        let mut ctx = Ctx::new(turn.reborrow(), *session, None);
        show_modes(&mut ctx, if given.heard { "-os" } else { "-o" });
        ctx.conclude();
    }
}

/// Tells a session that it is no operator's any more, because the configuration wants it.
pub(super) fn tell_revoked(turn: &mut Turn<'_>, ended: &Ended) {
    tell_ended(turn, ended, ended.is_none.then_some("oper-revoked"));
}

/// Ends what OPER gave to the sessions whose time is over, and tells them what lasts.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    for ended in operator::expire(turn) {
        tell_ended(turn, &ended, Some("oper-over"));
    }
}

/// Tells a session what it has not any more of what OPER gave it, if it is still there.
fn tell_ended(turn: &mut Turn<'_>, ended: &Ended, key: Option<&str>) {
    if !turn.state.sessions.contains_key(&ended.session) {
        return;
    }
    let mut ctx = Ctx::new(turn.reborrow(), ended.session, None);
    let mut modes = String::from(if ended.is_none { "-o" } else { "-" });
    modes.extend(ended.gone.iter());
    if modes.len() > 1 {
        show_modes(&mut ctx, &modes);
    }
    if let Some(key) = key {
        let text = ctx.text(key);
        ctx.notice(None, &text);
    }
    ctx.conclude();
}
