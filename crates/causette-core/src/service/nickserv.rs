//! NickServ: accounts, for clients that know no other way, and what one sets of one's own.
//!
//! What is said to it is never recorded: it contains passwords.

use super::typed;
use super::{device, setting};
use crate::account::identity;
use crate::account::own;
use crate::account::sign_up;
use crate::actor::Actor;
use crate::commands::monitor::rows;
use crate::commands::{Command, Needs};
use crate::denied::Denied;
use crate::id::{AccountId, SessionId};
use crate::limits;
use crate::person::departure;
use crate::record::{AccountChange, Fact, Mechanism};
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved::Service;
use crate::right::Act;
use crate::secret::{Secret, is_token, is_written_code};
use crate::service;
use crate::state::attempts::Aim;
use crate::state::waiting::SignUpDoor;
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
        ("REGISTER" | "IDENTIFY" | "ID", []) => say(
            ctx,
            &["nickserv-register-syntax", "nickserv-identify-syntax"],
        ),
        ("REGISTER", _) => register(ctx, rest),
        ("IDENTIFY" | "ID", _) => identify(ctx, rest),
        ("SAREGISTER", [name, _, ..]) => create(ctx, name, typed::word(rest).1),
        ("SAREGISTER", _) => say(ctx, &["nickserv-saregister-syntax"]),
        ("INFO", rest) => info(ctx, rest.first().copied()),
        ("HELP" | "", _) => say(
            ctx,
            &[
                "nickserv-help",
                "nickserv-register-syntax",
                "nickserv-identify-syntax",
                "nickserv-more",
            ],
        ),
        (
            command @ ("SET" | "SESSIONS" | "LOGOUT" | "GHOST" | "CERT" | "DEVICE" | "DROP"),
            words,
        ) => match ctx.session().account {
            Some(account) if ctx.session().user.is_some() => match (command, words) {
                ("SET", [name, ..]) if name.eq_ignore_ascii_case("password") => {
                    change_password(ctx, account, typed::word(rest).1)
                }
                _ => own(ctx, account, command, words),
            },
            _ => say(ctx, &["nickserv-sign-in-first"]),
        },
        _ => say(ctx, &["nickserv-unknown"]),
    }
}

/// What one does with one's own account.
fn own(ctx: &mut Ctx<'_>, account: AccountId, command: &str, words: &[&str]) -> Outcome {
    match (command, words) {
        ("SET", []) => setting::show_all(ctx, account),
        ("SET", [name, rest @ ..]) => setting::set(ctx, account, &name.to_ascii_lowercase(), rest),
        ("SESSIONS", _) => sessions(ctx, account),
        ("LOGOUT", words) => logout(ctx, words.first().copied()),
        ("GHOST", [nick]) => ghost(ctx, account, nick),
        ("GHOST", _) => say(ctx, &["nickserv-ghost-syntax"]),
        ("CERT", words) => certificates(ctx, account, words),
        ("DEVICE", words) => device::answer(ctx, account, words),
        (_, words) => drop_account(ctx, account, words),
    }
}

fn register(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let nick = ctx.nick();
    // The address is neither needed nor kept; who meant it as part of the password must hear that it is not.
    let (password, email) = typed::password_and_email(text);
    if let Some(email) = email.filter(|email| *email != "*") {
        let variables = [("email", email)];
        service::say(ctx, Service::Accounts, "nickserv-email", &variables);
    }
    spoken_of(ctx, |ctx| {
        sign_up::begin(ctx, &nick, Secret::new(password), SignUpDoor::NickServ)
    })
}

fn create(ctx: &mut Ctx<'_>, name: &str, password: &str) -> Outcome {
    if let Err(denied) = ctx.actor().must(ctx.turn.state, Act::MakeAccount) {
        return spoken(ctx, Err(denied));
    }
    spoken_of(ctx, |ctx| {
        sign_up::begin(ctx, name, Secret::new(password), SignUpDoor::Operator)
    })
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

/// Lets NickServ say what the command REGISTER would have answered.
fn spoken_of(ctx: &mut Ctx<'_>, act: impl FnOnce(&mut Ctx<'_>) -> Outcome) -> Outcome {
    match act(ctx) {
        Err(Refusal::Fail { text, .. }) => {
            ctx.notice(Some(Service::Accounts.nick()), &text);
            Ok(())
        }
        outcome => outcome,
    }
}

