//! JOIN: enter channels, making those that do not exist. <https://modern.ircdocs.horse/#join-message>

use super::{Command, Needs, arrival, need_more_params, words};
use crate::id::RoomId;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::enter::{Entered, enter};
use crate::room::leave::leave_all;
use causette_proto::Message;
use causette_proto::numeric::ERR_LINKCHANNEL;

pub(super) const JOIN: Command = Command {
    verb: "JOIN",
    params: 1,
    needs: Needs::Online,
    syntax: "JOIN <channel>{,<channel>} [<key>{,<key>}]",
    summary: "command-join",
    spec: "https://modern.ircdocs.horse/#join-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if message.params[0] == "0" {
        let (actor, by) = (ctx.actor(), ctx.user().id);
        leave_all(&mut ctx.turn, &actor, by);
        return Ok(());
    }
    let mut names = words(&message.params[0]).peekable();
    if names.peek().is_none() {
        return Err(need_more_params(ctx, &JOIN));
    }
    let mut keys = message
        .params
        .get(1)
        .map_or("", |keys| keys.as_str())
        .split(',');
    let mut entered = Vec::new();
    for name in names {
        match join(ctx, name, keys.next().unwrap_or_default()) {
            Ok(room) => entered.extend(room),
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    if !entered.is_empty() {
        arrival::show_entered_past(ctx, &entered, None);
    }
    Ok(())
}

/// Enters one channel, and shows it; `None` when already in it.
fn join(ctx: &mut Ctx<'_>, name: &str, key: &str) -> Result<Option<RoomId>, Refusal> {
    let (actor, by, place) = (ctx.actor(), ctx.user().id, ctx.turn.own.place());
    let room = match enter(&mut ctx.turn, &actor, by, name, key)? {
        Entered::Already => return Ok(None),
        Entered::In(room) => room,
        Entered::SentOn { room, from, to } => {
            ctx.ahead(place, |ctx| {
                let variables = [("channel", from.as_str()), ("to", to.as_str())];
                let text = ctx.text_with("forwarded", &variables);
                ctx.numeric(ERR_LINKCHANNEL, &[from.as_str(), to.as_str()], &text);
            });
            room
        }
    };
    arrival::show_entered(ctx, room);
    Ok(Some(room))
}
