//! Putting a file aside: nobody fetches it until it is given back.

use super::find::seen;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, FileChange, FileRef};
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// Puts it aside, or gives it back.
pub(crate) fn put(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    aside: bool,
    reason: &CompactString,
) -> Result<(File, Mark), Denied> {
    actor.must(turn.state, Act::RuleFiles)?;
    let (file, _) = seen(turn.state, actor, wanted)?;
    let file = file.clone();
    if file.quarantined == aside {
        return Err(Denied::new(Why::AlreadySo, "file-aside-already", &[]));
    }
    let reason = reason.clone();
    let change = match aside {
        true => FileChange::Quarantined { reason },
        false => FileChange::Released { reason },
    };
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    let mark = turn.commit(actor, fact);
    Ok((file, mark))
}
