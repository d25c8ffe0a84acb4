//! MONITOR: be told when people come online and leave. <https://ircv3.net/specs/extensions/monitor>

use super::{Command, Needs, need_more_params, words};
use crate::fitting::{BODY_BYTES, MIDDLE_BYTES};
use crate::person::monitor::{self, Added};
use crate::person::visibility::{present_as, source_as};
use crate::reply::{Ctx, Outcome};
use crate::reserved;
use causette_proto::numeric::{
    ERR_MONLISTFULL, RPL_ENDOFMONLIST, RPL_MONLIST, RPL_MONOFFLINE, RPL_MONONLINE,
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
        "+" | "-" if nothing => Err(need_more_params(ctx, &MONITOR)),
        "+" => {
            // Nobody ever comes by such a name: whoever waits for them would wait for ever.
            for words in rows(&others, ',', REFUSED_BYTES) {
                let variables = [("nick", words.as_str())];
                let (code, key) = ("INVALID_TARGET", "monitor-no-nick");
                let refusal = ctx.failure("MONITOR", code, &[&words], key, &variables);
                ctx.refuse(refusal);
            }
            add(ctx, nicks);
            Ok(())
        }
        "-" => {
            for nick in nicks {
                monitor::remove(&mut ctx.turn, ctx.id, &nick);
            }
            Ok(())
        }
        "C" | "c" => {
            monitor::clear(&mut ctx.turn, ctx.id);
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
        _ => Err(need_more_params(ctx, &MONITOR)),
    }
}

fn add(ctx: &mut Ctx<'_>, nicks: Vec<Nick>) {
    let Added { added, left_out } = monitor::add(&mut ctx.turn, ctx.id, nicks);
    status(ctx, &added);
    let left_out: Vec<String> = left_out.iter().map(Nick::to_string).collect();
    let max = ctx.turn.settings.limits.monitor.to_string();
    for nicks in rows(&left_out, ',', MIDDLE_BYTES) {
        let refusal = ctx.refusal(
            ERR_MONLISTFULL,
            &[&max, &nicks],
            "monitor-list-full",
            &[("max", &max)],
        );
        ctx.refuse(refusal);
    }
}

/// Tells which of some nicknames are online and which are not.
fn status(ctx: &mut Ctx<'_>, nicks: &[Nick]) {
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for nick in nicks {
        let (casemap, server) = (ctx.turn.state.casemap, &ctx.turn.settings.server);
        // What is written to them is answered, or somebody reads it, sooner or later.
        if let Some(source) = reserved::always_there(casemap, server, nick.as_str()) {
            online.push(source.into());
            continue;
        }
        let state = &ctx.turn.state;
        match present_as(state, nick.as_str()) {
            Some(user) => online.push(source_as(state, user, nick.as_str()).into()),
            None => offline.push(nick.to_string()),
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
