//! MODE of users: one's own. <https://modern.ircdocs.horse/#user-modes>

use crate::modes::{Letters, USER_MODES};
use crate::person::mode;
use crate::reply::{Ctx, Outcome};
use causette_proto::mode::{Arity, format_changes, parse_changes};
use causette_proto::numeric::{
    ERR_NOSUCHNICK, ERR_UMODEUNKNOWNFLAG, ERR_USERSDONTMATCH, RPL_UMODEIS,
};

/// Shows or changes the modes of a user.
pub(super) fn run(ctx: &mut Ctx<'_>, nick: &str, modes: Option<&str>) -> Outcome {
    if !ctx.turn.state.casemap.same(&ctx.nick(), nick) {
        if ctx.turn.state.addressee(nick).is_none() {
            return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]));
        }
        return Err(ctx.refusal(ERR_USERSDONTMATCH, &[], "not-your-modes", &[]));
    }
    if ctx.session().user.is_none() {
        ctx.numeric_bare(RPL_UMODEIS, &["+"]);
        return Ok(());
    }
    let Some(modes) = modes else {
        let held = shown(ctx).text();
        ctx.numeric_bare(RPL_UMODEIS, &[&held]);
        return Ok(());
    };
    let known = |letter| USER_MODES.iter().any(|mode| mode.letter == letter);
    let (changes, unknown) =
        parse_changes(modes, &[], |letter| known(letter).then_some(Arity::Never));
    if !unknown.is_empty() {
        let refusal = ctx.refusal(ERR_UMODEUNKNOWNFLAG, &[], "unknown-user-mode", &[]);
        ctx.refuse(refusal);
    }
    let (actor, id) = (ctx.actor(), ctx.id);
    let changed = mode::change(&mut ctx.turn, &actor, id, changes);
    if let Some(denied) = changed.denied {
        ctx.refuse(denied.into());
    }
    if !changed.done.is_empty() {
        let source = ctx.user().source.clone();
        let (nick, done) = (ctx.nick(), format_changes(&changed.done));
        ctx.line_of_own(format!(":{source} MODE {nick} {done}"));
    }
    Ok(())
}

/// The modes as they are shown: with those that follow from the session.
pub(super) fn shown(ctx: &Ctx<'_>) -> Letters {
    mode::shown(ctx.turn.state, ctx.id)
}