/// Signs in by a password, with or without the account's name in front: a first word that names none is the password's. Which
/// of the two it was is not told: where it could be either it counts as a guess at both.
fn identify(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    if ctx.session().account.is_some() {
        return say(ctx, &["already-signed-in"]);
    }
    let nick = ctx.nick();
    let (first, rest) = typed::word(text);
    let state = &*ctx.turn.state;
    let claim = identity::claim(state, first);
    let own = state.casemap.same(&claim.name, &nick);
    let could_name = !own && !rest.is_empty();
    // A token is nobody's password, nor is one with a name in front.
    let named = own || claim.account.is_some() || could_name && is_token(rest);
    let (name, beside, password) = if named && !rest.is_empty() {
        (first, nick.as_str(), rest)
    } else {
        (nick.as_str(), claim.name.as_str(), text)
    };
    let beside = could_name.then_some(beside);
    let aim = Aim { name, beside };
    identity::sign_in(ctx, aim, Secret::new(password), Mechanism::Identify);
    Ok(())
}

fn change_password(ctx: &mut Ctx<'_>, account: AccountId, text: &str) -> Outcome {
    if ctx.turn.state.accounts()[&account].by_code {
        // There is no present password; the code that stood for it may be given in its place.
        let (first, rest) = typed::word(text);
        let has_code = !rest.is_empty() && is_written_code(first);
        let (new, quoted) = typed::unquoted(if has_code { rest } else { text });
        if has_code {
            say(ctx, &["nickserv-password-code"])?;
        }
        if quoted {
            say(ctx, &["nickserv-password-quoted"])?;
        }
        return spoken_of(ctx, |ctx| own::change_password(ctx, account, "", new));
    }
    let Some((current, new, quoted)) = typed::two_passwords(text) else {
        return say(ctx, &["nickserv-set-syntax", "nickserv-password-syntax"]);
    };
    if quoted {
        say(ctx, &["nickserv-password-quoted"])?;
    }
    spoken_of(ctx, |ctx| own::change_password(ctx, account, current, new))
}

/// Bytes of channel names on one line of INFO: what the notice's head and its words surely leave.
const CHANNELS_BYTES: usize = 300;

fn info(ctx: &mut Ctx<'_>, name: Option<&str>) -> Outcome {
    let own = ctx.session().account;
    if ctx.session().user.is_none() {
        // Which names have an account is not for strangers to learn.
        return say(ctx, &["nickserv-sign-in-first"]);
    }
    let state = &ctx.turn.state;
    let found = match name {
        Some(name) => state.account_named(name).map(|account| account.id),
        None => own,
    };
    let Some(account) = found.and_then(|id| state.accounts().get(&id)) else {
        return say(ctx, &["nickserv-no-such-account"]);
    };
    let mut lines = vec![ctx.text_with(
        "nickserv-info",
        &[
            ("account", account.name.as_str()),
            ("time", &day(account.created)),
        ],
    )];
    // When someone was last here is theirs to tell; their channels too.
    if own == Some(account.id) || ctx.may(Act::InspectAccount) {
        let last_seen = minute(account.last_seen);
        lines.push(if account.sessions > 0 {
            ctx.text("nickserv-info-connected")
        } else {
            ctx.text_with("nickserv-info-last-seen", &[("time", &last_seen)])
        });
        let channels = state.channels().values();
        let mut founded: Vec<String> = channels
            .filter(|channel| channel.founder == Some(account.id))
            .map(|channel| channel.name.to_string())
            .collect();
        founded.sort_unstable();
        for channels in rows(&founded, ' ', CHANNELS_BYTES) {
            lines.push(ctx.text_with("nickserv-info-channels", &[("channels", &channels)]));
        }
    }
    for line in lines {
        ctx.notice(Some(Service::Accounts.nick()), &line);
    }
    Ok(())
}

/// The sessions of one's account, in the order in which they came: their numbers are the places in this list.
fn sessions_of(ctx: &Ctx<'_>) -> Vec<SessionId> {
    let mut sessions = ctx.user().sessions.clone();
    sessions.sort_unstable();
    sessions
}

