//! The end of the server.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::output::Output;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Has the server stop, for a reason that people and the register learn.
pub(crate) fn ask(turn: &mut Turn<'_>, actor: &Actor, reason: CompactString) -> Result<(), Denied> {
    actor.must(turn.state, Act::Stop)?;
    let fact = Fact::StopAsked {
        reason: reason.clone(),
    };
    turn.commit(actor, fact);
    turn.after(Output::Stop { reason });
    Ok(())
}
