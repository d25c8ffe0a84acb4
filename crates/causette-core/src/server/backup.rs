//! Copies of everything, from which the server can be brought back.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// Records that somebody has made one: where it is, how long, and by which SHA-256 it is told from another.
pub(crate) fn enter(
    turn: &mut Turn<'_>,
    actor: &Actor,
    file: CompactString,
    bytes: u64,
    sha256: CompactString,
) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::Backup)?;
    let fact = Fact::BackupMade {
        file,
        bytes,
        sha256,
    };
    Ok(turn.commit(actor, fact))
}
