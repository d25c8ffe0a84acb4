//! Coming and going: the welcome, what a session sees of its user's channels, and what others see of it.

use crate::channel::{Channel, ChannelModes};
use crate::event::{Prefixes, What};
use crate::history::{Query, Read, ReplayQuery, ReplayedChannel, View};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::limits;
use crate::line::{Line, Meta};
use crate::output::Output;
use crate::record::Fact;
use crate::reply::Ctx;
use crate::session::Then;
use crate::turn::Turn;
use crate::user::User;
use crate::{commands, greeting};
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Nick, Timestamp};
use std::sync::Arc;

/// Opens the channels of `auto_join` that do not exist yet.
pub(crate) fn open_permanent_channels(turn: &mut Turn<'_>) {
    for name in turn.settings.auto_join.clone() {
        if turn.state.channel_of(&name).is_none() {
            open_channel(turn, None, name, true);
        }
    }
}

/// After a crash, lets those leave who are not there any more: accounts that do not stay without a connection, and the
/// channels that only guests were in.
pub(crate) fn forget_the_gone(turn: &mut Turn<'_>) {
    if !turn.settings.always_on {
        let reason = crate::text::text(turn.settings.language, "closing-failed");
        let mut users: Vec<UserId> = turn.state.users.keys().copied().collect();
        users.sort_unstable();
        for user in users {
            quit(turn, None, user, &reason);
        }
    }
    let mut rooms: Vec<RoomId> = turn.state.channels.keys().copied().collect();
    rooms.sort_unstable();
    let rooms: Vec<Room> = rooms.into_iter().map(Room::Channel).collect();
    turn.close_empty(&rooms);
}

/// Makes a channel, still without members.
pub(crate) fn open_channel(
    turn: &mut Turn<'_>,
    session: Option<SessionId>,
    name: ChannelName,
    permanent: bool,
) -> RoomId {
    let room = RoomId(turn.state.next_id());
    let modes = ChannelModes::initial();
    turn.record(
        session,
        Fact::RoomOpened {
            room,
            name: name.clone(),
            permanent,
            modes: modes.text(true),
        },
    );
    turn.state
        .add_channel(Channel::new(room, name, permanent, modes, turn.now()));
    room
}

/// Welcomes a session whose registration is complete, and lets it in where it has an account or needs none.
pub(crate) fn welcome(ctx: &mut Ctx<'_>) {
    let session = ctx.session_mut();
    session.welcomed = true;
    let account = session.account;
    if let Some(account) = account {
        // The account's user decides the nickname; it is known before the first numeric that bears it.
        let user = account_user(&mut ctx.turn, account);
        let nick = ctx.turn.state.users[&user].nick.clone();
        ctx.session_mut().nick = Some(nick);
    }
    greeting::greet(ctx);
    match account {
        Some(account) => attach(ctx, account),
        None if ctx.turn.settings.accounts_required => greeting::explain_sign_in(ctx),
        None => arrive_as_guest(ctx),
    }
}

fn arrive_as_guest(ctx: &mut Ctx<'_>) {
    let now = ctx.turn.now();
    let id = ctx.id;
    let session = ctx.session_mut();
    let Some(nick) = session.nick.clone() else {
        return;
    };
    let (username, realname) = (session.username.clone(), session.realname.clone());
    session.user = Some(UserId::from(id));
    let host = CompactString::from(format!("guest/{:08x}", id.0 & 0xffff_ffff));
    let mut user = User::new(UserId::from(id), None, nick, host, now);
    user.sessions.push(id);
    user.realname = realname;
    if let Some(username) = username {
        user.username = username;
        user.refresh_source();
    }
    let user = ctx.turn.state.add_user(user);
    land(ctx, user);
}

/// The user of an account, made where it has none.
fn account_user(turn: &mut Turn<'_>, account: AccountId) -> UserId {
    let user = UserId::from(account);
    if turn.state.users.contains_key(&user) {
        return user;
    }
    *turn.mutated = true;
    turn.state.add_account_user(account)
}

