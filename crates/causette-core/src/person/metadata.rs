//! What people say of themselves under keys, for clients to show.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{RoomId, SessionId, UserId};
use crate::limits;
use crate::metadata::{DISPLAY_NAME, Metadatum, Whose, is_key, is_value};
use crate::person::presence;
use crate::person::visibility::{name_as, present_as};
use crate::record::Fact;
use crate::state::State;
use crate::state::metadata::{Place, Scope, Values};
use crate::state::naming;
use crate::state::session::Session;
use crate::turn::Turn;
use causette_proto::CompactString;
use std::collections::{BTreeMap, BTreeSet};

/// Says something of oneself under a key, or nothing any more where the value is empty.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    target: &str,
    (key, value): (&str, &str),
) -> Result<(), Denied> {
    judge(turn, key, value)?;
    let whose = turn.state.whose(by);
    if !value.is_empty() {
        may_say(turn, by, (key, value)).map_err(|denied| denied.about("target", target))?;
        has_room(turn, turn.state.metadata().of(whose), target, key)?;
    }
    keep(turn, actor, whose, key, value);
    Ok(())
}

/// Says nothing of oneself any more. Gives back under which keys something was said.
pub(crate) fn clear(turn: &mut Turn<'_>, actor: &Actor, by: UserId) -> Vec<CompactString> {
    let whose = turn.state.whose(by);
    take_away(turn, actor, whose)
}

/// Notes what is to be said of a session's person once that is there.
pub(crate) fn set_early(
    turn: &mut Turn<'_>,
    session: SessionId,
    (key, value): (&str, &str),
) -> Result<(), Denied> {
    judge(turn, key, value)?;
    let found = turn.state.sessions.get(&session);
    let early = found.map(|session| &session.following.early);
    // What takes away is kept too, as the account may have it.
    has_room(turn, early, "*", key)?;
    *turn.mutated = true;
    if let Some(session) = turn.state.sessions.get_mut(&session) {
        let early = &mut session.following.early;
        early.insert(key.into(), value.into());
    }
    Ok(())
}

/// What is said of a session's person, or will be once that is there, as far as nothing stands against it.
pub(crate) fn own(state: &State, session: SessionId) -> Values {
    let Some(session) = state.sessions.get(&session) else {
        return Values::new();
    };
    let account = session.account.map(Whose::Account);
    let whose = session.user.map(|user| state.whose(user)).or(account);
    let held = whose.and_then(|whose| state.metadata().of(whose));
    let mut values = held.cloned().unwrap_or_default();
    for (key, value) in &session.following.early {
        if value.is_empty() {
            values.remove(key);
        } else {
            values.insert(key.clone(), value.clone());
        }
    }
    values
}

/// Says of a person who has just come what their client wanted to be said. Gives back under which keys it may not be, and why.
pub(crate) fn say_early(
    turn: &mut Turn<'_>,
    actor: &Actor,
    session: SessionId,
) -> Vec<(CompactString, Denied)> {
    let found = turn.state.sessions.get_mut(&session);
    let Some((by, early)) = found.and_then(|session| {
        let by = session.user?;
        Some((by, std::mem::take(&mut session.following.early)))
    }) else {
        return Vec::new();
    };
    let mut refused = Vec::new();
    let whose = turn.state.whose(by);
    for (key, value) in early {
        if let Err(denied) = set(turn, actor, by, "*", (&key, &value)) {
            // Who has seen it of a guest learns that it is said no more.
            tell(turn, actor, whose, std::slice::from_ref(&key));
            refused.push((key, denied));
        }
    }
    refused
}

/// Notes what a guest has said, who goes on with an account: it is said of that from then on.
pub(crate) fn carry_over(turn: &mut Turn<'_>, session: SessionId, guest: UserId) {
    let Some(said) = turn.state.metadata().of(Whose::Guest(guest)).cloned() else {
        return;
    };
    *turn.mutated = true;
    if let Some(session) = turn.state.sessions.get_mut(&session) {
        session.following.early.extend(said);
    }
}

/// Judges a key and its value by themselves.
pub(crate) fn judge(turn: &Turn<'_>, key: &str, value: &str) -> Result<(), Denied> {
    let limits = &turn.settings.metadata;
    if !is_key(key, limits.key_bytes) {
        return Err(bad_key(turn, key));
    }
    let max = turn.settings.metadata_bytes();
    let text = if value.len() > max {
        "metadata-value-too-long"
    } else if !value.is_empty() && !is_value(key, value) {
        "metadata-value-invalid"
    } else {
        return Ok(());
    };
    let variables = [("key", key), ("max", &max.to_string())];
    Err(Denied::new(Why::BadMetadataValue, text, &variables))
}

