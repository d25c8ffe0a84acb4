//! NAMES: who is in a channel. <https://modern.ircdocs.horse/#names-message>

use super::{Command, Needs, leave_out, need_more_params, targets};
use crate::fitting::BODY_BYTES;
use crate::id::RoomId;
use crate::limits;
use crate::person::visibility::hides;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::state::channel::prefix_chars;
use causette_proto::numeric::{RPL_ENDOFNAMES, RPL_NAMREPLY};
use causette_proto::{Capability, Message};

pub(super) const NAMES: Command = Command {
    verb: "NAMES",
    params: 1,
    needs: Needs::Online,
    syntax: "NAMES <channel>{,<channel>}",
    summary: "command-names",
    spec: "https://modern.ircdocs.horse/#names-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (names, left_out) = targets(ctx.turn.state, &message.params[0], limits::TARGETS);
    if names.is_empty() {
        return Err(need_more_params(ctx, &NAMES));
    }
    for name in names {
        let user = ctx.user().id;
        let found = ctx.turn.state.channel_named(name);
        let visible = found.filter(|channel| channel.is_visible_to(user));
        match visible.map(|channel| channel.id) {
            Some(room) => show(ctx, room),
            None => end(ctx, name),
        }
    }
    leave_out(ctx, &left_out, limits::TARGETS);
    Ok(())
}

/// Lists the members; in a very large room its operators and a bounded number of others.
pub(super) fn show(ctx: &mut Ctx<'_>, room: RoomId) {
    let words = members(ctx, room);
    list(ctx, room, &words);
}

/// The members as the session is shown them, in order.
pub(super) fn members(ctx: &Ctx<'_>, room: RoomId) -> Vec<String> {
    let Some(channel) = ctx.turn.state.channels().get(&room) else {
        return Vec::new();
    };
    let enabled = ctx.session().enabled;
    let large = channel.is_large();
    // Members see each other anyway; they are spared the search for a channel in common.
    let (state, asking) = (&ctx.turn.state, ctx.user());
    let me = asking.id;
    let sees_all = ctx.may(Act::InspectPerson) || channel.members.contains_key(&me);
    let mut shown = 0;
    let mut words = Vec::with_capacity(channel.members.len().min(limits::LARGE_ROOM));
    for (id, membership) in &channel.members {
        let Some(user) = state.users.get(id).filter(|user| {
            user.present && channel.shows(user.id, me) && (sees_all || !hides(state, user, asking))
        }) else {
            continue;
        };
        if large && !membership.prefixes.at_least('o') && user.id != me {
            shown += 1;
            if shown > limits::LARGE_ROOM {
                continue;
            }
        }
        let mut word = prefix_chars(membership.prefixes, enabled).to_string();
        if enabled.contains(Capability::UserhostInNames) {
            word.push_str(&user.source);
        } else {
            word.push_str(user.nick.as_str());
        }
        words.push(word);
    }
    words.sort_unstable();
    words
}

/// Lists members on as many lines as it takes, and says that there are no more.
pub(super) fn list(ctx: &mut Ctx<'_>, room: RoomId, words: &[String]) {
    let Some(channel) = ctx.turn.state.channels().get(&room) else {
        return;
    };
    let name = channel.name.clone();
    let symbol = if channel.modes.has('s') { "@" } else { "=" };
    let head = ctx.turn.settings.server.len()
        + ctx.nick().len()
        + name.as_str().len()
        + ": 353  =  :".len();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && head + line.len() + 1 + word.len() > BODY_BYTES {
            ctx.numeric(RPL_NAMREPLY, &[symbol, name.as_str()], &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        ctx.numeric(RPL_NAMREPLY, &[symbol, name.as_str()], &line);
    }
    end(ctx, name.as_str());
}

fn end(ctx: &mut Ctx<'_>, name: &str) {
    let text = ctx.text("end-of-names");
    ctx.numeric(RPL_ENDOFNAMES, &[name], &text);
}
