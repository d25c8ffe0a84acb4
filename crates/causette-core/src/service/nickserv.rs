//! NickServ: accounts, for clients that know no other way, and what one sets of one's own.
//!
//! What is said to it is never recorded: it contains passwords.

use super::{approval, certificate, connection, device, identity, owner, rename, setting, typed};
use crate::account::about::{About, Private, about};
use crate::commands::monitor::rows;
use crate::commands::{Command, Needs};
use crate::denied::Denied;
use crate::id::AccountId;
use crate::login::LoginPolicy;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::settings::Registration;
use crate::state::waiting::SignUpDoor;
use crate::turn::words::minute;
use causette_proto::{CompactString, Message, Timestamp};

pub(crate) const NS: Command = Command {
    verb: "NS",
    params: 0,
    needs: Needs::Welcome,
    syntax: "NS <REGISTER | IDENTIFY | SET | INFO | SESSIONS | LOGOUT | GHOST | CERT | DEVICE | DROP | HELP> …",
    summary: "command-ns",
    spec: "https://modern.ircdocs.horse/#services",
    run,
};

pub(crate) const NICKSERV: Command = Command {
    verb: "NICKSERV",
    syntax: "NICKSERV <REGISTER | IDENTIFY | SET | INFO | SESSIONS | LOGOUT | GHOST | CERT | DEVICE | DROP | HELP> …",
    ..NS
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let words: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    answer(ctx, &words.join(" "))
}

/// Does what it is told.
pub(crate) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (command, rest) = typed::word(text);
    let command = command.to_ascii_uppercase();
    let words: Vec<&str> = rest.split_ascii_whitespace().collect();
    match (command.as_str(), words.as_slice()) {
        ("REGISTER" | "IDENTIFY" | "ID", []) => {
            let sign_up = register_syntax(ctx);
            say(ctx, &[sign_up, "nickserv-identify-syntax"])
        }
        ("REGISTER", _) => identity::register(ctx, rest),
        ("IDENTIFY" | "ID", _) => identity::identify(ctx, rest),
        ("SAREGISTER", [name, _, ..]) => {
            let password = typed::word(rest).1;
            identity::sign_up(ctx, (name, password), SignUpDoor::Operator, None)
        }
        ("SAREGISTER", _) => say(ctx, &["nickserv-saregister-syntax"]),
        ("APPROVE", [name]) => approval::approve(ctx, name),
        ("REFUSE", [name, ..]) => approval::refuse(ctx, name, typed::word(rest).1),
        ("APPROVE" | "REFUSE", _) => say(ctx, &["nickserv-approve-syntax"]),
        ("WAITING", _) => approval::list(ctx),
        ("RENAME", [account, name, ..]) => {
            let reason = typed::word(typed::word(rest).1).1;
            rename::rename(ctx, account, name, reason)
        }
        ("RENAME", _) => say(ctx, &["nickserv-rename-syntax"]),
        ("INFO", rest) => info(ctx, rest.first().copied()),
        ("OWNER", words) => owner::claim(ctx, words),
        ("HELP" | "", _) => {
            let sign_up = register_syntax(ctx);
            let others = ["nickserv-identify-syntax", "nickserv-more"];
            say(ctx, &["nickserv-help", sign_up])?;
            say(ctx, &others)
        }
        (
            command @ ("SET" | "SESSIONS" | "LOGOUT" | "GHOST" | "CERT" | "DEVICE" | "DROP"),
            words,
        ) => match ctx.session().account {
            Some(account) if ctx.session().user.is_some() => match (command, words) {
                ("SET", [name, ..]) if name.eq_ignore_ascii_case("password") => {
                    identity::change_password(ctx, account, typed::word(rest).1)
                }
                _ => own(ctx, account, command, words),
            },
            _ => say(ctx, &["nickserv-sign-in-first"]),
        },
        _ => say(ctx, &["nickserv-unknown"]),
    }
}

/// How one signs up here.
pub(super) fn register_syntax(ctx: &Ctx<'_>) -> &'static str {
    let rules = ctx.turn.state.registration(ctx.turn.settings);
    match (rules, ctx.turn.settings.email_required) {
        (Registration::Invite, false) => "nickserv-register-syntax-invite",
        (Registration::Invite, true) => "nickserv-register-syntax-invite-email",
        (_, false) => "nickserv-register-syntax",
        (_, true) => "nickserv-register-syntax-email",
    }
}

/// What one does with one's own account.
fn own(ctx: &mut Ctx<'_>, account: AccountId, command: &str, words: &[&str]) -> Outcome {
    match (command, words) {
        ("SET", []) => setting::show_all(ctx, account),
        ("SET", [name, rest @ ..]) => setting::set(ctx, account, &name.to_ascii_lowercase(), rest),
        ("SESSIONS", _) => connection::list(ctx, account),
        ("LOGOUT", words) => connection::logout(ctx, words.first().copied()),
        ("GHOST", [nick]) => connection::ghost(ctx, account, nick),
        ("GHOST", _) => say(ctx, &["nickserv-ghost-syntax"]),
        ("CERT", words) => certificate::answer(ctx, account, words),
        ("DEVICE", words) => device::answer(ctx, account, words),
        (_, words) => connection::give_up(ctx, account, words),
    }
}

/// Lets NickServ say why something was not done.
pub(crate) fn deny(ctx: &mut Ctx<'_>, denied: &Denied) {
    let text = ctx.denied_text(denied);
    ctx.notice(Some(Service::Accounts.nick()), &text);
}

/// What came of an operation, where nothing more is to be said of one that was done.
pub(crate) fn spoken(ctx: &mut Ctx<'_>, done: Result<(), Denied>) -> Outcome {
    if let Err(denied) = done {
        deny(ctx, &denied);
    }
    Ok(())
}

/// Bytes of channel names on one line of INFO: what the notice's head and its words surely leave.
const CHANNELS_BYTES: usize = 300;

fn info(ctx: &mut Ctx<'_>, name: Option<&str>) -> Outcome {
    let About {
        name,
        created,
        private,
    } = match about(ctx.turn.state, &ctx.actor(), name) {
        Ok(about) => about,
        Err(denied) => return spoken(ctx, Err(denied)),
    };
    let variables = [("account", name.as_str()), ("time", &day(created))];
    let mut lines = vec![ctx.text_with("nickserv-info", &variables)];
    let mut pinned = None;
    if let Some(Private {
        last_seen,
        owned,
        login,
        pinned: address,
    }) = private
    {
        lines.push(match last_seen {
            None => ctx.text("nickserv-info-connected"),
            Some(time) => ctx.text_with("nickserv-info-last-seen", &[("time", &minute(time))]),
        });
        for channels in rows(&owned, ' ', CHANNELS_BYTES) {
            lines.push(ctx.text_with("nickserv-info-channels", &[("channels", &channels)]));
        }
        if let LoginPolicy::Ranges(_) = login {
            for ranges in setting::login_rows(&login) {
                lines.push(ctx.text_with("nickserv-info-login", &[("ranges", &ranges)]));
            }
        }
        pinned = Some((login, address));
    }
    for line in lines {
        ctx.notice(Some(Service::Accounts.nick()), &line);
    }
    if let Some((login, address)) = pinned {
        setting::say_pinned(ctx, &login, address);
    }
    Ok(())
}

pub(crate) fn say(ctx: &mut Ctx<'_>, keys: &[&str]) -> Outcome {
    for key in keys {
        service::say(ctx, Service::Accounts, key, &[]);
    }
    Ok(())
}

/// A day for people, `2026-11-22`.
fn day(time: Timestamp) -> String {
    time.to_string()[..10].to_owned()
}
