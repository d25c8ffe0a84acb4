//! Giving a channel another name. Whatever else it is and has, it keeps.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::{enforce, strike};
use crate::event::{ModeChange, What};
use crate::fitting::{self, Cut};
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::reserved;
use crate::right::Act;
use crate::room::{access, administration, administration_room};
use crate::state::channel::Channel;
use crate::turn::{Mark, Turn};
use causette_proto::mode::Change;
use causette_proto::{ChannelName, CompactString};

/// A channel that has another name.
pub(crate) struct Renamed {
    pub(crate) room: RoomId,
    /// What it was called.
    pub(crate) from: ChannelName,
    /// What it is called.
    pub(crate) to: ChannelName,
    /// Who renamed it, as its members see it.
    pub(crate) by: UserId,
    /// `nick!user@host` of theirs.
    pub(crate) source: CompactString,
    /// What of the reason they are told.
    pub(crate) reason: Cut,
    pub(crate) mark: Mark,
}

/// Gives a channel another name in the name of those who run the server.
pub(crate) fn rule(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &str,
    to: &str,
    reason: &str,
) -> Result<Renamed, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    rename(turn, actor, UserId::ADMINISTRATION, (name, to), reason)
}

/// Gives a channel another name: its owner, or who owns every channel and says why.
pub(crate) fn rename(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (name, to): (&str, &str),
    reason: &str,
) -> Result<Renamed, Denied> {
    let channel = access::known(turn.state, actor, by, name)?;
    let (room, from, founder) = (channel.id, channel.name.clone(), channel.founder);
    let owns = founder.is_some() && founder == actor.account(turn.state);
    if owns {
        enforce::may_speak(turn, by, Room::Channel(room), from.as_str())?;
        not_again_at_once(turn, channel, to)?;
    } else {
        may_rule(turn, actor, channel, reason)?;
    }
    let to = acceptable(turn, channel, to)?;
    let (by, source) = match turn.state.source_of(by) {
        source if owns => (by, source.into()),
        // To people those who run the server are one.
        _ => (
            UserId::ADMINISTRATION,
            reserved::administration(&turn.settings.server),
        ),
    };
    let reason = fitting::plain(reason);
    let reason = match owns {
        true => strike::reason_of(turn, actor, by, &[room], &reason),
        false => &reason,
    };
    let reason = Cut::of(reason, turn.settings.kick_bytes());
    let fact = Fact::RoomRenamed {
        room,
        name: to.clone(),
        reason: reason.kept.clone(),
    };
    let mark = turn.commit(actor, fact);
    if from.key() != to.key() {
        keep_forwards(turn, &from, &to);
    }
    let renamed = Renamed {
        room,
        from,
        to,
        by,
        source,
        reason,
        mark,
    };
    if !owns {
        tell(turn, actor, &renamed, founder);
    }
    Ok(renamed)
}

/// Whether somebody may give a channel another name who does not own it.
fn may_rule(turn: &Turn<'_>, actor: &Actor, channel: &Channel, reason: &str) -> Result<(), Denied> {
    if !actor.may(turn.state, Act::RuleChannels) {
        let variables = [("channel", channel.name.as_str())];
        let key = "rename-owner-only";
        return Err(Denied::new(Why::ChannelOperatorsOnly, key, &variables));
    }
    access::must_rule(turn.state, actor, channel)?;
    fitting::reason(reason, turn.settings.kick_bytes()).map(drop)
}

/// Refuses an owner who has just done it: all members are told each time.
fn not_again_at_once(turn: &Turn<'_>, channel: &Channel, to: &str) -> Result<(), Denied> {
    let Some(renamed) = channel.renamed else {
        return Ok(());
    };
    let left = renamed.seconds() + limits::RENAME_SECONDS - turn.steady().seconds();
    if left <= 0 {
        return Ok(());
    }
    let seconds = left.to_string();
    let variables = [
        ("channel", channel.name.as_str()),
        ("to", to),
        ("seconds", &seconds),
    ];
    Err(Denied::new(Why::CannotRename, "rename-wait", &variables))
}

/// The name that a channel is to have.
fn acceptable(turn: &Turn<'_>, channel: &Channel, to: &str) -> Result<ChannelName, Denied> {
    let max = turn.settings.limits.channel;
    let variables = [("channel", channel.name.as_str()), ("to", to)];
    if turn.state.is_administration(channel.id) {
        let key = "administration-room-kept";
        return Err(Denied::new(Why::KeptOpen, key, &variables));
    }
    if channel.permanent {
        return Err(Denied::new(Why::KeptOpen, "channel-kept-open", &variables));
    }
    let Ok(name) = ChannelName::parse(to, max, turn.state.casemap) else {
        let variables = [("channel", to), ("max", &max.to_string())];
        let key = "channel-invalid";
        return Err(Denied::new(Why::BadChannelName, key, &variables));
    };
    if channel.name.as_str() == name.as_str() {
        let key = "channel-named-already";
        return Err(Denied::new(Why::AlreadySo, key, &variables));
    }
    let other = turn.state.channel_of(&name);
    let other = other.is_some_and(|other| other.id != channel.id);
    if other || administration_room::is_kept(turn, &name) {
        return Err(Denied::new(
            Why::ChannelExists,
            "channel-exists",
            &variables,
        ));
    }
    Ok(name)
}

/// Lets the channels that send people on to this one go on doing so, for all to see.
fn keep_forwards(turn: &mut Turn<'_>, from: &ChannelName, to: &ChannelName) {
    let casemap = turn.state.casemap;
    let channels = turn.state.channels().values();
    let sending = channels.filter(|channel| {
        let forward = channel.modes.forward.as_deref();
        forward.is_some_and(|forward| casemap.fold_channel(forward) == from.key())
    });
    let mut sending: Vec<(RoomId, CompactString)> = sending
        .map(|channel| {
            let mut modes = channel.modes.clone();
            modes.forward = Some(to.as_str().into());
            (channel.id, modes.text(true))
        })
        .collect();
    sending.sort_unstable();
    for (room, after) in sending {
        let change = Change {
            add: true,
            mode: 'f',
            arg: Some(to.as_str().into()),
        };
        let changes = vec![ModeChange {
            change,
            member: None,
        }];
        let what = What::Mode { changes, after };
        let rooms = vec![Room::Channel(room)];
        turn.happen(&Actor::Server, rooms, UserId::SERVER, what);
    }
}

/// Tells the owner, there or not, and those who run the server, that one of these has done it.
fn tell(turn: &mut Turn<'_>, actor: &Actor, renamed: &Renamed, founder: Option<AccountId>) {
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("channel", renamed.from.as_str()),
        ("to", renamed.to.as_str()),
        ("reason", &renamed.reason.kept),
    ];
    if let Some(founder) = founder.map(UserId::from) {
        administration::tell(turn, actor, founder, "channel-renamed-owner", &variables);
        let contact = turn.settings.contact.clone();
        if !contact.is_empty() {
            let variables = [("contact", contact.as_str())];
            administration::tell(turn, actor, founder, "how-to-object", &variables);
        }
    }
    turn.tell_acted(actor, "notice-channel-renamed", &variables);
}