/// Lets a welcomed session speak for its account's user. A guest that it was leaves first.
pub(crate) fn attach(ctx: &mut Ctx<'_>, account: AccountId) {
    let id = ctx.id;
    let shown_nick = ctx.nick();
    let old_source = guest_leaves(ctx);
    let user_id = account_user(&mut ctx.turn, account);
    let realname = ctx.session().realname.clone();
    let now = ctx.turn.now();
    let fresh = ctx
        .turn
        .state
        .accounts
        .get(&account)
        .is_some_and(crate::account::Account::is_fresh);
    let Some(user) = ctx.turn.state.users.get_mut(&user_id) else {
        return;
    };
    let returning = user.is_away();
    let lands = fresh || (returning && user.channels.is_empty() && !ctx.turn.settings.always_on);
    if returning {
        user.signed_on = now;
        user.active = now;
    }
    if !realname.is_empty() {
        user.realname = realname;
    }
    user.sessions.push(id);
    let nick = user.nick.clone();
    ctx.session_mut().user = Some(user_id);
    ctx.turn.state.forget_audiences(user_id);
    if shown_nick != nick.as_str() {
        let source = old_source
            .unwrap_or_else(|| CompactString::from(format!("{shown_nick}!{shown_nick}@causette")));
        ctx.line_from(format!(":{source} NICK {nick}"));
    }
    if returning {
        tell_away(&mut ctx.turn, user_id, None);
    }
    let missed_since = ctx
        .turn
        .state
        .accounts
        .get(&account)
        .map(|account| account.last_seen)
        .filter(|_| returning && !fresh);
    if lands && ctx.turn.state.users[&user_id].channels.is_empty() {
        return land(ctx, user_id);
    }
    let rooms: Vec<RoomId> = ctx.turn.state.users[&user_id]
        .channels
        .iter()
        .copied()
        .collect();
    for room in &rooms {
        show_joined(ctx, *room);
    }
    replay(ctx, &rooms, missed_since);
}

/// A guest that signs in leaves as a guest, and its client is told what it is no longer in; gives its source back.
fn guest_leaves(ctx: &mut Ctx<'_>) -> Option<CompactString> {
    let user = ctx
        .session()
        .user
        .filter(|user| crate::core::is_guest(*user, ctx.id))?;
    let found = ctx.turn.state.users.get(&user)?;
    let source = found.source.clone();
    let channels = found
        .channels
        .iter()
        .filter_map(|room| ctx.turn.state.channels.get(room));
    let names: Vec<ChannelName> = channels.map(|channel| channel.name.clone()).collect();
    for name in names {
        ctx.line_from(format!(":{source} PART {name}"));
    }
    let reason = ctx.text("quit-signed-in");
    quit(&mut ctx.turn, Some(ctx.id), user, &reason);
    ctx.session_mut().user = None;
    Some(source)
}

/// Joins the channels that everyone lands in.
fn land(ctx: &mut Ctx<'_>, user: UserId) {
    let mut rooms = Vec::new();
    for name in ctx.turn.settings.auto_join.clone() {
        let room = match ctx.turn.state.channel_of(&name) {
            Some(channel) => channel.id,
            None => open_channel(&mut ctx.turn, None, name, true),
        };
        // Whoever was banned from the common room is not brought back by reconnecting.
        let open = commands::join::may_enter(ctx, &ctx.turn.state.channels[&room], "").is_ok();
        if open {
            enter(ctx, user, room, Prefixes::default());
            rooms.push(room);
        }
    }
    replay(ctx, &rooms, None);
}

/// Puts a user into a channel, all checks done, and shows their session the channel.
pub(crate) fn enter(ctx: &mut Ctx<'_>, user: UserId, room: RoomId, grant: Prefixes) {
    let realname = ctx
        .turn
        .state
        .users
        .get(&user)
        .map(|user| user.realname.clone())
        .unwrap_or_default();
    ctx.happen(
        vec![Room::Channel(room)],
        user,
        What::Joined { realname, grant },
    );
    show_channel(ctx, room);
}

/// Shows a session a channel that its user was already in.
fn show_joined(ctx: &mut Ctx<'_>, room: RoomId) {
    let (Some(channel), user) = (ctx.turn.state.channels.get(&room), ctx.user()) else {
        return;
    };
    let (source, name) = (user.source.clone(), channel.name.clone());
    if ctx.has(Capability::ExtendedJoin) {
        let user = ctx.user();
        let account = ctx
            .turn
            .state
            .account_name(user)
            .map_or("*", |name| name.as_str())
            .to_owned();
        let realname = user.realname.clone();
        ctx.line_from(format!(":{source} JOIN {name} {account} :{realname}"));
    } else {
        ctx.line_from(format!(":{source} JOIN {name}"));
    }
    show_channel(ctx, room);
}

/// The topic and the names of a channel, as after JOIN.
fn show_channel(ctx: &mut Ctx<'_>, room: RoomId) {
    commands::topic::show(ctx, room, false);
    commands::names::show(ctx, room);
}

/// Replays recent lines to a client that will not ask for them.
pub(crate) fn replay(ctx: &mut Ctx<'_>, rooms: &[RoomId], direct_since: Option<Timestamp>) {
    let limit = ctx.turn.settings.replay_on_join;
    if limit == 0 || ctx.has(Capability::Chathistory) {
        return;
    }
    let channels = rooms
        .iter()
        .filter_map(|room| ctx.turn.state.channels.get(room));
    let channels: Vec<_> = channels
        .map(|channel| ReplayedChannel {
            room: channel.id,
            name: CompactString::new(channel.name.as_str()),
            since: None,
            acl_version: channel.acl_version,
        })
        .collect();
    if channels.is_empty() && direct_since.is_none() {
        return;
    }
    let before = ctx.turn.now();
    let query = Query::Replay(ReplayQuery {
        channels,
        direct_since,
        before,
        limit,
    });
    read(ctx, query, Then::Replay);
}

