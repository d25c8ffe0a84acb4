//! Where sanctions are held up. Each look is cheap while there are none.

use super::terms::{Terms, denied};
use crate::denied::{Denied, Why};
use crate::id::{AccountId, Room, SessionId, UserId};
use crate::person::departure;
use crate::sanction::SanctionKind;
use crate::state::channel::Channel;
use crate::state::user::User;
use crate::turn::Turn;
use core::net::IpAddr;

/// Refuses a connection that is kept out, by what is known of it so far.
pub(crate) fn may_be_here(turn: &Turn<'_>, session: SessionId) -> Result<(), Denied> {
    let session = turn.state.sessions.get(&session);
    match session.and_then(|session| turn.state.ban_on_session(session)) {
        Some(ban) => Err(denied(turn, ban, Why::KeptOut, "sanction-kept-out")),
        None => Ok(()),
    }
}

/// Refuses who has proven whose account it is, where that is kept out, or whoever comes from there.
pub(crate) fn may_sign_in(
    turn: &Turn<'_>,
    account: AccountId,
    address: IpAddr,
) -> Result<(), Denied> {
    match turn.state.ban_on_account(account, address) {
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

/// Refuses who is to be silent on the server, or in a channel. With those who run the server everybody may speak.
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
    let user = turn.state.users.get(&by);
    let mute = user.and_then(|user| turn.state.sanction_on(SanctionKind::Mute, channel, user));
    let Some(mute) = mute else { return Ok(()) };
    let key = match mute.room {
        None => "sanction-silent",
        Some(_) => "sanction-silent-there",
    };
    Err(denied(turn, mute, Why::CannotSpeak, key).about("channel", target))
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
