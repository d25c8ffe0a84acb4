//! NickServ SESSIONS, LOGOUT, GHOST and DROP: the connections of one's account, and the end of them or of it.

use super::nickserv::{say, spoken};
use crate::account::connection;
use crate::id::{AccountId, SessionId};
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::turn::words::minute;
use causette_proto::CompactString;

/// The sessions of one's account, in the order in which they came: their numbers are the places in this list.
fn sessions_of(ctx: &Ctx<'_>) -> Vec<SessionId> {
    let mut sessions = ctx.user().sessions.clone();
    sessions.sort_unstable();
    sessions
}

/// Shows them, and the devices that signed in by name.
pub(super) fn list(ctx: &mut Ctx<'_>, account: AccountId) -> Outcome {
    let mut lines = Vec::new();
    for (place, id) in sessions_of(ctx).into_iter().enumerate() {
        let Some(session) = ctx.turn.state.sessions.get(&id) else {
            continue;
        };
        let number = (place + 1).to_string();
        let address = session.peer.address.to_string();
        let since = minute(session.opened);
        let held = &ctx.turn.state.accounts()[&account];
        let token = session.token.and_then(|token| held.token(token));
        let device = session
            .device
            .as_ref()
            .or_else(|| token.map(|token| &token.name));
        let device = device.map_or("-", CompactString::as_str);
        let variables = [
            ("number", number.as_str()),
            ("address", &address),
            ("transport", session.peer.transport.name()),
            ("device", device),
            ("time", &since),
        ];
        let key = if id == ctx.id {
            "nickserv-session-this"
        } else {
            "nickserv-session"
        };
        lines.push(ctx.text_with(key, &variables));
    }
    for device in &ctx.turn.state.accounts()[&account].devices {
        let time = minute(ctx.turn.state.clock.shown_at(device.last_used));
        let variables = [("device", device.name.as_str()), ("time", &time)];
        lines.push(ctx.text_with("nickserv-device", &variables));
    }
    lines.push(ctx.text("nickserv-logout-syntax"));
    for line in lines {
        ctx.notice(Some(Service::Accounts.nick()), &line);
    }
    Ok(())
}

/// Ends this session, one by its number, or all.
pub(super) fn logout(ctx: &mut Ctx<'_>, which: Option<&str>) -> Outcome {
    let sessions = sessions_of(ctx);
    let chosen = match which {
        None => vec![ctx.id],
        Some(word) if word.eq_ignore_ascii_case("all") => sessions,
        Some(word) => {
            let place = word.parse::<usize>().ok().filter(|number| *number > 0);
            match place.and_then(|number| sessions.get(number - 1)) {
                Some(session) => vec![*session],
                None => return say(ctx, &["nickserv-logout-syntax"]),
            }
        }
    };
    let actor = ctx.actor();
    connection::end(&mut ctx.turn, &actor, &chosen);
    if !chosen.contains(&ctx.id) {
        ended(ctx, chosen.len());
    }
    Ok(())
}

fn ended(ctx: &mut Ctx<'_>, number: usize) {
    let number = number.to_string();
    let variables = [("number", number.as_str())];
    service::say(ctx, Service::Accounts, "nickserv-ended", &variables);
}

/// Ends all other sessions of one's account, by the nickname it goes by.
pub(super) fn ghost(ctx: &mut Ctx<'_>, account: AccountId, nick: &str) -> Outcome {
    let actor = ctx.actor();
    match connection::end_others(&mut ctx.turn, &actor, account, nick) {
        Ok(number) => ended(ctx, number),
        Err(denied) => return spoken(ctx, Err(denied)),
    }
    Ok(())
}

/// Gives up the account, after its name was said once more.
pub(super) fn give_up(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let again = match words {
        [word] => Some(*word),
        _ => None,
    };
    let actor = ctx.actor();
    let given_up = connection::give_up(&mut ctx.turn, &actor, account, again);
    spoken(ctx, given_up)
}
