//! The server's password, which opens the door. An account opens it as well.

use crate::account::trial::{self, Claimant, busy};
use crate::denied::{Denied, Why};
use crate::id::SessionId;
use crate::input::Answer;
use crate::output::Ask;
use crate::record::Mechanism;
use crate::secret::Secret;
use crate::state::attempts::Work;
use crate::state::waiting::Then;
use crate::turn::Turn;

/// Starts to check the server's password; the session waits for the answer.
pub(crate) fn begin(turn: &mut Turn<'_>, session: SessionId, pass: Secret) -> Result<(), Denied> {
    let claimant = Claimant::session(turn.state, session, Mechanism::Pass);
    // Counted for the address alone: everybody knows the same password.
    let key = claimant.caller.server_password();
    // Where it is no password of the server's but may be an account's, that check is the one that counts.
    let work = if pass.expose().contains(':') {
        Work::Hash
    } else {
        Work::Check
    };
    let password = pass.clone();
    let ask = Ask::VerifyServerPassword { password };
    trial::try_one(turn, &claimant, (key.as_str(), "*"), work, ask)?;
    turn.wait(claimant.asker, Then::Admit { pass });
    Ok(())
}

/// Admits the session, where the password was right.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    session: SessionId,
    answer: &Answer,
) -> Result<(), Denied> {
    match answer {
        Answer::Verified(true) => {
            *turn.mutated = true;
            if let Some(session) = turn.state.sessions.get_mut(&session) {
                session.admitted = true;
            }
            Ok(())
        }
        Answer::Unavailable => Err(busy()),
        _ => Err(not_admitted()),
    }
}

/// Whoever has neither given the server's password nor signed in.
pub(crate) fn not_admitted() -> Denied {
    Denied::new(Why::NotAdmitted, "server-password-wrong", &[])
}
