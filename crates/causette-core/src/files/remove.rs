//! Removing a file: its owner may, and who runs the server, with a reason.

use super::find::{Standing, ruled};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, FileChange, FileRef};
use crate::output::Output;
use crate::record::Fact;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// Removes it. Its bytes go with it, where no other file has the same.
pub(crate) fn remove(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    reason: &CompactString,
) -> Result<(File, Mark), Denied> {
    let (file, standing) = ruled(turn.state, actor, wanted)?;
    let file = file.clone();
    if file.path.is_some() {
        // It is in a folder of the machine, and would be there again.
        return Err(Denied::new(Why::NotOwnFile, "file-offered", &[]));
    }
    if standing == Standing::Officer && reason.is_empty() {
        return Err(Denied::new(Why::NoReason, "reason-needed", &[]));
    }
    let change = FileChange::Removed {
        reason: reason.clone(),
    };
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    let mark = turn.commit(actor, fact);
    if !turn.state.files().has_content(file.sha256) {
        turn.out.push(Output::ContentUnused(file.sha256));
    }
    Ok((file, mark))
}
