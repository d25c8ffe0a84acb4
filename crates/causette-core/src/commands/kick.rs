//! KICK: put someone out of a channel. <https://modern.ircdocs.horse/#kick-message>

use super::{Command, Needs, leave_out, need_more_params, words};
use crate::denied::Denied;
use crate::id::RoomId;
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::room::kick::kick;
use crate::room::privilege;
use causette_proto::Message;
use rustc_hash::FxHashSet;

pub(super) const KICK: Command = Command {
    verb: "KICK",
    params: 2,
    needs: Needs::Online,
    syntax: "KICK <channel>{,<channel>} <nickname>{,<nickname>} [:<reason>]",
    summary: "command-kick",
    spec: "https://modern.ircdocs.horse/#kick-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(mut pairs) = pairs(&message.params[0], &message.params[1]) else {
        return Err(need_more_params(ctx, &KICK));
    };
    let left_out = pairs.split_off(pairs.len().min(limits::TARGETS));
    let reason = message.params.get(2).map_or("", |reason| reason.as_str());
    let (actor, by) = (ctx.actor(), ctx.user().id);
    // Found before anybody is put out: one may put out oneself, and with oneself the channel.
    let rooms: Vec<Result<RoomId, Denied>> = pairs
        .iter()
        .map(|(name, _)| privilege::membership(ctx.turn.state, by, name).map(|channel| channel.id))
        .collect();
    let mut done = None;
    let mut refused = None;
    for ((name, nick), room) in pairs.into_iter().zip(rooms) {
        let is_refused = room.is_err() && refused.replace(name) == Some(name);
        let kicked =
            room.and_then(|room| kick(&mut ctx.turn, &actor, by, (room, name), nick, reason));
        match kicked {
            Ok(cut) => done = Some(cut),
            // That one is not in a channel is said once, however many were to leave it.
            Err(_) if is_refused => {}
            Err(denied) => ctx.refuse(denied.into()),
        }
    }
    if let Some(cut) = done {
        ctx.tell_cut("KICK", &cut);
    }
    let left_out: Vec<&str> = left_out.into_iter().map(|(_, nick)| nick).collect();
    leave_out(ctx, &left_out, limits::TARGETS);
    Ok(())
}

/// Who is to leave which channel, each pair once: all one channel, or each the channel at the same place of the other list. `None`
/// where the lists do not fit together. <https://datatracker.ietf.org/doc/html/rfc2812#section-3.2.8>
fn pairs<'a>(channels: &'a str, nicks: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let channels: Vec<&str> = words(channels).collect();
    let nicks: Vec<&str> = words(nicks).collect();
    let all = match channels[..] {
        _ if nicks.is_empty() => return None,
        [channel] => vec![channel; nicks.len()],
        _ if channels.len() == nicks.len() => channels,
        _ => return None,
    };
    let mut seen = FxHashSet::default();
    let pairs = all.into_iter().zip(nicks);
    Some(pairs.filter(|pair| seen.insert(*pair)).collect())
}
