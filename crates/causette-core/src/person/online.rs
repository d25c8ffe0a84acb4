//! Telling those who monitor a name that somebody has come online under it, or that nobody is any more.
//! <https://ircv3.net/specs/extensions/monitor>

use crate::id::UserId;
use crate::person::visibility::{present_as, source_as};
use crate::state::State;
use crate::turn::Turn;
use causette_proto::Nick;

/// Who was online under some names before something changed.
pub(crate) struct Before(Vec<(Nick, Option<UserId>)>);

/// The names by which somebody is known: their nickname, and the name of their account.
pub(crate) fn names_of(state: &State, user: UserId) -> Vec<Nick> {
    let Some(user) = state.users.get(&user) else {
        return Vec::new();
    };
    let mut names = vec![user.nick.clone()];
    let account = state.account_name(user).map(Nick::from);
    names.extend(account.filter(|name| *name != user.nick));
    names
}

/// Notes who is online under names that somebody monitors, to be compared behind what changes that.
pub(crate) fn before(state: &State, mut names: Vec<Nick>) -> Before {
    names.retain(|name| !state.monitors.of(name).is_empty());
    let online = |name: &Nick| present_as(state, name.as_str()).map(|user| user.id);
    let names = names.into_iter().map(|name| (online(&name), name));
    Before(names.map(|(online, name)| (name, online)).collect())
}

impl Before {
    /// Somebody goes by another number from now on, and is the same person.
    pub(crate) fn became(&mut self, from: UserId, to: UserId) {
        for (_, online) in &mut self.0 {
            if *online == Some(from) {
                *online = Some(to);
            }
        }
    }

    /// Tells who has come online since, and who is no more.
    pub(crate) fn tell(self, turn: &mut Turn<'_>) {
        for (name, before) in self.0 {
            let state = &*turn.state;
            let now = present_as(state, name.as_str());
            if now.map(|user| user.id) == before {
                continue;
            }
            let source = now.map(|user| source_as(state, user, name.as_str()));
            turn.tell_monitors(&name, source.as_deref());
        }
    }
}
