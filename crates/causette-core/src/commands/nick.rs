//! NICK: take a nickname. <https://modern.ircdocs.horse/#nick-message>

use super::{Command, Needs};
use crate::account::identity;
use crate::account::naming;
use crate::person::presence;
use crate::reply::{Ctx, Outcome};
use crate::reserved;
use crate::room::privilege;
use causette_proto::numeric::{
    ERR_BANNICKCHANGE, ERR_ERRONEUSNICKNAME, ERR_NICKNAMEINUSE, ERR_NONICKNAMEGIVEN,
};
use causette_proto::{Casemap, Message, Nick};

pub(super) const NICK: Command = Command {
    verb: "NICK",
    params: 0,
    needs: Needs::Nothing,
    syntax: "NICK <nickname>",
    summary: "command-nick",
    spec: "https://modern.ircdocs.horse/#nick-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(wanted) = message.params.first().filter(|wanted| !wanted.is_empty()) else {
        return Err(ctx.refusal(ERR_NONICKNAMEGIVEN, &[], "no-nickname", &[]));
    };
    let max = ctx.turn.settings.limits.nick;
    let casemap = ctx.turn.state.casemap;
    if reserved::service_named(casemap, wanted).is_some() {
        return Err(ctx.refusal(ERR_NICKNAMEINUSE, &[wanted], "nick-reserved", &[]));
    }
    let parsed = Nick::parse(wanted, max, casemap).ok();
    let Some(nick) = parsed else {
        let variables = [("nick", wanted.as_str()), ("max", &max.to_string())];
        let key = match casemap {
            Casemap::Ascii => "nick-invalid",
            Casemap::Precis => "nick-invalid-unicode",
        };
        return Err(ctx.refusal(ERR_ERRONEUSNICKNAME, &[wanted], key, &variables));
    };
    let session = ctx.session();
    if !session.welcomed {
        // Who is signing in is given the account's nickname in the end; until then any may be asked for.
        ctx.session_mut().nick = Some(nick);
        identity::complete(ctx);
        return Ok(());
    }
    if session.user.is_none() {
        // In the lobby nobody else sees the nickname, and signing up takes it for a name.
        if let Some(key) = naming::nick_refused(&ctx.turn, ctx.session(), &nick) {
            return Err(ctx.refusal(ERR_NICKNAMEINUSE, &[nick.as_str()], key, &[]));
        }
        let old = ctx.nick();
        ctx.line_from(format!(":{old}!{old}@causette NICK {nick}"));
        ctx.session_mut().nick = Some(nick);
        return Ok(());
    }
    if ctx.user().nick.as_str() == nick.as_str() {
        return Ok(());
    }
    if let Some(key) = naming::nick_refused(&ctx.turn, ctx.session(), &nick) {
        return Err(ctx.refusal(ERR_NICKNAMEINUSE, &[nick.as_str()], key, &[]));
    }
    if let Some(channel) = privilege::nick_held(ctx.turn.state, ctx.user()) {
        let name = channel.name.as_str();
        let variables = [("channel", name)];
        let params = [nick.as_str(), name];
        return Err(ctx.refusal(ERR_BANNICKCHANGE, &params, "nick-held", &variables));
    }
    presence::rename(ctx, nick);
    Ok(())
}
