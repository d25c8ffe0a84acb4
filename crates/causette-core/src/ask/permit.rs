//! What the server does by itself, for whoever may ask it to: here it is judged, and whoever does it says so when it is done.

use super::administration::Answered;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::input::By;
use crate::report::Report;
use crate::right::Act;
use crate::turn::Turn;

/// Says in whose name it is to be recorded, where they may.
pub(crate) fn permit(turn: &Turn<'_>, actor: &Actor, act: Act) -> Result<Answered, Denied> {
    actor.must(turn.state, act)?;
    let by = match actor {
        Actor::Session(session) => By::Session(*session),
        Actor::Account {
            account,
            token: Some(token),
            address,
        } => By::Program {
            account: *account,
            token: *token,
            address: *address,
        },
        Actor::System(name) => By::System(name.clone()),
        // Nobody gives orders by a password.
        Actor::Account { token: None, .. } => {
            return Err(Denied::new(
                Why::ProgramTokenNeeded,
                "program-token-needed",
                &[],
            ));
        }
        Actor::Server => By::Server,
    };
    Ok((Report::Permitted { by }, None))
}
