//! The fingerprints by which clients know the server.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::Turn;

/// Records that somebody is told them.
pub(crate) fn show(turn: &mut Turn<'_>, actor: &Actor) -> Result<(), Denied> {
    actor.must(turn.state, Act::ShowFingerprints)?;
    turn.commit(actor, Fact::FingerprintsShown);
    Ok(())
}
