//! Coming and going: the welcome, what a session sees of its user's channels, and what others see of it.

use crate::actor::Actor;
use crate::commands;
use crate::event::{Prefixes, What};
use crate::history::{Query, Read, View};
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::limits;
use crate::line::{Line, Meta};
use crate::modes::Letters;
use crate::output::Output;
use crate::person::replay::replay;
use crate::person::{departure, greeting};
use crate::record::Fact;
use crate::reply::Ctx;
use crate::room::privilege;
use crate::state::account::Setting;
use crate::state::channel::ChannelModes;
use crate::state::user::User;
use crate::state::waiting::Then;
use crate::turn::Turn;
use causette_proto::numeric::RPL_VISIBLEHOST;
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Nick, Timestamp};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Makes a channel, still without members.
pub(crate) fn open_channel(
    turn: &mut Turn<'_>,
    session: Option<SessionId>,
    name: ChannelName,
    permanent: bool,
) -> RoomId {
    let room = RoomId(turn.state.next_id());
    turn.commit(
        &Actor::from(session),
        Fact::RoomOpened {
            room,
            name,
            permanent,
            modes: ChannelModes::initial().text(true),
        },
    );
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
    let host = session.peer.cloak.clone();
    let mut user = User::new(
        UserId::from(id),
        None,
        nick,
        host,
        ctx.turn.state.casemap,
        now,
    );
    user.sessions.push(id);
    user.realname = realname;
    user.modes = Letters::of(&ctx.turn.settings.default_user_modes);
    if let Some(username) = username {
        user.username = username;
        user.refresh_source();
    }
    let user = ctx.turn.state.add_user(user);
    refresh_hosts(&mut ctx.turn, user);
    came_online(&mut ctx.turn, user);
    show_host(ctx);
    land(ctx, user, None);
}

