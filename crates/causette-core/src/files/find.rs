//! Which file somebody means, and what they are to it.

use super::no_such_file;
use crate::actor::Actor;
use crate::denied::Denied;
use crate::event::Reach;
use crate::file::{File, FileRef, Visibility};
use crate::id::UserId;
use crate::right::Act;
use crate::state::State;
use crate::state::channel::Channel;

/// What somebody is to a file that they may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is theirs.
    Owner,
    /// They run the server.
    Officer,
    /// It is shown or was sent to them.
    Reader,
}

/// What somebody is to a file; `None` where there is none to them. Who knows its address sees more than who only knows its number.
pub(crate) fn standing(
    state: &State,
    actor: &Actor,
    file: &File,
    by_address: bool,
) -> Option<Standing> {
    let account = actor.account(state);
    if account.is_some() && account == file.owner {
        return Some(Standing::Owner);
    }
    if actor.may(state, Act::RuleFiles) {
        return Some(Standing::Officer);
    }
    if file.aside.is_some() {
        return None;
    }
    is_reader(state, actor, file, by_address).then_some(Standing::Reader)
}

/// Whether a file is shown or was sent to somebody, or is theirs: what whoever has their address of it may go by.
pub(crate) fn may_read(state: &State, actor: &Actor, file: &File) -> bool {
    let standing = standing(state, actor, file, true);
    standing.is_some() && file.aside.is_none()
}

fn is_reader(state: &State, actor: &Actor, file: &File, by_address: bool) -> bool {
    let account = actor.account(state);
    let is_shown = match file.visibility {
        Visibility::Public => account.is_some(),
        Visibility::Room(room) => actor.person(state).is_some_and(|person| {
            let channel = state.channels().get(&room);
            channel.is_some_and(|channel| {
                channel.members.contains_key(&person) && was_shown(channel, person, file)
            })
        }),
        Visibility::Link => by_address,
        Visibility::Private => false,
    };
    let was_sent = account.is_some_and(|account| file.granted.binary_search(&account).is_ok());
    is_shown || was_sent
}

/// Whether a file was shown in a channel when a member could read there, or to everybody.
fn was_shown(channel: &Channel, member: UserId, file: &File) -> bool {
    let readable = channel.readable(member);
    file.closed
        .is_none_or(|shown| readable.holds(Reach::Closed, shown))
}

/// Whether who may see it are those of a room which not everyone may enter now.
pub(super) fn is_closed(state: &State, visibility: Visibility) -> bool {
    let room = visibility.room();
    let channel = room.and_then(|room| state.channels().get(&room));
    channel.is_some_and(Channel::is_closed)
}

/// The file that somebody means, where they may see it.
pub(crate) fn seen<'a>(
    state: &'a State,
    actor: &Actor,
    wanted: &FileRef,
) -> Result<(&'a File, Standing), Denied> {
    let files = state.files();
    let judged = |file: &'a File, by_address| {
        standing(state, actor, file, by_address).map(|standing| (file, standing))
    };
    let found = match wanted {
        FileRef::Id(id) => files.get(*id).and_then(|file| judged(file, false)),
        FileRef::Key(key) => files.at(*key).and_then(|file| judged(file, true)),
        FileRef::Name(name) => {
            let named = || files.newest().filter(|file| file.name.as_str() == name);
            let own = |(_, standing): &(&File, Standing)| *standing == Standing::Owner;
            let mut of_all = named().filter_map(|file| judged(file, false));
            named()
                .filter_map(|file| judged(file, false))
                .find(own)
                .or_else(|| of_all.next())
        }
    };
    found.ok_or_else(|| no_such_file(&called(wanted)))
}

/// The same, where it is theirs or they run the server.
pub(crate) fn ruled<'a>(
    state: &'a State,
    actor: &Actor,
    wanted: &FileRef,
) -> Result<(&'a File, Standing), Denied> {
    let (file, standing) = seen(state, actor, wanted)?;
    match standing {
        Standing::Owner | Standing::Officer => Ok((file, standing)),
        Standing::Reader => Err(Denied::new(
            crate::denied::Why::NotOwnFile,
            "file-not-yours",
            &[("file", file.name.as_str())],
        )),
    }
}

/// As whoever asks has called it.
fn called(wanted: &FileRef) -> String {
    match wanted {
        FileRef::Id(id) => id.0.to_string(),
        FileRef::Key(key) => key.to_string(),
        FileRef::Name(name) => name.to_string(),
    }
}
