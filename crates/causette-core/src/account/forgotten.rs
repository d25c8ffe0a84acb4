//! Forgotten passwords: the administrator gives another, or a code that opens the account once and then asks for a new password.
//!
//! Whoever was in before is out, by whatever way: their connections end, their devices and certificates open the account no
//! more. A password that was forgotten may also be one that somebody else knows.

use crate::account::device;
use crate::actor::Actor;
use crate::id::{AccountId, SessionId};
use crate::input::Answer;
use crate::limits::CODE_HOURS;
use crate::person::departure;
use crate::record::{AccountChange, Fact, Factor};
use crate::secret::{CODE_CHARS, CODE_GROUP_CHARS, Secret, Verifier, code_verifier};
use crate::state::State;
use crate::state::waiting::Claim;
use crate::turn::Turn;
use causette_proto::{CompactString, Timestamp};
use causette_text::{text, text_with};

/// Puts what was made in the place of the password; says what to tell the administrator.
pub(crate) fn reset(
    turn: &mut Turn<'_>,
    id: AccountId,
    by: CompactString,
    answer: Answer,
) -> Result<String, String> {
    let language = turn.settings.language;
    let until = turn.now().plus_seconds(CODE_HOURS * 3600);
    let (verifier, code) = match answer {
        Answer::Hashed(verifier) => (verifier, None),
        Answer::Made { token, verifier } => (code_verifier(until, &verifier), Some(token)),
        _ => return Err(text(language, "unavailable")),
    };
    // Its owner may have given it up meanwhile.
    let found = turn.state.accounts().get(&id);
    let Some(account) = found.filter(|account| !account.dropping) else {
        return Err(text(language, "unavailable"));
    };
    let name = account.name.clone();
    let change = AccountChange::Reset {
        verifier,
        by: by.clone(),
        code: code.is_some(),
    };
    let actor = Actor::System(by);
    change_of(turn, &actor, id, change);
    shut_out(turn, &actor, id);
    // Who tried in vain all day may try the new one at once.
    turn.state.attempts.succeeded(name.as_str());
    let hours = CODE_HOURS.to_string();
    let written = code.as_ref().map(in_groups).unwrap_or_default();
    let variables = [
        ("account", name.as_str()),
        ("code", written.as_str()),
        ("hours", hours.as_str()),
    ];
    let key = match code {
        Some(_) => "admin-code",
        None => "admin-password-reset",
    };
    Ok(text_with(language, key, &variables))
}

fn change_of(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, change: AccountChange) {
    turn.commit(actor, Fact::AccountChanged { account, change });
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

/// A code as it is told: in groups.
fn in_groups(code: &Secret) -> String {
    let code = code.expose();
    let groups: Vec<&str> = (0..CODE_CHARS)
        .step_by(CODE_GROUP_CHARS)
        .filter_map(|start| code.get(start..start + CODE_GROUP_CHARS))
        .collect();
    groups.join("-")
}

/// Opens an account by its code, once: `Ok` when it did. A code that was used, or is too old, is told apart from one that is
/// wrong: who has the right one is no stranger.
pub(crate) fn redeem(
    turn: &mut Turn<'_>,
    session: SessionId,
    claim: &Claim,
    until: Timestamp,
    hash: &Verifier,
) -> Result<(), Factor> {
    let may = may_redeem(turn.state, claim, until);
    let account = claim.account.filter(|_| may).ok_or(Factor::Code)?;
    let change = AccountChange::CodeUsed(code_verifier(Timestamp::MIN, hash));
    turn.commit(
        &Actor::Session(session),
        Fact::AccountChanged { account, change },
    );
    Ok(())
}

/// Whether a code still opens an account: another connection may have used it while it was being checked.
pub(crate) fn may_redeem(state: &State, claim: &Claim, until: Timestamp) -> bool {
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    account.is_some_and(|account| account.passwords == claim.password) && state.clock < until
}

/// Whether an account has no password but a code that was used: its owner has to choose one.
pub(crate) fn lacks_a_password(state: &State, account: AccountId) -> bool {
    let account = state.accounts().get(&account);
    account.is_some_and(|account| account.by_code)
}
