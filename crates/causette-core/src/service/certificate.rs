//! NickServ CERT: the certificates that open one's account.

use super::nickserv::{say, spoken};
use crate::account::certificate;
use crate::id::AccountId;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;

/// Does what it is told of the certificates that open one's own account.
pub(super) fn answer(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let words: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let present = ctx.session().peer.certificate.clone();
    match (words.as_slice(), present) {
        ([] | ["list"], present) => {
            let held = ctx.turn.state.accounts()[&account].certificates.clone();
            if held.is_empty() {
                say(ctx, &["nickserv-cert-empty"])?;
            }
            for fingerprint in held {
                ctx.notice(Some(Service::Accounts.nick()), &fingerprint);
            }
            if let Some(fingerprint) = present {
                let variables = [("fingerprint", fingerprint.as_str())];
                service::say(ctx, Service::Accounts, "nickserv-cert-present", &variables);
            }
            say(ctx, &["nickserv-cert-syntax"])
        }
        (["add"], Some(fingerprint)) => add(ctx, account, &fingerprint),
        (["add"], None) => say(ctx, &["nickserv-cert-none"]),
        (["add", fingerprint], _) => add(ctx, account, &fingerprint.replace(':', "")),
        (["remove" | "del", fingerprint], _) => {
            let actor = ctx.actor();
            let fingerprint = fingerprint.replace(':', "");
            match certificate::remove(&mut ctx.turn, &actor, account, &fingerprint) {
                Ok(()) => say(ctx, &["nickserv-cert-removed"]),
                Err(denied) => spoken(ctx, Err(denied)),
            }
        }
        _ => say(ctx, &["nickserv-cert-syntax"]),
    }
}

fn add(ctx: &mut Ctx<'_>, account: AccountId, fingerprint: &str) -> Outcome {
    let actor = ctx.actor();
    match certificate::add(&mut ctx.turn, &actor, account, fingerprint) {
        Ok(()) => say(ctx, &["nickserv-cert-added"]),
        Err(denied) => spoken(ctx, Err(denied)),
    }
}
