//! STATS: a few figures of the server. <https://modern.ircdocs.horse/#stats-message>

use super::{Command, Needs};
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::numeric::{RPL_ENDOFSTATS, RPL_STATSOLINE, RPL_STATSUPTIME};
use causette_proto::{CompactString, Message};

pub(super) const STATS: Command = Command {
    verb: "STATS",
    params: 1,
    needs: Needs::Online,
    syntax: "STATS <u | o>",
    summary: "command-stats",
    spec: "https://modern.ircdocs.horse/#stats-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let query = message.params[0].as_str();
    match query {
        "u" => {
            let seconds = ctx.turn.state.uptime;
            let (days, rest) = (seconds / 86_400, seconds % 86_400);
            let time = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
            let variables = [("days", &*days.to_string()), ("time", &time)];
            let text = ctx.text_with("stats-uptime", &variables);
            ctx.numeric(RPL_STATSUPTIME, &[], &text);
        }
        "o" => {
            if let Err(denied) = ctx.actor().must(ctx.turn.state, Act::ListOperators) {
                ctx.refuse(denied.into());
            } else {
                for (name, class) in operators(ctx) {
                    ctx.numeric_bare(RPL_STATSOLINE, &["O", "*@*", "*", &name, "0", &class]);
                }
            }
        }
        // Whatever else is asked for has no lines here.
        _ => {}
    }
    let query = causette_proto::split::cut(query, limits::WORD_BYTES);
    let text = ctx.text("end-of-stats");
    ctx.numeric(RPL_ENDOFSTATS, &[query], &text);
    Ok(())
}

/// Who may become an operator, and who is one by the role of their account: a name and a class, or the role.
fn operators(ctx: &Ctx<'_>) -> Vec<(CompactString, CompactString)> {
    let state = &*ctx.turn.state;
    let named = ctx.turn.settings.operators.iter();
    let named = named.map(|operator| (operator.name.clone(), operator.class.clone()));
    let officers = state.officers();
    let officers = officers.filter(|account| state.operates(account.id));
    let officers = officers.map(|account| {
        let role = CompactString::const_new(account.role.name());
        (CompactString::new(account.name.as_str()), role)
    });
    named.chain(officers).collect()
}
