//! What has arrived becomes a file, or is refused; room that was kept for it is free again.

use super::announce;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Arrived, File, FileReport, Permit, PermitKey};
use crate::input::OfferedFile;
use crate::limits;
use crate::output::Output;
use crate::record::{Fact, Origin};
use crate::right::Act;
use crate::turn::Turn;

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
    let unknown = || Denied::new(Why::NoSuchUpload, "file-no-upload", &[]);
    let permit = turn.state.permits.take(key).ok_or_else(unknown)?;
    let actor = Actor::Account {
        account: permit.owner,
        token: None,
        address: from.map_or(core::net::Ipv4Addr::UNSPECIFIED.into(), |from| from.address),
    };
    match arrived {
        Arrived::Whole { .. } => keep(turn, &actor, permit, arrived, from).map(Some),
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

fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    permit: Permit,
    arrived: Arrived,
    from: Option<Origin>,
) -> Result<FileReport, Denied> {
    let Arrived::Whole {
        key,
        media_type,
        size,
        sha256,
        verdict,
    } = arrived
    else {
        return Err(Denied::new(Why::Unavailable, "unavailable", &[]));
    };
    if !turn.state.accounts().contains_key(&permit.owner) || !actor.may(turn.state, Act::Upload) {
        turn.out.push(Output::ContentUnused(sha256));
        return Err(Denied::new(Why::NoSuchUpload, "file-no-upload", &[]));
    }
    let now = turn.steady();
    turn.state.permits.note(
        permit.owner,
        now,
        size,
        now.plus_seconds(-limits::FILE_DAY_SECONDS),
    );
    // Whoever it is for may be gone meanwhile: then it is its owner's alone.
    let to = permit
        .to
        .filter(|to| turn.state.accounts().contains_key(to));
    let visibility = match permit.visibility.room() {
        Some(room) if !turn.state.channels().contains_key(&room) => {
            crate::file::Visibility::Private
        }
        _ => permit.visibility,
    };
    let file = File {
        id: turn.state.files().next_id(),
        key,
        owner: Some(permit.owner),
        name: permit.name,
        media_type,
        size,
        sha256,
        visibility,
        granted: to.into_iter().collect(),
        path: None,
        quarantined: false,
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
    Ok(super::list::report(turn.state, actor, &file))
}

/// Takes up again what was being uploaded when the server stopped.
pub(crate) fn resume(turn: &mut Turn<'_>, permits: Vec<Permit>) {
    *turn.mutated = true;
    for permit in permits {
        if turn.state.accounts().contains_key(&permit.owner) {
            turn.state.permits.insert(permit);
        }
    }
}

/// Gives up uploads to which nothing has come for too long.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    let old = turn.steady().plus_seconds(-limits::PERMIT_SECONDS);
    for key in turn.state.permits.given_before(old) {
        *turn.mutated = true;
        turn.state.permits.take(key);
    }
    let day = turn.steady().plus_seconds(-limits::FILE_DAY_SECONDS);
    turn.state.permits.forget_before(day);
}

/// Offers the files of the server's own folder as they are now: what is new or changed is added, what is no more is removed.
pub(crate) fn offer(turn: &mut Turn<'_>, offered: Vec<OfferedFile>) {
    use crate::file::{FileChange, Visibility};
    use causette_proto::FileName;
    use std::collections::BTreeMap;
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
            visibility: Visibility::Public,
            granted: Vec::new(),
            path: Some(file.path),
            quarantined: false,
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
