//! Whether somebody is at a connection. Its client may say that nobody is (`AWAY *`): a program that fetches something, or says one thing.
//! Such a connection counts as if it were not there: it lets nobody be present who is not, and uses up nothing that waits for them.
//! <https://ircv3.net/specs/extensions/pre-away>

use crate::actor::Actor;
use crate::id::{AccountId, SessionId};
use crate::person::presence::{appear, came, refresh_away, withdraw};
use crate::person::{mode, nickname};
use crate::record::Fact;
use crate::report::Watched;
use crate::turn::Turn;
use crate::turn::parting::Parting;
use causette_proto::Timestamp;

/// Enters that nobody is at a connection which has come to speak for an account.
pub(super) fn enter(turn: &mut Turn<'_>, session: SessionId, account: AccountId) {
    note(turn, session, account, false, None);
}

/// Nobody is at a connection from now on, as its client says. Where it was the last one at which somebody was, its person goes as if it
/// had ended.
pub(crate) fn leave(turn: &mut Turn<'_>, id: SessionId) {
    let last = turn.state.is_last(id);
    let now = turn.steady();
    let Some(session) = turn.state.sessions.get_mut(&id) else {
        return;
    };
    *turn.mutated = true;
    session.away = None;
    if !session.attended {
        return;
    }
    let Some((user, account)) = session.user.zip(session.account) else {
        let user = session.user;
        turn.state.attend(id, false);
        if let Some(guest) = user {
            refresh_away(turn, guest);
        }
        return;
    };
    let found = turn.state.accounts().get(&account).filter(|_| last);
    let stays = found.is_none_or(|account| account.stays(turn.settings));
    let last_seen = found.map(|account| now.max(Timestamp(account.created.0 + 1)));
    note(turn, id, account, false, last_seen);
    if last {
        let reason = Parting::new("away-nobody", &[]);
        let nick = turn.state.nick_of(user);
        let told = reason.told(turn.settings.language).into();
        turn.watch(Watched::Left { nick, reason: told });
        if !stays {
            return withdraw(turn, &Actor::Session(id), user, &reason);
        }
        nickname::lapse(turn, Some(id), account);
    }
    refresh_away(turn, user);
}

/// Somebody is at a connection again. Where nobody was at any other, its person comes as if it were new; gives back since when they were
/// not there.
pub(super) fn come_back(turn: &mut Turn<'_>, id: SessionId) -> Option<Timestamp> {
    let now = turn.steady();
    let session = turn.state.sessions.get(&id)?;
    if session.attended {
        return None;
    }
    *turn.mutated = true;
    let address = session.peer.address;
    let Some((user, account)) = session.user.zip(session.account) else {
        turn.state.attend(id, true);
        return None;
    };
    let last_seen = turn.state.accounts().get(&account)?.last_seen;
    let found = turn.state.users.get_mut(&user)?;
    let returning = found.is_absent();
    if returning {
        found.signed_on = now;
        found.active = now;
        if !found.present {
            found.away = None;
            let rooms = found.channels.len();
            turn.state.told_in(rooms);
        }
        appear(turn, &Actor::Session(id), user);
    }
    note(turn, id, account, true, None);
    if returning {
        if turn.state.operates(account) {
            mode::hear(turn, user);
        }
        came(turn, user, address);
    }
    Some(last_seen).filter(|_| returning)
}

fn note(
    turn: &mut Turn<'_>,
    session: SessionId,
    account: AccountId,
    attended: bool,
    last_seen: Option<Timestamp>,
) {
    let fact = Fact::SessionAttended {
        session,
        account,
        attended,
        last_seen,
    };
    turn.commit(&Actor::Session(session), fact);
}
