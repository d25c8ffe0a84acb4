//! The password of an account: what it may be, and how its owner changes it.

use crate::account::claim::{claim, is_stale};
use crate::account::device;
use crate::account::trial::{self, Claimant, busy};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, SessionId};
use crate::input::Answer;
use crate::limits;
use crate::output::Ask;
use crate::record::{AccountChange, Fact, Mechanism};
use crate::secret::{Secret, Verifier, is_token, is_written_code};
use crate::settings::Settings;
use crate::state::attempts::Work;
use crate::state::waiting::{Claim, Then};
use crate::turn::Turn;
use causette_proto::AccountName;
use causette_proto::password::PasswordFault;

/// The form of a password that is kept, where it is good for an account.
pub(crate) fn acceptable(
    settings: &Settings,
    name: &AccountName,
    password: &Secret,
) -> Result<Secret, Denied> {
    let minimum = settings.password_min.to_string();
    let denied = |why, key| {
        let variables = [("account", name.as_str()), ("min", minimum.as_str())];
        Err(Denied::new(why, key, &variables))
    };
    let unacceptable = |key| denied(Why::UnacceptablePassword, key);
    if password.expose().len() > limits::PASSWORD_BYTES {
        return unacceptable("password-too-long");
    }
    let enforced = match password.enforced() {
        Ok(enforced) => enforced,
        Err(PasswordFault::Empty) => return denied(Why::WeakPassword, "password-weak"),
        Err(PasswordFault::Forbidden) => return unacceptable("password-forbidden"),
    };
    let password = enforced.expose();
    if is_token(password) {
        return unacceptable("password-like-token");
    }
    // Nobody would know afterwards whether it works once or always, nor may it be typed as a code may.
    if is_written_code(password) {
        return unacceptable("password-like-code");
    }
    // Nobody sees such a blank, and where a line is typed it is lost.
    if password.trim() != password {
        return unacceptable("password-blank-edge");
    }
    if password.chars().count() < settings.password_min {
        return denied(Why::WeakPassword, "password-weak");
    }
    let is_guessed = settings.casemap.fold(password) == name.key()
        || password.chars().all(|char| password.starts_with(char));
    if is_guessed && !settings.weak_passwords {
        return denied(Why::WeakPassword, "password-weak");
    }
    Ok(enforced)
}

/// Starts to change the password of a session's account: the old one is checked first.
pub(crate) fn change(
    turn: &mut Turn<'_>,
    session: SessionId,
    account: AccountId,
    current: &str,
    new: &str,
) -> Result<(), Denied> {
    let name = turn.state.accounts()[&account].name.clone();
    let claim = claim(turn.state, name.as_str());
    if is_token(current) {
        // Whoever has got hold of one device must not shut the others out.
        let key = "password-itself";
        return Err(Denied::new(Why::UnacceptablePassword, key, &[]));
    }
    let new = acceptable(turn.settings, &name, &Secret::new(new))?;
    let claimant = Claimant::session(turn.state, session, Mechanism::Identify);
    if turn.state.accounts()[&account].by_code {
        // There is no present password: who is in has come by the code, or by what was made behind it.
        return hash_new(turn, &claimant, claim, name, new);
    }
    let ask = Ask::VerifyPassword {
        account: Some(account),
        password: Secret::new(current),
    };
    let names = (name.as_str(), name.as_str());
    trial::try_one(turn, &claimant, names, Work::Check, ask)?;
    turn.wait(claimant.asker, Then::CheckPassword { claim, new });
    Ok(())
}

/// Goes on to the new password, where the old one was right.
pub(crate) fn checked(
    turn: &mut Turn<'_>,
    session: SessionId,
    claim: Claim,
    new: Secret,
    answer: &Answer,
) -> Result<(), Denied> {
    let state = &*turn.state;
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    let name = account.map(|account| account.name.clone());
    let stale = is_stale(state, &claim);
    match (answer, name) {
        (Answer::Verified(true) | Answer::VerifiedAnew(_), Some(name)) if !stale => {
            let claimant = Claimant::session(turn.state, session, Mechanism::Identify);
            hash_new(turn, &claimant, claim, name, new)
        }
        (Answer::Verified(false), Some(_)) => {
            Err(Denied::new(Why::SignInFailed, "sign-in-failed", &[]))
        }
        _ => Err(busy()),
    }
}

/// Has the new password hashed, as soon as it is its turn.
fn hash_new(
    turn: &mut Turn<'_>,
    claimant: &Claimant,
    claim: Claim,
    name: AccountName,
    password: Secret,
) -> Result<(), Denied> {
    let key = name.as_str().to_owned();
    let ask = Ask::HashPassword { name, password };
    trial::enqueue(turn, claimant, key.as_str(), Work::Hash, ask)?;
    turn.wait(claimant.asker, Then::Password { claim });
    Ok(())
}

/// Changes the password. The devices of the account have to be given tokens anew, but the one that asks; says how many.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    claim: &Claim,
    answer: Answer,
) -> Result<usize, Denied> {
    let stale = is_stale(turn.state, claim);
    let account = claim
        .account
        .filter(|id| !stale && turn.state.accounts().contains_key(id));
    let (Answer::Hashed(verifier), Some(account)) = (answer, account) else {
        return Err(busy());
    };
    let change = AccountChange::Password(verifier);
    turn.commit(actor, Fact::AccountChanged { account, change });
    Ok(device::remove_others(turn, actor, account))
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
