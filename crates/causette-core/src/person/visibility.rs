//! Whom somebody sees, and where: what every view asks, whichever command shows it.

use crate::id::UserId;
use crate::state::State;
use crate::state::channel::Channel;
use crate::state::user::User;
use causette_proto::CompactString;
use compact_str::format_compact;

/// Who is present under a name: by that nickname, or else by the name of their account, whatever nickname they go by.
pub(crate) fn present_as<'a>(state: &'a State, name: &str) -> Option<&'a User> {
    let by_nick = state.user_named(name).filter(|user| user.present);
    by_nick.or_else(|| {
        let account = state.account_named(name)?.id;
        let user = state.users.get(&UserId::from(account))?;
        user.present.then_some(user)
    })
}

/// By what name somebody is spoken of to who knows them by another: their nickname, unless that is not what was asked for.
pub(crate) fn name_as<'a>(state: &'a State, user: &'a User, name: &str) -> &'a str {
    let nick = user.nick.as_str();
    if state.casemap.same(nick, name) {
        return nick;
    }
    state.account_name(user).map_or(nick, |name| name.as_str())
}

/// `nick!user@host` of somebody, with the name in place of the nickname by which they are known.
pub(crate) fn source_as(state: &State, user: &User, name: &str) -> CompactString {
    under(&user.source, name_as(state, user, name))
}

/// A source under another name.
pub(crate) fn under(source: &str, name: &str) -> CompactString {
    let from = source.split_once('!').map_or("", |(_, from)| from);
    format_compact!("{name}!{from}")
}

/// Whether a user hides (`i`) from somebody: from all but themselves and those who share a channel with them.
pub(crate) fn hides(state: &State, user: &User, from: &User) -> bool {
    user.id != from.id && user.modes.has('i') && shared_channel(state, from, user).is_none()
}

/// A channel in which somebody sees somebody else.
pub(crate) fn shared_channel<'a>(state: &'a State, me: &User, user: &User) -> Option<&'a Channel> {
    // Through the channels of the one who is in fewer; both are in the order of their ids.
    let (few, many) = if me.channels.len() < user.channels.len() {
        (&me.channels, &user.channels)
    } else {
        (&user.channels, &me.channels)
    };
    let shared = few.iter().filter(|room| many.contains(room));
    let mut shared = shared.filter_map(|room| state.channels().get(room));
    shared.find(|channel| channel.shows(user.id, me.id))
}

/// How many present members of a channel somebody may know of. Counted only in an auditorium where they do not see everyone:
/// elsewhere the channel keeps the number.
pub(crate) fn seen_members(state: &State, channel: &Channel, me: UserId) -> usize {
    if !channel.modes.has('u') || channel.prefixes(me).at_least('h') {
        return channel.present;
    }
    let members = channel.members.keys();
    let members = members.filter(|id| channel.shows(**id, me));
    members
        .filter_map(|id| state.users.get(id))
        .filter(|user| user.present)
        .count()
}
