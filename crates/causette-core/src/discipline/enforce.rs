//! Where sanctions are held up. Each look is cheap while there are none.

use super::terms::{Terms, denied};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::person::departure;
use crate::room::privilege;
use crate::sanction::{Sanction, SanctionKind};
use crate::state::State;
use crate::state::channel::Channel;
use crate::state::user::User;
use crate::turn::Turn;
use core::net::IpAddr;

/// Refuses a connection that says its first line, where nobody may come in by it. Whom a ban of where they come from does not bind must
/// be able to say who they are.
pub(crate) fn may_knock(turn: &Turn<'_>, session: SessionId) -> Result<(), Denied> {
    let session = turn.state.sessions.get(&session);
    allowed(
        turn,
        session.and_then(|session| turn.state.ban_on_anybody(session)),
    )
}

/// Refuses a connection that is kept out, by what is known of it so far.
pub(crate) fn may_be_here(turn: &Turn<'_>, session: SessionId) -> Result<(), Denied> {
    let session = turn.state.sessions.get(&session);
    allowed(
        turn,
        session.and_then(|session| turn.state.ban_on_session(session)),
    )
}

/// Refuses who has proven whose account it is, where that is kept out, or whoever comes from there.
pub(crate) fn may_sign_in(
    turn: &Turn<'_>,
    account: AccountId,
    address: IpAddr,
) -> Result<(), Denied> {
    allowed(turn, turn.state.ban_on_account(account, address))
}

/// Refuses to make an account for who is kept out, by what is known of their connection, or would be by the name that they want.
pub(crate) fn may_sign_up(turn: &Turn<'_>, session: SessionId, name: &str) -> Result<(), Denied> {
    let session = turn.state.sessions.get(&session);
    let ban = session.and_then(|session| turn.state.ban_on_newcomer(session, name));
    allowed(turn, ban)
}

fn allowed(turn: &Turn<'_>, ban: Option<&Sanction>) -> Result<(), Denied> {
    match ban {
        Some(ban) => Err(denied(turn, ban, Why::KeptOut, "sanction-kept-out")),
        None => Ok(()),
    }
}

/// Ends the connections of somebody that are kept out now, because of what they go by.
pub(crate) fn uphold(turn: &mut Turn<'_>, user: UserId) {
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    for session in user.sessions.clone() {
        let found = turn.state.sessions.get(&session);
        if let Some(ban) = found.and_then(|found| turn.state.ban_on_session(found)) {
            let terms = Terms::of(turn, ban);
            end(turn, session, &terms);
        }
    }
}

/// Ends a connection that is kept out. The others learn that it was the administration, and why.
pub(super) fn end(turn: &mut Turn<'_>, session: SessionId, terms: &Terms) {
    let variables = terms.variables();
    let told = ("sanction-kept-out", &variables[..]);
    let [reason, ..] = variables;
    departure::end_telling(turn, session, ("closing-banned", &[reason]), told);
}

/// The mute under which somebody is: of the server, or of one of these channels.
fn mute_on(
    state: &State,
    by: UserId,
    rooms: impl IntoIterator<Item = RoomId>,
) -> Option<&Sanction> {
    state.sanction_on(SanctionKind::Mute, rooms, state.users.get(&by)?)
}

/// Refuses who is to be silent on the server, or in a channel, and who is kept out of it. With those who run the server everybody may speak.
pub(crate) fn may_speak(
    turn: &Turn<'_>,
    by: UserId,
    room: Room,
    target: &str,
) -> Result<(), Denied> {
    let channel = match room {
        Room::Channel(channel) => Some(channel),
        Room::Direct(low, high) if [low, high].contains(&UserId::ADMINISTRATION) => return Ok(()),
        Room::Direct(..) => None,
    };
    if let Some(ban) = channel.and_then(|room| ban_outside(turn.state, by, room)) {
        let denied = denied(turn, ban, Why::CannotSpeak, "sanction-kept-out-there");
        return Err(denied.about("channel", target));
    }
    let Some(mute) = mute_on(turn.state, by, channel) else {
        return Ok(());
    };
    let key = match mute.room {
        None => "sanction-silent",
        Some(_) => "sanction-silent-there",
    };
    Err(denied(turn, mute, Why::CannotSpeak, key).about("channel", target))
}

