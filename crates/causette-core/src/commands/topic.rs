//! TOPIC: read or set a channel's topic. <https://modern.ircdocs.horse/#topic-message>

use super::{Command, Needs};
use crate::id::RoomId;
use crate::reply::{Ctx, Outcome};
use crate::room::{privilege, topic};
use causette_proto::Message;
use causette_proto::numeric::{RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME};

pub(super) const TOPIC: Command = Command {
    verb: "TOPIC",
    params: 1,
    needs: Needs::Online,
    syntax: "TOPIC <channel> [:<topic>]",
    summary: "command-topic",
    spec: "https://modern.ircdocs.horse/#topic-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let name = message.params[0].as_str();
    let by = ctx.user().id;
    let Some(text) = message.params.get(1) else {
        let room = privilege::membership(ctx.turn.state, by, name)?.id;
        show(ctx, room, true);
        return Ok(());
    };
    let (actor, place) = (ctx.actor(), ctx.turn.own.place());
    let set = topic::set(&mut ctx.turn, &actor, by, name, text)?;
    ctx.ahead(place, |ctx| ctx.tell_cut("TOPIC", &set.cut));
    if let Some(strike) = &set.warned {
        ctx.tell_warned("TOPIC", name, strike);
    }
    Ok(())
}

/// Shows the topic; that there is none only when asked.
pub(super) fn show(ctx: &mut Ctx<'_>, room: RoomId, asked: bool) {
    let Some(channel) = ctx.turn.state.channels().get(&room) else {
        return;
    };
    let name = channel.name.clone();
    match channel.topic.clone() {
        Some(topic) => {
            ctx.numeric(RPL_TOPIC, &[name.as_str()], &topic.text);
            let at = topic.at.seconds().to_string();
            ctx.numeric_bare(RPL_TOPICWHOTIME, &[name.as_str(), &topic.by, &at]);
        }
        None if asked => {
            let text = ctx.text("no-topic");
            ctx.numeric(RPL_NOTOPIC, &[name.as_str()], &text);
        }
        None => {}
    }
}
