//! WHO: the members of a channel, or one person. <https://modern.ircdocs.horse/#who-message>

use super::{Command, Needs};
use crate::channel::prefix_chars;
use crate::event::Prefixes;
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::user::User;
use causette_proto::numeric::{RPL_ENDOFWHO, RPL_WHOREPLY};
use causette_proto::{CompactString, Message};

pub(super) const WHO: Command = Command {
    verb: "WHO",
    params: 1,
    needs: Needs::Online,
    syntax: "WHO <channel | nickname>",
    summary: "command-who",
    spec: "https://modern.ircdocs.horse/#who-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let mask = message.params[0].as_str();
    let state = &ctx.turn.state;
    let me = ctx.user();
    let mut replies = Vec::new();
    if mask.starts_with('#') {
        let found = state.channel_named(mask);
        if let Some(channel) =
            found.filter(|channel| !channel.modes.secret || channel.members.contains_key(&me.id))
        {
            let name = CompactString::new(channel.name.as_str());
            for (id, membership) in channel.members.iter() {
                let user = state.users.get(id).filter(|user| state.is_present(user));
                replies.extend(user.map(|user| describe(ctx, user, &name, membership.prefixes)));
            }
        }
    } else if let Some(user) = state.user_named(mask).filter(|user| state.is_present(user)) {
        let shared = user
            .channels
            .intersection(&me.channels)
            .next()
            .and_then(|room| state.channels.get(room));
        let channel = shared.map_or(CompactString::const_new("*"), |channel| {
            channel.name.as_str().into()
        });
        let prefixes = shared
            .and_then(|channel| channel.members.get(&user.id))
            .map(|membership| membership.prefixes);
        replies.push(describe(ctx, user, &channel, prefixes.unwrap_or_default()));
    }
    replies.sort_unstable();
    replies.truncate(limits::LARGE_ROOM);
    for (params, realname) in &replies {
        let params: Vec<&str> = params.iter().map(CompactString::as_str).collect();
        ctx.numeric(RPL_WHOREPLY, &params, realname);
    }
    let text = ctx.text("end-of-who");
    ctx.numeric(RPL_ENDOFWHO, &[mask], &text);
    Ok(())
}

/// The parameters of one reply, and its text.
fn describe(
    ctx: &Ctx<'_>,
    user: &User,
    channel: &CompactString,
    prefixes: Prefixes,
) -> (Vec<CompactString>, String) {
    let mut flags = CompactString::const_new(if user.is_away() { "G" } else { "H" });
    flags.push_str(prefix_chars(prefixes, ctx.session().enabled));
    let params = vec![
        channel.clone(),
        user.username.clone(),
        user.host.clone(),
        ctx.turn.settings.server.clone(),
        CompactString::new(user.nick.as_str()),
        flags,
    ];
    (params, format!("0 {}", user.realname))
}