/// The refusal of what is no key.
pub(crate) fn bad_key(turn: &Turn<'_>, key: &str) -> Denied {
    let max = turn.settings.metadata.key_bytes.to_string();
    let variables = [("key", key), ("max", max.as_str())];
    Denied::new(Why::BadMetadataKey, "metadata-key-invalid", &variables)
}

/// Refuses one key more than there may be.
pub(crate) fn has_room(
    turn: &Turn<'_>,
    values: Option<&Values>,
    target: &str,
    key: &str,
) -> Result<(), Denied> {
    let max = turn.settings.metadata.keys;
    let held = values.map_or(0, Values::len);
    if held < max || values.is_some_and(|values| values.contains_key(key)) {
        return Ok(());
    }
    let max = max.to_string();
    let variables = [("act", "SET"), ("target", target), ("max", &max)];
    Err(Denied::new(
        Why::TooManyMetadata,
        "metadata-full",
        &variables,
    ))
}

/// Who is to be silent changes nothing that others read, and nobody is called what somebody else is.
fn may_say(turn: &Turn<'_>, by: UserId, (key, value): (&str, &str)) -> Result<(), Denied> {
    let Some(user) = turn.state.users.get(&by) else {
        return Ok(());
    };
    enforce::may_have_realname(turn, by).map_err(|denied| silent(denied, key))?;
    let own = (Some(by), user.account);
    if key == DISPLAY_NAME && naming::shown_name_taken(turn.state, turn.settings, value, own) {
        let variables = [("key", key), ("name", value)];
        return Err(Denied::new(
            Why::BadMetadataValue,
            "metadata-name-taken",
            &variables,
        ));
    }
    Ok(())
}

/// The same refusal of what would be read, where somebody is to be silent.
pub(crate) fn silent(denied: Denied, key: &str) -> Denied {
    let text = match denied.key {
        "realname-held" => "metadata-held",
        key => key,
    };
    let denied = Denied {
        why: Why::MetadataHeld,
        key: text,
        ..denied
    };
    denied.about("key", key)
}

/// Lets something be said where it was not, or no more where it was, and tells those who follow the key.
pub(crate) fn keep(turn: &mut Turn<'_>, actor: &Actor, whose: Whose, key: &str, value: &str) {
    if said_under(turn, whose, key) == value {
        return;
    }
    let said = Metadatum {
        whose,
        key: key.into(),
        value: value.into(),
    };
    turn.commit(actor, Fact::MetadataSet(Box::new(said)));
    tell(turn, actor, whose, &[key.into()]);
}

/// Takes away all that is said of somebody or something. Gives back under which keys that was.
pub(crate) fn take_away(turn: &mut Turn<'_>, actor: &Actor, whose: Whose) -> Vec<CompactString> {
    let values = turn.state.metadata().of(whose);
    let keys = values.map(|values| values.keys().cloned().collect::<Vec<_>>());
    let keys = keys.unwrap_or_default();
    for key in &keys {
        keep(turn, actor, whose, key, "");
    }
    keys
}

/// Tells those who see a guest go on as the person of an account what is said of that.
pub(super) fn tell_became(turn: &mut Turn<'_>, actor: &Actor, user: UserId) {
    let whose = turn.state.whose(user);
    let values = turn.state.metadata().of(whose);
    let keys: Vec<CompactString> = values.into_iter().flat_map(Values::keys).cloned().collect();
    tell(turn, actor, whose, &keys);
}

/// What is said under a key; empty where nothing is.
fn said_under(turn: &Turn<'_>, whose: Whose, key: &str) -> CompactString {
    let values = turn.state.metadata().of(whose);
    values
        .and_then(|values| values.get(key))
        .cloned()
        .unwrap_or_default()
}

/// Tells what is said of somebody or something under keys to those who follow them, but not to whose act it was: the members of a
/// channel; those who share one with a person, or monitor them, and the person's other connections.
fn tell(turn: &mut Turn<'_>, actor: &Actor, whose: Whose, keys: &[CompactString]) {
    if keys.is_empty() {
        return;
    }
    for (name, mut to) in hearers(turn, whose) {
        to.retain(|session| Some(*session) != actor.session());
        for key in keys {
            let value = said_under(turn, whose, key);
            turn.tell_metadata(to.clone(), (&name, key, &value));
        }
    }
}

