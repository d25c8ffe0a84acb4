//! Who may see a file: that is its owner's to say.

use super::find::{Standing, is_closed, ruled};
use super::{announce, list, permit};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Audience, File, FileChange, FileRef, FileReport};
use crate::id::AccountId;
use crate::limits;
use crate::record::Fact;
use crate::turn::Turn;

/// The file of that name, where it is who asks's own. Those who run the server decide of nobody's file who sees it.
fn own(turn: &Turn<'_>, actor: &Actor, wanted: &FileRef) -> Result<File, Denied> {
    let (file, standing) = ruled(turn.state, actor, wanted)?;
    match standing {
        Standing::Owner => Ok(file.clone()),
        _ => Err(Denied::new(
            Why::NotOwnFile,
            "file-not-yours",
            &[("file", file.name.as_str())],
        )),
    }
}

/// The same, with its owner, where it may be shown to others: not while it is put aside.
fn own_shown(
    turn: &Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
) -> Result<(File, AccountId), Denied> {
    let file = own(turn, actor, wanted)?;
    if file.aside.is_some() {
        return Err(Denied::new(Why::NotOwnFile, "file-put-aside", &[]));
    }
    let no_such = || super::no_such_file(file.name.as_str());
    let owner = file.owner.ok_or_else(no_such)?;
    Ok((file, owner))
}

/// Shows it to others, or to nobody else any more.
pub(crate) fn share(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    audience: &Audience,
) -> Result<FileReport, Denied> {
    if let Audience::To(name) = audience {
        return send(turn, actor, wanted, name);
    }
    let (file, owner) = own_shown(turn, actor, wanted)?;
    let (visibility, _) = permit::settle(turn, actor, owner, audience, &file.name)?;
    if visibility == file.visibility {
        return Err(Denied::new(Why::AlreadySo, "file-shown-already", &[]));
    }
    let settings = &turn.settings.files;
    let is_cleaned = settings.clean_pictures && visibility.is_wider_than(file.visibility);
    if is_cleaned && file.says_beside {
        // Bytes that somebody may have already are not changed; those of an upload are.
        let variables = [("file", file.name.as_str())];
        let key = "file-says-beside";
        return Err(Denied::new(Why::PictureSaysMore, key, &variables));
    }
    let end = settings.keep.until(visibility, file.since);
    if end.is_some_and(|end| end <= turn.steady()) {
        return Err(Denied::new(Why::NoRoomForFile, "file-too-old", &[]));
    }
    let closed = is_closed(turn.state, visibility);
    let change = FileChange::Shown { visibility, closed };
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    turn.commit(actor, fact);
    again(turn, actor, &file, |turn, actor, file| {
        announce::in_room(turn, actor, file)
    })
}

/// Sends it to somebody, who is told, also where they are not here. A picture goes to them with what it says beside: they are named.
pub(crate) fn send(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    name: &str,
) -> Result<FileReport, Denied> {
    let (file, owner) = own_shown(turn, actor, wanted)?;
    let to = permit::recipient(turn, owner, name)?;
    if to == owner {
        let variables = [("file", file.name.as_str())];
        return Err(Denied::new(
            Why::AlreadySo,
            "file-yours-already",
            &variables,
        ));
    }
    if file.granted.binary_search(&to).is_err() {
        if file.granted.len() >= limits::GRANTS_PER_FILE {
            return Err(Denied::new(Why::NoRoomForFile, "file-sent-to-many", &[]));
        }
        let change = FileChange::Granted(to);
        let fact = Fact::FileChanged {
            file: file.id,
            change,
        };
        turn.commit(actor, fact);
    }
    // Who is sent it again is told again.
    again(turn, actor, &file, |turn, actor, file| {
        announce::to(turn, actor, file, to)
    })
}

/// Takes back that it was sent to somebody.
pub(crate) fn take_back(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    name: &str,
) -> Result<FileReport, Denied> {
    let file = own(turn, actor, wanted)?;
    let from = crate::account::target::named(turn.state, name)?.id;
    if file.granted.binary_search(&from).is_err() {
        let variables = [("nick", name)];
        return Err(Denied::new(Why::AlreadySo, "file-not-sent", &variables));
    }
    let change = FileChange::Revoked(from);
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    turn.commit(actor, fact);
    again(turn, actor, &file, |_, _, _| {})
}

/// The file as it is now, told to whom it concerns.
fn again(
    turn: &mut Turn<'_>,
    actor: &Actor,
    file: &File,
    tell: impl FnOnce(&mut Turn<'_>, &Actor, &File),
) -> Result<FileReport, Denied> {
    let now = turn.state.files().get(file.id).cloned();
    let now = now.ok_or_else(|| super::no_such_file(file.name.as_str()))?;
    tell(turn, actor, &now);
    Ok(list::report(turn, actor, &now))
}
