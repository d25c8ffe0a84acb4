//! How a connection gets in: the welcome, once all is there that it needs, and what is said to who has signed in. No command of its
//! own; those that bring something of it come here.

use super::{arrival, authenticate, metadata, pass};
use crate::account::rename::Renamed;
use crate::account::sign_in::SignedIn;
use crate::account::{admission, forgotten, naming};
use crate::denied::Denied;
use crate::discipline::enforce;
use crate::id::{AccountId, UserId};
use crate::person::departure;
use crate::reply::Ctx;
use crate::secret::is_token;
use crate::turn::Turn;
use causette_proto::numeric::RPL_LOGGEDIN;

/// Goes on with the registration of a connection, as far as what it has sent allows.
/// <https://modern.ircdocs.horse/#connection-registration>
pub(crate) fn complete(ctx: &mut Ctx<'_>) {
    let session = ctx.session();
    if session.welcomed
        || session.negotiating
        || session.nick.is_none()
        || session.username.is_none()
    {
        return;
    }
    authenticate::abandon(ctx);
    if let Some(pass) = ctx.session_mut().pass.take() {
        // A token is no server's password, and nothing slow is computed for one.
        let by_token = pass
            .expose()
            .split_once(':')
            .is_some_and(|(_, password)| is_token(password));
        if !ctx.session().admitted && ctx.session().account.is_none() && !by_token {
            return pass::admit(ctx, pass);
        }
        if pass::sign_in(ctx, &pass) {
            return;
        }
    }
    let session = ctx.session();
    if !session.admitted && session.account.is_none() {
        return pass::refuse(ctx, &admission::not_admitted());
    }
    if session.account.is_none() {
        let wanted = session.nick.as_ref();
        let may = wanted.map_or(Ok(()), |nick| naming::may_take(&ctx.turn, session, nick));
        if let Err(denied) = may {
            ctx.session_mut().nick = None;
            return ctx.refuse(denied.into());
        }
    }
    if let Err(denied) = enforce::may_be_here(&ctx.turn, ctx.id) {
        return turn_away(ctx, &denied);
    }
    arrival::welcome(ctx);
}

/// Says to a connection why it may not be here, and closes it.
pub(crate) fn turn_away(ctx: &mut Ctx<'_>, denied: &Denied) {
    let refusal = ctx.failed("*", &[], denied);
    ctx.refuse(refusal);
    departure::end_with(&mut ctx.turn, ctx.id, denied.key, &denied.variables());
}

/// Tells a session to which account it is signed in. <https://ircv3.net/specs/extensions/sasl-3.1>
pub(crate) fn tell_signed_in(ctx: &mut Ctx<'_>, account: AccountId) {
    let name = ctx.turn.state.accounts()[&account].name.clone();
    let nick = ctx.nick();
    let nick = if nick == "*" { name.as_str() } else { &nick };
    let text = ctx.text_with("logged-in", &[("account", name.as_str())]);
    ctx.numeric(
        RPL_LOGGEDIN,
        &[&format!("{nick}!{nick}@causette"), name.as_str()],
        &text,
    );
}

/// Tells the connections of an account that has another name to which one they are signed in, and from where others see them come.
pub(crate) fn tell_renamed(turn: &mut Turn<'_>, renamed: &Renamed) {
    for session in &renamed.sessions {
        let Some(account) = turn.state.sessions.get(session).and_then(|s| s.account) else {
            continue;
        };
        if turn.own.is_of(*session) {
            continue;
        }
        let mut ctx = Ctx::new(turn.reborrow(), *session, None);
        show_renamed(&mut ctx, account);
        ctx.conclude();
    }
}

/// The same for one connection.
pub(crate) fn show_renamed(ctx: &mut Ctx<'_>, account: AccountId) {
    tell_signed_in(ctx, account);
    arrival::show_host(ctx);
}

/// Lets a session that has just signed in speak for its account, if it was welcomed; else goes on welcoming it. Who proves
/// once more what they have proved is there already.
pub(crate) fn arrive(ctx: &mut Ctx<'_>, SignedIn { account, .. }: SignedIn) {
    if !ctx.session().welcomed {
        complete(ctx);
    } else if ctx.session().user != Some(UserId::from(account)) {
        arrival::attach(ctx, account);
        metadata::show_own(ctx);
    }
    if forgotten::lacks_a_password(ctx.turn.state, account) {
        let text = ctx.text("password-choose");
        ctx.notice(Some("NickServ"), &text);
    }
}