/// The user of an account, made where it has none.
fn account_user(turn: &mut Turn<'_>, account: AccountId) -> UserId {
    let user = UserId::from(account);
    if turn.state.users.contains_key(&user) {
        return user;
    }
    *turn.mutated = true;
    let settings = turn.settings;
    turn.state.add_account_user(account, settings);
    let nick = turn.state.users[&user].nick.clone();
    let kept = turn.state.accounts().get(&account);
    if kept.is_some_and(|kept| kept.nick.as_str() != nick.as_str()) {
        turn.note_nick(&Actor::Server, account, nick);
    }
    user
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
        .accounts()
        .get(&account)
        .is_some_and(crate::state::account::Account::is_fresh);
    let found = ctx.turn.state.accounts().get(&account);
    let stays = found.is_some_and(|account| account.stays(ctx.turn.settings));
    let kept_realname = found.is_some_and(|account| account.setting(Setting::Realname).is_some());
    let Some(user) = ctx.turn.state.users.get_mut(&user_id) else {
        return;
    };
    let returning = user.is_absent();
    let lands = fresh || (returning && user.channels.is_empty() && !stays);
    if returning {
        user.signed_on = now;
        user.active = now;
    }
    if !realname.is_empty() && !kept_realname {
        user.realname = realname;
    }
    user.sessions.push(id);
    let nick = user.nick.clone();
    let session = ctx.session_mut();
    session.user = Some(user_id);
    session.away = None;
    ctx.turn.state.forget_audiences(user_id);
    ctx.turn.state.recount(user_id);
    refresh_hosts(&mut ctx.turn, user_id);
    if shown_nick != nick.as_str() {
        let source = old_source
            .unwrap_or_else(|| CompactString::from(format!("{shown_nick}!{shown_nick}@causette")));
        ctx.line_from(format!(":{source} NICK {nick}"));
    }
    show_host(ctx);
    if returning {
        came_online(&mut ctx.turn, user_id);
    }
    refresh_away(&mut ctx.turn, user_id);
    let missed_since = ctx
        .turn
        .state
        .accounts()
        .get(&account)
        .map(|account| account.last_seen)
        .filter(|_| returning && !fresh);
    if lands && ctx.turn.state.users[&user_id].channels.is_empty() {
        return land(ctx, user_id, missed_since);
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
        .filter(|user| *user == UserId::from(ctx.id))?;
    let found = ctx.turn.state.users.get(&user)?;
    let source = found.source.clone();
    let channels = found
        .channels
        .iter()
        .filter_map(|room| ctx.turn.state.channels().get(room));
    let names: Vec<ChannelName> = channels.map(|channel| channel.name.clone()).collect();
    for name in names {
        ctx.line_from(format!(":{source} PART {name}"));
    }
    let reason = causette_text::text(ctx.turn.settings.language, "quit-signed-in");
    departure::quit(&mut ctx.turn, Some(ctx.id), user, &reason);
    ctx.session_mut().user = None;
    Some(source)
}

/// Joins the channels that everyone lands in.
fn land(ctx: &mut Ctx<'_>, user: UserId, missed_since: Option<Timestamp>) {
    let mut rooms = Vec::new();
    for name in ctx.turn.settings.auto_join.clone() {
        let room = match ctx.turn.state.channel_of(&name) {
            Some(channel) => channel.id,
            None => open_channel(&mut ctx.turn, None, name, true),
        };
        // Whoever was banned from the common room is not brought back by reconnecting.
        let open = privilege::may_enter(
            ctx.turn.state,
            ctx.user(),
            &ctx.turn.state.channels()[&room],
            "",
        )
        .is_ok();
        if open {
            enter(ctx, user, room, Prefixes::NONE);
            rooms.push(room);
        }
    }
    replay(ctx, &rooms, missed_since);
}

/// Puts a user into a channel, all checks done, and shows their session the channel. They get the prefixes of their lasting
/// rights there, and `grant`.
pub(crate) fn enter(ctx: &mut Ctx<'_>, user: UserId, room: RoomId, grant: Prefixes) {
    let grant = grant.union(lasting_prefixes(&ctx.turn, user, room));
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
    // Its person's other clients are in it from now on too.
    let id = ctx.id;
    let sessions = ctx.user().sessions.clone();
    for other in sessions.into_iter().filter(|session| *session != id) {
        let mut ctx = Ctx::new(ctx.turn.reborrow(), other, None);
        show_channel(&mut ctx, room);
        ctx.conclude();
    }
    show_channel(ctx, room);
}

/// Shows a session a channel that its user was already in.
fn show_joined(ctx: &mut Ctx<'_>, room: RoomId) {
    let (Some(channel), user) = (ctx.turn.state.channels().get(&room), ctx.user()) else {
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

/// The prefixes that someone's lasting rights give them in a channel.
pub(crate) fn lasting_prefixes(turn: &Turn<'_>, user: UserId, room: RoomId) -> Prefixes {
    let account = turn.state.users.get(&user).and_then(|user| user.account);
    let (Some(account), Some(channel)) = (account, turn.state.channels().get(&room)) else {
        return Prefixes::NONE;
    };
    let access = channel.access.get(&account).copied().unwrap_or_default();
    if channel.founder == Some(account) {
        access.union(Prefixes::of('q'))
    } else {
        access
    }
}

/// The topic, the read marker and the names of a channel, as after JOIN.
fn show_channel(ctx: &mut Ctx<'_>, room: RoomId) {
    commands::topic::show(ctx, room, false);
    if ctx.has(Capability::ReadMarker) {
        commands::markread::show(ctx, Room::Channel(room));
    }
    let names = [
        Capability::NoImplicitNames,
        Capability::DraftNoImplicitNames,
        Capability::SojuNoImplicitNames,
    ];
    if !names.into_iter().any(|capability| ctx.has(capability)) {
        commands::names::show(ctx, room);
    }
}

/// Tells a session the host that others see. <https://defs.ircdocs.horse/defs/numerics#rpl-visiblehost-396>
fn show_host(ctx: &mut Ctx<'_>) {
    let host = ctx.user().host.clone();
    let text = ctx.text("visible-host");
    ctx.numeric(RPL_VISIBLEHOST, &[&host], &text);
}

/// Notes from where a user's sessions come: bans cover these addresses too.
pub(crate) fn refresh_hosts(turn: &mut Turn<'_>, user: UserId) {
    let state = &mut *turn.state;
    let Some(user) = state.users.get_mut(&user) else {
        return;
    };
    let peers = user
        .sessions
        .iter()
        .filter_map(|session| state.sessions.get(session))
        .map(|session| &session.peer);
    let mut hosts: Vec<CompactString> = peers
        .flat_map(|peer| [peer.cloak.clone(), peer.address.to_string().into()])
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    user.hidden_hosts = hosts;
}

/// Tells those who monitor a nickname that its user is online.
fn came_online(turn: &mut Turn<'_>, user: UserId) {
    if let Some(user) = turn.state.users.get(&user) {
        let (nick, source) = (user.nick.clone(), user.source.clone());
        turn.tell_monitors(&nick, Some(&source));
    }
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

/// Tells something to the other sessions of the session's user that know a capability.
pub(crate) fn tell_own(ctx: &mut Ctx<'_>, body: String, needs: Capability) {
    let id = ctx.id;
    let others = ctx.user().sessions.iter().copied();
    let others = others.filter(|session| *session != id).collect();
    let meta = Meta {
        time: ctx.turn.now(),
        ..Meta::default()
    };
    let line = Arc::new(Line::new(meta, body));
    ctx.turn.deliver(line, others, Capabilities::of(&[needs]));
}

/// Finds out whether a user is away now, and tells those who see them when that has changed: they are when every session
/// said so, for the reason that was given last, and when there is no session.
/// <https://ircv3.net/specs/extensions/away-notify>
pub(crate) fn refresh_away(turn: &mut Turn<'_>, id: UserId) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    let said: Option<Vec<_>> = user
        .sessions
        .iter()
        .filter_map(|session| turn.state.sessions.get(session))
        .map(|session| session.away.as_ref())
        .collect();
    let away = if user.is_absent() {
        let text = causette_text::text(turn.settings.language, "away-disconnected");
        Some(CompactString::from(text))
    } else {
        let last = said.and_then(|said| said.into_iter().max());
        last.map(|(_, text)| text.clone())
    };
    if away == user.away {
        return;
    }
    *turn.mutated = true;
    let body = match &away {
        Some(reason) => format!(":{} AWAY :{reason}", user.source),
        None => format!(":{} AWAY", user.source),
    };
    announce(turn, id, body, Capability::AwayNotify);
    if let Some(user) = turn.state.users.get_mut(&id) {
        user.away = away;
    }
}

/// Tells something about a user to those who see them in a channel, and to those who monitor them with `extended-monitor`;
/// in both cases only who knows the capability. The user's own sessions are not told.
/// <https://ircv3.net/specs/extensions/extended-monitor>
pub(crate) fn announce(turn: &mut Turn<'_>, user: UserId, body: String, needs: Capability) {
    let peers = turn.state.peers(user);
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let watching = turn.state.monitors.of(&user.nick).iter().copied();
    let told: FxHashSet<SessionId> = peers.iter().chain(&user.sessions).copied().collect();
    let watching: Vec<SessionId> = watching.filter(|session| !told.contains(session)).collect();
    let meta = Meta {
        time: turn.now(),
        ..Meta::default()
    };
    let line = Arc::new(Line::new(meta, body));
    turn.deliver(Arc::clone(&line), peers, Capabilities::of(&[needs]));
    turn.deliver(
        line,
        watching,
        Capabilities::of(&[needs, Capability::ExtendedMonitor]),
    );
}

/// Takes another nickname, all checks done.
pub(crate) fn rename(ctx: &mut Ctx<'_>, nick: Nick) {
    let user = ctx.user();
    let id = user.id;
    let old = user.nick.clone();
    let rooms: Vec<Room> = user.channels.iter().copied().map(Room::Channel).collect();
    let another = old != nick;
    if another {
        departure::remember(&mut ctx.turn, id);
    }
    ctx.happen(rooms, id, What::Renamed { nick });
    // Whoever changes their nickname is here.
    if another {
        ctx.turn.tell_monitors(&old, None);
        came_online(&mut ctx.turn, id);
    }
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
    let account = ctx.turn.state.accounts().get(&account);
    account.is_none_or(|account| account.sessions < limits::SESSIONS_PER_USER)
}
