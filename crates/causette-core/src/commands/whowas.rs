//! WHOWAS: who went by a nickname. <https://modern.ircdocs.horse/#whowas-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use crate::state::whowas::Was;
use causette_proto::Message;
use causette_proto::numeric::{
    ERR_NONICKNAMEGIVEN, ERR_WASNOSUCHNICK, RPL_ENDOFWHOWAS, RPL_WHOISACCOUNT, RPL_WHOISSERVER,
    RPL_WHOWASUSER,
};

pub(super) const WHOWAS: Command = Command {
    verb: "WHOWAS",
    params: 0,
    needs: Needs::Online,
    syntax: "WHOWAS <nickname> [<count>]",
    summary: "command-whowas",
    spec: "https://modern.ircdocs.horse/#whowas-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(nick) = message.params.first().filter(|nick| !nick.is_empty()) else {
        return Err(ctx.refusal(ERR_NONICKNAMEGIVEN, &[], "no-nickname", &[]));
    };
    let count = message.params.get(1).and_then(|count| count.parse().ok());
    // A count that is not positive asks for all.
    let count = count.filter(|count| *count > 0).unwrap_or(usize::MAX);
    let key = ctx.turn.state.casemap.fold(nick);
    let found: Vec<Was> = ctx
        .turn
        .state
        .whowas
        .of(&key)
        .take(count)
        .cloned()
        .collect();
    if found.is_empty() {
        let variables = [("nick", nick.as_str())];
        let refusal = ctx.refusal(ERR_WASNOSUCHNICK, &[nick], "was-no-such-nick", &variables);
        ctx.refuse(refusal);
    }
    let server = ctx.turn.settings.server.clone();
    for was in found {
        let name = was.nick.as_str();
        ctx.numeric(
            RPL_WHOWASUSER,
            &[name, &was.username, &was.host, "*"],
            &was.realname,
        );
        if let Some(account) = &was.account {
            let text = ctx.text("whowas-account");
            ctx.numeric(RPL_WHOISACCOUNT, &[name, account], &text);
        }
        let until = was.until.to_string();
        ctx.numeric(RPL_WHOISSERVER, &[name, &server], &until);
    }
    let text = ctx.text("end-of-whowas");
    ctx.numeric(RPL_ENDOFWHOWAS, &[nick], &text);
    Ok(())
}
