//! The messages that wait for somebody who runs the server to decide about them.

use super::strike::{self, Strike};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::{Reach, Verb, What};
use crate::filter::HeldMessage;
use crate::id::{AccountId, HeldId, UserId};
use crate::limits;
use crate::record::Fact;
use crate::report::HeldReport;
use crate::right::Act;
use crate::state::State;
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, Tags};

/// What was decided about a message.
pub(crate) struct Decided {
    /// The nickname of its author then.
    pub(crate) nick: CompactString,
    /// The name of the channel.
    pub(crate) channel: CompactString,
    /// Whether it was said.
    pub(crate) said: bool,
    pub(crate) mark: Mark,
}

impl Decided {
    /// What is told of it to who wanted it said, or not.
    pub(crate) fn key(&self, release: bool) -> &'static str {
        match (self.said, release) {
            (true, _) => "held-released-done",
            (false, true) => "held-author-gone",
            (false, false) => "held-discarded-done",
        }
    }
}

/// Lets a message wait.
pub(crate) fn hold(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    strike: &Strike,
    (verb, text, tags): (Verb, CompactString, Tags),
) -> Result<(), Denied> {
    let held = turn.state.held();
    let own = held.iter().filter(|held| held.author == by).count();
    if held.len() >= limits::MESSAGES_HELD || own >= limits::MESSAGES_HELD_BY_ONE {
        return Err(full(turn, strike));
    }
    let id = HeldId(held.next_number());
    let user = turn.state.users.get(&by);
    let account = user.and_then(|user| turn.state.account_name(user));
    let message = HeldMessage {
        id,
        room: strike.room,
        author: by,
        source: turn.state.source_of(by).into(),
        account: account.cloned(),
        verb,
        text,
        tags,
        filter: strike.filter,
        since: turn.steady(),
    };
    turn.commit(actor, Fact::MessageHeld(Box::new(message)));
    let (action, number) = (strike.action.name(), id.0.to_string());
    strike::tell(turn, by, strike, action, &number);
    Ok(())
}

/// The refusal of one more than may wait.
fn full(turn: &Turn<'_>, strike: &Strike) -> Denied {
    let channel = turn.state.channels().get(&strike.room);
    let channel = channel.map_or("*", |channel| channel.name.as_str());
    let variables = [("channel", channel), ("reason", strike.reason.as_str())];
    Denied::new(Why::CannotSpeak, "filter-held-full", &variables)
}

/// Decides about a message that waits: it is said now, or never. Who is gone says nothing any more.
pub(crate) fn decide(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: HeldId,
    release: bool,
) -> Result<Decided, Denied> {
    actor.must(turn.state, Act::Filter)?;
    let number = id.0.to_string();
    let held = turn.state.held().get(id.0).cloned().ok_or_else(|| {
        let variables = [("number", number.as_str())];
        Denied::new(Why::NoSuchHeld, "held-unknown", &variables)
    })?;
    let (nick, channel) = (nick(&held), channel(turn.state, &held));
    let said = release && is_there(turn.state, &held);
    let mark = end(turn, actor, &held, said);
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("number", &number),
        ("nick", &nick),
        ("channel", &channel),
    ];
    let key = if said {
        "notice-held-released"
    } else {
        "notice-held-discarded"
    };
    turn.tell_acted(actor, key, &variables);
    if said {
        say(turn, actor, held);
    } else {
        tell_author(turn, &held, &channel, "held-discarded");
    }
    Ok(Decided {
        nick,
        channel,
        said,
        mark,
    })
}

/// Gives up messages about which nobody decided in time: so many at a tick, the oldest first.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    let over = turn.steady().plus_seconds(-limits::HELD_SECONDS);
    let held = turn.state.held().iter();
    let held = held.take_while(|held| held.since <= over);
    let held: Vec<HeldMessage> = held.take(limits::HELD_ENDED_AT_ONCE).cloned().collect();
    for held in held {
        let channel = channel(turn.state, &held);
        end(turn, &Actor::Server, &held, false);
        tell_author(turn, &held, &channel, "held-ended");
    }
}

/// The messages that wait, in the order of their numbers.
pub(crate) fn list(state: &State, actor: &Actor) -> Result<Vec<HeldReport>, Denied> {
    actor.must(state, Act::Filter)?;
    let held = state.held().iter().map(|held| HeldReport {
        number: held.id,
        room: channel(state, held),
        from: nick(held),
        account: held.account.as_ref().map(|name| name.as_str().into()),
        text: held.text.replace('\r', "").into(),
        filter: held.filter,
        since: state.clock.shown_at(held.since),
    });
    Ok(held.collect())
}

fn end(turn: &mut Turn<'_>, actor: &Actor, held: &HeldMessage, released: bool) -> Mark {
    let held = held.id;
    turn.commit(actor, Fact::HeldDecided { held, released })
}

/// Says what waited, as its author is known now: the names of then may be somebody else's.
fn say(turn: &mut Turn<'_>, actor: &Actor, held: HeldMessage) {
    let author = match turn.state.users.get(&held.author) {
        Some(user) => {
            let account = turn.state.account_name(user).cloned();
            (held.author, user.source.clone(), account)
        }
        None => (held.author, held.source, held.account),
    };
    let what = What::Said {
        verb: held.verb,
        text: held.text,
        tags: held.tags,
        reach: Reach::Room,
    };
    turn.say_late(actor, held.room, author, what);
}

/// Whether the author of a message is still somebody.
fn is_there(state: &State, held: &HeldMessage) -> bool {
    match held.account {
        Some(_) => state.accounts().contains_key(&AccountId(held.author.0)),
        None => state.users.contains_key(&held.author),
    }
}

/// Tells the author that a message is not said, and why the words are looked for, where that is still known.
fn tell_author(turn: &mut Turn<'_>, held: &HeldMessage, channel: &str, key: &str) {
    let filter = turn.state.filters().get(held.filter.0);
    let reason = filter.map(|filter| filter.reason.clone());
    let reason = reason.as_deref().unwrap_or("none");
    let contact = turn.settings.contact_or_none();
    let variables = [
        ("channel", channel),
        ("reason", reason),
        ("contact", contact),
    ];
    turn.tell_person(held.author, key, &variables);
}

fn nick(held: &HeldMessage) -> CompactString {
    let nick = held.source.split('!').next();
    nick.unwrap_or_default().into()
}

fn channel(state: &State, held: &HeldMessage) -> CompactString {
    let channel = state.channels().get(&held.room);
    channel.map_or("*", |channel| channel.name.as_str()).into()
}
