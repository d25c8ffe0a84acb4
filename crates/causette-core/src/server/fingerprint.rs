//! The fingerprints by which clients know the server.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};

/// Records that somebody is told them.
pub(crate) fn show(turn: &mut Turn<'_>, actor: &Actor) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::ShowFingerprints)?;
    Ok(turn.commit(actor, Fact::FingerprintsShown))
}
