//! KICK: put someone out of a channel. <https://modern.ircdocs.horse/#kick-message>

use super::{Command, Needs, part};
use crate::event::What;
use crate::id::Room;
use crate::limits;
use crate::reply::{Ctx, Outcome};
use causette_proto::numeric::{ERR_CHANOPRIVSNEEDED, ERR_TOOMANYTARGETS, ERR_USERNOTINCHANNEL};
use causette_proto::{CompactString, Message, split};

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
    let room = part::membership(ctx, name)?;
    let author = ctx.user().id;
    let reason = match message.params.get(2).filter(|reason| !reason.is_empty()) {
        Some(reason) => {
            // The list of nicknames is at least as long as each of them.
            let words = [name, &message.params[1]];
            let max = ctx.text_bytes("KICK", &words, ctx.turn.settings.limits.kick);
            CompactString::new(split::cut(reason, max))
        }
        None => CompactString::new(ctx.user().nick.as_str()),
    };
    for (index, nick) in message.params[1]
        .split(',')
        .filter(|nick| !nick.is_empty())
        .enumerate()
    {
        let refusal = if index >= limits::TARGETS {
            let max = limits::TARGETS.to_string();
            return Err(ctx.refusal(
                ERR_TOOMANYTARGETS,
                &[nick],
                "too-many-targets",
                &[("max", &max)],
            ));
        } else if !is_operator(ctx, room, author) {
            Some(ctx.refusal(
                ERR_CHANOPRIVSNEEDED,
                &[name],
                "operators-only",
                &[("channel", name)],
            ))
        } else {
            let target = ctx
                .turn
                .state
                .user_named(nick)
                .filter(|user| user.channels.contains(&room));
            match target.map(|user| (user.id, user.nick.clone())) {
                Some((target, nick)) => {
                    let what = What::Kicked {
                        target,
                        nick,
                        reason: reason.clone(),
                    };
                    ctx.happen(vec![Room::Channel(room)], author, what);
                    None
                }
                None => {
                    let variables = [("nick", nick), ("channel", name)];
                    Some(ctx.refusal(
                        ERR_USERNOTINCHANNEL,
                        &[nick, name],
                        "user-not-in-channel",
                        &variables,
                    ))
                }
            }
        };
        if let Some(refusal) = refusal {
            ctx.refuse(refusal);
        }
    }
    Ok(())
}

/// Whether a user is an operator of a channel. Asked again for each target: one may kick oneself.
pub(super) fn is_operator(ctx: &Ctx<'_>, room: crate::id::RoomId, user: crate::id::UserId) -> bool {
    let channel = ctx.turn.state.channels.get(&room);
    channel
        .and_then(|channel| channel.members.get(&user))
        .is_some_and(|membership| membership.prefixes.operator)
}
