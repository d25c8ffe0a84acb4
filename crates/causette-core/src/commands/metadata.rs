//! METADATA: what people say of themselves and of channels under keys, and which keys one follows.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use super::monitor::rows;
use super::{Command, Needs, account_required};
use crate::denied::Denied;
use crate::fitting::BODY_BYTES;
use crate::id::{RoomId, UserId};
use crate::limits;
use crate::metadata::is_key;
use crate::person::metadata;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::metadata as room;
use crate::state::metadata::{Place, Scope, Values};
use crate::state::session::Session;
use crate::turn::metadata::{AWARE, batch_of, told};
use causette_proto::numeric::{
    RPL_KEYNOTSET, RPL_METADATASUBOK, RPL_METADATASUBS, RPL_METADATASYNCLATER, RPL_METADATAUNSUBOK,
    RPL_WHOISKEYVALUE,
};
use causette_proto::{Capability, CompactString, Message, Numeric};
use std::collections::BTreeSet;

pub(super) const METADATA: Command = Command {
    verb: "METADATA",
    params: 0,
    needs: Needs::Nothing,
    syntax: "METADATA <target> <GET | LIST | SET | CLEAR | SUB | UNSUB | SUBS | SYNC> [<key>…] [:<value>]",
    summary: "command-metadata",
    spec: "https://github.com/ircv3/ircv3-specifications/pull/613",
    run,
};

/// The target that stands for all that one is told of.
const ALL: &str = "*ALL";

/// What is said of whom one asks about.
enum Target {
    /// Oneself, or who one will be.
    Own,
    /// Somebody else.
    Person(UserId),
    /// A channel, by the name that was asked for.
    Room,
}

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let words: Vec<&str> = message.params.iter().map(|word| word.as_str()).collect();
    let [target, act, words @ ..] = &words[..] else {
        return Err(invalid(ctx, "*"));
    };
    let act = act.to_ascii_uppercase();
    // More keys than a line has parameters stand in the last of them.
    let keys: Vec<&str>;
    let words = if matches!(act.as_str(), "GET" | "SUB" | "UNSUB") {
        keys = words.iter().flat_map(|word| word.split(' ')).collect();
        &keys[..]
    } else {
        words
    };
    let counts = match act.as_str() {
        "GET" | "SUB" | "UNSUB" => 1..=usize::MAX,
        "SET" => 1..=2,
        "LIST" | "CLEAR" | "SUBS" | "SYNC" => 0..=0,
        _ => return Err(invalid(ctx, &act)),
    };
    if !counts.contains(&words.len()) {
        return Err(invalid(ctx, &act));
    }
    match act.as_str() {
        "SUB" | "UNSUB" | "SUBS" => {
            if !is_own(ctx, target) {
                let (code, key) = ("INVALID_TARGET", "metadata-subs-own");
                return Err(ctx.failure("METADATA", code, &[target], key, &[]));
            }
            match act.as_str() {
                "SUB" => follow(ctx, words),
                "UNSUB" => unfollow(ctx, words),
                _ => list_followed(ctx),
            }
            Ok(())
        }
        "SYNC" => sync(ctx, target),
        "SET" => set(
            ctx,
            target,
            words[0],
            words.get(1).copied().unwrap_or_default(),
        ),
        "CLEAR" => clear(ctx, target),
        "GET" => get(ctx, target, words),
        _ => list(ctx, target),
    }
}

/// The refusal of a command that is none, or lacks something, or has more than it takes.
fn invalid(ctx: &Ctx<'_>, act: &str) -> Refusal {
    let is_middle = !act.is_empty() && !act.starts_with(':') && !act.contains(' ');
    let act = if is_middle { act } else { "*" };
    let variables = [("syntax", METADATA.syntax)];
    ctx.failure(
        "METADATA",
        "INVALID_PARAMS",
        &[act],
        "metadata-invalid",
        &variables,
    )
}

fn is_own(ctx: &Ctx<'_>, target: &str) -> bool {
    let casemap = ctx.turn.state.casemap;
    target == "*" || casemap.fold(target) == casemap.fold(&ctx.nick())
}

/// Whom a target means. Who is not there yet knows of nobody else.
fn find(ctx: &Ctx<'_>, target: &str) -> Result<Target, Refusal> {
    if target == "*" {
        return Ok(Target::Own);
    }
    let session = ctx.session();
    let Some(me) = session.user else {
        let there = session.welcomed.then(|| account_required(ctx, "METADATA"));
        return Err(there.unwrap_or_else(|| room::no_such_target(target).into()));
    };
    if target.starts_with('#') {
        return Ok(Target::Room);
    }
    let state = &ctx.turn.state;
    match state.addressee(target) {
        Some(user) if user == me => Ok(Target::Own),
        Some(user) if user != UserId::ADMINISTRATION => Ok(Target::Person(user)),
        _ => Err(room::no_such_target(target).into()),
    }
}

