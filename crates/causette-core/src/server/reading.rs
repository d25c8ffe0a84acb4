//! Readings of the register: each is entered before what it asks for is told.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// Records that somebody reads the register, and what they ask of it.
pub(crate) fn enter(
    turn: &mut Turn<'_>,
    actor: &Actor,
    question: CompactString,
) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::ReadRegister)?;
    Ok(turn.commit(actor, Fact::RegisterRead { question }))
}
