//! RENAME: give a channel another name. <https://ircv3.net/specs/extensions/channel-rename>

use super::{Command, Needs, arrival, names};
use crate::denied::Why;
use crate::id::{RoomId, SessionId};
use crate::line::Line;
use crate::reply::{Ctx, Outcome};
use crate::room::rename::{self, Renamed};
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, Message};
use rustc_hash::FxHashMap;
use std::rc::Rc;
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
        let line = line(&ctx.turn, &renamed);
        ctx.turn.own.shared(line);
    } else if ctx.user().channels.contains(&renamed.room) {
        show_as_another(ctx, &renamed, &mut Lists::default());
    } else {
        let (from, to) = (renamed.from.as_str(), renamed.to.as_str());
        let variables = [("channel", from), ("to", to)];
        let text = ctx.text_with("admin-channel-renamed", &variables);
        ctx.notice(None, &text);
    }
    Ok(())
}

fn line(turn: &Turn<'_>, renamed: &Renamed) -> Arc<Line> {
    let Renamed {
        by,
        source,
        from,
        to,
        ..
    } = renamed;
    let body = format!(":{source} RENAME {from} {to} :{}", renamed.reason.kept);
    turn.line_of(*by, body)
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
    let shared = line(turn, renamed);
    turn.deliver(Arc::clone(&shared), knowing, Capabilities::EMPTY);
    others.sort_unstable();
    let mut lists = Lists::default();
    for session in others {
        let mut ctx = Ctx::new(turn.reborrow(), session, None);
        show_as_another(&mut ctx, renamed, &mut lists);
        ctx.conclude();
    }
}

/// The members as clients are shown them, by the capabilities that make a difference: made once for all who see the same.
type Lists = FxHashMap<Capabilities, Rc<[String]>>;

/// Shows a client that knows no other way that its person has left one channel and is in another. Where only the case of letters has
/// changed, it is the same to the client.
fn show_as_another(ctx: &mut Ctx<'_>, renamed: &Renamed, lists: &mut Lists) {
    let Renamed { room, from, to, .. } = renamed;
    if from.key() == to.key() {
        return;
    }
    let (source, reason) = (ctx.user().source.clone(), &renamed.reason.kept);
    ctx.line_of_own(match reason.as_str() {
        "" => format!(":{source} PART {from}"),
        reason => format!(":{source} PART {from} :{reason}"),
    });
    arrival::show_join(ctx, *room);
    arrival::show_subject(ctx, *room);
    if arrival::wants_names(ctx) {
        let words = listed(ctx, *room, lists);
        names::list(ctx, *room, &words);
    }
}

/// The members as a client is shown them that is told of a channel which has another name.
fn listed(ctx: &Ctx<'_>, room: RoomId, lists: &mut Lists) -> Rc<[String]> {
    let channel = ctx.turn.state.channels().get(&room);
    // So many would be told so many names: who wants these asks for them.
    if channel.is_none_or(|channel| channel.is_large()) {
        return Rc::default();
    }
    let seen_alike = channel.is_some_and(|channel| !channel.modes.has('u'));
    let forms = Capabilities::of(&[Capability::MultiPrefix, Capability::UserhostInNames]);
    let form = ctx.session().enabled.intersection(forms);
    match lists.get(&form).filter(|_| seen_alike) {
        Some(words) => Rc::clone(words),
        None => {
            let words: Rc<[String]> = names::members(ctx, room).into();
            lists.insert(form, Rc::clone(&words));
            words
        }
    }
}