/// What is said of a target, and by what name it is told.
fn said(ctx: &Ctx<'_>, target: &str) -> Result<(CompactString, Values), Refusal> {
    let (name, place) = match find(ctx, target)? {
        Target::Own => return Ok((own_name(ctx), metadata::own(ctx.turn.state, ctx.id))),
        Target::Person(user) => (ctx.turn.state.nick_of(user), Place::Person(user)),
        Target::Room => {
            let room = readable(ctx, target)?;
            (room_name(ctx, room), Place::Room(room))
        }
    };
    let values = ctx.turn.state.said_at(place);
    Ok((name, values.cloned().unwrap_or_default()))
}

fn readable(ctx: &Ctx<'_>, target: &str) -> Result<RoomId, Denied> {
    room::readable(ctx.turn.state, ctx.user().id, target)
}

fn room_name(ctx: &Ctx<'_>, room: RoomId) -> CompactString {
    let channel = ctx.turn.state.channels().get(&room);
    channel.map_or(CompactString::const_new("*"), |channel| {
        channel.name.as_str().into()
    })
}

/// The name of a channel as it is written, whoever asks for it.
fn shown_name(ctx: &Ctx<'_>, target: &str) -> CompactString {
    let channel = ctx.turn.state.channel_named(target);
    channel.map_or_else(|| target.into(), |channel| channel.name.as_str().into())
}

/// By what name one is told of oneself: as long as one has not come there is none.
fn own_name(ctx: &Ctx<'_>) -> CompactString {
    if ctx.session().welcomed {
        ctx.nick()
    } else {
        CompactString::const_new("*")
    }
}

fn get(ctx: &mut Ctx<'_>, target: &str, keys: &[&str]) -> Outcome {
    let (name, values) = said(ctx, target)?;
    let max = ctx.turn.settings.metadata.key_bytes;
    let nick = ctx.nick();
    let lines = keys.iter().map(|key| match values.get(*key) {
        Some(value) => told(&nick, (&name, key, value)),
        None if is_key(key, max) => unset(ctx, &name, key),
        None => warning(ctx, key),
    });
    let lines = lines.collect();
    ctx.batch(&batch_of(&name), lines);
    Ok(())
}

fn list(ctx: &mut Ctx<'_>, target: &str) -> Outcome {
    let (name, values) = said(ctx, target)?;
    show(ctx, &name, &values);
    Ok(())
}

fn show(ctx: &mut Ctx<'_>, name: &str, values: &Values) {
    let nick = ctx.nick();
    let lines = values.iter();
    let lines = lines.map(|(key, value)| told(&nick, (name, key, value)));
    ctx.batch(&batch_of(name), lines.collect());
}

fn unset(ctx: &Ctx<'_>, name: &str, key: &str) -> String {
    let text = ctx.text("metadata-not-set");
    format!("{RPL_KEYNOTSET} {} {name} {key} :{text}", ctx.nick())
}

/// Says of one key among several that it is none.
fn warning(ctx: &Ctx<'_>, key: &str) -> String {
    let key = crate::fitting::middle(key);
    let text = ctx.denied_text(&metadata::bad_key(&ctx.turn, &key));
    format!("WARN METADATA INVALID_KEY {key} :{text}")
}

fn set(ctx: &mut Ctx<'_>, target: &str, key: &str, value: &str) -> Outcome {
    let actor = ctx.actor();
    let name = match find(ctx, target)? {
        Target::Own => {
            match ctx.session().user {
                Some(by) => metadata::set(&mut ctx.turn, &actor, by, target, (key, value))?,
                None => metadata::set_early(&mut ctx.turn, ctx.id, (key, value))?,
            }
            own_name(ctx)
        }
        Target::Person(_) => {
            return Err(room::held(target, key, "metadata-not-own").into());
        }
        Target::Room => {
            let by = ctx.user().id;
            room::set(&mut ctx.turn, &actor, by, target, (key, value))?;
            shown_name(ctx, target)
        }
    };
    let line = if value.is_empty() {
        unset(ctx, &name, key)
    } else {
        told(&ctx.nick(), (&name, key, value))
    };
    ctx.line(&line);
    Ok(())
}

