//! What has arrived becomes a file, or is refused; room that was kept for it is free again.

use super::find::is_closed;
use super::{announce, list, remove};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::file::{Arrived, File, FileChange, FileKey, FileReport, Permit, PermitKey, Visibility};
use crate::id::{AccountId, Room, RoomId};
use crate::input::OfferedFile;
use crate::limits;
use crate::record::{Fact, Origin};
use crate::right::Act;
use crate::settings::Keep;
use crate::state::permit::Sender;
use crate::turn::Turn;
use causette_proto::{FileName, Timestamp};
use core::net::Ipv4Addr;
use std::collections::BTreeMap;

/// Settles an upload.
///
/// # Errors
/// Nothing is kept: the permit is none, or whoever was permitted may not upload any more.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    key: PermitKey,
    arrived: Arrived,
    from: Option<Origin>,
) -> Result<Option<FileReport>, Denied> {
    *turn.mutated = true;
    let taken = turn.state.permits.take(key);
    if let Arrived::Whole { key, .. } = &arrived
        && let Some(file) = turn.state.files().at(*key)
    {
        // It is there: the answer was lost, or the program ended before it.
        let owner = file.owner.ok_or_else(no_such_upload)?;
        let is_same = taken.is_none_or(|(permit, _)| permit.owner == owner);
        let report = list::report(turn, &owner_of(owner, from), file);
        return is_same.then_some(Some(report)).ok_or_else(no_such_upload);
    }
    let Some((permit, network)) = taken else {
        // It was cancelled while its last bytes came, or its time was over.
        if let Arrived::Whole { sha256, .. } = arrived {
            remove::unused(turn, [sha256]);
        }
        return Err(no_such_upload());
    };
    let actor = owner_of(permit.owner, from);
    match arrived {
        Arrived::Whole { .. } => keep(turn, &actor, (permit, network), arrived, from).map(Some),
        Arrived::Refused {
            size,
            sha256,
            reason,
        } => {
            let fact = Fact::FileRefused {
                name: permit.name,
                size: Some(size),
                sha256,
                reason,
                from,
            };
            turn.commit(&actor, fact);
            Ok(None)
        }
        Arrived::GivenUp => Ok(None),
    }
}

/// What became of an upload that is over, told to who has sent it: whoever was given the link is told of the file, and only its owner to
/// whom it was sent.
pub(crate) fn arrived(
    turn: &Turn<'_>,
    actor: Option<&Actor>,
    permit: PermitKey,
) -> Result<FileReport, Denied> {
    let file = turn.state.files().at(FileKey::of(permit));
    let file = file
        .filter(|file| file.owner.is_some())
        .ok_or_else(no_such_upload)?;
    Ok(match actor {
        Some(actor) => list::report(turn, actor, file),
        None => list::plain_report(turn, file),
    })
}

fn no_such_upload() -> Denied {
    Denied::new(Why::NoSuchUpload, "file-no-upload", &[])
}

/// Whoever sends by a permit acts for whom it was given to.
fn owner_of(account: AccountId, from: Option<Origin>) -> Actor {
    Actor::Account {
        account,
        token: None,
        address: from.map_or_else(|| Ipv4Addr::UNSPECIFIED.into(), |from| from.address),
    }
}

fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (permit, network): (Permit, Option<Sender>),
    arrived: Arrived,
    from: Option<Origin>,
) -> Result<FileReport, Denied> {
    let Arrived::Whole {
        key,
        media_type,
        size,
        sha256,
        says_beside,
        verdict,
    } = arrived
    else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    if !turn.state.accounts().contains_key(&permit.owner) || !actor.may(turn.state, Act::Upload) {
        remove::unused(turn, [sha256]);
        return Err(no_such_upload());
    }
    let now = turn.steady();
    let day = now.plus_seconds(-limits::FILE_DAY_SECONDS);
    let account = Sender::Account(permit.owner);
    for sender in [Some(account), network].into_iter().flatten() {
        turn.state.permits.note(sender, now, size, day);
    }
    // Whoever it is for may be gone meanwhile: then it is its owner's alone.
    let to = permit
        .to
        .filter(|to| turn.state.accounts().contains_key(to));
    let visibility = match permit.visibility.room() {
        Some(room) if !may_show(turn, permit.owner, room) => Visibility::Private,
        _ => permit.visibility,
    };
    let closed = is_closed(turn.state, visibility).then_some(now);
    let file = File {
        id: turn.state.files().next_id(),
        key,
        owner: Some(permit.owner),
        name: permit.name,
        media_type,
        size,
        sha256,
        says_beside,
        visibility,
        closed,
        granted: to.into_iter().collect(),
        path: None,
        aside: None,
        since: now,
        until: None,
    };
    let fact = Fact::FileAdded {
        file: Box::new(file.clone()),
        verdict,
        from,
    };
    turn.commit(actor, fact);
    match to {
        Some(to) => announce::to(turn, actor, &file, to),
        None => announce::in_room(turn, actor, &file),
    }
    Ok(list::report(turn, actor, &file))
}

