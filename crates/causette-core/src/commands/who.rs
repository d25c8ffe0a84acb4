//! WHO: the members of a channel, or one person. <https://modern.ircdocs.horse/#who-message>

use super::{Command, Needs};
use crate::channel::{Channel, prefix_chars};
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
    let (state, me) = (&ctx.turn.state, ctx.user());
    let mut found: Vec<(&User, Prefixes)> = Vec::new();
    let mut channel = CompactString::const_new("*");
    if mask.starts_with('#') {
        let named = state.channel_named(mask);
        let visible =
            |channel: &&Channel| !channel.modes.secret || channel.members.contains_key(&me.id);
        if let Some(named) = named.filter(visible) {
            channel = named.name.as_str().into();
            for (id, membership) in &named.members {
                let user = state.users.get(id).filter(|user| state.is_present(user));
                found.extend(user.map(|user| (&**user, membership.prefixes)));
            }
        }
    } else if let Some(user) = state.user_named(mask).filter(|user| state.is_present(user)) {
        let shared = user.channels.intersection(&me.channels).next();
        let shared = shared.and_then(|room| state.channels.get(room));
        let prefixes = shared.and_then(|shared| shared.members.get(&user.id));
        channel = shared.map_or(channel, |shared| shared.name.as_str().into());
        found.push((
            user,
            prefixes
                .map(|membership| membership.prefixes)
                .unwrap_or_default(),
        ));
    }
    found.sort_unstable_by_key(|(user, _)| user.nick.key());
    found.truncate(limits::LARGE_ROOM);
    let (nick, server) = (ctx.nick(), &ctx.turn.settings.server);
    let enabled = ctx.session().enabled;
    let bodies: Vec<String> = found
        .into_iter()
        .map(|(user, prefixes)| {
            let User { username, host, realname, .. } = user;
            let here = if user.is_away() { "G" } else { "H" };
            let prefix = prefix_chars(prefixes, enabled);
            let name = &user.nick;
            format!(":{server} {RPL_WHOREPLY} {nick} {channel} {username} {host} {server} {name} {here}{prefix} :0 {realname}")
        })
        .collect();
    for body in bodies {
        ctx.line_from(body);
    }
    let text = ctx.text("end-of-who");
    ctx.numeric(RPL_ENDOFWHO, &[mask], &text);
    Ok(())
}