fn clear(ctx: &mut Ctx<'_>, target: &str) -> Outcome {
    let actor = ctx.actor();
    let (name, keys) = match find(ctx, target)? {
        Target::Own => (own_name(ctx), clear_own(ctx)),
        Target::Person(_) => return Err(room::held(target, "*", "metadata-not-own").into()),
        Target::Room => {
            let by = ctx.user().id;
            let keys = room::clear(&mut ctx.turn, &actor, by, target)?;
            (shown_name(ctx, target), keys)
        }
    };
    let lines = keys.iter().map(|key| unset(ctx, &name, key)).collect();
    ctx.batch(&batch_of(&name), lines);
    Ok(())
}

fn clear_own(ctx: &mut Ctx<'_>) -> Vec<CompactString> {
    let actor = ctx.actor();
    if let Some(by) = ctx.session().user {
        return metadata::clear(&mut ctx.turn, &actor, by);
    }
    let keys = metadata::own(ctx.turn.state, ctx.id).into_keys();
    // Only so many are noted. Where the account has more, the others stay, and are not said to be gone.
    let noted = keys.filter(|key| metadata::set_early(&mut ctx.turn, ctx.id, (key, "")).is_ok());
    noted.collect()
}

/// Follows keys, in their order, as many as one may.
fn follow(ctx: &mut Ctx<'_>, keys: &[&str]) {
    let limits = ctx.turn.settings.metadata;
    let (mut followed, mut others, mut too_many) = (Vec::new(), Vec::new(), None);
    let mut fresh = BTreeSet::new();
    for key in keys {
        let held = &mut ctx.session_mut().following.keys;
        if !is_key(key, limits.key_bytes) {
            others.push(*key);
        } else if held.contains(*key) {
            followed.push((*key).to_owned());
        } else if held.len() >= limits.subs {
            too_many = Some(*key);
            break;
        } else {
            held.insert((*key).into());
            fresh.insert(CompactString::new(key));
            followed.push((*key).to_owned());
        }
    }
    list_keys(ctx, RPL_METADATASUBOK, &followed);
    for key in others {
        let line = warning(ctx, key);
        ctx.line(&line);
    }
    if let Some(key) = too_many {
        let max = limits.subs.to_string();
        let variables = [("max", max.as_str())];
        let context = ["SUB", key, &max];
        let refusal = ctx.failure(
            "METADATA",
            "LIMIT_REACHED",
            &context,
            "metadata-subs-full",
            &variables,
        );
        ctx.refuse(refusal);
    }
    if !fresh.is_empty() && ctx.session().user.is_some() {
        show_part(ctx, ALL, Scope::All, &fresh);
    }
}

fn unfollow(ctx: &mut Ctx<'_>, keys: &[&str]) {
    let max = ctx.turn.settings.metadata.key_bytes;
    let (keys, others): (Vec<&str>, Vec<&str>) = keys.iter().partition(|key| is_key(key, max));
    let following = &mut ctx.session_mut().following;
    for key in &keys {
        following.keys.remove(*key);
    }
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    list_keys(ctx, RPL_METADATAUNSUBOK, &keys);
    for key in others {
        let line = warning(ctx, key);
        ctx.line(&line);
    }
}

fn list_keys(ctx: &mut Ctx<'_>, numeric: Numeric, keys: &[String]) {
    for line in key_rows(ctx, keys) {
        let nick = ctx.nick();
        ctx.line(&format!("{numeric} {nick} {line}"));
    }
}

fn key_rows(ctx: &Ctx<'_>, keys: &[String]) -> Vec<String> {
    let head = ": 770  ".len() + ctx.turn.settings.server.len() + ctx.nick().len();
    rows(keys, ' ', BODY_BYTES.saturating_sub(head))
}

fn list_followed(ctx: &mut Ctx<'_>) {
    let keys = ctx.session().following.keys.iter();
    let keys: Vec<String> = keys.map(CompactString::to_string).collect();
    let nick = ctx.nick();
    let lines = key_rows(ctx, &keys);
    let lines = lines.iter();
    let lines = lines.map(|line| format!("{RPL_METADATASUBS} {nick} {line}"));
    ctx.batch("metadata-subs", lines.collect());
}

/// Shows what is said under the keys that one follows; where that is much, a part, behind the one that was shown last.
fn sync(ctx: &mut Ctx<'_>, target: &str) -> Outcome {
    if target == ALL && ctx.session().user.is_some() {
        let keys = ctx.session().following.keys.clone();
        go_on(ctx, ALL, Scope::All, &keys);
        return Ok(());
    }
    let (name, scope) = match find(ctx, target)? {
        Target::Own => match ctx.session().user {
            Some(user) => (ctx.nick(), Scope::Person(user)),
            None => return Err(room::no_such_target(target).into()),
        },
        Target::Person(user) => (ctx.turn.state.nick_of(user), Scope::Person(user)),
        Target::Room => {
            let room = readable(ctx, target)?;
            (room_name(ctx, room), Scope::Room(room))
        }
    };
    let keys = ctx.session().following.keys.clone();
    go_on(ctx, &name, scope, &keys);
    Ok(())
}

