//! DEVICE: give a device a token of its own, so that it can forget the password. A command of our own, which the capability
//! `causette/devices` announces and `docs/en/protocol.md` specifies.

use super::{Command, Needs, account_required};
use crate::account::device;
use crate::id::AccountId;
use crate::input::{Answer, Asker};
use crate::reply::{Ctx, Outcome};
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
        ("ADD", name) => {
            let (asker, name) = (Asker::Session(ctx.id), name.join(" "));
            let begun = device::add(&mut ctx.turn, asker, account, &name, TokenDoor::Command);
            begun.map_err(|denied| ctx.failed("DEVICE", &["ADD"], &denied))
        }
        ("LIST", _) => {
            list(ctx, account);
            Ok(())
        }
        ("DEL", [id, ..]) => {
            let actor = ctx.actor();
            let removed = device::remove(&mut ctx.turn, &actor, account, id);
            let token = removed.map_err(|denied| ctx.failed("DEVICE", &["DEL"], &denied))?;
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

/// Gives the token to the session.
pub(crate) fn added(ctx: &mut Ctx<'_>, account: AccountId, name: &CompactString, answer: Answer) {
    let actor = ctx.actor();
    match device::added(&mut ctx.turn, &actor, account, name, answer) {
        Ok((id, token)) => {
            let (id, token) = (id.0, token.expose());
            ctx.line(&format!("DEVICE ADD {id} {token} :{name}"));
        }
        Err(denied) => {
            let refusal = ctx.failed("DEVICE", &["ADD"], &denied);
            ctx.refuse(refusal);
        }
    }
}

fn list(ctx: &mut Ctx<'_>, account: AccountId) {
    let own = ctx.session().token;
    let clock = &ctx.turn.state.clock;
    let lines: Vec<String> = ctx.turn.state.accounts()[&account]
        .tokens
        .iter()
        .map(|token| {
            let TokenRow {
                id,
                created,
                name,
                scopes,
                until,
                ..
            } = token;
            let last_used = token
                .last_used
                .map_or_else(|| "*".to_owned(), |time| clock.shown_at(time).to_string());
            let created = clock.shown_at(*created);
            let last_address = token.last_address.map_or_else(|| "*".to_owned(), word);
            let program = scopes.zip(*until).map(|(scopes, until)| {
                let until = clock.shown_at(until);
                format!("program;scopes={};until={until}", scopes.list())
            });
            let current = match program.as_deref() {
                Some(program) => program,
                None if own == Some(*id) => "current",
                None => "*",
            };
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
