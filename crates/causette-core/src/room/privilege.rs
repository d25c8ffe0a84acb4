//! Who may enter, speak and rule in a channel. Everything is judged here, and nothing changed.

use crate::ctcp;
use crate::denied::{Denied, Why};
use crate::event::Reach;
use crate::id::{Room, RoomId, UserId};
use crate::state::State;
use crate::state::account::Account;
use crate::state::channel::Channel;
use crate::state::user::User;

/// The channel of a name, where the user may know that it exists; else the refusal.
pub(crate) fn visible<'a>(
    state: &'a State,
    user: UserId,
    name: &str,
) -> Result<&'a Channel, Denied> {
    let found = state.channel_named(name);
    found
        .filter(|channel| channel.is_visible_to(user))
        .ok_or_else(|| no_such_channel(name))
}

/// The refusal of a channel that does not exist, or is not to be known.
pub(crate) fn no_such_channel(name: &str) -> Denied {
    denied(Why::NoSuchChannel, name, "no-such-channel")
}

/// The channel of a name that the user is in, or the refusal. To those outside, a secret channel does not exist.
pub(crate) fn membership<'a>(
    state: &'a State,
    user: UserId,
    name: &str,
) -> Result<&'a Channel, Denied> {
    let channel = visible(state, user, name)?;
    if channel.members.contains_key(&user) {
        Ok(channel)
    } else {
        Err(denied(Why::NotOnChannel, name, "not-on-channel"))
    }
}

/// The refusal of a nickname that nobody goes by.
pub(crate) fn no_such_nick(nick: &str) -> Denied {
    Denied::new(Why::NoSuchNick, "no-such-nick", &[("nick", nick)])
}

/// The account of a name, or the refusal.
pub(super) fn account_named<'a>(state: &'a State, name: &str) -> Result<&'a Account, Denied> {
    let found = state.account_named(name);
    found.ok_or_else(|| Denied::new(Why::NoSuchAccount, "nickserv-no-such-account", &[]))
}

/// The refusal of somebody who is not in a channel.
pub(crate) fn not_in_channel(nick: &str, name: &str) -> Denied {
    let variables = [("nick", nick), ("channel", name)];
    Denied::new(Why::NotInChannel, "user-not-in-channel", &variables)
}

/// The room of a target: a channel that one is in, or the conversation with somebody, who may be gone.
pub(crate) fn conversation(state: &State, user: UserId, target: &str) -> Option<Room> {
    if target.starts_with('#') {
        let channel = state.channel_named(target)?;
        let member = channel.members.contains_key(&user);
        return member.then_some(Room::Channel(channel.id));
    }
    Some(Room::direct(user, state.correspondent(target)?))
}

/// Whether a user has at least a rank in a channel. Asked again for each target: one may kick oneself.
pub(crate) fn has_rank(state: &State, room: RoomId, user: UserId, rank: char) -> bool {
    let channel = state.channels().get(&room);
    channel.is_some_and(|channel| channel.prefixes(user).at_least(rank))
}

/// The refusal of what only operators of a channel may do.
pub(crate) fn operators_only(name: &str) -> Denied {
    denied(Why::ChannelOperatorsOnly, name, "operators-only")
}

/// Whether the user may enter a channel. Its owner always may; who was invited by a moderator passes everything but a ban that was
/// set since, who has lasting rights there everything but a ban.
pub(crate) fn may_enter(
    state: &State,
    user: &User,
    channel: &Channel,
    key: &str,
) -> Result<(), Denied> {
    let name = channel.name.as_str();
    let person = state.person(user);
    if channel.founder.is_some() && channel.founder == user.account {
        return Ok(());
    }
    let invited = channel.invited.get(&user.id).copied();
    let is_banned = match invited {
        Some(invited) => channel.bans_since(person, invited, &state.clock),
        None => channel.bans(person),
    };
    if is_banned {
        return Err(denied(Why::Banned, name, "banned"));
    }
    let trusted = user
        .account
        .is_some_and(|account| channel.access.contains_key(&account));
    if trusted || invited.is_some() {
        return Ok(());
    }
    let modes = &channel.modes;
    if modes.has('R') && user.account.is_none() {
        return Err(denied(Why::AccountNeeded, name, "join-registered-only"));
    }
    if modes.has('i') && !channel.excepts_from_invitation(person) {
        return Err(denied(Why::InviteOnly, name, "invite-only"));
    }
    if modes.key.as_ref().is_some_and(|wanted| wanted != key) {
        return Err(denied(Why::BadKey, name, "bad-key"));
    }
    if modes
        .limit
        .is_some_and(|limit| channel.present >= limit as usize)
    {
        return Err(denied(Why::ChannelFull, name, "channel-full"));
    }
    Ok(())
}

/// Whether the user may say something in a channel, and who gets it where it is said to all.
pub(crate) fn may_speak(
    state: &State,
    user: &User,
    channel: &Channel,
    text: &str,
) -> Result<Reach, Denied> {
    let name = channel.name.as_str();
    let member = channel.members.get(&user.id);
    let raised = member.is_some_and(|membership| !membership.prefixes.is_empty());
    let modes = &channel.modes;
    // A check that most channels do not need is not made for each message.
    let silenced = || !channel.masks.is_empty() && channel.silences(state.person(user));
    let key = if member.is_none() && modes.has('n') {
        "speak-members-only"
    } else if !raised && modes.has('m') {
        "speak-moderated"
    } else if !raised && modes.has('M') && user.account.is_none() {
        "speak-registered-only"
    } else if !raised && silenced() {
        silencing(state, channel, user)
    } else if modes.has('C') && ctcp::is_ctcp(text) {
        "speak-no-ctcp"
    } else if ctcp::is_dcc(text) {
        "speak-no-dcc"
    } else if modes.has('U') && !raised {
        return Ok(Reach::Operators);
    } else {
        return Ok(Reach::Room);
    };
    Err(denied(Why::CannotSpeak, name, key))
}

/// Refuses a topic of somebody whom the ban list keeps from speaking.
pub(super) fn may_set_topic(state: &State, channel: &Channel, user: UserId) -> Result<(), Denied> {
    let user = &state.users[&user];
    if !is_silenced(state, channel, user) {
        return Ok(());
    }
    let key = silencing(state, channel, user);
    Err(denied(Why::CannotSpeak, channel.name.as_str(), key))
}

/// Why the ban list keeps somebody from speaking.
fn silencing(state: &State, channel: &Channel, user: &User) -> &'static str {
    if channel.bans(state.person(user)) {
        "speak-banned"
    } else {
        "speak-muted"
    }
}

/// Whether a ban list keeps a member from speaking in their channel.
pub(crate) fn is_silenced(state: &State, channel: &Channel, user: &User) -> bool {
    channel.prefixes(user.id).is_empty()
        && !channel.masks.is_empty()
        && channel.silences(state.person(user))
}

/// A channel that the user is in and may not speak in. Because of it they keep their nickname and realname, which it would read;
/// a ban that names them would no longer cover them under another, too.
pub(crate) fn silenced_in<'a>(state: &'a State, user: &User) -> Option<&'a Channel> {
    let channels = user.channels.iter();
    let mut channels = channels.filter_map(|room| state.channels().get(room));
    channels.find(|channel| is_silenced(state, channel, user))
}

fn denied(why: Why, name: &str, key: &'static str) -> Denied {
    Denied::new(why, key, &[("channel", name)])
}
