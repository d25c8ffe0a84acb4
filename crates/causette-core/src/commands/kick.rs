//! KICK: put someone out of a channel. <https://modern.ircdocs.horse/#kick-message>

use super::{Command, Needs, leave_out, need_more_params, targets};
use crate::event::What;
use crate::fitting::Cut;
use crate::id::{Room, RoomId};
use crate::limits;
use crate::line::BODY_BYTES;
use crate::reply::{Ctx, Outcome};
use crate::room::privilege;
use causette_proto::numeric::ERR_USERNOTINCHANNEL;
use causette_proto::{CompactString, Message};

pub(super) const KICK: Command = Command {
    verb: "KICK",
    params: 2,
    needs: Needs::Online,
    syntax: "KICK <channel> <nickname>{,<nickname>} [:<reason>]",
    summary: "command-kick",
    spec: "https://modern.ircdocs.horse/#kick-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let name = message.params[0].as_str();
    let room = privilege::membership(ctx, name)?.id;
    let (nicks, left_out) = targets(&message.params[1], limits::TARGETS);
    if nicks.is_empty() {
        return Err(need_more_params(ctx, &KICK));
    }
    let reason = match message.params.get(2).filter(|reason| !reason.is_empty()) {
        Some(reason) => Cut::of(reason, ctx.turn.settings.kick_bytes()),
        None => Cut::of(ctx.user().nick.as_str(), BODY_BYTES),
    };
    let mut done = false;
    for nick in nicks {
        match kick(ctx, room, name, nick, &reason.kept) {
            Ok(()) => done = true,
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    if done {
        ctx.tell_cut("KICK", &reason);
    }
    leave_out(ctx, &left_out, limits::TARGETS);
    Ok(())
}

fn kick(
    ctx: &mut Ctx<'_>,
    room: RoomId,
    name: &str,
    nick: &str,
    reason: &CompactString,
) -> Outcome {
    let author = ctx.user().id;
    // One may have kicked oneself, and with oneself the channel.
    let Some(channel) = ctx.turn.state.channels().get(&room) else {
        return Err(privilege::no_such_channel(ctx, name));
    };
    let name = channel.name.as_str();
    if !privilege::has_rank(ctx, room, author, 'h') {
        return Err(privilege::operators_only(ctx, name));
    }
    let target = ctx.turn.state.user_named(nick);
    let Some(target) = target.filter(|user| user.channels.contains(&room)) else {
        let variables = [("nick", nick), ("channel", name)];
        return Err(ctx.refusal(
            ERR_USERNOTINCHANNEL,
            &[nick, name],
            "user-not-in-channel",
            &variables,
        ));
    };
    // Nobody puts out who is above them.
    let highest = channel.prefixes(target.id).highest();
    if highest.is_some_and(|rank| !channel.prefixes(author).at_least(rank)) {
        return Err(privilege::operators_only(ctx, name));
    }
    let guest = target.account.is_none();
    let (target, nick, reason) = (target.id, target.nick.clone(), reason.clone());
    ctx.happen(
        vec![Room::Channel(room)],
        author,
        What::Kicked {
            target,
            guest,
            nick,
            reason,
        },
    );
    Ok(())
}
