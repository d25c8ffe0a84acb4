//! ISON: which of some nicknames are online. <https://modern.ircdocs.horse/#ison-message>

use super::monitor::rows;
use super::{Command, Needs};
use crate::fitting::BODY_BYTES;
use crate::person::visibility::{name_as, present_as};
use crate::reply::{Ctx, Outcome};
use crate::reserved::{ADMINISTRATION, is_administration, service_named};
use causette_proto::Message;
use causette_proto::numeric::RPL_ISON;

pub(super) const ISON: Command = Command {
    verb: "ISON",
    params: 1,
    needs: Needs::Online,
    syntax: "ISON <nickname> {<nickname>}",
    summary: "command-ison",
    spec: "https://modern.ircdocs.horse/#ison-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let state = &ctx.turn.state;
    let words = message.params.iter().flat_map(|param| param.split(' '));
    let online: Vec<String> = words
        .filter(|word| !word.is_empty())
        .filter_map(|nick| {
            if is_administration(state.casemap, nick) {
                return Some(ADMINISTRATION.to_owned());
            }
            if let Some(service) = service_named(state.casemap, nick) {
                return Some(service.nick().to_owned());
            }
            present_as(state, nick).map(|user| name_as(state, user, nick).to_owned())
        })
        .collect();
    // Whoever is online is told of, on a second line where one does not hold all; also nobody is an answer.
    let head = ctx.turn.settings.server.len() + ctx.nick().len() + ": 303  :".len();
    let mut rows = rows(&online, ' ', BODY_BYTES.saturating_sub(head));
    if rows.is_empty() {
        rows.push(String::new());
    }
    for row in rows {
        ctx.numeric(RPL_ISON, &[], &row);
    }
    Ok(())
}