/// Refuses to open a channel under a name that others read to who is to be silent on the server.
pub(crate) fn may_name(turn: &Turn<'_>, by: UserId, channel: &str) -> Result<(), Denied> {
    match mute_on(turn.state, by, None) {
        Some(mute) => {
            let denied = denied(turn, mute, Why::CannotSpeak, "sanction-silent");
            Err(denied.about("channel", channel))
        }
        None => Ok(()),
    }
}

/// What keeps somebody out of a channel that they are not in.
fn ban_outside(state: &State, by: UserId, room: RoomId) -> Option<&Sanction> {
    let user = state.users.get(&by)?;
    if user.channels.contains(&room) {
        return None;
    }
    state.sanction_on(SanctionKind::Ban, Some(room), user)
}

/// Refuses to tell all people something to who is to be silent on the server, whatever their role.
pub(crate) fn may_tell_all(turn: &Turn<'_>, actor: &Actor) -> Result<(), Denied> {
    let person = actor.person(turn.state);
    let Some(mute) = person.and_then(|person| mute_on(turn.state, person, None)) else {
        return Ok(());
    };
    let denied = denied(turn, mute, Why::CannotSpeak, "sanction-silent");
    Err(denied.about("channel", "*"))
}

/// Refuses another nickname to who is to be silent: all their channels would read it.
pub(crate) fn may_be_called(turn: &Turn<'_>, user: &User, nick: &str) -> Result<(), Denied> {
    let rooms = user.channels.iter().copied();
    let Some(mute) = mute_on(turn.state, user.id, rooms) else {
        return Ok(());
    };
    let channel = mute.room.and_then(|room| turn.state.channels().get(&room));
    let (key, name) = match channel {
        None => ("sanction-silent", "*"),
        Some(channel) => ("sanction-silent-in", channel.name.as_str()),
    };
    let denied = denied(turn, mute, Why::NickHeld, key);
    Err(denied.about("nick", nick).about("channel", name))
}

/// Refuses another realname to who is to be silent on the server or in a channel: all their channels would read it.
pub(crate) fn may_have_realname(turn: &Turn<'_>, by: UserId) -> Result<(), Denied> {
    let Some(user) = turn.state.users.get(&by) else {
        return Ok(());
    };
    let rooms = user.channels.iter().copied();
    if let Some(mute) = mute_on(turn.state, by, rooms) {
        let channel = mute.room.and_then(|room| turn.state.channels().get(&room));
        let (key, name) = match channel {
            None => ("sanction-silent", "*"),
            Some(channel) => ("sanction-silent-in", channel.name.as_str()),
        };
        return Err(denied(turn, mute, Why::RealnameHeld, key).about("channel", name));
    }
    match privilege::silenced_in(turn.state, user) {
        Some(channel) => {
            let variables = [("channel", channel.name.as_str())];
            Err(Denied::new(Why::RealnameHeld, "realname-held", &variables))
        }
        None => Ok(()),
    }
}

/// What others may read of the words that somebody puts beside what they do in channels, or on the server where it is in none: nothing
/// while they are to be silent there, or the channel's ban list wants it.
pub(crate) fn readable<'a>(
    state: &State,
    by: UserId,
    rooms: impl IntoIterator<Item = RoomId> + Clone,
    words: &'a str,
) -> &'a str {
    if words.is_empty() || mute_on(state, by, rooms.clone()).is_some() {
        return "";
    }
    let user = state.users.get(&by);
    let mut channels = rooms
        .into_iter()
        .filter_map(|room| state.channels().get(&room));
    let silenced = |channel| user.is_some_and(|user| privilege::is_silenced(state, channel, user));
    if channels.any(silenced) { "" } else { words }
}

/// Whether others may read nothing of what somebody says to all who see them: they are to be silent on the server, or in a channel.
pub(crate) fn is_silent(state: &State, by: UserId) -> bool {
    state.users.get(&by).is_some_and(|user| {
        let rooms = user.channels.iter().copied();
        mute_on(state, by, rooms).is_some() || privilege::silenced_in(state, user).is_some()
    })
}

/// Refuses who is kept out of a channel, whatever they are there.
pub(crate) fn may_enter(turn: &Turn<'_>, user: &User, channel: &Channel) -> Result<(), Denied> {
    let ban = turn
        .state
        .sanction_on(SanctionKind::Ban, Some(channel.id), user);
    match ban {
        Some(ban) => {
            let denied = denied(turn, ban, Why::Banned, "sanction-kept-out-there");
            Err(denied.about("channel", channel.name.as_str()))
        }
        None => Ok(()),
    }
}