/// Asks for a page; the session waits for it.
pub(crate) fn read(ctx: &mut Ctx<'_>, query: Query, then: Then) {
    let label = if matches!(then, Then::Page { .. }) {
        ctx.defer()
    } else {
        None
    };
    let reference = ctx.session_mut().next_batch();
    let view = View {
        user: ctx.user().id,
        nick: ctx.nick(),
        enabled: ctx.session().enabled,
        now: ctx.turn.now(),
        reference,
        server: ctx.turn.settings.server.clone(),
    };
    let read = Read {
        session: ctx.id,
        view,
        label,
        query,
    };
    ctx.read(read, then);
}

/// Takes a session away from its user and records that it ended. The session's line and closing are the caller's.
pub(crate) fn detach(turn: &mut Turn<'_>, id: SessionId, reason: &str) {
    *turn.mutated = true;
    let Some(session) = turn.state.sessions.remove(&id) else {
        return;
    };
    if let Some(account) = session
        .account
        .and_then(|id| turn.state.accounts.get_mut(&id))
    {
        account.sessions = account.sessions.saturating_sub(1);
    }
    let user = session.user;
    if let Some(user) = user {
        turn.state.forget_audiences(user);
        if let Some(user) = turn.state.users.get_mut(&user) {
            user.sessions.retain(|session| *session != id);
        }
    }
    let last = user
        .and_then(|user| turn.state.users.get(&user))
        .is_some_and(|user| user.is_away());
    // What came after the session's last sign of life may not have reached anybody.
    let alive = turn.now().plus_seconds(-i64::from(session.silence));
    let mut last_seen = None;
    if last
        && let Some(account) = session
            .account
            .and_then(|id| turn.state.accounts.get_mut(&id))
    {
        account.last_seen = alive.max(Timestamp(account.created.0 + 1));
        last_seen = Some(account.last_seen);
    }
    turn.record(
        Some(id),
        Fact::SessionClosed {
            session: id,
            account: session.account,
            last_seen,
            reason: reason.into(),
        },
    );
    let Some(user) = user.filter(|_| last) else {
        return;
    };
    if session.account.is_some() && turn.settings.always_on {
        let text = crate::text::text(turn.settings.language, "away-disconnected");
        tell_away(turn, user, Some(&text));
    } else {
        quit(turn, Some(id), user, reason);
    }
}

/// Removes a user from everywhere.
fn quit(turn: &mut Turn<'_>, session: Option<SessionId>, user: UserId, reason: &str) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let rooms: Vec<Room> = found.channels.iter().copied().map(Room::Channel).collect();
    if !rooms.is_empty() {
        turn.happen(
            session,
            rooms,
            user,
            What::Quit {
                reason: reason.into(),
            },
        );
    }
    if let Some(user) = turn.state.users.remove(&user) {
        turn.state.nicks.remove(user.nick.key());
    }
}

/// Tells those who share a channel that someone is absent, or back.
/// <https://ircv3.net/specs/extensions/away-notify>
fn tell_away(turn: &mut Turn<'_>, user: UserId, reason: Option<&str>) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let body = match reason {
        Some(reason) => format!(":{} AWAY :{reason}", found.source),
        None => format!(":{} AWAY", found.source),
    };
    let to = turn.state.peers(user);
    let line = Line::new(
        Meta {
            time: turn.now(),
            ..Meta::default()
        },
        body,
    );
    turn.deliver(
        Arc::new(line),
        to,
        Capabilities::of(&[Capability::AwayNotify]),
    );
}

/// Takes another nickname, all checks done.
pub(crate) fn rename(ctx: &mut Ctx<'_>, nick: Nick) {
    let user = ctx.user();
    let id = user.id;
    let rooms: Vec<Room> = user.channels.iter().copied().map(Room::Channel).collect();
    ctx.happen(rooms, id, What::Renamed { nick });
}

impl Ctx<'_> {
    /// Emits a read behind this input's bundle and holds the session until it is answered.
    fn read(&mut self, read: Read, then: Then) {
        self.after(Output::Read(Box::new(read)));
        self.hold(then);
    }
}

/// Whether one more session may sign in to an account.
pub(crate) fn has_room(ctx: &Ctx<'_>, account: AccountId) -> bool {
    let account = ctx.turn.state.accounts.get(&account);
    account.is_none_or(|account| account.sessions < limits::SESSIONS_PER_USER)
}