fn sessions(ctx: &mut Ctx<'_>, account: AccountId) -> Outcome {
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
        let time = minute(device.last_used);
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
fn logout(ctx: &mut Ctx<'_>, which: Option<&str>) -> Outcome {
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
    end(ctx, &chosen, "closing-signed-out");
    Ok(())
}

/// Ends sessions of one's own, this one last.
fn end(ctx: &mut Ctx<'_>, sessions: &[SessionId], key: &str) {
    for session in sessions.iter().filter(|session| **session != ctx.id) {
        departure::end_with(&mut ctx.turn, *session, key, &[]);
    }
    if sessions.contains(&ctx.id) {
        ctx.close_with(key, &[]);
    } else {
        let number = sessions.len().to_string();
        service::say(
            ctx,
            Service::Accounts,
            "nickserv-ended",
            &[("number", &number)],
        );
    }
}

/// Ends all other sessions of one's account, by the nickname it goes by.
fn ghost(ctx: &mut Ctx<'_>, account: AccountId, nick: &str) -> Outcome {
    let target = ctx.turn.state.user_named(nick);
    let Some(target) = target.filter(|user| user.account == Some(account)) else {
        return say(ctx, &["nickserv-not-yours"]);
    };
    let others: Vec<SessionId> = target
        .sessions
        .iter()
        .copied()
        .filter(|id| *id != ctx.id)
        .collect();
    end(ctx, &others, "closing-signed-out");
    Ok(())
}

fn certificates(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
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
        (["add"], Some(fingerprint)) => add_certificate(ctx, account, &fingerprint),
        (["add"], None) => say(ctx, &["nickserv-cert-none"]),
        (["add", fingerprint], _) => {
            // Whoever has the certificate would otherwise sign in to the account of whoever said so first.
            let fingerprint = fingerprint.replace(':', "");
            if is_shown(ctx, &fingerprint) {
                add_certificate(ctx, account, &fingerprint)
            } else {
                say(ctx, &["nickserv-cert-not-shown"])
            }
        }
        (["remove" | "del", fingerprint], _) => {
            remove_certificate(ctx, account, &fingerprint.replace(':', ""))
        }
        _ => say(ctx, &["nickserv-cert-syntax"]),
    }
}

/// Whether one of one's own sessions has shown this certificate, and so has its key.
fn is_shown(ctx: &Ctx<'_>, fingerprint: &str) -> bool {
    let sessions = &ctx.turn.state.sessions;
    let mut own = ctx.user().sessions.iter().filter_map(|id| sessions.get(id));
    own.any(|session| session.peer.certificate.as_deref() == Some(fingerprint))
}

fn add_certificate(ctx: &mut Ctx<'_>, account: AccountId, fingerprint: &str) -> Outcome {
    if ctx.turn.state.certificates().contains_key(fingerprint) {
        return say(ctx, &["nickserv-cert-taken"]);
    }
    if ctx.turn.state.accounts()[&account].certificates.len() >= limits::CERTIFICATES {
        let max = limits::CERTIFICATES.to_string();
        service::say(
            ctx,
            Service::Accounts,
            "nickserv-cert-full",
            &[("max", &max)],
        );
        return Ok(());
    }
    let fingerprint = CompactString::new(fingerprint);
    change(
        ctx,
        account,
        AccountChange::CertificateAdded(fingerprint.clone()),
    );
    say(ctx, &["nickserv-cert-added"])
}

fn remove_certificate(ctx: &mut Ctx<'_>, account: AccountId, fingerprint: &str) -> Outcome {
    if ctx.turn.state.certificates().get(fingerprint) != Some(&account) {
        return say(ctx, &["nickserv-cert-unknown"]);
    }
    change(
        ctx,
        account,
        AccountChange::CertificateRemoved(fingerprint.into()),
    );
    say(ctx, &["nickserv-cert-removed"])
}

fn change(ctx: &mut Ctx<'_>, account: AccountId, change: AccountChange) {
    let id = ctx.id;
    ctx.turn.commit(
        &Actor::Session(id),
        Fact::AccountChanged { account, change },
    );
}

/// Gives up the account, after its name was said once more.
fn drop_account(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let name = ctx.turn.state.accounts()[&account].name.clone();
    let confirmed = matches!(words, [word] if ctx.turn.state.casemap.fold(word) == name.key());
    if !confirmed {
        let variables = [("account", name.as_str())];
        service::say(ctx, Service::Accounts, "nickserv-drop-syntax", &variables);
        return Ok(());
    }
    *ctx.turn.mutated = true;
    ctx.turn.state.give_up(account);
    // All of them, so that it is recorded in this turn: what is told must be kept.
    let sessions = ctx.turn.state.sessions_of(account);
    end(ctx, &sessions, "closing-account-dropped");
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

/// A minute for people, `2026-11-22 14:05 UTC`.
pub(crate) fn minute(time: Timestamp) -> String {
    let time = time.to_string();
    format!("{} {} UTC", &time[..10], &time[11..16])
}