/// Whether somebody may still show in a room what they wanted to when they began: not one that is gone, or from which they are kept out.
fn may_show(turn: &Turn<'_>, account: AccountId, room: RoomId) -> bool {
    let Some(channel) = turn.state.channels().get(&room) else {
        return false;
    };
    let (name, by) = (channel.name.as_str(), account.into());
    enforce::may_speak(turn, by, Room::Channel(room), name).is_ok()
}

/// Takes up again what was being uploaded when the server stopped.
pub(crate) fn resume(turn: &mut Turn<'_>, mut permits: Vec<Permit>) {
    *turn.mutated = true;
    permits.sort_unstable_by_key(|permit| (permit.since, permit.key));
    for permit in permits {
        if turn.state.accounts().contains_key(&permit.owner) {
            turn.state.permits.insert(permit, None);
        }
    }
}

/// Gives up uploads to which nothing has come for too long, and removes files that were kept for as long as they are.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    if turn.state.uptime % 60 == 0 {
        end_files(turn);
    }
    let old = turn.steady().plus_seconds(-limits::PERMIT_SECONDS);
    for key in turn.state.permits.given_before(old) {
        *turn.mutated = true;
        turn.state.permits.take(key);
    }
    let day = turn.steady().plus_seconds(-limits::FILE_DAY_SECONDS);
    turn.state.permits.forget_before(day);
}

/// What is offered stays as long as it is in its folder.
fn end_files(turn: &mut Turn<'_>) {
    let (now, keep) = (turn.steady(), turn.settings.files.keep);
    let is_over = |file: &&File| {
        let end = until(file, keep);
        file.path.is_none() && end.is_some_and(|end| end <= now)
    };
    let over = turn.state.files().oldest().filter(is_over);
    let over: Vec<File> = over.take(limits::FILES_ENDED).cloned().collect();
    for file in over {
        let reason = turn.words("file-kept-so-long").into();
        remove::commit(turn, &Actor::Server, &file, reason);
    }
}

/// Until when a file is kept.
pub(super) fn until(file: &File, keep: Keep) -> Option<Timestamp> {
    let by_rule = keep.until(file.visibility, file.since);
    [file.until, by_rule].into_iter().flatten().min()
}

/// Offers the files of the server's own folder as they are now: what is new or changed is added, what is no more is removed.
pub(crate) fn offer(turn: &mut Turn<'_>, offered: Vec<OfferedFile>) {
    let mut wanted: BTreeMap<_, _> = offered
        .into_iter()
        .map(|file| (file.path.clone(), file))
        .collect();
    let known: Vec<_> = turn
        .state
        .files()
        .newest()
        .filter_map(|file| Some((file.id, file.path.clone()?, file.sha256)))
        .collect();
    for (id, path, sha256) in known {
        match wanted.get(&path) {
            Some(file) if file.sha256 == sha256 => drop(wanted.remove(&path)),
            _ => {
                let change = FileChange::Removed { reason: "".into() };
                turn.commit(&Actor::Server, Fact::FileChanged { file: id, change });
            }
        }
    }
    for file in wanted.into_values() {
        if turn.state.files().len() >= limits::FILES {
            return;
        }
        let file = File {
            id: turn.state.files().next_id(),
            key: file.key,
            owner: None,
            name: FileName::nearest(&file.path),
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256,
            says_beside: false,
            visibility: Visibility::Public,
            closed: None,
            granted: Vec::new(),
            path: Some(file.path),
            aside: None,
            since: turn.steady(),
            until: None,
        };
        let fact = Fact::FileAdded {
            file: Box::new(file),
            verdict: None,
            from: None,
        };
        turn.commit(&Actor::Server, fact);
    }
}
