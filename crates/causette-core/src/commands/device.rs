//! DEVICE: give a device a token of its own, so that it can forget the password. A command of our own, which the capability
//! `causette/devices` announces and `docs/en/protocol.md` specifies.

use super::{Command, Needs, account_required};
use crate::account::device;
use crate::id::AccountId;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::service::nickserv::{minute, spoken};
use crate::snapshot::TokenRow;
use crate::state::waiting::TokenDoor;
use causette_proto::{Capability, CompactString, Message};
use core::net::IpAddr;

pub(super) const DEVICE: Command = Command {
    verb: "DEVICE",
    params: 1,
    needs: Needs::Online,
    syntax: "DEVICE <ADD :name | LIST | DEL id>",
    summary: "command-device",
    spec: "https://ircv3.net/specs/extensions/capability-negotiation",
    run,
};

/// The type of the batch that a list comes in.
const BATCH: &str = "causette/devices";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let account = ctx.session().account;
    let account = account.ok_or_else(|| account_required(ctx, "DEVICE"))?;
    let params: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    let subcommand = params[0].to_ascii_uppercase();
    match (subcommand.as_str(), &params[1..]) {
        ("ADD", name) => device::add(ctx, account, &name.join(" "), TokenDoor::Command),
        ("LIST", _) => {
            list(ctx, account);
            Ok(())
        }
        ("DEL", [id, ..]) => {
            let token = device::remove(ctx, account, id)?;
            ctx.line(&format!("DEVICE DEL {}", token.0));
            Ok(())
        }
        _ => Err(ctx.failure(
            "DEVICE",
            "INVALID_PARAMS",
            &[params[0]],
            "device-syntax",
            &[],
        )),
    }
}

fn list(ctx: &mut Ctx<'_>, account: AccountId) {
    let own = ctx.session().token;
    let lines: Vec<String> = ctx.turn.state.accounts()[&account]
        .tokens
        .iter()
        .map(|token| {
            let TokenRow {
                id, created, name, ..
            } = token;
            let last_used = token
                .last_used
                .map_or_else(|| "*".to_owned(), |time| time.to_string());
            let last_address = token.last_address.map_or_else(|| "*".to_owned(), word);
            let current = if own == Some(*id) { "current" } else { "*" };
            let id = id.0;
            format!("DEVICE LIST {id} {created} {last_used} {last_address} {current} :{name}")
        })
        .collect();
    if lines.is_empty() && !ctx.has(Capability::Batch) {
        // Without a batch nothing else would say that there is none.
        let text = ctx.text("device-none");
        return ctx.standard("NOTE", "DEVICE", "NO_DEVICES", &["LIST"], &text);
    }
    ctx.batch(BATCH, lines);
}

/// An address as a word of a line: none may start with a colon.
fn word(address: IpAddr) -> String {
    let address = address.to_string();
    if address.starts_with(':') {
        format!("0{address}")
    } else {
        address
    }
}

/// The same through NickServ, for clients that do not know the command.
pub(crate) fn by_nickserv(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let subcommand = words.first().copied().unwrap_or("LIST");
    match (subcommand.to_ascii_uppercase().as_str(), words) {
        ("ADD", [_, name @ ..]) if !name.is_empty() => spoken(ctx, |ctx| {
            device::add(ctx, account, &name.join(" "), TokenDoor::NickServ)
        }),
        ("LIST", _) => {
            tell(ctx, account);
            Ok(())
        }
        ("DEL" | "REMOVE", [_, id]) => spoken(ctx, |ctx| {
            let token = device::remove(ctx, account, id)?.0.to_string();
            let variables = [("id", token.as_str())];
            service::say(
                ctx,
                Service::Accounts,
                "nickserv-device-removed",
                &variables,
            );
            Ok(())
        }),
        _ => {
            service::say(ctx, Service::Accounts, "nickserv-device-syntax", &[]);
            Ok(())
        }
    }
}

fn tell(ctx: &mut Ctx<'_>, account: AccountId) {
    let own = ctx.session().token;
    let tokens = ctx.turn.state.accounts()[&account].tokens.clone();
    if tokens.is_empty() {
        service::say(ctx, Service::Accounts, "device-none", &[]);
    }
    for token in tokens {
        let (id, created) = (token.id.0.to_string(), minute(token.created));
        let mut line = ctx.text_with(
            "nickserv-device-line",
            &[("id", &id), ("name", &token.name), ("time", &created)],
        );
        if let (Some(time), Some(address)) = (token.last_used, token.last_address) {
            let (time, address) = (minute(time), address.to_string());
            let variables = [("time", time.as_str()), ("address", &address)];
            line.push_str(&ctx.text_with("nickserv-device-used", &variables));
        }
        if own == Some(token.id) {
            line.push_str(&ctx.text("nickserv-device-this"));
        }
        ctx.notice(Some(Service::Accounts.nick()), &line);
    }
    service::say(ctx, Service::Accounts, "nickserv-device-syntax", &[]);
}
