//! The words that are looked for in what is said in rooms: which, what happens to a message that has them, and why.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::filter::{Filter, FilterAction};
use crate::fitting::{self, Cut};
use crate::id::{FilterId, RoomId};
use crate::limits;
use crate::record::Fact;
use crate::report::FilterReport;
use crate::right::Act;
use crate::room::privilege;
use crate::state::State;
use crate::state::words::{Pattern, plain};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// What is to be looked for, as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) pattern: &'a str,
    pub(crate) action: FilterAction,
    /// In which channel; `None` for all.
    pub(crate) room: Option<&'a str>,
    pub(crate) reason: &'a str,
}

/// What was decided about a filter.
pub(crate) struct Decided {
    pub(crate) filter: FilterId,
    /// Its words, as they are shown.
    pub(crate) pattern: CompactString,
    /// What of the reason is kept.
    pub(crate) reason: Cut,
    pub(crate) mark: Mark,
}

/// Looks for words from now on.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: Wanted<'_>,
) -> Result<Decided, Denied> {
    actor.must(turn.state, Act::Filter)?;
    let reason = fitting::reason(wanted.reason, limits::SANCTION_REASON_BYTES)?;
    let room = match wanted.room {
        Some(name) => {
            let found = turn.state.channel_named(name);
            Some(found.ok_or_else(|| privilege::no_such_channel(name))?.id)
        }
        None => None,
    };
    let pattern = read(turn.state, wanted.pattern, room)?;
    let filter = Filter {
        id: FilterId(turn.state.filters().next_number()),
        pattern: pattern.clone(),
        action: wanted.action,
        room,
        reason: reason.kept.clone(),
        by: actor.name(turn.state),
        since: turn.steady(),
    };
    let (id, by) = (filter.id, filter.by.clone());
    let mark = turn.commit(actor, Fact::FilterSet(Box::new(filter)));
    let number = id.0.to_string();
    let channel = room.and_then(|room| turn.state.channels().get(&room));
    let channel = channel.map(|channel| channel.name.clone());
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("pattern", &pattern),
        ("action", wanted.action.name()),
        (
            "channel",
            channel.as_ref().map_or("none", |name| name.as_str()),
        ),
        ("reason", &reason.kept),
    ];
    turn.tell_acted(actor, "notice-filter-set", &variables);
    Ok(Decided {
        filter: id,
        pattern,
        reason,
        mark,
    })
}

/// Looks for words no more.
pub(crate) fn remove(
    turn: &mut Turn<'_>,
    actor: &Actor,
    filter: FilterId,
    why: &str,
) -> Result<Decided, Denied> {
    actor.must(turn.state, Act::Filter)?;
    let number = filter.0.to_string();
    let found = turn.state.filters().get(filter.0).ok_or_else(|| {
        let variables = [("number", number.as_str())];
        Denied::new(Why::NoSuchFilter, "filter-unknown", &variables)
    })?;
    let pattern = found.pattern.clone();
    let reason = fitting::reason(why, limits::SANCTION_REASON_BYTES)?;
    let kept = reason.kept.clone();
    let mark = turn.commit(
        actor,
        Fact::FilterRemoved {
            filter,
            reason: kept.clone(),
        },
    );
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("pattern", &pattern),
        ("reason", &kept),
    ];
    turn.tell_acted(actor, "notice-filter-removed", &variables);
    Ok(Decided {
        filter,
        pattern,
        reason,
        mark,
    })
}

/// All filters, in the order of their numbers.
pub(crate) fn list(state: &State, actor: &Actor) -> Result<Vec<FilterReport>, Denied> {
    actor.must(state, Act::Filter)?;
    let filters = state.filters().iter().map(|filter| {
        let room = filter.room.and_then(|room| state.channels().get(&room));
        FilterReport {
            number: filter.id,
            pattern: filter.pattern.clone(),
            action: filter.action,
            room: room.map(|room| room.name.as_str().into()),
            reason: filter.reason.clone(),
            by: filter.by.clone(),
            since: state.clock.shown_at(filter.since),
        }
    });
    Ok(filters.collect())
}

/// The words as they are kept and shown: without what nobody sees.
fn read(state: &State, text: &str, room: Option<RoomId>) -> Result<CompactString, Denied> {
    let plain = plain(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let shown = words.join(" ");
    if shown.len() > limits::FILTER_BYTES {
        let (bytes, max) = (shown.len().to_string(), limits::FILTER_BYTES.to_string());
        let variables = [("bytes", bytes.as_str()), ("max", &max)];
        return Err(Denied::new(Why::BadPattern, "filter-too-long", &variables));
    }
    let pattern = Pattern::of(&shown);
    let pattern = pattern.ok_or_else(|| Denied::new(Why::BadPattern, "filter-everything", &[]))?;
    if let Some(same) = state.patterns().same(room, &pattern) {
        let number = same.0.to_string();
        let variables = [("number", number.as_str())];
        return Err(Denied::new(Why::AlreadySo, "filter-already", &variables));
    }
    if state.filters().len() >= limits::FILTERS {
        let max = limits::FILTERS.to_string();
        let variables = [("max", max.as_str())];
        return Err(Denied::new(Why::TooManyFilters, "filters-full", &variables));
    }
    Ok(shown.into())
}
