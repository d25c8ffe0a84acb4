//! Leaving: the end of a session, of its user, and of an account that was given up.

use crate::actor::Actor;
use crate::discipline::{enforce, strike};
use crate::event::{ModeChange, What};
use crate::files::remove;
use crate::fitting::Cut;
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::output::Output;
use crate::person::presence::{refresh_away, refresh_hosts, withdraw};
use crate::person::{mode, nickname, online, stranger};
use crate::record::Fact;
use crate::report::Watched;
use crate::state::list_mask::ListMask;
use crate::state::session::Trace;
use crate::state::whowas::Was;
use crate::turn::parting::Parting;
use crate::turn::{Mark, Turn};
use causette_proto::mode::Change;
use causette_proto::{CompactString, Nick, Timestamp};
use core::net::IpAddr;

/// After a crash, lets those leave who are not there any more: accounts that do not stay without a connection, and the
/// channels that only guests were in.
pub(crate) fn forget_the_gone(turn: &mut Turn<'_>) {
    let reason = Parting::new("closing-failed", &[]);
    let gone = turn.state.users.values().filter(|user| {
        let account = user.account.and_then(|id| turn.state.accounts().get(&id));
        account.is_none_or(|account| !account.stays(turn.settings))
    });
    let mut gone: Vec<UserId> = gone.map(|user| user.id).collect();
    gone.sort_unstable();
    for user in gone {
        quit(turn, None, user, &reason);
    }
    drop_masks(turn, ListMask::names_nobody);
    note_nicks(turn);
    lapse_all(turn);
    let mut rooms: Vec<RoomId> = turn.state.channels().keys().copied().collect();
    rooms.sort_unstable();
    let rooms: Vec<Room> = rooms.into_iter().map(Room::Channel).collect();
    turn.close_empty(&rooms);
}

/// After a start, lets those go by the name of their account again who stay: nobody is connected.
fn lapse_all(turn: &mut Turn<'_>) {
    let users = turn.state.users.values();
    let mut stay: Vec<AccountId> = users.filter_map(|user| user.account).collect();
    stay.sort_unstable();
    for account in stay {
        nickname::lapse(turn, None, account);
    }
}

/// After a start, notes what accounts go by now whose nickname was another's meanwhile.
fn note_nicks(turn: &mut Turn<'_>) {
    let accounts = turn.state.accounts().values();
    let mut moved: Vec<(AccountId, Nick)> = accounts
        .filter_map(|account| {
            let user = turn.state.users.get(&UserId::from(account.id));
            let nick = user.map_or_else(|| Nick::from(&account.name), |user| user.nick.clone());
            (nick.as_str() != account.nick.as_str()).then_some((account.id, nick))
        })
        .collect();
    moved.sort_unstable_by_key(|(account, _)| *account);
    for (account, nick) in moved {
        turn.note_nick(&Actor::Server, account, nick);
    }
}

/// Remembers the nickname that a user gives up.
pub(crate) fn remember(turn: &mut Turn<'_>, user: UserId) {
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let was = Was {
        nick: user.nick.clone(),
        username: user.username.clone(),
        host: user.host.clone(),
        realname: user.realname.clone(),
        account: turn
            .state
            .account_name(user)
            .map(|name| CompactString::new(name.as_str())),
        until: turn.now(),
    };
    turn.state.whowas.add(was, turn.settings.limits.whowas);
}

