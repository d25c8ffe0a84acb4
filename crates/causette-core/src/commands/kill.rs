//! KILL: end all connections of someone. <https://modern.ircdocs.horse/#kill-message>

use super::{Command, Needs};
use crate::actor::Actor;
use crate::person::departure;
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::Message;
use causette_proto::numeric::{ERR_NEEDMOREPARAMS, ERR_NOSUCHNICK};

pub(super) const KILL: Command = Command {
    verb: "KILL",
    params: 1,
    needs: Needs::Right(Act::EndConnections),
    syntax: "KILL <nickname> :<reason>",
    summary: "command-kill",
    spec: "https://modern.ircdocs.horse/#kill-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let nick = message.params[0].as_str();
    let reason = message.params.get(1).map_or("", |reason| reason.as_str());
    if reason.is_empty() {
        // Every act of an operator has a reason, which the register keeps.
        let variables = [("command", "KILL"), ("syntax", KILL.syntax)];
        return Err(ctx.refusal(
            ERR_NEEDMOREPARAMS,
            &["KILL"],
            "need-more-params",
            &variables,
        ));
    }
    let Some(target) = ctx.turn.state.user_named(nick) else {
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick], "no-such-nick", &[("nick", nick)]));
    };
    let nick = target.nick.clone();
    let (target, sessions) = (ctx.turn.state.who(target), target.sessions.clone());
    if sessions.is_empty() {
        return Err(ctx.refusal(ERR_NOSUCHNICK, &[nick.as_str()], "kill-absent", &[]));
    }
    let reason = ctx.cut("KILL", reason, ctx.turn.settings.kick_bytes());
    let id = ctx.id;
    ctx.turn.commit(
        &Actor::Session(id),
        Fact::Killed {
            target,
            reason: reason.clone(),
        },
    );
    let by = ctx.nick();
    let variables = [("by", by.as_str()), ("reason", reason.as_str())];
    let notice = [
        ("by", by.as_str()),
        ("nick", nick.as_str()),
        ("reason", reason.as_str()),
    ];
    ctx.turn.tell_operators(Some(id), "notice-killed", &notice);
    let number = sessions.len().to_string();
    let text = ctx.text_with("nickserv-ended", &[("number", &number)]);
    ctx.notice(None, &text);
    for session in sessions {
        if session == id {
            ctx.close_with("closing-killed", &variables);
        } else {
            departure::end_with(&mut ctx.turn, session, "closing-killed", &variables);
        }
    }
    Ok(())
}
