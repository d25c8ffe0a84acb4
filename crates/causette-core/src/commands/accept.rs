//! ACCEPT: let messages of somebody pass the mode `R`. Elsewhere the same command is about the mode `g`.
//! <https://docs.inspircd.org/4/modules/callerid/>

use super::monitor::rows;
use super::{Command, Needs, need_more_params, words};
use crate::fitting::BODY_BYTES;
use crate::limits;
use crate::person::accept::{self, Accepted};
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::Message;
use causette_proto::numeric::{
    ERR_ACCEPTEXIST, ERR_ACCEPTFULL, ERR_ACCEPTNOT, RPL_ACCEPTLIST, RPL_ENDOFACCEPT,
};

pub(super) const ACCEPT: Command = Command {
    verb: "ACCEPT",
    params: 1,
    needs: Needs::Online,
    syntax: "ACCEPT <* | [-]nickname{,[-]nickname}>",
    summary: "command-accept",
    spec: "https://docs.inspircd.org/4/modules/callerid/",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let mut words = words(&message.params[0]).peekable();
    if words.peek().is_none() {
        return Err(need_more_params(ctx, &ACCEPT));
    }
    for word in words {
        if word == "*" {
            list(ctx);
        } else if let Err(refusal) = change(ctx, word) {
            ctx.refuse(refusal);
        }
    }
    Ok(())
}

fn list(ctx: &mut Ctx<'_>) {
    let nicks = accept::list(ctx.turn.state, ctx.user().id);
    let head = ctx.turn.settings.server.len() + ctx.nick().len() + ": 281  :".len();
    for row in rows(&nicks, ' ', BODY_BYTES.saturating_sub(head)) {
        ctx.numeric(RPL_ACCEPTLIST, &[], &row);
    }
    let text = ctx.text("end-of-accept");
    ctx.numeric(RPL_ENDOFACCEPT, &[], &text);
}

fn change(ctx: &mut Ctx<'_>, word: &str) -> Result<(), Refusal> {
    let by = ctx.user().id;
    let (accepted, nick) = match word.strip_prefix('-') {
        Some(nick) => (accept::refuse(&mut ctx.turn, by, nick)?, nick),
        None => {
            let nick = word.strip_prefix('+').unwrap_or(word);
            (accept::accept(&mut ctx.turn, by, nick)?, nick)
        }
    };
    let max = limits::ACCEPTED.to_string();
    let (numeric, params, key): (_, &[&str], _) = match accepted {
        Accepted::Done => return Ok(()),
        Accepted::Already => (ERR_ACCEPTEXIST, &[nick], "accepted-already"),
        Accepted::Not => (ERR_ACCEPTNOT, &[nick], "accepted-not"),
        Accepted::Full => (ERR_ACCEPTFULL, &[], "accepted-full"),
    };
    Err(ctx.refusal(numeric, params, key, &[("nick", nick), ("max", &max)]))
}
