//! What a client is shown when it comes, and when its person has come into a channel.

use super::{greeting, markread, metadata, names, oper, registration, topic};
use crate::discipline::enforce;
use crate::files::aside;
use crate::history::Query;
use crate::id::{AccountId, Room, RoomId, UserId};
use crate::person::guest::{Became, Left};
use crate::person::{alert, arrival, replay};
use crate::reply::Ctx;
use crate::room::auto_join;
use crate::room::enter::{Entered, enter};
use crate::state::waiting::Then;
use causette_proto::numeric::RPL_VISIBLEHOST;
use causette_proto::{Capability, CompactString, Timestamp};

/// Welcomes a session whose registration is complete, and lets it in where it has an account or needs none.
pub(crate) fn welcome(ctx: &mut Ctx<'_>) {
    let account = arrival::welcome(&mut ctx.turn, ctx.id);
    greeting::greet(ctx);
    match account {
        Some(account) => attach(ctx, account),
        None if ctx.turn.settings.accounts_required => greeting::explain_sign_in(ctx),
        None => {
            if let Some(user) = arrival::come_as_guest(&mut ctx.turn, ctx.id) {
                show_host(ctx);
                metadata::say_early(ctx);
                land(ctx, user, None);
            }
        }
    }
}

/// Lets a welcomed session speak for its account's user, and lets who has signed up with an invitation come where it leads.
pub(crate) fn attach(ctx: &mut Ctx<'_>, account: AccountId) {
    come(ctx, account);
    let found = ctx.turn.state.sessions.get_mut(&ctx.id);
    let there = found.filter(|session| session.user == Some(UserId::from(account)));
    if let Some(room) = there.and_then(|session| session.invited_to.take()) {
        follow_invitation(ctx, room);
    }
}

/// Enters the channel to which an invitation leads, where it is still there; says why not, where one may not.
fn follow_invitation(ctx: &mut Ctx<'_>, room: RoomId) {
    let Some(channel) = ctx.turn.state.channels().get(&room) else {
        return;
    };
    let name = channel.name.clone();
    let (actor, user) = (ctx.actor(), ctx.user().id);
    let room = match enter(&mut ctx.turn, &actor, user, name.as_str(), "") {
        Ok(Entered::In(room) | Entered::SentOn { room, .. }) => room,
        Ok(Entered::Already) => return,
        Err(denied) => {
            let why = ctx.denied_text(&denied);
            let variables = [("channel", name.as_str()), ("why", &why)];
            let text = ctx.text_with("invitation-room-shut", &variables);
            return ctx.notice(Some("NickServ"), &text);
        }
    };
    show_entered(ctx, room);
    show_missed(ctx, &[room], None);
}

fn come(ctx: &mut Ctx<'_>, account: AccountId) {
    let shown_nick = ctx.nick();
    let Some(attached) = arrival::attach(&mut ctx.turn, ctx.id, account) else {
        return;
    };
    if let Err(denied) = enforce::may_be_here(&ctx.turn, ctx.id) {
        return registration::turn_away(ctx, &denied);
    }
    if let Some(became) = &attached.became {
        show_became(ctx, became);
    }
    let guest = attached.left.map(|left| show_left(ctx, left));
    let nick = ctx.nick();
    if shown_nick != nick {
        match guest {
            Some(source) => ctx.line_from(format!(":{source} NICK {nick}")),
            None => ctx.line_of_own(format!(":{shown_nick}!{shown_nick}@causette NICK {nick}")),
        }
    }
    show_host(ctx);
    metadata::say_early(ctx);
    if ctx.turn.state.operates(account) {
        oper::welcome(ctx);
    }
    if let Some(since) = attached.absent_since {
        show_kept(ctx, since);
    }
    if attached.lands {
        return land(ctx, UserId::from(account), attached.missed_since);
    }
    for room in &attached.rooms {
        show_joined(ctx, *room);
    }
    show_missed(ctx, &attached.rooms, attached.missed_since);
}

/// Shows a client at which somebody is again what it would have been shown on coming: since when nobody was there is known.
pub(super) fn come_back(ctx: &mut Ctx<'_>, since: Timestamp) {
    let account = ctx.session().account;
    if account.is_some_and(|account| ctx.turn.state.operates(account)) {
        oper::welcome(ctx);
    }
    show_kept(ctx, since);
}

/// Shows a client what was kept for its person since nobody was there.
fn show_kept(ctx: &mut Ctx<'_>, since: Timestamp) {
    alert::show_missed(&mut ctx.turn, ctx.id, since);
    aside::show_missed(&mut ctx.turn, ctx.id, since);
}

