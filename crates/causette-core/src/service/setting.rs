//! NickServ SET: what one sets of one's own account, all but the password.

use super::nickserv::{say, spoken};
use super::switch;
use crate::account::{email, login, own};
use crate::cidr::Cidr;
use crate::commands::monitor::rows;
use crate::id::AccountId;
use crate::login::LoginPolicy;
use crate::person::replay::{self, Unset};
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::state::account::Setting;
use causette_proto::CompactString;
use causette_text::Language;

/// Shows them all, and how to change them.
pub(crate) fn show_all(ctx: &mut Ctx<'_>, account: AccountId) -> Outcome {
    let account = &ctx.turn.state.accounts()[&account];
    let always_on = if account.stays(ctx.turn.settings) {
        "on"
    } else {
        "off"
    };
    let multiclient = account.setting(Setting::Multiclient).unwrap_or("on");
    let language = account.setting(Setting::Language).unwrap_or("default");
    let mut all: Vec<(CompactString, CompactString)> = vec![
        (Setting::AlwaysOn.name().into(), always_on.into()),
        (Setting::Multiclient.name().into(), multiclient.into()),
        (Setting::Language.name().into(), language.into()),
    ];
    if let Some(email) = account.setting(Setting::Email) {
        all.push((Setting::Email.name().into(), email.into()));
    }
    let (policy, pinned) = (account.login(), account.pinned());
    for ranges in login_rows(&policy) {
        all.push((Setting::Login.name().into(), ranges.into()));
    }
    all.extend(replay::all(account));
    for (name, value) in all {
        let variables = [("name", name.as_str()), ("value", &value)];
        service::say(ctx, Service::Accounts, "nickserv-setting", &variables);
    }
    say_pinned(ctx, &policy, pinned);
    say(ctx, &SYNTAX)?;
    if ctx.turn.settings.email_required {
        return say(ctx, &["nickserv-email-syntax"]);
    }
    Ok(())
}

/// How one sets what one sets.
const SYNTAX: [&str; 3] = [
    "nickserv-set-syntax",
    "nickserv-login-syntax",
    "nickserv-replay-syntax",
];

/// Sets one, by its name in small letters.
pub(crate) fn set(ctx: &mut Ctx<'_>, account: AccountId, name: &str, words: &[&str]) -> Outcome {
    let words = switch::plain(words);
    let words: &[&str] = &words.iter().map(AsRef::as_ref).collect::<Vec<_>>();
    let (setting, value) = match (name, words) {
        ("replay", words) => return set_replay(ctx, account, words),
        ("login", words) if !words.is_empty() => return set_login(ctx, account, words),
        ("email", [address]) => return set_email(ctx, account, address),
        ("always-on", ["default"]) => (Setting::AlwaysOn, ""),
        ("always-on", ["on"]) => (Setting::AlwaysOn, "on"),
        ("always-on", ["off"]) => (Setting::AlwaysOn, "off"),
        ("multiclient", ["on" | "default"]) => (Setting::Multiclient, ""),
        ("multiclient", ["off"]) => (Setting::Multiclient, "off"),
        ("multiclient", [word]) if word.eq_ignore_ascii_case("refuse") => {
            (Setting::Multiclient, "refuse")
        }
        ("language", ["default"]) => (Setting::Language, ""),
        ("language", [tag]) if Language::from_tag(tag).is_some() => (Setting::Language, *tag),
        _ => return say(ctx, &SYNTAX),
    };
    // What is set by nothing is told by the word for that.
    let told = match value {
        "" => words.first().copied().unwrap_or_default(),
        value => value,
    };
    let actor = ctx.actor();
    let set = own::set(&mut ctx.turn, &actor, account, setting, value.into());
    if let Err(denied) = set {
        return spoken(ctx, Err(denied));
    }
    let variables = [("name", name), ("value", told)];
    service::say(ctx, Service::Accounts, "nickserv-set", &variables);
    Ok(())
}

fn set_replay(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let actor = ctx.actor();
    let name = match replay::set(&mut ctx.turn, &actor, account, words) {
        Ok(name) => name,
        Err(Unset::Unclear) => return say(ctx, &["nickserv-replay-syntax"]),
        Err(Unset::NoDevice(token)) => {
            let id = token.0.to_string();
            service::say(ctx, Service::Accounts, "device-unknown", &[("id", &id)]);
            return Ok(());
        }
    };
    let variables = [("name", name.as_str()), ("value", words[0])];
    service::say(ctx, Service::Accounts, "nickserv-set", &variables);
    Ok(())
}

fn set_login(ctx: &mut Ctx<'_>, account: AccountId, words: &[&str]) -> Outcome {
    let actor = ctx.actor();
    let set = login::set_own(&mut ctx.turn, &actor, account, &words.join(" "));
    if let Err(denied) = set {
        return spoken(ctx, Err(denied));
    }
    let found = &ctx.turn.state.accounts()[&account];
    let (policy, pinned) = (found.login(), found.pinned());
    let mut key = "nickserv-set";
    for ranges in login_rows(&policy) {
        let variables = [("name", Setting::Login.name()), ("value", &ranges)];
        service::say(ctx, Service::Accounts, key, &variables);
        key = "nickserv-setting";
    }
    say_pinned(ctx, &policy, pinned);
    Ok(())
}

fn set_email(ctx: &mut Ctx<'_>, account: AccountId, address: &str) -> Outcome {
    let actor = ctx.actor();
    let kept = if address == "*" { "" } else { address };
    let changed = email::change(&mut ctx.turn, &actor, account, kept);
    if let Err(denied) = changed {
        return spoken(ctx, Err(denied));
    }
    let variables = [("name", Setting::Email.name()), ("value", address)];
    service::say(ctx, Service::Accounts, "nickserv-set", &variables);
    Ok(())
}

/// Bytes of ranges of addresses on one line: what the notice's head and its words surely leave.
const RANGES_BYTES: usize = 300;

/// From where one may sign in, line by line.
pub(super) fn login_rows(policy: &LoginPolicy) -> Vec<String> {
    rows(&policy.words(), ',', RANGES_BYTES)
}

/// Says to what sign-ins are pinned, where they are, or will be.
pub(super) fn say_pinned(ctx: &mut Ctx<'_>, policy: &LoginPolicy, pinned: Option<Cidr>) {
    match (policy, pinned) {
        (LoginPolicy::PinFirst, Some(pinned)) => {
            let address = pinned.to_string();
            let variables = [("address", address.as_str())];
            service::say(ctx, Service::Accounts, "nickserv-login-pinned", &variables);
        }
        (LoginPolicy::PinFirst, None) => {
            service::say(ctx, Service::Accounts, "nickserv-login-unpinned", &[]);
        }
        _ => {}
    }
}
