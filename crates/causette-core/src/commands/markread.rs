//! MARKREAD: up to when one has read, for all one's clients. <https://ircv3.net/specs/extensions/read-marker>

use super::{Command, Needs};
use crate::actor::Actor;
use crate::id::{AccountId, Room};
use crate::limits;
use crate::line::{Line, Meta};
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::room::redact::room;
use causette_proto::{Capabilities, Capability, Message, Timestamp};
use std::sync::Arc;

pub(super) const MARKREAD: Command = Command {
    verb: "MARKREAD",
    params: 0,
    needs: Needs::Online,
    syntax: "MARKREAD <target> [timestamp=<time>]",
    summary: "command-markread",
    spec: "https://ircv3.net/specs/extensions/read-marker",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(target) = message.params.first().filter(|target| !target.is_empty()) else {
        return Err(ctx.failure(
            "MARKREAD",
            "NEED_MORE_PARAMS",
            &[],
            "markread-need-params",
            &[],
        ));
    };
    let Some(account) = ctx.session().account else {
        return Err(super::account_required(ctx, "MARKREAD"));
    };
    let invalid = |ctx: &Ctx<'_>| {
        let context = [target.as_str()];
        ctx.failure(
            "MARKREAD",
            "INVALID_PARAMS",
            &context,
            "markread-invalid",
            &[],
        )
    };
    let Ok(room) = room(ctx.turn.state, ctx.user().id, target) else {
        return Err(invalid(ctx));
    };
    let wanted = match message.params.get(1) {
        None => None,
        Some(word) => {
            let time = word.strip_prefix("timestamp=").and_then(Timestamp::parse);
            Some(time.ok_or_else(|| invalid(ctx))?)
        }
    };
    let held = marker(ctx, account, room);
    match wanted.map(|time| time.min(ctx.turn.now())) {
        // A marker only goes forward; who is behind is told where it is.
        Some(time) if held.is_none_or(|held| time > held) => {
            if held.is_none() && markers(ctx, account) >= limits::MARKERS {
                let context = [target.as_str()];
                return Err(ctx.failure(
                    "MARKREAD",
                    "INTERNAL_ERROR",
                    &context,
                    "markread-full",
                    &[("max", &limits::MARKERS.to_string())],
                ));
            }
            set(ctx, account, room, target, time);
        }
        _ => tell(ctx, target, held),
    }
    Ok(())
}

/// Shows the marker of a channel, as after JOIN.
pub(crate) fn show(ctx: &mut Ctx<'_>, room: Room) {
    let Room::Channel(id) = room else { return };
    let Some(channel) = ctx.turn.state.channels().get(&id) else {
        return;
    };
    let name = channel.name.clone();
    let account = ctx.session().account;
    let held = account.and_then(|account| marker(ctx, account, room));
    tell(ctx, name.as_str(), held);
}

fn marker(ctx: &Ctx<'_>, account: AccountId, room: Room) -> Option<Timestamp> {
    let account = ctx.turn.state.accounts().get(&account)?;
    account.markers.get(&room).copied()
}

fn markers(ctx: &Ctx<'_>, account: AccountId) -> usize {
    let account = ctx.turn.state.accounts().get(&account);
    account.map_or(0, |account| account.markers.len())
}

fn set(ctx: &mut Ctx<'_>, account: AccountId, room: Room, target: &str, time: Timestamp) {
    let id = ctx.id;
    let fact = Fact::MarkerSet {
        account,
        room,
        time,
    };
    ctx.turn.commit(&Actor::Session(id), fact);
    tell(ctx, target, Some(time));
    let server = &ctx.turn.settings.server;
    let body = format!(":{server} MARKREAD {target} timestamp={time}");
    let others = ctx.user().sessions.iter().copied();
    let others = others.filter(|session| *session != id).collect();
    let meta = Meta {
        time: ctx.turn.now(),
        ..Meta::default()
    };
    ctx.turn.deliver(
        Arc::new(Line::new(meta, body)),
        others,
        Capabilities::of(&[Capability::ReadMarker]),
    );
}

fn tell(ctx: &mut Ctx<'_>, target: &str, time: Option<Timestamp>) {
    let time = time.map_or_else(|| "*".to_owned(), |time| format!("timestamp={time}"));
    ctx.line(&format!("MARKREAD {target} {time}"));
}
