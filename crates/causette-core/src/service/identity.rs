//! NickServ REGISTER, IDENTIFY, SAREGISTER and SET PASSWORD: how one gets an account, and into it.

use super::nickserv::{deny, say, spoken};
use super::typed;
use crate::account::claim::claim;
use crate::account::sign_in::{self, SignedIn};
use crate::account::sign_up::{self, Made};
use crate::account::trial::Claimant;
use crate::account::{email, password};
use crate::commands::registration;
use crate::id::AccountId;
use crate::input::{Answer, Asker};
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::secret::{Secret, Verifier, is_token, is_written_code};
use crate::service;
use crate::settings::Registration;
use crate::state::attempts::Aim;
use crate::state::waiting::{Claim, SignUpDoor, Then};
use causette_proto::AccountName;

pub(super) fn register(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let nick = ctx.nick();
    let rules = ctx.turn.state.registration(ctx.turn.settings);
    let (text, code) = typed::code_at_the_end(text, rules == Registration::Invite);
    let (password, email) = typed::password_and_email(text);
    // REGISTER has the code in front of the address.
    let (password, code) = match (code, email) {
        (None, Some(_)) => typed::code_at_the_end(password, rules == Registration::Invite),
        (code, _) => (password, code),
    };
    let settings = ctx.turn.settings;
    let email = match email {
        // Who meant it as part of the password must hear that it is not.
        Some(email) if email != "*" && !settings.email_required => {
            let variables = [("email", email)];
            service::say(ctx, Service::Accounts, "nickserv-email", &variables);
            None
        }
        email => match email::given(settings, &nick, email.unwrap_or("*")) {
            Ok(email) => email,
            Err(denied) => {
                deny(ctx, &denied);
                return say(ctx, &[super::nickserv::register_syntax(ctx)]);
            }
        },
    };
    sign_up(ctx, (&nick, password), SignUpDoor::NickServ { email }, code)
}

pub(super) fn sign_up(
    ctx: &mut Ctx<'_>,
    (name, password): (&str, &str),
    door: SignUpDoor,
    code: Option<Secret>,
) -> Outcome {
    let (actor, asker, password) = (ctx.actor(), Asker::Session(ctx.id), Secret::new(password));
    let begun = sign_up::begin(&mut ctx.turn, &actor, asker, name, &password, door, code);
    spoken(ctx, begun)
}

/// Goes on to the password, where the code is that of an invitation.
pub(crate) fn invited(
    ctx: &mut Ctx<'_>,
    applying: (AccountName, Secret, SignUpDoor),
    answer: Answer,
) {
    let (actor, asker) = (ctx.actor(), Asker::Session(ctx.id));
    if let Err(denied) = sign_up::invited(&mut ctx.turn, &actor, asker, applying, answer) {
        deny(ctx, &denied);
    }
}

/// Tells what came of it, and lets in who has made an account of their own.
pub(crate) fn signed_up(
    ctx: &mut Ctx<'_>,
    name: &AccountName,
    (door, code): (&SignUpDoor, Option<&Verifier>),
    answer: Answer,
) {
    let actor = ctx.actor();
    let Made { account, waits, .. } =
        match sign_up::settle(&mut ctx.turn, &actor, name, (door, code), answer) {
            Ok(made) => made,
            Err(denied) => return deny(ctx, &denied),
        };
    let variables = [("account", name.as_str())];
    if waits {
        return service::say(ctx, Service::Accounts, "account-made-waits", &variables);
    }
    if door.is_for_another() {
        return service::say(ctx, Service::Accounts, "account-made", &variables);
    }
    service::say(ctx, Service::Accounts, "account-created", &variables);
    registration::tell_signed_in(ctx, account);
    registration::arrive(
        ctx,
        SignedIn {
            account,
            token: None,
        },
    );
}

/// Signs in by a password, with or without the account's name in front: a first word that names none is the password's. Which
/// of the two it was is not told: where it could be either it counts as a guess at both.
pub(super) fn identify(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    if ctx.session().account.is_some() {
        return spoken(ctx, Err(sign_in::already()));
    }
    let nick = ctx.nick();
    // No password begins or ends with a blank: those around it are not its own.
    let text = text.trim_ascii();
    let (first, rest) = typed::word(text);
    let rest = rest.trim_ascii_start();
    let state = &*ctx.turn.state;
    let claim = claim(state, first);
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
    let (claimant, password) = (claimant(ctx), Secret::new(password));
    let begun = sign_in::begin(&mut ctx.turn, &claimant, aim, password, |claim| {
        let mechanism = Mechanism::Identify;
        Then::SignIn { claim, mechanism }
    });
    spoken(ctx, begun)
}

fn claimant(ctx: &Ctx<'_>) -> Claimant {
    Claimant::session(ctx.turn.state, ctx.id, Mechanism::Identify)
}

/// Lets in who has signed in so.
pub(crate) fn identified(ctx: &mut Ctx<'_>, claim: Claim, answer: Answer) {
    let claimant = claimant(ctx);
    match sign_in::settle(&mut ctx.turn, &claimant, claim, answer) {
        Ok(signed_in) => {
            registration::tell_signed_in(ctx, signed_in.account);
            registration::arrive(ctx, signed_in);
        }
        Err(denied) => deny(ctx, &denied),
    }
}

pub(super) fn change_password(ctx: &mut Ctx<'_>, account: AccountId, text: &str) -> Outcome {
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
        return begin_change(ctx, account, "", new);
    }
    let Some((current, new, quoted)) = typed::two_passwords(text) else {
        return say(ctx, &["nickserv-set-syntax", "nickserv-password-syntax"]);
    };
    if quoted {
        say(ctx, &["nickserv-password-quoted"])?;
    }
    begin_change(ctx, account, current, new)
}

fn begin_change(ctx: &mut Ctx<'_>, account: AccountId, current: &str, new: &str) -> Outcome {
    let session = ctx.id;
    let begun = password::change(&mut ctx.turn, session, account, current, new);
    spoken(ctx, begun)
}

/// Goes on to the new password, where the old one was right.
pub(crate) fn password_checked(ctx: &mut Ctx<'_>, claim: Claim, new: Secret, answer: &Answer) {
    let session = ctx.id;
    if let Err(denied) = password::checked(&mut ctx.turn, session, claim, new, answer) {
        deny(ctx, &denied);
    }
}

/// Tells that the password is another one now.
pub(crate) fn password_changed(ctx: &mut Ctx<'_>, claim: &Claim, answer: Answer) {
    let actor = ctx.actor();
    let removed = match password::settle(&mut ctx.turn, &actor, claim, answer) {
        Ok(removed) => removed,
        Err(denied) => return deny(ctx, &denied),
    };
    service::say(ctx, Service::Accounts, "password-changed", &[]);
    if removed > 0 {
        let number = removed.to_string();
        let (key, variables) = ("nickserv-devices-removed", [("number", number.as_str())]);
        service::say(ctx, Service::Accounts, key, &variables);
    }
}
