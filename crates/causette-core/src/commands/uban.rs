//! UBAN and MUTE: keep people out of the server, or silent on it, and let them in or speak again. KLINE and DLINE are what others call
//! the same. In the spirit of Ergo's UBAN, which takes accounts, masks and addresses alike.
//! <https://github.com/ergochat/ergo/blob/master/docs/MANUAL.md>

use super::{Command, Needs, need_more_params};
use crate::denied::{Denied, Why};
use crate::discipline::impose::{Wanted, impose};
use crate::discipline::{lift, list, target};
use crate::id::SanctionId;
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::report::SanctionReport;
use crate::right::Act;
use crate::sanction::{Duration, SanctionKind};
use crate::turn::words::second;
use causette_proto::{CompactString, Message};

const SPEC: &str = "https://github.com/ergochat/ergo/blob/master/docs/MANUAL.md";

const fn command(
    verb: &'static str,
    (params, syntax): (usize, &'static str),
    summary: &'static str,
    run: fn(&mut Ctx<'_>, &Message) -> Outcome,
) -> Command {
    Command {
        verb,
        params,
        needs: Needs::Right(Act::Sanction),
        syntax,
        summary,
        spec: SPEC,
        run,
    }
}

pub(super) const UBAN: Command = command(
    "UBAN",
    (
        1,
        "UBAN <ADD | DEL | LIST | INFO> [<whom | number>] [<duration>] [:<reason>]",
    ),
    "command-uban",
    uban,
);

pub(super) const KLINE: Command = command(
    "KLINE",
    (2, "KLINE [<duration>] <whom> :<reason>"),
    "command-kline",
    |ctx, message| line(ctx, &KLINE, message),
);

pub(super) const DLINE: Command = command(
    "DLINE",
    (2, "DLINE [<duration>] <address> :<reason>"),
    "command-dline",
    |ctx, message| line(ctx, &DLINE, message),
);

pub(super) const MUTE: Command = command(
    "MUTE",
    (2, "MUTE <whom> [<duration>] :<reason>"),
    "command-mute",
    |ctx, message| add(ctx, &MUTE, SanctionKind::Mute, &message.params),
);

pub(super) const UNKLINE: Command = command(
    "UNKLINE",
    (2, "UNKLINE <whom | number> :<reason>"),
    "command-unkline",
    |ctx, message| remove(ctx, &UNKLINE, SanctionKind::Ban, &message.params),
);

pub(super) const UNDLINE: Command = command(
    "UNDLINE",
    (2, "UNDLINE <address | number> :<reason>"),
    "command-undline",
    |ctx, message| remove(ctx, &UNDLINE, SanctionKind::Ban, &message.params),
);

pub(super) const UNMUTE: Command = command(
    "UNMUTE",
    (2, "UNMUTE <whom | number> :<reason>"),
    "command-unmute",
    |ctx, message| remove(ctx, &UNMUTE, SanctionKind::Mute, &message.params),
);

fn uban(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let [word, params @ ..] = &message.params[..] else {
        return Err(need_more_params(ctx, &UBAN));
    };
    match word.to_ascii_uppercase().as_str() {
        "ADD" => add(ctx, &UBAN, SanctionKind::Ban, params),
        "DEL" => remove(ctx, &UBAN, SanctionKind::Ban, params),
        "LIST" => {
            let actor = ctx.actor();
            let held = list::list(&ctx.turn, &actor)?;
            show(ctx, &held);
            Ok(())
        }
        "INFO" if !params.is_empty() => {
            let actor = ctx.actor();
            let held = list::of(&ctx.turn, &actor, &params[0])?;
            show(ctx, &held);
            Ok(())
        }
        _ => Err(need_more_params(ctx, &UBAN)),
    }
}

/// What others write with the duration in front.
fn line(ctx: &mut Ctx<'_>, command: &Command, message: &Message) -> Outcome {
    let mut params = message.params.clone();
    if params.len() > 2 && Duration::parse(&params[0]).is_some() {
        params.swap(0, 1);
    }
    add(ctx, command, SanctionKind::Ban, &params)
}

/// Whom, for how long, and why. A duration may stand behind the word for it, and the reason in several words.
fn add(
    ctx: &mut Ctx<'_>,
    command: &Command,
    kind: SanctionKind,
    params: &[CompactString],
) -> Outcome {
    let [whom, rest @ ..] = params else {
        return Err(need_more_params(ctx, command));
    };
    let (rest, is_said) = match rest {
        [word, rest @ ..] if word.eq_ignore_ascii_case("DURATION") => (rest, true),
        rest => (rest, false),
    };
    let (duration, rest) = match rest {
        [first, others @ ..] => match Duration::parse(first) {
            Some(duration) => (duration, others),
            // A slip of the pen must not keep somebody out for good.
            None if is_said || looks_like_a_duration(first) => {
                return Err(Denied::new(Why::BadDuration, "sanction-duration", &[]).into());
            }
            None => (Duration::Forever, rest),
        },
        [] => (Duration::Forever, rest),
    };
    let (reason, seconds) = (rest.join(" "), duration.seconds());
    let wanted = Wanted {
        kind,
        whom: whom.as_str().into(),
        room: None,
        seconds,
        reason: &reason,
    };
    let (actor, place) = (ctx.actor(), ctx.turn.own.place());
    let imposed = match impose(&mut ctx.turn, &actor, wanted) {
        Ok(imposed) => imposed,
        // Here it is a parameter that is missing.
        Err(denied) if denied.why == Why::NoReason => return Err(need_more_params(ctx, command)),
        Err(denied) => return Err(denied.into()),
    };
    let people = imposed.people.to_string();
    ctx.ahead(place, |ctx| {
        ctx.tell_cut(command.verb, &imposed.reason);
        let variables = [
            ("kind", kind.name()),
            ("whom", imposed.whom.as_str()),
            ("channel", "none"),
            ("until", &imposed.until),
            ("number", &imposed.numbers),
            ("people", &people),
        ];
        let text = ctx.text_with("sanction-imposed", &variables);
        ctx.notice(None, &text);
    });
    Ok(())
}

/// Whether a word can only have been meant for how long: it begins with a digit.
fn looks_like_a_duration(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains(char::is_whitespace)
}

/// Whose, or which, and why.
fn remove(
    ctx: &mut Ctx<'_>,
    command: &Command,
    kind: SanctionKind,
    params: &[CompactString],
) -> Outcome {
    let [whom, rest @ ..] = params else {
        return Err(need_more_params(ctx, command));
    };
    let (actor, reason) = (ctx.actor(), rest.join(" "));
    if reason.is_empty() {
        return Err(need_more_params(ctx, command));
    }
    let lifted = match whom.parse() {
        Ok(number) => {
            let id = SanctionId(number);
            let held = ctx.turn.state.sanctions().get(id);
            if held.is_some_and(|held| held.kind != kind) {
                return Err(target::none(whom, None).into());
            }
            vec![lift::lift(&mut ctx.turn, &actor, id, &reason)?]
        }
        Err(_) => lift::lift_from(
            &mut ctx.turn,
            &actor,
            kind,
            (whom.as_str().into(), None),
            &reason,
        )?,
    };
    let (key, variables) = lift::told(&lifted);
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let text = ctx.text_with(key, &variables);
    ctx.notice(None, &text);
    Ok(())
}

/// Shows sanctions, a line each, and how many there are.
fn show(ctx: &mut Ctx<'_>, held: &[SanctionReport]) {
    for held in held.iter().take(limits::SANCTIONS_LISTED) {
        let (number, since) = (held.number.0.to_string(), second(held.since));
        let until = held.until.map_or_else(|| "never".to_owned(), second);
        let variables = [
            ("number", number.as_str()),
            ("kind", held.kind.name()),
            ("whom", &held.whom),
            ("channel", held.room.as_deref().unwrap_or("none")),
            ("since", &since),
            ("until", &until),
            ("by", &held.by),
            ("reason", &held.reason),
        ];
        let text = ctx.text_with("sanction-line", &variables);
        ctx.notice(None, &text);
    }
    let (number, shown) = (held.len(), held.len().min(limits::SANCTIONS_LISTED));
    let (number, shown) = (number.to_string(), shown.to_string());
    let variables = [("number", number.as_str()), ("shown", &shown)];
    let text = ctx.text_with("sanctions-end", &variables);
    ctx.notice(None, &text);
}
