//! Forgotten passwords: the administrator gives another, or a code that opens the account once and then asks for a new password.
//!
//! Whoever was in before is out, by whatever way: their connections end, their devices and certificates open the account no
//! more. A password that was forgotten may also be one that somebody else knows.

use crate::account::trial;
use crate::account::{device, password, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::AccountId;
use crate::input::{Answer, Asker};
use crate::limits::CODE_HOURS;
use crate::output::Ask;
use crate::person::departure;
use crate::record::{AccountChange, Fact, Factor};
use crate::right::Act;
use crate::secret::{Secret, Verifier, code_verifier};
use crate::state::State;
use crate::state::waiting::{Claim, Then};
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, Timestamp};

/// Starts to give somebody another password, or a code where none is given; who asks waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    name: &str,
    password: Option<&Secret>,
    then: impl FnOnce(AccountId) -> Then,
) -> Result<(), Denied> {
    actor.must(turn.state, Act::ResetPassword)?;
    let found = target::within_reach(turn.state, actor, name)?;
    let (account, held) = (found.id, found.name.clone());
    let acceptable = |password| password::acceptable(turn.settings, &held, password);
    let ask = match password.map(acceptable).transpose()? {
        Some(password) => Ask::HashPassword {
            name: held,
            password,
        },
        None => Ask::MakeCode,
    };
    trial::ask_at_once(turn, asker, ask)?;
    turn.wait(asker, then(account));
    Ok(())
}

/// What stands in the place of a forgotten password.
pub(crate) struct Reset {
    /// Whose it was.
    pub(crate) name: AccountName,
    /// The code, where it is one.
    pub(crate) code: Option<Secret>,
    /// That it was put there.
    pub(crate) mark: Mark,
}

/// Puts what was made in the place of the password.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    answer: Answer,
) -> Result<Reset, Denied> {
    // Who asked may have lost the right meanwhile.
    actor.must(turn.state, Act::ResetPassword)?;
    let until = turn.steady().plus_seconds(CODE_HOURS * 3600);
    let (verifier, code) = match answer {
        Answer::Hashed(verifier) => (verifier, None),
        Answer::Made { token, verifier } => (code_verifier(until, &verifier), Some(token)),
        _ => return Err(unavailable()),
    };
    // Its owner may have given it up meanwhile.
    let found = turn.state.accounts().get(&id);
    let Some(account) = found.filter(|account| !account.dropping) else {
        return Err(unavailable());
    };
    actor.must_reach_account(turn.state, account)?;
    let name = account.name.clone();
    let change = AccountChange::Reset {
        verifier,
        code: code.is_some(),
    };
    let mark = change_of(turn, actor, id, change);
    shut_out(turn, actor, id);
    // Who tried in vain all day may try the new one at once.
    turn.state.attempts.succeeded(name.as_str());
    Ok(Reset { name, code, mark })
}

fn unavailable() -> Denied {
    Denied::new(Why::Unavailable, "unavailable", &[])
}

fn change_of(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    change: AccountChange,
) -> Mark {
    turn.commit(actor, Fact::AccountChanged { account, change })
}

/// Ends all connections of an account, and takes away whatever else opens it.
fn shut_out(turn: &mut Turn<'_>, actor: &Actor, id: AccountId) {
    let Some(account) = turn.state.accounts().get(&id) else {
        return;
    };
    let tokens: Vec<_> = account.tokens.iter().map(|token| token.id).collect();
    for certificate in account.certificates.clone() {
        change_of(
            turn,
            actor,
            id,
            AccountChange::CertificateRemoved(certificate),
        );
    }
    for session in turn.state.sessions_of(id) {
        departure::end_with(turn, session, "closing-password-reset", &[]);
    }
    for token in tokens {
        device::take_back(turn, actor, id, token);
    }
}

/// Opens an account by its code, once: `Ok` when it did. A code that was used, or is too old, is told apart from one that is
/// wrong: who has the right one is no stranger.
pub(crate) fn redeem(
    turn: &mut Turn<'_>,
    actor: &Actor,
    claim: &Claim,
    until: Timestamp,
    hash: &Verifier,
) -> Result<(), Factor> {
    let may = may_redeem(turn.state, claim, until);
    let account = claim.account.filter(|_| may).ok_or(Factor::Code)?;
    let change = AccountChange::CodeUsed(code_verifier(Timestamp::MIN, hash));
    turn.commit(actor, Fact::AccountChanged { account, change });
    Ok(())
}

/// Whether a code still opens an account: another connection may have used it while it was being checked.
pub(crate) fn may_redeem(state: &State, claim: &Claim, until: Timestamp) -> bool {
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    account.is_some_and(|account| account.passwords == claim.password)
        && state.clock.steady() < until
}

/// Whether an account has no password but a code that was used: its owner has to choose one.
pub(crate) fn lacks_a_password(state: &State, account: AccountId) -> bool {
    let account = state.accounts().get(&account);
    account.is_some_and(|account| account.by_code)
}
