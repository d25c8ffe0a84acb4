//! CHATHISTORY: read the past. <https://ircv3.net/specs/extensions/chathistory>

use super::{Command, Needs};
use crate::history::{Bound, PageQuery, Query, Selector, TargetsQuery};
use crate::id::{Msgid, Room};
use crate::limits;
use crate::reply::{Ctx, Outcome, Refusal};
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
        ("TARGETS", [from, to, limit, ..]) => {
            let bounds = (bound(from), bound(to));
            let (Some(Bound::Time(from)), Some(Bound::Time(to))) = bounds else {
                return Err(invalid(ctx, &params));
            };
            let limit = page_size(ctx, limit).ok_or_else(|| invalid(ctx, &params))?;
            let user = ctx.user();
            let channels = user.channels.iter();
            let channels = channels
                .filter_map(|room| ctx.turn.state.channels().get(room))
                .map(|channel| (channel.id, channel.readable_since(user.id)))
                .collect();
            Query::Targets(TargetsQuery {
                user: user.id,
                channels,
                from,
                to,
                limit,
            })
        }
        ("LATEST" | "BEFORE" | "AFTER" | "AROUND", [target, at, limit, ..]) => {
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
        ("BETWEEN", [target, from, to, limit, ..]) => {
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
    let (room, acl_version) = readable(ctx, target).ok_or_else(|| {
        let variables = [("target", target)];
        ctx.failure(
            "CHATHISTORY",
            "INVALID_TARGET",
            &[params[0], target],
            "history-no-target",
            &variables,
        )
    })?;
    let mut events = ctx.has(Capability::EventPlayback);
    let (mut since, mut restricted) = (None, false);
    if let Room::Channel(room) = room
        && let Some(channel) = ctx.turn.state.channels().get(&room)
    {
        let me = ctx.user().id;
        let moderates = channel.prefixes(me).at_least('h');
        // Who comes and goes in an auditorium is not for everyone to see, nor who was there before it became one.
        events &= moderates || !channel.modes.has('u');
        restricted = channel.prefixes(me).at_least('o');
        since = channel.readable_since(me);
    }
    Ok(Query::Page(PageQuery {
        room,
        target: target.into(),
        selector,
        limit,
        events,
        since,
        restricted,
        acl_version,
    }))
}

/// The room of a target, if the session's user may read it: a channel that they are in, or a conversation of theirs.
fn readable(ctx: &Ctx<'_>, target: &str) -> Option<(Room, Option<u64>)> {
    let (me, state) = (ctx.user().id, &ctx.turn.state);
    if target.starts_with('#') {
        let channel = state
            .channel_named(target)
            .filter(|channel| channel.members.contains_key(&me))?;
        return Some((Room::Channel(channel.id), Some(channel.acl_version)));
    }
    let other = state.correspondent(target)?;
    Some((Room::direct(me, other), None))
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
