//! Asking somebody into a channel.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{Room, RoomId, SessionId, UserId};
use crate::record::Fact;
use crate::report::Away;
use crate::room::privilege;
use crate::state::State;
use crate::state::user::User;
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Nick};
use std::sync::Arc;

/// Who was invited, and where to.
pub(crate) struct Invited {
    pub(crate) nick: Nick,
    pub(crate) channel: ChannelName,
    /// Why they are away, where they are.
    pub(crate) away: Option<Away>,
}

/// Invites somebody into a channel that one is in.
pub(crate) fn invite(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    nick: &str,
    name: &str,
) -> Result<Invited, Denied> {
    let channel = privilege::membership(turn.state, by, name)?;
    let moderates = channel.prefixes(by).at_least('h');
    if channel.modes.has('i') && !moderates {
        return Err(privilege::operators_only(name));
    }
    enforce::may_speak(turn, by, Room::Channel(channel.id), channel.name.as_str())?;
    let target = turn.state.user_named(nick);
    let target = target.ok_or_else(|| privilege::no_such_nick(nick))?;
    let invited = Invited {
        nick: target.nick.clone(),
        channel: channel.name.clone(),
        away: target.away.clone(),
    };
    if channel.members.contains_key(&target.id) {
        if !channel.shows(target.id, by) {
            // The answer must not tell that they are in it: it is the one for somebody outside, and nothing else happens.
            return Ok(invited);
        }
        let variables = [
            ("nick", invited.nick.as_str()),
            ("channel", channel.name.as_str()),
        ];
        return Err(Denied::new(
            Why::OnChannelAlready,
            "user-on-channel",
            &variables,
        ));
    }
    let (room, target) = (channel.id, target.id);
    let instead_of = channel.invited_earliest(target).filter(|_| moderates);
    let fact = Fact::Invited {
        room,
        target: turn.state.who(&turn.state.users[&target]),
        // Others may tell somebody of the channel, but open nothing that its moderators closed.
        admits: moderates,
        instead_of,
    };
    turn.commit(actor, fact);
    tell(turn, actor, by, (room, target), &invited);
    Ok(invited)
}

/// Tells whoever is invited, and those who may invite. <https://ircv3.net/specs/extensions/invite-notify>
fn tell(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, target): (RoomId, UserId),
    Invited { nick, channel, .. }: &Invited,
) {
    let source = turn.state.source_of(by);
    let line = turn.line_of(by, format!(":{source} INVITE {nick} {channel}"));
    let to = turn.state.users[&target].sessions.clone();
    let moderators = turn.state.audience_of_rank(room, 'h', by);
    let moderators: Vec<SessionId> = moderators
        .iter()
        .copied()
        .filter(|session| Some(*session) != actor.session() && !to.contains(session))
        .collect();
    turn.deliver(Arc::clone(&line), to, Capabilities::EMPTY);
    turn.deliver(
        line,
        moderators,
        Capabilities::of(&[Capability::InviteNotify]),
    );
}

/// The names of the channels into which somebody is invited, and that they may still enter: a ban that was set since holds.
pub(crate) fn invitations(state: &State, user: &User) -> Vec<CompactString> {
    let channels = state.channels().values();
    let channels = channels.filter(|channel| {
        let is_invited = channel.invited.contains_key(&user.id);
        is_invited && privilege::may_enter(state, user, channel, "").is_ok()
    });
    let mut names: Vec<CompactString> = channels
        .map(|channel| channel.name.as_str().into())
        .collect();
    names.sort_unstable();
    names
}
