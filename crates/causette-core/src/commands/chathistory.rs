//! CHATHISTORY: read the past. <https://ircv3.net/specs/extensions/chathistory>

use super::{Command, Needs};
use crate::history::{Bound, Query, Selector};
use crate::id::Msgid;
use crate::limits;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::past::{self, Wanted};
use crate::state::waiting::Then;
use causette_proto::{Capability, CompactString, Message, Timestamp};

pub(super) const CHATHISTORY: Command = Command {
    verb: "CHATHISTORY",
    params: 0,
    needs: Needs::Online,
    syntax: "CHATHISTORY <LATEST | BEFORE | AFTER | AROUND | BETWEEN | TARGETS> <target> <bound> [<bound>] <limit>",
    summary: "command-chathistory",
    spec: "https://ircv3.net/specs/extensions/chathistory",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let params: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
    let Some((subcommand, rest)) = params.split_first() else {
        return Err(invalid(ctx, &[]));
    };
    let subcommand = subcommand.to_ascii_uppercase();
    let query = match (subcommand.as_str(), rest) {
        ("TARGETS", [from, to, limit]) => {
            let bounds = (bound(from), bound(to));
            let (Some(Bound::Time(from)), Some(Bound::Time(to))) = bounds else {
                return Err(invalid(ctx, &params));
            };
            let limit = page_size(ctx, limit).ok_or_else(|| invalid(ctx, &params))?;
            let by = ctx.user().id;
            Query::Targets(past::targets(ctx.turn.state, by, (from, to), limit))
        }
        ("LATEST" | "BEFORE" | "AFTER" | "AROUND", [target, at, limit]) => {
            let selector = match (subcommand.as_str(), bound(at)) {
                ("LATEST", None) if *at == "*" => Selector::Latest(None),
                ("LATEST", Some(bound)) => Selector::Latest(Some(bound)),
                ("BEFORE", Some(bound)) => Selector::Before(bound),
                ("AFTER", Some(bound)) => Selector::After(bound),
                ("AROUND", Some(bound)) => Selector::Around(bound),
                _ => return Err(invalid(ctx, &params)),
            };
            page(ctx, &params, target, selector, limit)?
        }
        ("BETWEEN", [target, from, to, limit]) => {
            let (Some(from), Some(to)) = (bound(from), bound(to)) else {
                return Err(invalid(ctx, &params));
            };
            page(ctx, &params, target, Selector::Between(from, to), limit)?
        }
        _ => return Err(invalid(ctx, &params)),
    };
    let command = message.clone();
    ctx.read(query, Then::Page { command });
    Ok(())
}

fn page(
    ctx: &Ctx<'_>,
    params: &[&str],
    target: &str,
    selector: Selector,
    limit: &str,
) -> Result<Query, Refusal> {
    let limit = page_size(ctx, limit).ok_or_else(|| invalid(ctx, params))?;
    let wanted = Wanted {
        target,
        selector,
        limit,
        events: ctx.has(Capability::EventPlayback),
    };
    let query = past::page(ctx.turn.state, ctx.user().id, wanted);
    let failed = |denied| ctx.failed("CHATHISTORY", &params[..1], &denied);
    query.map(Query::Page).map_err(failed)
}

fn page_size(ctx: &Ctx<'_>, limit: &str) -> Option<usize> {
    let limit = limit.parse::<usize>().ok().filter(|limit| *limit > 0)?;
    Some(limit.min(ctx.turn.settings.history_max))
}

fn bound(text: &str) -> Option<Bound> {
    if let Some(time) = text.strip_prefix("timestamp=") {
        return Timestamp::parse(time).map(Bound::Time);
    }
    let msgid = text
        .strip_prefix("msgid=")
        .filter(|msgid| !msgid.is_empty() && msgid.len() <= limits::MSGID_BYTES)?;
    Some(Bound::Msgid(Msgid(msgid.into())))
}

fn invalid(ctx: &Ctx<'_>, params: &[&str]) -> Refusal {
    let context = params.first().map_or(&[][..], std::slice::from_ref);
    ctx.failure(
        "CHATHISTORY",
        "INVALID_PARAMS",
        context,
        "history-invalid-params",
        &[],
    )
}
