//! Who is there, as those who run the server are told.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::id::SessionId;
use crate::order::Portion;
use crate::report::{PersonReport, Report, SessionReport};
use crate::right::Act;
use crate::state::State;
use crate::state::user::User;
use causette_proto::{AccountName, CompactString};

/// Those with a nickname, in the order of their nicknames.
pub(crate) fn list(state: &State, actor: &Actor, portion: &Portion) -> Result<Report, Denied> {
    actor.must(state, Act::InspectPerson)?;
    let users = state.users.values().map(Box::as_ref);
    let (page, more) = portion.page(state.casemap, users, |user| user.nick.key());
    Ok(Report::People {
        people: page.into_iter().map(|user| of(state, user)).collect(),
        more,
        connected: state
            .users
            .values()
            .filter(|user| !user.is_absent())
            .count(),
        sessions: state.users.values().map(|user| user.sessions.len()).sum(),
        accounts: state.accounts().len(),
    })
}

/// All that there is to tell of somebody.
pub(crate) fn of(state: &State, user: &User) -> PersonReport {
    let rooms = user.channels.iter();
    let rooms = rooms.filter_map(|room| state.channels().get(room));
    let mut rooms: Vec<_> = rooms.map(|channel| &channel.name).collect();
    rooms.sort_unstable_by(|one, other| one.key().cmp(other.key()));
    let account = state.account_name(user).map(AccountName::as_str);
    let sessions = user.sessions.iter();
    PersonReport {
        nick: user.nick.as_str().into(),
        account: account.map(CompactString::new),
        role: state.role_of_user(user),
        away: user.away.clone(),
        rooms: rooms.iter().map(|name| name.as_str().into()).collect(),
        sessions: sessions
            .filter_map(|session| connection(state, user, *session))
            .collect(),
    }
}

fn connection(state: &State, user: &User, session: SessionId) -> Option<SessionReport> {
    let session = state.sessions.get(&session)?;
    let idle = state.clock.steady().seconds() - user.active.seconds();
    Some(SessionReport {
        address: session.peer.address,
        port: session.peer.port,
        transport: session.peer.transport,
        device: session.device.clone(),
        since: session.opened,
        idle: u64::try_from(idle).unwrap_or(0),
    })
}