/// Takes a session away from its user and records that it ended, or counts one that has said nothing. The session's line and closing are the caller's.
pub(crate) fn detach(turn: &mut Turn<'_>, id: SessionId, reason: &Parting) {
    *turn.mutated = true;
    let told = CompactString::from(reason.told(turn.settings.language));
    let Some(session) = turn.state.sessions.get(&id) else {
        return;
    };
    match session.trace {
        Trace::Silent => return stranger::leave(turn, id),
        Trace::Spoken => stranger::enter(turn, id),
        Trace::Recorded => {}
    }
    let Some(session) = turn.state.sessions.get(&id) else {
        return;
    };
    let (user, account) = (session.user, session.account);
    let (address, silence) = (session.peer.address, session.silence);
    let gone = mode::take_back(turn, id);
    if let Some(user) = user {
        mode::tell_others(turn, (user, id), false, gone);
    }
    let last = turn.state.is_last(id);
    // What came after the session's last sign of life may not have reached anybody.
    let alive = turn.steady().plus_seconds(-i64::from(silence));
    let last_seen = account
        .and_then(|id| turn.state.accounts().get(&id))
        .filter(|_| last)
        .map(|account| alive.max(Timestamp(account.created.0 + 1)));
    turn.commit(
        &Actor::Session(id),
        Fact::SessionClosed {
            session: id,
            address,
            account,
            last_seen,
            reason: told.clone(),
        },
    );
    let Some(user) = user else {
        return;
    };
    refresh_hosts(turn, user);
    if last && let Some(user) = turn.state.users.get(&user) {
        let nick = user.nick.clone();
        turn.watch(Watched::Left {
            nick: nick.as_str().into(),
            reason: told,
        });
    }
    let found = account.and_then(|account| turn.state.accounts().get(&account));
    let stays = found.is_some_and(|account| account.stays(turn.settings));
    let found = turn.state.users.get(&user);
    if !stays && found.is_some_and(|user| user.sessions.is_empty()) {
        quit(turn, Some(id), user, reason);
    } else if !stays && last {
        withdraw(turn, &Actor::Session(id), user, reason);
    } else {
        if let Some(account) = account.filter(|_| last) {
            nickname::lapse(turn, Some(id), account);
        }
        refresh_away(turn, user);
    }
    // Who was an operator by this connection alone is none any more.
    turn.clear_administration_room();
    if let Some(account) = account {
        drop_account(turn, account, address);
    }
}

/// Lets an account go whose owner gave it up, once its last session has ended. The owner does it, from where that session came:
/// the session itself is no more.
fn drop_account(turn: &mut Turn<'_>, id: AccountId, address: IpAddr) {
    let account = turn.state.accounts().get(&id);
    if !account.is_some_and(|account| account.dropping && account.sessions == 0) {
        return;
    }
    let owner = Actor::Account {
        account: id,
        token: None,
        address,
    };
    let_go(turn, &owner, id, "");
}

/// Lets an account go that nobody is connected to: its channels have no owner any more, and lists no masks that mean it. The mark
/// is that of its end.
pub(crate) fn let_go(turn: &mut Turn<'_>, actor: &Actor, id: AccountId, reason: &str) -> Mark {
    let channels = turn.state.channels().values();
    let mut founded: Vec<RoomId> = channels
        .filter(|channel| channel.founder == Some(id))
        .map(|channel| channel.id)
        .collect();
    founded.sort_unstable();
    for room in &founded {
        turn.commit(actor, Fact::RoomUnregistered { room: *room });
    }
    drop_masks(turn, |mask| mask.account() == Some(id));
    let founded: Vec<Room> = founded.into_iter().map(Room::Channel).collect();
    turn.close_empty(&founded);
    let contents = remove::contents_of(turn, id);
    let mark = turn.commit(
        actor,
        Fact::AccountDropped {
            account: id,
            reason: reason.into(),
        },
    );
    remove::unused(turn, contents);
    mark
}

/// Takes masks off the lists of all channels, for all to see.
pub(crate) fn drop_masks(turn: &mut Turn<'_>, which: impl Fn(&ListMask) -> bool) {
    let channels = turn.state.channels().values();
    let mut dropped: Vec<(RoomId, CompactString, Vec<ModeChange>)> = channels
        .filter_map(|channel| {
            let masks = channel.masks.iter().filter(|entry| which(&entry.mask));
            let changes: Vec<ModeChange> = masks
                .map(|entry| ModeChange {
                    change: Change {
                        add: false,
                        mode: entry.mode,
                        arg: Some(entry.mask.as_str().into()),
                    },
                    member: None,
                })
                .collect();
            let after = channel.modes.text(true);
            (!changes.is_empty()).then_some((channel.id, after, changes))
        })
        .collect();
    dropped.sort_unstable_by_key(|(room, ..)| *room);
    for (room, after, changes) in dropped {
        // One by one: however long the masks are, each fits on a line.
        for change in changes {
            let what = What::Mode {
                changes: vec![change],
                after: after.clone(),
            };
            turn.happen(
                &Actor::Server,
                vec![Room::Channel(room)],
                UserId::SERVER,
                what,
            );
        }
    }
}

