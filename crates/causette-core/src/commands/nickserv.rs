//! NickServ: the same sign-up and sign-in for clients that know no other way.
//!
//! What is said to it is never recorded: it contains passwords.

use super::{Command, Needs};
use crate::identity;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::secret::Secret;
use crate::session::Door;
use causette_proto::{CompactString, Message};

pub(super) const NS: Command = Command {
    verb: "NS",
    params: 0,
    needs: Needs::Welcome,
    syntax: "NS <REGISTER | IDENTIFY | HELP> …",
    summary: "command-ns",
    spec: "https://modern.ircdocs.horse/#services",
    run,
};

pub(super) const NICKSERV: Command = Command {
    verb: "NICKSERV",
    syntax: "NICKSERV <REGISTER | IDENTIFY | HELP> …",
    ..NS
};

const NAME: &str = "NickServ";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let words: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    answer(ctx, &words.join(" "))
}

/// Whether a message is meant for it.
pub(super) fn is_addressed(target: &str) -> bool {
    target.eq_ignore_ascii_case(NAME)
}

/// Does what it is told.
pub(super) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let mut words = text.split_ascii_whitespace();
    let command = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let words: Vec<&str> = words.collect();
    match (command.as_str(), words.as_slice()) {
        ("REGISTER", [password]) => register(ctx, password),
        // The second word is an e-mail address, for the habit of other networks; it is neither needed nor kept.
        ("REGISTER", [password, email]) if *email == "*" || email.contains('@') => {
            register(ctx, password)
        }
        ("IDENTIFY", [password]) => {
            let nick = ctx.nick();
            identify(ctx, &nick, password)
        }
        ("IDENTIFY", [account, password]) => identify(ctx, account, password),
        ("REGISTER" | "IDENTIFY", _) => say(
            ctx,
            &["nickserv-register-syntax", "nickserv-identify-syntax"],
        ),
        ("HELP", _) => say(
            ctx,
            &[
                "nickserv-help",
                "nickserv-register-syntax",
                "nickserv-identify-syntax",
            ],
        ),
        _ => say(ctx, &["nickserv-unknown"]),
    }
}

fn register(ctx: &mut Ctx<'_>, password: &str) -> Outcome {
    let nick = ctx.nick();
    match identity::sign_up(ctx, &nick, Secret::new(password), Door::NickServ) {
        Err(Refusal::Fail { text, .. }) => {
            ctx.notice(Some(NAME), &text);
            Ok(())
        }
        outcome => outcome,
    }
}

fn identify(ctx: &mut Ctx<'_>, account: &str, password: &str) -> Outcome {
    if ctx.session().account.is_some() {
        return say(ctx, &["already-signed-in"]);
    }
    identity::sign_in(ctx, account, Secret::new(password), Mechanism::Identify);
    Ok(())
}

fn say(ctx: &mut Ctx<'_>, keys: &[&str]) -> Outcome {
    for key in keys {
        let text = ctx.text(key);
        ctx.notice(Some(NAME), &text);
    }
    Ok(())
}
