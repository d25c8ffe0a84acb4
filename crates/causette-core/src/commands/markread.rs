//! MARKREAD: up to when one has read, for all one's clients. <https://ircv3.net/specs/extensions/read-marker>

use super::{Command, Needs};
use crate::id::Room;
use crate::reply::{Ctx, Outcome};
use crate::room::marker;
use causette_proto::{Message, Timestamp};

pub(super) const MARKREAD: Command = Command {
    verb: "MARKREAD",
    params: 0,
    needs: Needs::Online,
    syntax: "MARKREAD <target> [timestamp=<time>]",
    summary: "command-markread",
    spec: "https://ircv3.net/specs/extensions/read-marker",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(target) = message.params.first().filter(|target| !target.is_empty()) else {
        return Err(ctx.failure(
            "MARKREAD",
            "NEED_MORE_PARAMS",
            &[],
            "markread-need-params",
            &[],
        ));
    };
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let time = match message.params.get(1) {
        None => marker::marker(&ctx.turn, by, target),
        Some(word) => {
            let time = word.strip_prefix("timestamp=").and_then(Timestamp::parse);
            let Some(time) = time else {
                return Err(marker::no_such_marker(target).into());
            };
            marker::mark(&mut ctx.turn, &actor, by, target, time)?
        }
    };
    tell(ctx, target, time);
    Ok(())
}

/// Shows the marker of a channel, as after JOIN.
pub(super) fn show(ctx: &mut Ctx<'_>, room: Room) {
    let Room::Channel(id) = room else { return };
    let Some(channel) = ctx.turn.state.channels().get(&id) else {
        return;
    };
    let name = channel.name.clone();
    let held = marker::of_room(ctx.turn.state, ctx.user().id, room);
    tell(ctx, name.as_str(), held);
}

fn tell(ctx: &mut Ctx<'_>, target: &str, time: Option<Timestamp>) {
    let time = time.map_or_else(|| "*".to_owned(), |time| format!("timestamp={time}"));
    ctx.line(&format!("MARKREAD {target} {time}"));
}
