//! Which files there are, as far as who asks may find them, and what is known of each.

use super::find::{Standing, seen, standing};
use super::keep;
use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, FileRef, FileReport, Listed, Listing, Visibility};
use crate::id::{AccountId, RoomId};
use crate::limits;
use crate::order::FileSearch;
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;
use causette_proto::CompactString;

/// A part of a list.
pub(crate) struct Page {
    /// The newest first.
    pub(crate) files: Vec<FileReport>,
    /// Whether there are more before the last of them.
    pub(crate) more: bool,
}

/// Lists files, the newest first.
pub(crate) fn list(turn: &Turn<'_>, actor: &Actor, wanted: &Listing) -> Result<Page, Denied> {
    let state = &*turn.state;
    let account = actor.account(state);
    let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
    let pattern = wanted.pattern.to_lowercase();
    let room = match &wanted.which {
        Listed::Room(name) => Some(room(state, actor, name)?),
        _ => None,
    };
    match wanted.which {
        Listed::All => actor.must(state, Act::RuleFiles)?,
        Listed::Seen | Listed::Public | Listed::Room(_) => {}
        Listed::Own | Listed::Sent => drop(account.ok_or_else(needed)?),
    }
    let person = actor.person(state);
    let is_in = |room| {
        let channel = state.channels().get(&room);
        person.is_some_and(|by| channel.is_some_and(|channel| channel.members.contains_key(&by)))
    };
    let is_own = |file: &File| file.owner.is_some() && file.owner == account;
    let was_sent = |file: &File| account.is_some_and(|account| file.granted.contains(&account));
    let is_listed = |file: &File| match wanted.which {
        Listed::Seen => {
            file.visibility == Visibility::Public
                || is_own(file)
                || was_sent(file)
                || file.visibility.room().is_some_and(is_in)
        }
        Listed::Public => file.visibility == Visibility::Public,
        Listed::Own => is_own(file),
        Listed::Sent => was_sent(file),
        Listed::Room(_) => file.visibility.room() == room,
        Listed::All => true,
    };
    let found = state
        .files()
        .newest_before(wanted.before)
        .filter(|file| is_listed(file))
        .filter(|file| pattern.is_empty() || has(file, &pattern))
        .filter(|file| standing(state, actor, file, false).is_some());
    Ok(page(turn, actor, found, wanted.count))
}

/// What is known of one file.
pub(crate) fn show(turn: &Turn<'_>, actor: &Actor, wanted: &FileRef) -> Result<FileReport, Denied> {
    let (file, _) = seen(turn.state, actor, wanted)?;
    Ok(report(turn, actor, file))
}

/// Looks for files among everybody's, the newest first.
pub(crate) fn search(turn: &Turn<'_>, actor: &Actor, wanted: &FileSearch) -> Result<Page, Denied> {
    actor.must(turn.state, Act::RuleFiles)?;
    let state = &*turn.state;
    let owner = match &wanted.owner {
        Some(name) => Some(target::named(state, name)?.id),
        None => None,
    };
    let room = match &wanted.room {
        Some(name) => Some(room(state, actor, name)?),
        None => None,
    };
    let pattern = wanted.pattern.to_lowercase();
    let is_wanted = |file: &&File| {
        (owner.is_none() || file.owner == owner)
            && (room.is_none() || file.visibility.room() == room)
            && wanted.sha256.is_none_or(|sha256| file.sha256 == sha256)
            && (pattern.is_empty() || has(file, &pattern))
    };
    let found = state.files().newest_before(wanted.before);
    Ok(page(turn, actor, found.filter(is_wanted), wanted.count))
}

fn has(file: &File, pattern: &str) -> bool {
    file.name.as_str().to_lowercase().contains(pattern)
}

/// As many of some files as one answer tells.
fn page<'a>(
    turn: &Turn<'_>,
    actor: &Actor,
    mut found: impl Iterator<Item = &'a File>,
    count: usize,
) -> Page {
    let count = count.clamp(1, limits::FILES_PER_PAGE);
    let files = found.by_ref().take(count);
    let files = files.map(|file| report(turn, actor, file)).collect();
    Page {
        files,
        more: found.next().is_some(),
    }
}

/// The room of a name, where who asks is in it or runs the server.
fn room(state: &State, actor: &Actor, name: &str) -> Result<RoomId, Denied> {
    if actor.may(state, Act::RuleFiles)
        && let Some(channel) = state.channel_named(name)
    {
        return Ok(channel.id);
    }
    let unknown = || Denied::new(Why::NoSuchChannel, "no-such-channel", &[("channel", name)]);
    let by = actor.person(state).ok_or_else(unknown)?;
    let channel = privilege::visible(state, by, name)?;
    if channel.members.contains_key(&by) {
        return Ok(channel.id);
    }
    let variables = [("channel", name)];
    Err(Denied::new(Why::NotOnChannel, "not-on-channel", &variables))
}

/// What somebody is told of a file that they may see: to whom it was sent only who owns it, or runs the server.
pub(super) fn report(turn: &Turn<'_>, actor: &Actor, file: &File) -> FileReport {
    let state = &*turn.state;
    let mut report = plain_report(turn, file);
    if let Some(Standing::Owner | Standing::Officer) = standing(state, actor, file, true) {
        let granted = file.granted.iter();
        report.granted = granted
            .filter_map(|account| name_of(state, *account))
            .collect();
        report.file.granted.clone_from(&file.granted);
    }
    report
}

pub(super) fn name_of(state: &State, account: AccountId) -> Option<CompactString> {
    let account = state.accounts().get(&account)?;
    Some(CompactString::new(account.name.as_str()))
}

/// The name of the room for which something is.
pub(super) fn room_of(state: &State, visibility: Visibility) -> Option<CompactString> {
    let channel = state.channels().get(&visibility.room()?)?;
    Some(CompactString::new(channel.name.as_str()))
}

/// What anybody is told of a file who may fetch it.
pub(super) fn plain_report(turn: &Turn<'_>, file: &File) -> FileReport {
    let state = &*turn.state;
    let until = keep::until(file, turn.settings.files.keep);
    FileReport {
        owner: file.owner.and_then(|owner| name_of(state, owner)),
        room: room_of(state, file.visibility),
        granted: Vec::new(),
        since: state.clock.shown_at(file.since),
        until: until.map(|until| state.clock.shown_at(until)),
        file: File {
            granted: Vec::new(),
            ..file.clone()
        },
    }
}
