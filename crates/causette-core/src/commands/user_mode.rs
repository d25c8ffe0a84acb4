//! MODE of users: one's own. <https://modern.ircdocs.horse/#user-modes>

use crate::account::own;
use crate::modes::{Letters, USER_MODES};
use crate::reply::{Ctx, Outcome};
use crate::state::account::Setting;
use causette_proto::CompactString;
use causette_proto::mode::{Arity, Change, format_changes, parse_changes};
use causette_proto::numeric::{
    ERR_NOPRIVILEGES, ERR_NOSUCHNICK, ERR_UMODEUNKNOWNFLAG, ERR_USERSDONTMATCH, RPL_UMODEIS,
};

/// The modes that an account keeps when it is offline: the others are of a connection.
const KEPT: &str = "BRiw";

/// Shows or changes the modes of a user.
pub(super) fn run(ctx: &mut Ctx<'_>, nick: &str, modes: Option<&str>) -> Outcome {
    if !ctx.turn.state.casemap.same(&ctx.nick(), nick) {
        if ctx.turn.state.addressee(nick).is_none() {
            return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]));
        }
        return Err(ctx.refusal(ERR_USERSDONTMATCH, &[], "not-your-modes", &[]));
    }
    let Some(user) = ctx.session().user else {
        ctx.numeric_bare(RPL_UMODEIS, &["+"]);
        return Ok(());
    };
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
    let operator = ctx.session().operator.is_some();
    let mut held = ctx.user().modes;
    let mut done = Vec::new();
    let (mut gives_up, mut above) = (false, false);
    for Change { add, mode, .. } in changes {
        match mode {
            // OPER makes operators, the connection is secure or not; server notices are for operators.
            'o' if !add && gives_up => continue,
            'o' if !add && operator => gives_up = true,
            's' if add && (!operator || gives_up) => {
                above = true;
                continue;
            }
            'o' | 'Z' => {
                above |= shown(ctx).has(mode) != add;
                continue;
            }
            _ if held.has(mode) == add => continue,
            _ => held.set(mode, add),
        }
        let arg = None;
        done.push(Change { add, mode, arg });
    }
    if above {
        let refusal = ctx.refusal(ERR_NOPRIVILEGES, &[], "user-mode-not-given", &[]);
        ctx.refuse(refusal);
    }
    if done.is_empty() {
        return Ok(());
    }
    if gives_up {
        ctx.session_mut().operator = None;
        if held.has('s') {
            held.set('s', false);
            let (add, mode, arg) = (false, 's', None);
            done.push(Change { add, mode, arg });
        }
    }
    let source = ctx.user().source.clone();
    *ctx.turn.mutated = true;
    let account = ctx.user().account;
    let before = ctx.user().modes;
    if let Some(user) = ctx.turn.state.users.get_mut(&user) {
        user.modes = held;
    }
    if let Some(account) = account.filter(|_| kept(before) != kept(held)) {
        set_kept(ctx, account, held);
    }
    let nick = ctx.nick();
    ctx.line_from(format!(":{source} MODE {nick} {}", format_changes(&done)));
    Ok(())
}

/// The modes as they are shown: with those that follow from the user's sessions.
pub(super) fn shown(ctx: &Ctx<'_>) -> Letters {
    let mut modes = ctx.user().modes;
    modes.set('o', ctx.session().operator.is_some());
    modes.set('Z', ctx.session().peer.tls.is_some());
    modes
}

fn kept(modes: Letters) -> CompactString {
    modes
        .iter()
        .filter(|letter| KEPT.contains(*letter))
        .collect()
}

fn set_kept(ctx: &mut Ctx<'_>, account: crate::id::AccountId, modes: Letters) {
    // An empty value would mean that nothing was ever set, and bring the defaults back.
    let mut value = CompactString::const_new("+");
    value.push_str(&kept(modes));
    own::set(ctx, account, Setting::Modes, value);
}
