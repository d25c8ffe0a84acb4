//! Whom somebody sees, and where.

use crate::id::UserId;
use crate::state::State;
use crate::state::channel::Channel;
use crate::state::user::User;

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
        .filter(|user| user.counted)
        .count()
}
