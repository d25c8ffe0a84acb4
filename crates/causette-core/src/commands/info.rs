//! INFO: what the server is. <https://modern.ircdocs.horse/#info-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{RPL_ENDOFINFO, RPL_INFO};

pub(super) const INFO: Command = Command {
    verb: "INFO",
    params: 0,
    needs: Needs::Welcome,
    syntax: "INFO",
    summary: "command-info",
    spec: "https://modern.ircdocs.horse/#info-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let settings = ctx.turn.settings;
    let started = ctx.turn.state.started.to_string();
    let started = format!("{} {} UTC", &started[..10], &started[11..16]);
    let variables = [("version", settings.version.as_str()), ("time", &started)];
    let text = ctx.text_with("info", &variables);
    for line in text.lines() {
        ctx.numeric(RPL_INFO, &[], line);
    }
    let end = ctx.text("end-of-info");
    ctx.numeric(RPL_ENDOFINFO, &[], &end);
    Ok(())
}
