//! The first owner: whoever has the machine is shown a code that works once, and whoever enters it owns the server.

use crate::account::role::{self, Given};
use crate::account::trial::{self, Claimant, note_refusal_of};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, SessionId};
use crate::input::{Answer, Asker};
use crate::limits::OWNER_CODE_MINUTES;
use crate::output::Ask;
use crate::record::{Fact, Factor, Mechanism};
use crate::right::Role;
use crate::secret::{Secret, read_code};
use crate::state::State;
use crate::state::role::OwnerCode;
use crate::state::waiting::{Orderer, Then};
use crate::turn::{Mark, Turn};

/// Starts to make the code; who asks waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    actor: &Actor,
    asker: Asker,
    by: Orderer,
) -> Result<(), Denied> {
    allowed(turn.state, actor)?;
    trial::ask_at_once(turn, asker, Ask::MakeCode)?;
    turn.wait(asker, Then::OwnerCode { by });
    Ok(())
}

/// Whether the code may be shown: to whoever has the machine, as long as the server has no owner.
fn allowed(state: &State, actor: &Actor) -> Result<(), Denied> {
    if !matches!(actor, Actor::System(_)) {
        return Err(Denied::new(Why::MachineOnly, "machine-only", &[]));
    }
    if state.has_owner() {
        return Err(Denied::new(Why::AlreadySo, "owner-there", &[]));
    }
    Ok(())
}

/// Keeps what was made in the place of an earlier code, in memory only.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    actor: &Actor,
    answer: Answer,
) -> Result<(Secret, Mark), Denied> {
    // Somebody may have become the owner meanwhile.
    allowed(turn.state, actor)?;
    let Answer::Made { token, verifier } = answer else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    let mark = turn.commit(actor, Fact::OwnerCodeMade);
    turn.state.owner_code = Some(OwnerCode {
        hash: verifier,
        until: turn.steady().plus_seconds(OWNER_CODE_MINUTES * 60),
    });
    turn.tell_acted(actor, "notice-owner-code", &[]);
    Ok((token, mark))
}

/// Starts to look at a code that somebody enters who has signed in; they wait for the answer.
pub(crate) fn claim(
    turn: &mut Turn<'_>,
    session: SessionId,
    account: AccountId,
    code: &str,
) -> Result<(), Denied> {
    let claimant = Claimant::session(turn.state, session, Mechanism::Identify);
    let aim = claimant.caller.owner_code();
    let name = turn.state.accounts()[&account].name.clone();
    trial::may_try(turn, &claimant, aim.as_str(), name.as_str())?;
    let Some(code) = read_code(code) else {
        return Err(wrong(turn, &claimant, account));
    };
    trial::look_up(turn, &claimant, Ask::HashCode { code })?;
    turn.wait(claimant.asker, Then::ClaimServer { account });
    Ok(())
}

/// Makes who has entered the right code the first owner. A wrong one is not told from one that is over, or was never there.
pub(crate) fn claimed(
    turn: &mut Turn<'_>,
    session: SessionId,
    account: AccountId,
    answer: Answer,
) -> Result<Given, Denied> {
    let Answer::Hashed(hash) = answer else {
        return Err(trial::busy());
    };
    let claimant = Claimant::session(turn.state, session, Mechanism::Identify);
    let now = turn.steady();
    let found = turn.state.owner_code.as_ref();
    let opens = found.is_some_and(|code| code.hash == hash && now < code.until);
    let may = turn.state.accounts().get(&account);
    let may = may.is_some_and(|account| !account.dropping && !account.waiting);
    if !opens || !may || turn.state.has_owner() {
        return Err(wrong(turn, &claimant, account));
    }
    *turn.mutated = true;
    turn.state.owner_code = None;
    let reason = turn.words("owner-by-code");
    let actor = Actor::Session(session);
    Ok(role::assign(turn, &actor, account, Role::Owner, &reason))
}

/// Notes that a code was wrong, and counts it: nobody may try many.
fn wrong(turn: &mut Turn<'_>, claimant: &Claimant, account: AccountId) -> Denied {
    let name = turn.state.accounts().get(&account);
    let name = name.map(|account| account.name.clone());
    let shown = name.as_ref().map_or("", |name| name.as_str());
    note_refusal_of(turn, claimant, (Some(account), shown), Factor::Code);
    let (caller, uptime) = (claimant.caller, turn.state.uptime());
    let aim = caller.owner_code();
    turn.state.attempts.failed(caller, &aim, uptime);
    Denied::new(Why::WrongCode, "owner-code-wrong", &[])
}