/// Who hears what is said of somebody or something, where they follow the key, by the name under which they know them.
fn hearers(turn: &mut Turn<'_>, whose: Whose) -> Vec<(CompactString, Vec<SessionId>)> {
    let user = match whose {
        Whose::Account(account) => UserId::from(account),
        Whose::Guest(user) => user,
        Whose::Room(room) => {
            let to = turn.state.audience(room).to_vec();
            let channel = turn.state.channels().get(&room);
            let name = channel.map(|channel| channel.name.as_str().into());
            return name.map(|name| (name, to)).into_iter().collect();
        }
    };
    let mut seen = turn.state.peers(user);
    let watchers = presence::watchers(turn.state, user, &seen);
    let Some(found) = turn.state.users.get(&user) else {
        return Vec::new();
    };
    seen.extend_from_slice(&found.sessions);
    let (nick, rooms) = (found.nick.as_str().into(), found.channels.len());
    turn.state.told_in(rooms);
    let watchers = watchers.into_iter();
    let watchers = watchers.map(|(name, to)| (name.as_str().into(), to));
    std::iter::once((nick, seen)).chain(watchers).collect()
}

/// A part of what one follows.
#[derive(Default)]
pub(crate) struct Part {
    /// Of whom or what, as one knows it, under which key, and what.
    pub(crate) said: Vec<(CompactString, CompactString, CompactString)>,
    /// Where it ends, where there is more.
    pub(crate) until: Option<Place>,
}

/// What is said under keys that a session wants to know, of all that it asks about: as much as is given at a time, behind a place.
pub(crate) fn part(
    state: &State,
    session: &Session,
    keys: &BTreeSet<CompactString>,
    scope: Scope,
    after: Option<Place>,
) -> Part {
    let mut part = Part::default();
    if keys.is_empty() || state.metadata().is_empty() {
        return part;
    }
    let mut last = None;
    for (place, name) in places(state, session, scope) {
        if after.is_some_and(|after| place <= after) {
            continue;
        }
        let Some(values) = state.said_at(place) else {
            continue;
        };
        let wanted = values.iter().filter(|(key, _)| keys.contains(*key));
        let wanted: Vec<_> = wanted.collect();
        if !part.said.is_empty() && part.said.len() + wanted.len() > limits::METADATA_LINES {
            part.until = last;
            break;
        }
        let said = wanted.into_iter();
        part.said
            .extend(said.map(|(key, value)| (name.clone(), key.clone(), value.clone())));
        last = Some(place);
    }
    part
}

/// Of whom and what a session is told, and by which name it knows them.
fn places(state: &State, session: &Session, scope: Scope) -> BTreeMap<Place, CompactString> {
    let mut places = BTreeMap::new();
    let me = session.user.and_then(|user| state.users.get(&user));
    match scope {
        Scope::Person(user) => {
            places.insert(Place::Person(user), state.nick_of(user));
        }
        Scope::Room(room) => inside(state, me.map(|me| me.id), room, &mut places),
        Scope::All => {
            let Some(me) = me else { return places };
            places.insert(Place::Person(me.id), me.nick.as_str().into());
            for room in &me.channels {
                inside(state, Some(me.id), *room, &mut places);
            }
            for nick in &session.monitored {
                if let Some(user) = present_as(state, nick.as_str()) {
                    let name = || name_as(state, user, nick.as_str()).into();
                    places.entry(Place::Person(user.id)).or_insert_with(name);
                }
            }
        }
    }
    places
}

/// A channel, and whom somebody who is in it sees there besides themselves.
fn inside(
    state: &State,
    me: Option<UserId>,
    room: RoomId,
    places: &mut BTreeMap<Place, CompactString>,
) {
    let Some(channel) = state.channels().get(&room) else {
        return;
    };
    places.insert(Place::Room(room), channel.name.as_str().into());
    let Some(me) = me.filter(|me| channel.members.contains_key(me)) else {
        return;
    };
    let others = channel.members.keys();
    let others = others.filter(|other| **other != me && channel.shows(**other, me));
    let others = others.filter_map(|other| state.users.get(other));
    let there = others.filter(|user| user.present);
    places.extend(there.map(|user| (Place::Person(user.id), user.nick.as_str().into())));
}
