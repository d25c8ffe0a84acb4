//! MOTD: the message of the day. <https://modern.ircdocs.horse/#motd-message>

use super::{Command, Needs};
use crate::person::greeting::house_words;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{RPL_ENDOFMOTD, RPL_MOTD, RPL_MOTDSTART};

pub(super) const MOTD: Command = Command {
    verb: "MOTD",
    params: 0,
    needs: Needs::Welcome,
    syntax: "MOTD",
    summary: "command-motd",
    spec: "https://modern.ircdocs.horse/#motd-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    show(ctx);
    Ok(())
}

/// Shows the message of the day.
pub(crate) fn show(ctx: &mut Ctx<'_>) {
    let settings = ctx.turn.settings;
    let start = ctx.text_with("motd-start", &[("server", &settings.server)]);
    ctx.numeric(RPL_MOTDSTART, &[], &start);
    match &settings.motd {
        Some(lines) => {
            for line in lines {
                ctx.numeric(RPL_MOTD, &[], &format!("- {line}"));
            }
        }
        None => {
            let text = ctx.text_with("motd", &[("network", &settings.network)]);
            for line in text.lines() {
                ctx.numeric(RPL_MOTD, &[], line);
            }
        }
    }
    for line in house_words(ctx) {
        ctx.numeric(RPL_MOTD, &[], &format!("- {line}"));
    }
    let end = ctx.text("motd-end");
    ctx.numeric(RPL_ENDOFMOTD, &[], &end);
}