/// The next part of a long answer, or all of a short one.
fn go_on(ctx: &mut Ctx<'_>, name: &str, scope: Scope, keys: &BTreeSet<CompactString>) {
    let (session, now) = (ctx.session(), ctx.turn.steady());
    let after = session.following.resumed(scope, now);
    let part = metadata::part(ctx.turn.state, session, keys, scope, after);
    let nick = ctx.nick();
    let lines = part.said.iter();
    let lines = lines.map(|(name, key, value)| told(&nick, (name, key, value)));
    ctx.batch(&batch_of(name), lines.collect());
    ctx.session_mut().following.note(scope, part.until, now);
    if part.until.is_some() {
        say_later(ctx, name);
    }
}

/// What is said of all that one comes to know, where it is not too much; else one asks for it.
fn show_part(ctx: &mut Ctx<'_>, name: &str, scope: Scope, keys: &BTreeSet<CompactString>) {
    let part = metadata::part(ctx.turn.state, ctx.session(), keys, scope, None);
    if part.until.is_some() {
        let now = ctx.turn.steady();
        ctx.session_mut().following.note(scope, None, now);
        return say_later(ctx, name);
    }
    let nick = ctx.nick();
    let lines = part.said.iter();
    let lines = lines.map(|(name, key, value)| told(&nick, (name, key, value)));
    ctx.batch(&batch_of(name), lines.collect());
}

fn say_later(ctx: &mut Ctx<'_>, name: &str) {
    let text = ctx.text("metadata-later");
    let seconds = limits::METADATA_AGAIN_SECONDS.to_string();
    ctx.numeric(RPL_METADATASYNCLATER, &[name, &seconds], &text);
}

fn is_aware(session: &Session) -> bool {
    session.enabled.contains_all(AWARE)
}

/// Shows a client that has entered a channel what is said of it and of those who are in it.
pub(super) fn show_room(ctx: &mut Ctx<'_>, room: RoomId) {
    if !is_aware(ctx.session()) {
        return;
    }
    let keys = ctx.session().following.keys.clone();
    let name = room_name(ctx, room);
    show_part(ctx, &name, Scope::Room(room), &keys);
}

/// Shows a client what is said of a person whom it monitors by a name and who is there.
pub(super) fn show_person(ctx: &mut Ctx<'_>, user: UserId, name: &str) {
    let keys = &ctx.session().following.keys;
    let values = ctx.turn.state.said_at(Place::Person(user));
    let mut values = values.cloned().unwrap_or_default();
    values.retain(|key, _| keys.contains(key));
    show(ctx, name, &values);
}

/// Whether a client is shown what is said of those whom it monitors.
pub(super) fn wants(ctx: &Ctx<'_>) -> bool {
    is_aware(ctx.session())
}

/// Shows a client what is said of its own person.
pub(super) fn show_own(ctx: &mut Ctx<'_>) {
    if !is_aware(ctx.session()) {
        return;
    }
    let (name, values) = (ctx.nick(), metadata::own(ctx.turn.state, ctx.id));
    show(ctx, &name, &values);
}

/// Lets be said of a person who has just come what their client wanted, and tells it what may not be.
pub(super) fn say_early(ctx: &mut Ctx<'_>) {
    let actor = ctx.actor();
    for (key, denied) in metadata::say_early(&mut ctx.turn, &actor, ctx.id) {
        let refusal = ctx.failed("METADATA", &[], &denied);
        ctx.refuse(refusal);
        let values = metadata::own(ctx.turn.state, ctx.id);
        let (nick, name) = (ctx.nick(), ctx.nick());
        let line = match values.get(&key) {
            Some(value) => told(&nick, (&name, &key, value)),
            None => unset(ctx, &name, &key),
        };
        ctx.line(&line);
    }
}

/// What is said of somebody, as WHOIS shows it to who knows it.
pub(super) fn whois(ctx: &mut Ctx<'_>, user: UserId) {
    if !ctx.has(Capability::Metadata) {
        return;
    }
    let nick = ctx.turn.state.nick_of(user);
    let values = ctx.turn.state.said_at(Place::Person(user));
    for (key, value) in values.cloned().unwrap_or_default() {
        ctx.numeric(RPL_WHOISKEYVALUE, &[&nick, &key, "*"], &value);
    }
}

/// Who does not know of it any more follows nothing.
pub(super) fn capabilities_changed(ctx: &mut Ctx<'_>) {
    if !is_aware(ctx.session()) {
        ctx.session_mut().following.clear();
    }
}