/// Tells a client as whom its person goes on who was a guest, as the others are told.
fn show_became(ctx: &mut Ctx<'_>, became: &Became) {
    let source = &became.source;
    let user = ctx.user();
    let modes = became.changes(user.modes);
    let (username, host) = (user.username.clone(), user.host.clone());
    let name = ctx.turn.state.account_name(user).cloned();
    if let Some(name) = name.filter(|_| ctx.has(Capability::AccountNotify)) {
        ctx.line_of_own(format!(":{source} ACCOUNT {name}"));
    }
    if ctx.has(Capability::Chghost) {
        ctx.line_of_own(format!(":{source} CHGHOST {username} {host}"));
    }
    if !modes.is_empty() {
        let (source, nick) = (ctx.user().source.clone(), ctx.nick());
        ctx.line_of_own(format!(":{source} MODE {nick} {modes}"));
    }
}

/// Tells a client that the guest that it was has left its channels; gives its source back.
fn show_left(ctx: &mut Ctx<'_>, Left { source, channels }: Left) -> CompactString {
    for name in channels {
        ctx.line_from(format!(":{source} PART {name}"));
    }
    source
}

/// Joins the channels that everyone lands in.
fn land(ctx: &mut Ctx<'_>, user: UserId, missed_since: Option<Timestamp>) {
    let actor = ctx.actor();
    let mut rooms = Vec::new();
    for name in &ctx.turn.settings.auto_join {
        if let Some(room) = auto_join::land(&mut ctx.turn, &actor, user, name) {
            show_entered(ctx, room);
            rooms.push(room);
        }
    }
    show_entered_past(ctx, &rooms, missed_since);
}

/// Replays recent lines of channels that are new to a client. Who knows bouncers asks for these, and not for what was missed in those
/// that its person has stayed in. <https://wiki.znc.in/Playback>
pub(super) fn show_entered_past(
    ctx: &mut Ctx<'_>,
    rooms: &[RoomId],
    direct_since: Option<Timestamp>,
) {
    let asks = ctx.has(Capability::ZncPlayback);
    show_missed(ctx, if asks { &[] } else { rooms }, direct_since);
}

/// Shows a client a channel that its person has just entered, and their other clients, which are in it from now on too.
pub(super) fn show_entered(ctx: &mut Ctx<'_>, room: RoomId) {
    let id = ctx.id;
    let sessions = ctx.user().sessions.clone();
    for other in sessions.into_iter().filter(|session| *session != id) {
        let mut ctx = Ctx::new(ctx.turn.reborrow(), other, None);
        show_channel(&mut ctx, room);
        ctx.conclude();
    }
    show_channel(ctx, room);
}

/// Shows a session a channel that its user was already in.
fn show_joined(ctx: &mut Ctx<'_>, room: RoomId) {
    show_join(ctx, room);
    show_channel(ctx, room);
}

/// Tells a session that its user is in a channel.
pub(super) fn show_join(ctx: &mut Ctx<'_>, room: RoomId) {
    let (Some(channel), user) = (ctx.turn.state.channels().get(&room), ctx.user()) else {
        return;
    };
    let (source, name) = (user.source.clone(), channel.name.clone());
    if ctx.has(Capability::ExtendedJoin) {
        let user = ctx.user();
        let account = ctx
            .turn
            .state
            .account_name(user)
            .map_or("*", |name| name.as_str())
            .to_owned();
        let realname = user.realname.clone();
        ctx.line_of_own(format!(":{source} JOIN {name} {account} :{realname}"));
    } else {
        ctx.line_of_own(format!(":{source} JOIN {name}"));
    }
}

/// The topic, the read marker and the names of a channel, as after JOIN.
fn show_channel(ctx: &mut Ctx<'_>, room: RoomId) {
    show_subject(ctx, room);
    if wants_names(ctx) {
        names::show(ctx, room);
    }
    metadata::show_room(ctx, room);
}

/// The topic and the read marker of a channel.
pub(super) fn show_subject(ctx: &mut Ctx<'_>, room: RoomId) {
    topic::show(ctx, room, false);
    if ctx.has(Capability::ReadMarker) {
        markread::show(ctx, Room::Channel(room));
    }
}

/// Whether a client is shown who is in a channel without asking.
pub(super) fn wants_names(ctx: &Ctx<'_>) -> bool {
    let names = [
        Capability::NoImplicitNames,
        Capability::DraftNoImplicitNames,
        Capability::SojuNoImplicitNames,
    ];
    !names.into_iter().any(|capability| ctx.has(capability))
}

/// Tells a session the host that others see. <https://defs.ircdocs.horse/defs/numerics#rpl-visiblehost-396>
pub(super) fn show_host(ctx: &mut Ctx<'_>) {
    let host = ctx.user().host.clone();
    let text = ctx.text("visible-host");
    ctx.numeric(RPL_VISIBLEHOST, &[&host], &text);
}

/// Replays recent lines to a client that will not ask for them.
pub(super) fn show_missed(ctx: &mut Ctx<'_>, rooms: &[RoomId], direct_since: Option<Timestamp>) {
    if let Some(query) = replay::wanted(&ctx.turn, ctx.id, rooms, direct_since) {
        ctx.read(Query::Replay(query), Then::Replay);
    }
}
