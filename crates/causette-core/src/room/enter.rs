//! Entering channels, and making those that do not exist.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::event::{Prefixes, What};
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::person::presence;
use crate::record::Fact;
use crate::room::{access, administration_room, privilege, rank};
use crate::state::State;
use crate::state::channel::ChannelModes;
use crate::turn::Turn;
use causette_proto::ChannelName;

/// What became of somebody who wanted to enter a channel.
pub(crate) enum Entered {
    /// They are in it.
    In(RoomId),
    /// They were in it already.
    Already,
    /// It has sent them on to another one, in which they are.
    SentOn {
        /// The one that they are in.
        room: RoomId,
        /// The name of the one that they wanted to enter.
        from: ChannelName,
        /// The name of the one that they are in.
        to: ChannelName,
    },
}

/// Enters a channel, or the one to which it sends those who may not enter.
pub(crate) fn enter(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    key: &str,
) -> Result<Entered, Denied> {
    let max = turn.settings.limits.channel;
    let Ok(name) = ChannelName::parse(name, max, turn.state.casemap) else {
        let variables = [("channel", name), ("max", &max.to_string())];
        return Err(Denied::new(
            Why::BadChannelName,
            "channel-invalid",
            &variables,
        ));
    };
    if administration_room::is_kept(turn, &name) {
        return administration_room::enter(turn, actor, by, &name);
    }
    let Some(channel) = turn.state.channel_of(&name) else {
        return make(turn, actor, by, name).map(Entered::In);
    };
    if channel.members.contains_key(&by) {
        return Ok(Entered::Already);
    }
    has_room(turn.state, by, &name)?;
    let user = &turn.state.users[&by];
    enforce::may_enter(turn, user, channel)?;
    let Err(denied) = privilege::may_enter(turn.state, user, channel, key) else {
        let room = channel.id;
        admit(turn, actor, by, room, Prefixes::NONE);
        return Ok(Entered::In(room));
    };
    // One step only, so that channels that send people to each other do not send them round.
    let forward = channel.modes.forward.as_deref();
    let Some(forward) = forward.and_then(|forward| turn.state.channel_named(forward)) else {
        return Err(denied);
    };
    if forward.members.contains_key(&by)
        || turn.state.is_administration(forward.id)
        || enforce::may_enter(turn, user, forward).is_err()
        || privilege::may_enter(turn.state, user, forward, "").is_err()
    {
        return Err(denied);
    }
    let (room, to) = (forward.id, forward.name.clone());
    admit(turn, actor, by, room, Prefixes::NONE);
    let from = name;
    Ok(Entered::SentOn { room, from, to })
}

/// Makes a channel, of which whoever made it is an operator.
fn make(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: ChannelName,
) -> Result<RoomId, Denied> {
    if turn.state.channels().len() >= limits::CHANNELS {
        let key = "server-full-of-channels";
        return Err(too_many(key, &name, limits::CHANNELS));
    }
    has_room(turn.state, by, &name)?;
    // Others read the name.
    enforce::may_name(turn, by, name.as_str())?;
    let room = open(turn, actor, name, false);
    admit(turn, actor, by, room, Prefixes::of('o'));
    Ok(room)
}

/// Whether somebody may be in one more channel.
pub(super) fn has_room(state: &State, user: UserId, name: &ChannelName) -> Result<(), Denied> {
    if state.users[&user].channels.len() < limits::CHANNELS_PER_USER {
        return Ok(());
    }
    let key = "too-many-channels";
    Err(too_many(key, name, limits::CHANNELS_PER_USER))
}

fn too_many(key: &'static str, name: &ChannelName, max: usize) -> Denied {
    let variables = [("channel", name.as_str()), ("max", &max.to_string())];
    Denied::new(Why::TooManyChannels, key, &variables)
}

/// Makes a channel, still without members.
pub(super) fn open(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: ChannelName,
    permanent: bool,
) -> RoomId {
    let room = RoomId(turn.state.next_id());
    turn.commit(
        actor,
        Fact::RoomOpened {
            room,
            name,
            permanent,
            modes: ChannelModes::initial().text(true),
        },
    );
    room
}

/// Puts a user into a channel, all checks done. They get the prefixes of their lasting rights there, and `grant`.
pub(super) fn admit(
    turn: &mut Turn<'_>,
    actor: &Actor,
    user: UserId,
    room: RoomId,
    grant: Prefixes,
) {
    let what = joining(turn.state, user, room, grant);
    turn.happen(actor, vec![Room::Channel(room)], user, what);
    show_newcomer(turn, actor, user, room);
}

/// Puts somebody into a channel who has not asked for it: entered as the act of who decided it.
pub(super) fn put(turn: &mut Turn<'_>, actor: &Actor, user: UserId, room: RoomId) {
    let what = joining(turn.state, user, room, Prefixes::NONE);
    turn.impose(actor, vec![Room::Channel(room)], user, what);
    show_newcomer(turn, actor, user, room);
}

/// Shows those in a channel what JOIN does not say of who has entered it: their lasting rank, and whether they are away.
fn show_newcomer(turn: &mut Turn<'_>, actor: &Actor, user: UserId, room: RoomId) {
    let account = turn.state.users.get(&user).and_then(|user| user.account);
    let channel = turn.state.channels().get(&room);
    let lasting = channel.map(|channel| access::rights(channel, account));
    rank::show(turn, actor, (room, user), lasting.unwrap_or_default());
    presence::show_away(turn, user, room);
}

fn joining(state: &State, user: UserId, room: RoomId, grant: Prefixes) -> What {
    let found = state.users.get(&user);
    let account = found.and_then(|user| user.account);
    let realname = found.map(|user| user.realname.clone());
    let channel = state.channels().get(&room);
    let lasting = channel.map(|channel| access::rights(channel, account));
    What::Joined {
        realname: realname.unwrap_or_default(),
        grant: grant.union(lasting.unwrap_or_default()),
        invited: channel.is_some_and(|channel| channel.invited.contains_key(&user)),
    }
}
