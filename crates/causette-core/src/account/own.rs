//! What the owner of an account changes of it: settings and password.

use crate::account::device;
use crate::account::identity::{claim, is_stale};
use crate::account::sign_up::acceptable_password;
use crate::account::trial::{enqueue, put_off, try_one};
use crate::actor::Actor;
use crate::id::AccountId;
use crate::input::Answer;
use crate::output::Ask;
use crate::record::{AccountChange, Fact, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::{Secret, Verifier, is_token};
use crate::state::account::Setting;
use crate::state::attempts::Work;
use crate::state::waiting::{Claim, Then};
use crate::turn::Turn;
use causette_proto::{AccountName, CompactString};
use causette_text::Language;

/// Sets something of an account, or takes it back by an empty value.
pub(crate) fn set(ctx: &mut Ctx<'_>, id: AccountId, setting: Setting, value: CompactString) {
    let (actor, name) = (ctx.actor(), CompactString::const_new(setting.name()));
    keep(&mut ctx.turn, &actor, id, name, value);
}

/// The same by the name under which it is kept.
pub(crate) fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    name: CompactString,
    value: CompactString,
) {
    let Some(account) = turn.state.accounts().get(&id) else {
        return;
    };
    let held = account.settings.get(&name);
    if held.map_or("", CompactString::as_str) == value {
        return;
    }
    let change = AccountChange::Setting { name, value };
    let fact = Fact::AccountChanged {
        account: id,
        change,
    };
    turn.commit(actor, fact);
}

/// Speaks to the session in the language that its account has chosen, where it has not chosen one itself.
pub(crate) fn speak_its_language(ctx: &mut Ctx<'_>, account: AccountId) {
    let account = ctx.turn.state.accounts().get(&account);
    let tag = account.and_then(|account| account.setting(Setting::Language));
    let language = tag.and_then(Language::from_tag);
    if ctx.session().language.is_none() {
        ctx.session_mut().language = language;
    }
}

/// Starts to change the password of the session's account: the old one is checked first.
pub(crate) fn change_password(
    ctx: &mut Ctx<'_>,
    account: AccountId,
    current: &str,
    new: &str,
) -> Outcome {
    let name = ctx.turn.state.accounts()[&account].name.clone();
    let claim = claim(ctx.turn.state, name.as_str());
    if is_token(current) {
        // Whoever has got hold of one device must not shut the others out.
        let (code, key) = ("UNACCEPTABLE_PASSWORD", "password-itself");
        return Err(ctx.failure("NS", code, &[], key, &[]));
    }
    let settings = ctx.turn.settings;
    let new = match acceptable_password(settings, &name, &Secret::new(new)) {
        Ok(new) => new,
        Err((code, key)) => {
            let minimum = settings.password_min.to_string();
            let variables = [("account", name.as_str()), ("min", minimum.as_str())];
            return Err(ctx.failure("NS", code, &[], key, &variables));
        }
    };
    if ctx.turn.state.accounts()[&account].by_code {
        // There is no present password: who is in has come by the code, or by what was made behind it.
        hash_new(ctx, claim, name, new);
        return Ok(());
    }
    let ask = Ask::VerifyPassword {
        account: Some(account),
        password: Secret::new(current),
    };
    let names = (name.as_str(), name.as_str());
    if try_one(ctx, names, Work::Check, Mechanism::Identify, ask) {
        ctx.hold(Then::CheckPassword { claim, new });
    }
    Ok(())
}

pub(crate) fn password_checked(ctx: &mut Ctx<'_>, claim: Claim, new: Secret, answer: &Answer) {
    let state = &*ctx.turn.state;
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    let name = account.map(|account| account.name.clone());
    let stale = is_stale(state, &claim);
    match (answer, name) {
        (Answer::Verified(true) | Answer::VerifiedAnew(_), Some(name)) if !stale => {
            hash_new(ctx, claim, name, new);
        }
        (Answer::Verified(false), Some(_)) => {
            let text = ctx.text("sign-in-failed");
            ctx.notice(Some("NickServ"), &text);
        }
        _ => {
            put_off(ctx, Mechanism::Identify, "sign-in-busy", &[]);
        }
    }
}

/// Has the new password hashed, as soon as it is its turn.
fn hash_new(ctx: &mut Ctx<'_>, claim: Claim, name: AccountName, password: Secret) {
    let key = name.as_str().to_owned();
    let ask = Ask::HashPassword { name, password };
    if enqueue(ctx, key.as_str(), Work::Hash, ask) {
        ctx.hold(Then::Password { claim });
    } else {
        put_off(ctx, Mechanism::Identify, "sign-in-busy", &[]);
    }
}

pub(crate) fn password_changed(ctx: &mut Ctx<'_>, claim: &Claim, answer: Answer) {
    let id = ctx.id;
    let Some(account) = claim.account else { return };
    let stale = is_stale(ctx.turn.state, claim);
    let exists = ctx.turn.state.accounts().contains_key(&account);
    let key = match (answer, exists && !stale) {
        (Answer::Hashed(verifier), true) => {
            let change = AccountChange::Password(verifier);
            let fact = Fact::AccountChanged { account, change };
            ctx.turn.commit(&Actor::Session(id), fact);
            "password-changed"
        }
        _ => "sign-in-busy",
    };
    let text = ctx.text(key);
    ctx.notice(Some("NickServ"), &text);
    if key == "password-changed" {
        let actor = ctx.actor();
        let removed = device::remove_others(&mut ctx.turn, &actor, account);
        if removed > 0 {
            let number = removed.to_string();
            let text = ctx.text_with("nickserv-devices-removed", &[("number", &number)]);
            ctx.notice(Some("NickServ"), &text);
        }
    }
}

/// Keeps the completed verifier of a password that was right, and still is: an old one must not come back. The password stays
/// what it was, so that others who gave it at the same moment come in as well.
pub(crate) fn complete_verifier(
    turn: &mut Turn<'_>,
    actor: &Actor,
    claim: &Claim,
    verifier: Verifier,
) {
    let account = claim
        .account
        .filter(|id| turn.state.accounts().contains_key(id));
    let Some(account) = account else { return };
    let change = AccountChange::VerifiedAnew(verifier);
    let fact = Fact::AccountChanged { account, change };
    turn.commit(actor, fact);
}
