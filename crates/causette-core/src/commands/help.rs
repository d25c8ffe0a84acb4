//! HELP: what a command does, out of the table itself. <https://modern.ircdocs.horse/#help-message>

use super::{COMMANDS, Command, Needs, find};
use crate::modes::{CHANNEL_MODES, Mode, USER_MODES};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{ERR_HELPNOTFOUND, RPL_ENDOFHELP, RPL_HELPSTART, RPL_HELPTXT};

pub(super) const HELP: Command = Command {
    verb: "HELP",
    params: 0,
    needs: Needs::Welcome,
    syntax: "HELP [<command>]",
    summary: "command-help",
    spec: "https://modern.ircdocs.horse/#help-message",
    run,
};

pub(super) const HELPOP: Command = Command {
    verb: "HELPOP",
    syntax: "HELPOP [<command>]",
    ..HELP
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let topic = message
        .params
        .first()
        .map_or("", |topic| topic.as_str())
        .to_ascii_uppercase();
    let mut lines = Vec::new();
    let title = if topic.is_empty() {
        lines.push(ctx.text("help-commands"));
        let verbs: Vec<&str> = COMMANDS.iter().map(|command| command.verb).collect();
        lines.extend(verbs.chunks(8).map(|verbs| verbs.join(" ")));
        lines.push(ctx.text("help-more"));
        ctx.text("help-title")
    } else if let Some(command) = find(&topic) {
        lines.push(ctx.text(command.summary));
        if command.verb == "MODE" {
            lines.extend(modes(ctx, CHANNEL_MODES));
            lines.extend(modes(ctx, USER_MODES));
        }
        lines.push(command.spec.to_owned());
        command.syntax.to_owned()
    } else {
        return Err(ctx.refusal(ERR_HELPNOTFOUND, &[&topic], "help-not-found", &[]));
    };
    let subject = if topic.is_empty() { "*" } else { &topic };
    ctx.numeric(RPL_HELPSTART, &[subject], &title);
    for line in lines {
        ctx.numeric(RPL_HELPTXT, &[subject], &line);
    }
    let text = ctx.text("end-of-help");
    ctx.numeric(RPL_ENDOFHELP, &[subject], &text);
    Ok(())
}

/// What each mode does.
fn modes(ctx: &Ctx<'_>, modes: &[Mode]) -> Vec<String> {
    let line = |mode: &Mode| format!("{} {}", mode.letter, ctx.text(mode.summary));
    modes.iter().map(line).collect()
}
