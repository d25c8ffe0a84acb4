//! MOTD: the message of the day. <https://modern.ircdocs.horse/#motd-message>

use super::{Command, Needs};
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
pub(super) fn show(ctx: &mut Ctx<'_>) {
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

/// What whoever runs the server wants people to know before they sign up: the rules, what is kept about them, whom to ask.
pub(super) fn house_words(ctx: &Ctx<'_>) -> Vec<String> {
    let settings = ctx.turn.settings;
    let words = [
        ("house-rules", &settings.rules),
        ("house-privacy", &settings.privacy),
        ("house-contact", &settings.contact),
    ];
    let said = words.into_iter().filter(|(_, word)| !word.is_empty());
    said.map(|(key, word)| ctx.text_with(key, &[("word", word)]))
        .collect()
}
