//! ChanServ FILTER: the words that are looked for in what is said, and the messages that wait, for those who decide about them.

use super::typed;
use crate::discipline::filter::{self, Wanted};
use crate::discipline::held;
use crate::filter::FilterAction;
use crate::fitting::Cut;
use crate::id::{FilterId, HeldId};
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::right::Act;
use crate::service;
use crate::state::words::plain;
use crate::turn::words::minute;

/// Does what it is told to do with filters.
pub(super) fn answer(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (command, rest) = typed::word(text);
    let rest = rest.trim();
    match command.to_ascii_uppercase().as_str() {
        "LIST" => list(ctx),
        "ADD" => add(ctx, rest),
        "DEL" => remove(ctx, rest),
        "HELD" => list_held(ctx),
        "RELEASE" => decide(ctx, rest, true),
        "DISCARD" => decide(ctx, rest, false),
        _ => help(ctx),
    }
}

/// Who may not decide about filters is told so, and not how.
fn help(ctx: &mut Ctx<'_>) -> Outcome {
    ctx.actor().must(ctx.turn.state, Act::Filter)?;
    say(ctx, "chanserv-filter-help", &[])
}

fn list(ctx: &mut Ctx<'_>) -> Outcome {
    let filters = filter::list(ctx.turn.state, &ctx.actor())?;
    let count = filters.len().to_string();
    for filter in filters {
        let (number, since) = (filter.number.0.to_string(), minute(filter.since));
        let variables = [
            ("number", number.as_str()),
            ("pattern", &filter.pattern),
            ("action", filter.action.name()),
            ("channel", filter.room.as_deref().unwrap_or("none")),
            ("since", &since),
            ("by", &filter.by),
            ("reason", &filter.reason),
        ];
        say(ctx, "filter-line", &variables)?;
    }
    say(ctx, "filters-end", &[("number", &count)])
}

/// `<action> [#channel] <word | "several words"> <reason>`.
fn add(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (action, rest) = typed::word(text);
    let Some(action) = FilterAction::of(&action.to_ascii_lowercase()) else {
        return help(ctx);
    };
    let (room, rest) = match typed::word(rest) {
        (room, rest) if room.starts_with('#') => (Some(room), rest),
        _ => (None, rest),
    };
    let (pattern, reason) = typed::quoted(rest).unwrap_or_else(|| typed::word(rest));
    if pattern.is_empty() {
        return help(ctx);
    }
    let actor = ctx.actor();
    let wanted = Wanted {
        pattern,
        action,
        room,
        reason,
    };
    let set = filter::set(&mut ctx.turn, &actor, wanted)?;
    ctx.tell_cut("CS", &set.reason);
    let number = set.filter.0.to_string();
    let variables = [("number", number.as_str()), ("pattern", &set.pattern)];
    say(ctx, "filter-set", &variables)
}

/// `<number> <reason>`.
fn remove(ctx: &mut Ctx<'_>, text: &str) -> Outcome {
    let (number, reason) = typed::word(text);
    let Some(filter) = read(number).map(FilterId) else {
        return help(ctx);
    };
    let actor = ctx.actor();
    let removed = filter::remove(&mut ctx.turn, &actor, filter, reason)?;
    ctx.tell_cut("CS", &removed.reason);
    let number = filter.0.to_string();
    let variables = [("number", number.as_str()), ("pattern", &removed.pattern)];
    say(ctx, "filter-removed", &variables)
}

fn list_held(ctx: &mut Ctx<'_>) -> Outcome {
    let held = held::list(ctx.turn.state, &ctx.actor())?;
    let count = held.len().to_string();
    for held in held {
        let (number, since) = (held.number.0.to_string(), minute(held.since));
        let filter = held.filter.0.to_string();
        let text = plain(&held.text.replace('\n', " / "));
        let mut text = Cut::of(&text, limits::HELD_SHOWN_BYTES);
        if text.missing > 0 {
            text.kept.push('…');
        }
        let variables = [
            ("number", number.as_str()),
            ("nick", &held.from),
            ("channel", &held.room),
            ("since", &since),
            ("filter", &filter),
            ("text", &text.kept),
        ];
        say(ctx, "held-line", &variables)?;
    }
    say(ctx, "held-end", &[("number", &count)])
}

/// `<number>`.
fn decide(ctx: &mut Ctx<'_>, text: &str, release: bool) -> Outcome {
    let Some(held) = read(typed::word(text).0).map(HeldId) else {
        return help(ctx);
    };
    let actor = ctx.actor();
    let decided = held::decide(&mut ctx.turn, &actor, held, release)?;
    let number = held.0.to_string();
    let variables = [
        ("number", number.as_str()),
        ("nick", &decided.nick),
        ("channel", &decided.channel),
    ];
    say(ctx, decided.key(release), &variables)
}

/// A number, which may stand behind a `#`.
fn read(number: &str) -> Option<u64> {
    number.trim_start_matches('#').parse().ok()
}

fn say(ctx: &mut Ctx<'_>, key: &str, variables: &[(&str, &str)]) -> Outcome {
    service::say(ctx, Service::Channels, key, variables);
    Ok(())
}
