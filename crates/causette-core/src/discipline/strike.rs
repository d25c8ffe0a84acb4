//! What becomes of a message that has the words of a filter.

use super::{impose, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::filter::FilterAction;
use crate::id::{FilterId, RoomId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::right::{Act, Role};
use crate::sanction::{Sanction, SanctionKind};
use crate::turn::Turn;
use crate::turn::words::second;
use causette_proto::{CompactString, Tags};
use std::borrow::Cow;

/// A filter whose words a message has.
#[derive(Clone, Debug)]
pub(crate) struct Strike {
    pub(crate) filter: FilterId,
    pub(crate) action: FilterAction,
    /// Where it was said.
    pub(crate) room: RoomId,
    /// Why the words are looked for.
    pub(crate) reason: CompactString,
}

/// The strictest filter whose words are in what somebody says in rooms. Who decides about filters may say the words: they quote
/// them.
pub(crate) fn find(turn: &Turn<'_>, actor: &Actor, rooms: &[RoomId], text: &str) -> Option<Strike> {
    if turn.state.filters().len() == 0 || actor.may(turn.state, Act::Filter) {
        return None;
    }
    let (filter, room) = turn.state.patterns().find(rooms, text)?;
    let found = turn.state.filters().get(filter.0)?;
    Some(Strike {
        filter,
        action: found.action,
        room,
        reason: found.reason.clone(),
    })
}

/// The same of a message, with what else of it people read: the words with which somebody reacts.
pub(crate) fn find_said(
    turn: &Turn<'_>,
    actor: &Actor,
    room: RoomId,
    text: &str,
    tags: &Tags,
) -> Option<Strike> {
    if turn.state.filters().len() == 0 {
        return None;
    }
    find(turn, actor, &[room], &read(text, tags))
}

fn read<'a>(text: &'a str, tags: &Tags) -> Cow<'a, str> {
    // The word by which programs know what somebody does is nobody's.
    let mut read = Cow::Borrowed(text.strip_prefix("\u{1}ACTION ").unwrap_or(text));
    for (key, value) in tags.iter() {
        if matches!(key, "+react" | "+draft/react") {
            let read = read.to_mut();
            read.push('\n');
            read.push_str(value);
        }
    }
    read
}

/// Notes that a filter has struck, and tells those who run the server.
pub(crate) fn note(turn: &mut Turn<'_>, actor: &Actor, by: UserId, strike: &Strike) {
    let (filter, room) = (strike.filter, strike.room);
    turn.commit(actor, Fact::FilterStruck { filter, room });
    tell(turn, by, strike, strike.action.name(), "none");
}

/// Tells those who run the server what a filter has done, and the number of a message that waits.
pub(super) fn tell(turn: &mut Turn<'_>, by: UserId, strike: &Strike, action: &str, held: &str) {
    let nick = turn.state.nick_of(by);
    let channel = turn.state.channels().get(&strike.room);
    let channel = channel.map(|channel| channel.name.clone());
    let number = strike.filter.0.to_string();
    let variables = [
        ("nick", nick.as_str()),
        (
            "channel",
            channel.as_ref().map_or("*", |name| name.as_str()),
        ),
        ("number", &number),
        ("action", action),
        ("held", held),
    ];
    // Nobody did anything: the server found it.
    turn.tell_acted(&Actor::Server, "notice-filter-struck", &variables);
}

/// Refuses a message that has the words of a filter, and lets its author be silent where the filter wants that.
pub(crate) fn refuse(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    strike: &Strike,
    target: &str,
) -> Denied {
    note(turn, actor, by, strike);
    if strike.action == FilterAction::Mute {
        mute(turn, by, &strike.reason);
    }
    let variables = [
        ("channel", target),
        ("reason", strike.reason.as_str()),
        ("contact", turn.settings.contact_or_none()),
    ];
    Denied::new(Why::CannotSpeak, "filter-dropped", &variables)
}

/// The reason with which somebody leaves rooms, puts somebody out or takes something back, if it may be read there: what a filter
/// would not let be said is left out.
pub(crate) fn reason_of<'a>(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    rooms: &[RoomId],
    reason: &'a str,
) -> &'a str {
    let Some(strike) = find(turn, actor, rooms, reason) else {
        return reason;
    };
    note(turn, actor, by, &strike);
    match strike.action {
        FilterAction::Warn => reason,
        FilterAction::Hold | FilterAction::Drop | FilterAction::Mute => "",
    }
}

/// The same of the reason with which somebody leaves all their rooms by a connection, where the rooms will see it.
pub(crate) fn reason_of_quit<'a>(turn: &mut Turn<'_>, actor: &Actor, reason: &'a str) -> &'a str {
    let by = actor.person(turn.state);
    let Some(user) = by.and_then(|by| turn.state.users.get(&by)) else {
        return reason;
    };
    let account = user.account.and_then(|id| turn.state.accounts().get(&id));
    let stays = account.is_some_and(|account| account.stays(turn.settings));
    let ends = user.sessions.len() == 1;
    let ends = ends || actor.session().is_some_and(|id| turn.state.is_last(id));
    if stays || !user.present || !ends {
        return reason;
    }
    let (by, mut rooms) = (user.id, Vec::from_iter(user.channels.iter().copied()));
    rooms.sort_unstable();
    reason_of(turn, actor, by, &rooms, reason)
}

/// Lets somebody be silent for a while, in the name of the server and as far as the role of a moderator reaches.
fn mute(turn: &mut Turn<'_>, by: UserId, reason: &CompactString) {
    let state = &*turn.state;
    let Some(user) = state.users.get(&by) else {
        return;
    };
    let targets = target::person(state, user);
    let (kind, role) = (SanctionKind::Mute, Role::Moderator);
    let beyond = !role.reaches(state.role_of_user(user));
    if beyond || impose::has_place(state, &targets).is_err() {
        return;
    }
    let nick = user.nick.clone();
    let since = turn.steady();
    let until = since.plus_seconds(limits::FILTER_MUTE_SECONDS.cast_signed());
    for whom in targets {
        let sanction = Sanction {
            id: turn.state.sanctions().next_id(),
            kind,
            whom,
            room: None,
            reason: reason.clone(),
            by: turn.settings.server.clone(),
            role,
            since,
            until: Some(until),
        };
        turn.commit(&Actor::Server, Fact::Sanctioned(Box::new(sanction.clone())));
        tell_muted(turn, nick.as_str(), &sanction);
        impose::apply(turn, &Actor::Server, &sanction);
    }
}

fn tell_muted(turn: &mut Turn<'_>, nick: &str, sanction: &Sanction) {
    let until = sanction
        .until
        .map(|until| second(turn.state.clock.shown_at(until)));
    let number = sanction.id.0.to_string();
    let variables = [
        ("by", sanction.by.as_str()),
        ("kind", sanction.kind.name()),
        ("whom", nick),
        ("channel", "none"),
        ("until", until.as_deref().unwrap_or("never")),
        ("number", &number),
        ("reason", &sanction.reason),
    ];
    turn.tell_acted(&Actor::Server, "notice-sanctioned", &variables);
}
