//! RENAME: give a channel another name. <https://ircv3.net/specs/extensions/channel-rename>

use super::{Command, Needs, arrival, markread, names, topic};
use crate::denied::Why;
use crate::id::{Room, SessionId};
use crate::reply::{Ctx, Outcome};
use crate::room::rename::{self, Renamed};
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, Message};
use std::sync::Arc;

pub(super) const RENAME: Command = Command {
    verb: "RENAME",
    params: 2,
    needs: Needs::Online,
    syntax: "RENAME <channel> <channel> [:<reason>]",
    summary: "command-rename",
    spec: "https://ircv3.net/specs/extensions/channel-rename",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (name, to) = (&message.params[0], &message.params[1]);
    let reason = message.params.get(2).map_or("", |reason| reason.as_str());
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let renamed = rename::rename(&mut ctx.turn, &actor, by, (name, to), reason);
    let renamed = renamed.map_err(|denied| match denied.why {
        Why::KeptOpen | Why::AlreadySo => {
            let (code, variables) = ("CANNOT_RENAME", denied.variables());
            ctx.failure("RENAME", code, &[name, to], denied.key, &variables)
        }
        _ => denied.into(),
    })?;
    ctx.tell_cut("RENAME", &renamed.reason);
    show(&mut ctx.turn, &renamed);
    if ctx.has(Capability::ChannelRename) {
        // Also who is not in it learns that it was done.
        let line = ctx.turn.line(line(&renamed));
        ctx.turn.own.shared(line);
    } else if ctx.user().channels.contains(&renamed.room) {
        show_as_another(ctx, &renamed);
    }
    Ok(())
}

fn line(renamed: &Renamed) -> String {
    let Renamed {
        source, from, to, ..
    } = renamed;
    format!(":{source} RENAME {from} {to} :{}", renamed.reason.kept)
}

/// Shows the members of a channel its new name, but for the session whose input this is.
pub(crate) fn show(turn: &mut Turn<'_>, renamed: &Renamed) {
    let members = turn.state.audience(renamed.room);
    let members = members.iter().copied();
    let others = members.filter(|session| !turn.own.is_of(*session));
    let knows = |session: &SessionId| {
        let session = turn.state.sessions.get(session);
        session.is_some_and(|session| session.enabled.contains(Capability::ChannelRename))
    };
    let (knowing, mut others): (Vec<SessionId>, Vec<SessionId>) = others.partition(knows);
    let shared = turn.line(line(renamed));
    turn.deliver(Arc::clone(&shared), knowing, Capabilities::EMPTY);
    others.sort_unstable();
    for session in others {
        let mut ctx = Ctx::new(turn.reborrow(), session, None);
        show_as_another(&mut ctx, renamed);
        ctx.conclude();
    }
}

/// Shows a client that knows no other way that its person has left one channel and is in another. Where only the case of letters has
/// changed, it is the same to the client.
fn show_as_another(ctx: &mut Ctx<'_>, renamed: &Renamed) {
    let Renamed { room, from, to, .. } = renamed;
    if from.key() == to.key() {
        return;
    }
    let (source, reason) = (ctx.user().source.clone(), &renamed.reason.kept);
    ctx.line_from(match reason.as_str() {
        "" => format!(":{source} PART {from}"),
        reason => format!(":{source} PART {from} :{reason}"),
    });
    arrival::show_join(ctx, *room);
    let channel = ctx.turn.state.channels().get(room);
    if !channel.is_some_and(|channel| channel.is_large()) {
        return arrival::show_channel(ctx, *room);
    }
    // So many would be told so many names: who wants these asks for them.
    topic::show(ctx, *room, false);
    if ctx.has(Capability::ReadMarker) {
        markread::show(ctx, Room::Channel(*room));
    }
    names::end(ctx, to.as_str());
}
