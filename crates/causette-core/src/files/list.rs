//! Which files there are, as far as who asks may find them, and what is known of each.

use super::find::{Standing, seen, standing};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, FileRef, FileReport, Listed, Listing, Visibility};
use crate::id::{AccountId, RoomId};
use crate::limits;
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use causette_proto::CompactString;

/// A part of a list.
pub(crate) struct Page {
    /// The newest first.
    pub(crate) files: Vec<FileReport>,
    /// Whether there are more before the last of them.
    pub(crate) more: bool,
}

/// Lists files, the newest first.
pub(crate) fn list(state: &State, actor: &Actor, wanted: &Listing) -> Result<Page, Denied> {
    let account = actor.account(state);
    let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
    let pattern = wanted.pattern.to_lowercase();
    let room = match &wanted.which {
        Listed::Room(name) => Some(room(state, actor, name)?),
        _ => None,
    };
    match wanted.which {
        Listed::All => actor.must(state, Act::RuleFiles)?,
        Listed::Public | Listed::Room(_) => {}
        Listed::Own | Listed::Sent => drop(account.ok_or_else(needed)?),
    }
    let is_listed = |file: &File| match wanted.which {
        Listed::Public => file.visibility == Visibility::Public,
        Listed::Own => file.owner.is_some() && file.owner == account,
        Listed::Sent => account.is_some_and(|account| file.granted.contains(&account)),
        Listed::Room(_) => file.visibility.room() == room,
        Listed::All => true,
    };
    let count = wanted.count.clamp(1, limits::FILES_PER_PAGE);
    let mut found = state
        .files()
        .newest_before(wanted.before)
        .filter(|file| is_listed(file))
        .filter(|file| {
            pattern.is_empty() || file.name.as_str().to_lowercase().contains(pattern.as_str())
        })
        .filter(|file| standing(state, actor, file, false).is_some());
    let files: Vec<_> = found
        .by_ref()
        .take(count)
        .map(|file| report(state, actor, file))
        .collect();
    Ok(Page {
        files,
        more: found.next().is_some(),
    })
}

/// What is known of one file.
pub(crate) fn show(state: &State, actor: &Actor, wanted: &FileRef) -> Result<FileReport, Denied> {
    let (file, _) = seen(state, actor, wanted)?;
    Ok(report(state, actor, file))
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
pub(super) fn report(state: &State, actor: &Actor, file: &File) -> FileReport {
    let mut report = plain_report(state, file);
    if let Some(Standing::Owner | Standing::Officer) = standing(state, actor, file, true) {
        let granted = file.granted.iter();
        report.granted = granted
            .filter_map(|account| name_of(state, *account))
            .collect();
        report.file.granted.clone_from(&file.granted);
    }
    report
}

fn name_of(state: &State, account: AccountId) -> Option<CompactString> {
    let account = state.accounts().get(&account)?;
    Some(CompactString::new(account.name.as_str()))
}

/// What anybody is told of a file who may fetch it.
pub(super) fn plain_report(state: &State, file: &File) -> FileReport {
    FileReport {
        owner: file.owner.and_then(|owner| name_of(state, owner)),
        room: file.visibility.room().and_then(|room| {
            let channel = state.channels().get(&room)?;
            Some(CompactString::new(channel.name.as_str()))
        }),
        granted: Vec::new(),
        since: state.clock.shown_at(file.since),
        until: file.until.map(|until| state.clock.shown_at(until)),
        file: File {
            granted: Vec::new(),
            ..file.clone()
        },
    }
}
