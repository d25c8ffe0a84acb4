//! Removing a file: its owner may, and who runs the server, with a reason.

use super::aside;
use super::find::{Standing, ruled};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Digest, File, FileChange, FileRef};
use crate::fitting::{Cut, plain};
use crate::id::AccountId;
use crate::output::Output;
use crate::record::Fact;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;
use rustc_hash::FxHashSet;

/// Removes it. Its bytes go with it, where no other file has the same.
pub(crate) fn remove(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    reason: &str,
) -> Result<(File, Mark), Denied> {
    let (file, standing) = ruled(turn.state, actor, wanted)?;
    let file = file.clone();
    if file.path.is_some() {
        // It is in a folder of the machine, and would be there again.
        return Err(Denied::new(Why::NotOwnFile, "file-offered", &[]));
    }
    if file.aside.is_some() && standing == Standing::Owner {
        // Those who have put it aside may have to show it.
        return Err(Denied::new(Why::NotOwnFile, "file-put-aside", &[]));
    }
    let reason = match standing {
        Standing::Officer => aside::reason_for(turn, actor, &file, reason)?,
        _ => Cut::of(&plain(reason), turn.settings.kick_bytes()).kept,
    };
    let mark = commit(turn, actor, &file, reason.clone());
    if standing == Standing::Officer {
        aside::tell(turn, actor, &file, "removed", &reason);
    }
    Ok((file, mark))
}

/// Lets it be no more.
pub(super) fn commit(
    turn: &mut Turn<'_>,
    actor: &Actor,
    file: &File,
    reason: CompactString,
) -> Mark {
    let change = FileChange::Removed { reason };
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    let mark = turn.commit(actor, fact);
    if file.path.is_none() {
        unused(turn, [file.sha256]);
    }
    mark
}

/// The contents of an account's files, each once and in the order of the numbers.
pub(crate) fn contents_of(turn: &Turn<'_>, account: AccountId) -> Vec<Digest> {
    let files = turn.state.files();
    let owned = files.of(account).into_iter().flat_map(|owned| &owned.files);
    let mut contents = Vec::new();
    let mut seen = FxHashSet::default();
    for file in owned.filter_map(|id| files.get(*id)) {
        if seen.insert(file.sha256) {
            contents.push(file.sha256);
        }
    }
    contents
}

/// Lets those of some contents go that no file has any more.
pub(crate) fn unused(turn: &mut Turn<'_>, contents: impl IntoIterator<Item = Digest>) {
    for sha256 in contents {
        if !turn.state.files().has_content(sha256) {
            turn.out.push(Output::ContentUnused(sha256));
        }
    }
}
