//! Signing in by the proof of a password. What is computed is asked for; what is said when is in the command AUTHENTICATE.
//!
//! The proof is what is tried and charged; a name that nobody has is asked the same as an account.
//! <https://www.rfc-editor.org/rfc/rfc5802#section-5>

use crate::account::claim::claim;
use crate::account::sign_in;
use crate::account::trial::{self, Claimant};
use crate::denied::Denied;
use crate::id::SessionId;
use crate::output::Ask;
use crate::record::Mechanism;
use crate::secret::Secret;
use crate::state::attempts::Work;
use crate::state::waiting::{Claim, Then};
use crate::turn::Turn;

/// Starts to find out what a client is asked that wants to sign in under a name; its session waits for it.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    session: SessionId,
    (authzid, name): (&str, &str),
    then: impl FnOnce(Claim) -> Then,
) -> Result<(), Denied> {
    sign_in::permitted(turn.state, session, authzid, name)?;
    let claim = claim(turn.state, name);
    let claimant = Claimant::session(turn.state, session, Mechanism::Scram);
    trial::may_try(turn, &claimant, claim.name.as_str(), &claim.name)?;
    let ask = Ask::ScramBegin {
        account: claim.account,
        name: turn.state.casemap.fold(&claim.name),
    };
    turn.ask(claimant.asker, ask);
    turn.wait(claimant.asker, then(claim));
    Ok(())
}

/// Starts to check what is to prove that a client knows the password; its session waits for the verdict.
pub(crate) fn try_proof(
    turn: &mut Turn<'_>,
    session: SessionId,
    claim: Claim,
    message: String,
    proof: Secret,
) -> Result<(), Denied> {
    let claimant = Claimant::session(turn.state, session, Mechanism::Scram);
    let ask = Ask::ScramFinish {
        account: claim.account,
        message,
        proof,
    };
    let names = (claim.name.as_str(), claim.name.as_str());
    trial::try_one(turn, &claimant, names, Work::Check, ask)?;
    turn.wait(claimant.asker, Then::ScramFinish(Box::new(claim)));
    Ok(())
}