/// An account that nobody speaks for any more, and that does not stay, goes by its own name again: what else it went by may be
/// another's when it returns.
fn lapse(turn: &mut Turn<'_>, session: Option<SessionId>, id: AccountId) {
    let account = turn.state.accounts().get(&id);
    let Some(account) = account.filter(|account| !account.dropping) else {
        return;
    };
    if account.nick.as_str() != account.name.as_str() {
        let nick = Nick::from(&account.name);
        turn.note_nick(&Actor::from(session), id, nick);
    }
}

/// Ends a session; one whose command is being handled, behind what that answers. Why, each reads in their own language.
pub(crate) fn end_with(
    turn: &mut Turn<'_>,
    session: SessionId,
    key: &'static str,
    variables: &[(&str, &str)],
) {
    end_telling(turn, session, (key, variables), (key, variables));
}

/// Ends a session that goes by itself, and gives back what of its reason fits on the lines that show it. The word before the reason keeps
/// anyone from passing theirs off as the server's.
pub(crate) fn take_leave(turn: &mut Turn<'_>, session: SessionId, reason: &str) -> Cut {
    let user = turn
        .state
        .sessions
        .get(&session)
        .and_then(|session| session.user);
    let user = user.and_then(|user| turn.state.users.get(&user));
    let reason = user.map_or(reason, |user| {
        let rooms = user.channels.iter().copied();
        enforce::readable(turn.state, user.id, rooms, reason)
    });
    let reason = strike::reason_of_quit(turn, &Actor::Session(session), reason);
    let cut = Cut::of(reason, turn.settings.kick_bytes());
    match cut.kept.as_str() {
        "" => end_with(turn, session, "quit", &[]),
        reason => end_with(turn, session, "quit-reason", &[("reason", reason)]),
    }
    cut
}

/// The same, where who leaves is told more than the others.
pub(crate) fn end_telling(
    turn: &mut Turn<'_>,
    session: SessionId,
    (key, variables): (&'static str, &[(&str, &str)]),
    (own_key, own_variables): (&str, &[(&str, &str)]),
) {
    if !turn.state.sessions.contains_key(&session) {
        return;
    }
    let told = turn.words_for(session, own_key, own_variables);
    let reason = Parting::new(key, variables);
    if turn.own.is_of(session) {
        return turn.own.close(reason, &told);
    }
    turn.say_last(session, &told);
    leave(turn, session, &reason);
}

/// Lets a session go that has been told why.
pub(crate) fn leave(turn: &mut Turn<'_>, session: SessionId, reason: &Parting) {
    detach(turn, session, reason);
    turn.out.push(Output::Close { session });
}

/// Removes a user from everywhere.
pub(crate) fn quit(
    turn: &mut Turn<'_>,
    session: Option<SessionId>,
    user: UserId,
    reason: &Parting,
) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let account = found.account;
    let rooms: Vec<Room> = found.channels.iter().copied().map(Room::Channel).collect();
    let before = online::before(turn.state, online::names_of(turn.state, user));
    if !rooms.is_empty() {
        let quit = |reason| What::Quit { reason };
        turn.part_with(&Actor::from(session), None, (rooms, user), reason, quit);
    }
    let is_seen = turn.state.users.get(&user).is_some_and(|user| user.present);
    if is_seen {
        remember(turn, user);
    }
    turn.state.remove_user(user);
    before.tell(turn);
    if let Some(account) = account {
        lapse(turn, session, account);
    }
}
