//! Taking a nickname.

use crate::account::naming;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::event::What;
use crate::id::{AccountId, Room, SessionId, UserId};
use crate::person::{departure, online};
use crate::reserved;
use crate::right::Act;
use crate::room::{administration, privilege};
use crate::settings::AccountNick;
use crate::state::naming::nick_taken;
use crate::turn::Turn;
use causette_proto::{Casemap, Nick};

/// What became of a nickname that was asked for.
pub(crate) enum Taken {
    /// It is kept until the session's registration is complete.
    Kept,
    /// It is theirs in the lobby, where nobody else sees it.
    InLobby {
        /// What they went by.
        from: Option<Nick>,
        nick: Nick,
    },
    /// It is theirs, and all who see them have been told; or it was theirs already.
    Theirs,
}

/// Takes a nickname.
pub(crate) fn take(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: SessionId,
    wanted: &str,
) -> Result<Taken, Denied> {
    let nick = parse(turn, wanted)?;
    let session = &turn.state.sessions[&id];
    if !session.welcomed {
        // Who is signing in is given the account's nickname in the end; until then any may be asked for.
        keep(turn, id, nick);
        return Ok(Taken::Kept);
    }
    let Some(user) = session.user else {
        // In the lobby nobody else sees the nickname, and signing up takes it for a name.
        naming::may_take(turn, session, &nick)?;
        let from = session.nick.clone();
        keep(turn, id, nick.clone());
        return Ok(Taken::InLobby { from, nick });
    };
    let found = &turn.state.users[&user];
    if found.nick.as_str() == nick.as_str() {
        return Ok(Taken::Theirs);
    }
    naming::may_take(turn, session, &nick)?;
    if let Some(channel) = privilege::silenced_in(turn.state, found) {
        let variables = [("nick", nick.as_str()), ("channel", channel.name.as_str())];
        return Err(Denied::new(Why::NickHeld, "nick-held", &variables));
    }
    enforce::may_be_called(turn, found, nick.as_str())?;
    let what = What::Renamed { nick: nick.clone() };
    rename(turn, user, &nick, |turn, rooms| {
        turn.happen(actor, rooms, user, what);
    });
    enforce::uphold(turn, user);
    Ok(Taken::Theirs)
}

/// Gives somebody another nickname who has not asked for it. They are told, there or not. Gives it back.
pub(crate) fn give(
    turn: &mut Turn<'_>,
    actor: &Actor,
    nick: &str,
    wanted: &str,
) -> Result<Nick, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    let target = turn.state.user_named(nick);
    let target = target.ok_or_else(|| privilege::no_such_nick(nick))?;
    actor.must_reach(turn.state, target)?;
    let (id, account, from) = (target.id, target.account, target.nick.clone());
    let wanted = parse(turn, wanted)?;
    if wanted.as_str() == from.as_str() {
        let variables = [("nick", from.as_str())];
        return Err(Denied::new(Why::AlreadySo, "nick-already", &variables));
    }
    if let Some(key) = nick_taken(turn.state, turn.settings, &wanted, Some(id), account) {
        let variables = [("nick", wanted.as_str())];
        return Err(Denied::new(Why::NickTaken, key, &variables));
    }
    follow(turn, actor, id, wanted.clone());
    let names = [("from", from.as_str()), ("nick", wanted.as_str())];
    administration::tell(turn, actor, id, "nick-given", &names);
    let by = actor.name(turn.state);
    let [from, to] = names;
    turn.tell_acted(actor, "notice-nick-given", &[("by", &by), from, to]);
    enforce::uphold(turn, id);
    Ok(wanted)
}

fn parse(turn: &Turn<'_>, wanted: &str) -> Result<Nick, Denied> {
    let max = turn.settings.limits.nick;
    let casemap = turn.state.casemap;
    if reserved::is_taken(casemap, wanted) {
        let key = if reserved::is_administration(casemap, wanted) {
            "nick-kept"
        } else {
            "nick-reserved"
        };
        return Err(Denied::new(Why::NickTaken, key, &[("nick", wanted)]));
    }
    Nick::parse(wanted, max, casemap).map_err(|_| {
        let variables = [("nick", wanted), ("max", &max.to_string())];
        let key = match casemap {
            Casemap::Ascii => "nick-invalid",
            Casemap::Precis => "nick-invalid-unicode",
        };
        Denied::new(Why::BadNick, key, &variables)
    })
}

fn keep(turn: &mut Turn<'_>, id: SessionId, nick: Nick) {
    *turn.mutated = true;
    if let Some(session) = turn.state.sessions.get_mut(&id) {
        session.nick = Some(nick);
    }
}

/// Lets somebody go by another nickname who has not asked for it: entered as the act of who decided it.
pub(crate) fn follow(turn: &mut Turn<'_>, actor: &Actor, id: UserId, nick: Nick) {
    let what = What::Renamed { nick: nick.clone() };
    rename(turn, id, &nick, |turn, rooms| {
        turn.impose(actor, rooms, id, what);
    });
}

/// Lets somebody go by a nickname because of how they come or go, where it is free and nothing keeps them from leaving the one that
/// they have.
fn settle(turn: &mut Turn<'_>, actor: &Actor, id: UserId, nick: Nick) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    let taken = nick_taken(turn.state, turn.settings, &nick, Some(id), user.account);
    if user.nick.as_str() == nick.as_str()
        || taken.is_some()
        || privilege::silenced_in(turn.state, user).is_some()
        || enforce::may_be_called(turn, user, nick.as_str()).is_err()
    {
        return;
    }
    let what = What::Renamed { nick: nick.clone() };
    rename(turn, id, &nick, |turn, rooms| {
        turn.happen(actor, rooms, id, what);
    });
}

/// The first connection of an account's person comes, which has asked for a nickname or not.
pub(super) fn come(turn: &mut Turn<'_>, session: SessionId, account: AccountId) {
    let user = UserId::from(account);
    if !turn
        .state
        .users
        .get(&user)
        .is_some_and(|user| user.is_absent())
    {
        return;
    }
    let nick = match turn.settings.account_nick {
        AccountNick::Account => own_name(turn, account),
        AccountNick::Client => turn
            .state
            .sessions
            .get(&session)
            .and_then(|found| found.nick.clone()),
    };
    if let Some(nick) = nick {
        settle(turn, &Actor::Session(session), user, nick);
    }
}

/// Nobody speaks for somebody any more who stays: what else than the name of their account they went by has lived as long as their
/// connections.
pub(super) fn lapse(turn: &mut Turn<'_>, session: Option<SessionId>, account: AccountId) {
    let lapses = turn.settings.account_nick == AccountNick::Account;
    if let Some(nick) = own_name(turn, account).filter(|_| lapses) {
        settle(turn, &Actor::from(session), UserId::from(account), nick);
    }
}

fn own_name(turn: &Turn<'_>, account: AccountId) -> Option<Nick> {
    let account = turn.state.accounts().get(&account)?;
    Some(Nick::from(&account.name))
}

/// Goes by another nickname from now on.
fn rename(
    turn: &mut Turn<'_>,
    id: UserId,
    nick: &Nick,
    happen: impl FnOnce(&mut Turn<'_>, Vec<Room>),
) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    let another = user.present && user.nick != *nick;
    let rooms: Vec<Room> = user.channels.iter().copied().map(Room::Channel).collect();
    if another {
        departure::remember(turn, id);
    }
    let mut names = online::names_of(turn.state, id);
    names.push(nick.clone());
    let before = online::before(turn.state, names);
    happen(turn, rooms);
    before.tell(turn);
}
