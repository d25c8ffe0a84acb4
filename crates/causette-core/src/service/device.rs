//! NickServ DEVICE: the same as the command DEVICE, for clients that do not know it.

use super::nickserv::{deny, spoken};
use crate::account::device;
use crate::id::AccountId;
use crate::input::{Answer, Asker};
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::state::waiting::TokenDoor;
use crate::turn::words::minute;
use causette_proto::CompactString;

/// Does what it is told of the devices of one's own account.
pub(super) fn answer(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let subcommand = words.first().copied().unwrap_or("LIST");
    match (subcommand.to_ascii_uppercase().as_str(), words) {
        ("ADD", [_, name @ ..]) if !name.is_empty() => {
            let (asker, name) = (Asker::Session(ctx.id), name.join(" "));
            let begun = device::add(&mut ctx.turn, asker, account, &name, TokenDoor::NickServ);
            spoken(ctx, begun)
        }
        ("LIST", _) => {
            tell(ctx, account);
            Ok(())
        }
        ("DEL" | "REMOVE", [_, id]) => {
            let actor = ctx.actor();
            let removed = device::remove(&mut ctx.turn, &actor, account, id);
            if let Ok(token) = &removed {
                let token = token.0.to_string();
                let (key, variables) = ("nickserv-device-removed", [("id", token.as_str())]);
                service::say(ctx, Service::Accounts, key, &variables);
            }
            spoken(ctx, removed.map(|_| ()))
        }
        _ => {
            service::say(ctx, Service::Accounts, "nickserv-device-syntax", &[]);
            Ok(())
        }
    }
}

/// Gives the token to the session.
pub(crate) fn added(ctx: &mut Ctx<'_>, account: AccountId, name: &CompactString, answer: Answer) {
    let actor = ctx.actor();
    match device::added(&mut ctx.turn, &actor, account, name, answer) {
        Ok((id, token)) => {
            let id = id.0.to_string();
            let variables = [
                ("id", id.as_str()),
                ("name", name),
                ("token", token.expose()),
            ];
            service::say(ctx, Service::Accounts, "nickserv-device-added", &variables);
        }
        Err(denied) => deny(ctx, &denied),
    }
}

fn tell(ctx: &mut Ctx<'_>, account: AccountId) {
    let own = ctx.session().token;
    let tokens = ctx.turn.state.accounts()[&account].tokens.clone();
    if tokens.is_empty() {
        service::say(ctx, Service::Accounts, "device-none", &[]);
    }
    for token in tokens {
        let shown = |time| minute(ctx.turn.state.clock.shown_at(time));
        let (id, created) = (token.id.0.to_string(), shown(token.created));
        let mut line = ctx.text_with(
            "nickserv-device-line",
            &[("id", &id), ("name", &token.name), ("time", &created)],
        );
        if let (Some(time), Some(address)) = (token.last_used, token.last_address) {
            let (time, address) = (shown(time), address.to_string());
            let variables = [("time", time.as_str()), ("address", &address)];
            line.push_str(&ctx.text_with("nickserv-device-used", &variables));
        }
        if let (Some(scopes), Some(until)) = (token.scopes, token.until) {
            let (scopes, until) = (scopes.list(), shown(until));
            let variables = [("scopes", scopes.as_str()), ("until", &until)];
            line.push_str(&ctx.text_with("nickserv-device-program", &variables));
        }
        if own == Some(token.id) {
            line.push_str(&ctx.text("nickserv-device-this"));
        }
        ctx.notice(Some(Service::Accounts.nick()), &line);
    }
    service::say(ctx, Service::Accounts, "nickserv-device-syntax", &[]);
}
