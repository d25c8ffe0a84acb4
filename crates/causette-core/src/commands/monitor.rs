//! MONITOR: be told when people come online and leave. <https://ircv3.net/specs/extensions/monitor>

use super::{Command, Needs, words};
use crate::fitting::MIDDLE_BYTES;
use crate::line::BODY_BYTES;
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::numeric::{
    ERR_MONLISTFULL, ERR_NEEDMOREPARAMS, RPL_ENDOFMONLIST, RPL_MONLIST, RPL_MONOFFLINE,
    RPL_MONONLINE,
};
use causette_proto::{Message, Nick, Numeric};

pub(super) const MONITOR: Command = Command {
    verb: "MONITOR",
    params: 1,
    needs: Needs::Online,
    syntax: "MONITOR <+ | - | C | L | S> [<nickname>{,<nickname>}]",
    summary: "command-monitor",
    spec: "https://ircv3.net/specs/extensions/monitor",
    run,
};

/// Bytes of words on one line that refuses them: they are on it twice.
const REFUSED_BYTES: usize = 100;

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let list = message.params.get(1).map_or("", |list| list.as_str());
    let (max, casemap) = (ctx.turn.settings.limits.nick, ctx.turn.state.casemap);
    let (mut nicks, mut others) = (Vec::new(), Vec::new());
    for word in words(list) {
        match Nick::parse(word, max, casemap) {
            Ok(nick) => nicks.push(nick),
            Err(_) => others.push(word.to_owned()),
        }
    }
    let nothing = nicks.is_empty() && others.is_empty();
    match message.params[0].as_str() {
        "+" | "-" if nothing => Err(need_more(ctx)),
        "+" => {
            // Nobody ever comes by such a name: whoever waits for them would wait for ever.
            for words in rows(&others, ',', REFUSED_BYTES) {
                let variables = [("nick", words.as_str())];
                let (code, key) = ("INVALID_TARGET", "monitor-no-nick");
                let refusal = ctx.failure("MONITOR", code, &[&words], key, &variables);
                ctx.refuse(refusal);
            }
            add(ctx, nicks)
        }
        "-" => {
            for nick in nicks {
                remove(ctx, &nick);
            }
            Ok(())
        }
        "C" | "c" => {
            for nick in ctx.session().monitored.clone() {
                remove(ctx, &nick);
            }
            Ok(())
        }
        "L" | "l" => {
            let nicks = ctx
                .session()
                .monitored
                .iter()
                .map(Nick::to_string)
                .collect();
            show(ctx, RPL_MONLIST, nicks);
            let text = ctx.text("end-of-monitor-list");
            ctx.numeric(RPL_ENDOFMONLIST, &[], &text);
            Ok(())
        }
        "S" | "s" => {
            let nicks = ctx.session().monitored.clone();
            status(ctx, &nicks);
            Ok(())
        }
        _ => Err(need_more(ctx)),
    }
}

fn need_more(ctx: &Ctx<'_>) -> Refusal {
    let variables = [("command", "MONITOR"), ("syntax", MONITOR.syntax)];
    ctx.refusal(
        ERR_NEEDMOREPARAMS,
        &["MONITOR"],
        "need-more-params",
        &variables,
    )
}

fn add(ctx: &mut Ctx<'_>, nicks: Vec<Nick>) -> Outcome {
    let max = ctx.turn.settings.limits.monitor;
    let id = ctx.id;
    let mut added = Vec::new();
    let mut nicks = nicks.into_iter();
    for nick in nicks.by_ref() {
        let monitored = &mut ctx.session_mut().monitored;
        if monitored.contains(&nick) {
            continue;
        }
        if monitored.len() >= max {
            status(ctx, &added);
            let rest = std::iter::once(nick)
                .chain(nicks)
                .map(|nick| nick.to_string());
            let max = max.to_string();
            for nicks in rows(&rest.collect::<Vec<_>>(), ',', MIDDLE_BYTES) {
                let refusal = ctx.refusal(
                    ERR_MONLISTFULL,
                    &[&max, &nicks],
                    "monitor-list-full",
                    &[("max", &max)],
                );
                ctx.refuse(refusal);
            }
            return Ok(());
        }
        monitored.push(nick.clone());
        ctx.turn.state.monitors.add(&nick, id);
        added.push(nick);
    }
    status(ctx, &added);
    Ok(())
}

fn remove(ctx: &mut Ctx<'_>, nick: &Nick) {
    let id = ctx.id;
    let monitored = &mut ctx.session_mut().monitored;
    if let Some(place) = monitored.iter().position(|held| held == nick) {
        monitored.remove(place);
        ctx.turn.state.monitors.remove(nick, id);
    }
}

/// Tells which of some nicknames are online and which are not.
fn status(ctx: &mut Ctx<'_>, nicks: &[Nick]) {
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for nick in nicks {
        match ctx.turn.state.user_named(nick.as_str()) {
            Some(user) if !user.is_absent() => online.push(user.source.to_string()),
            _ => offline.push(nick.to_string()),
        }
    }
    show(ctx, RPL_MONONLINE, online);
    show(ctx, RPL_MONOFFLINE, offline);
}

/// Shows words with commas between them, on as many lines as they need.
fn show(ctx: &mut Ctx<'_>, numeric: Numeric, words: Vec<String>) {
    let head = ctx.turn.settings.server.len() + ctx.nick().len() + ": 730  :".len();
    for line in rows(&words, ',', BODY_BYTES.saturating_sub(head)) {
        ctx.numeric(numeric, &[], &line);
    }
}

/// Words in as few rows of so many bytes as they need, so that none is cut.
pub(crate) fn rows(words: &[String], separator: char, bytes_max: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if row.len() + 1 + word.len() <= bytes_max => {
                row.push(separator);
                row.push_str(word);
            }
            _ => rows.push(word.clone()),
        }
    }
    rows
}
