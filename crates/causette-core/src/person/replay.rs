//! What a client is shown of the past that does not ask for it: how much of each channel, as its person and its device want it,
//! and whatever was written to its person meanwhile.

use crate::account::own;
use crate::actor::Actor;
use crate::history::{ReplayQuery, ReplayedChannel};
use crate::id::{AccountId, RoomId, SessionId, TokenId, UserId};
use crate::limits::{REPLAYED_DIRECT, REPLAYED_LINES, REPLAYED_LINES_MAX};
use crate::state::account::{Account, Setting};
use crate::state::channel::Channel;
use crate::state::session::Session;
use crate::state::user::User;
use crate::turn::Turn;
use causette_proto::{Capability, CompactString, Timestamp};
use compact_str::format_compact;

/// What is to be replayed to a session that has come into channels: nothing to a client that will ask.
pub(crate) fn wanted(
    turn: &Turn<'_>,
    session: SessionId,
    rooms: &[RoomId],
    direct_since: Option<Timestamp>,
) -> Option<ReplayQuery> {
    let session = turn.state.sessions.get(&session)?;
    let user = turn.state.users.get(&session.user?)?;
    if session.enabled.contains(Capability::Chathistory) {
        return None;
    }
    let limit = lines(turn, session, user);
    let channels = rooms
        .iter()
        .filter(|_| limit > 0)
        .filter_map(|room| turn.state.channels().get(room));
    let channels: Vec<_> = channels
        .map(|channel| replayed(channel, user.id, None))
        .collect();
    if channels.is_empty() && direct_since.is_none() {
        return None;
    }
    Some(ReplayQuery {
        channels,
        limit,
        direct_since,
        direct_with: None,
        // What was written to somebody is nowhere else for such a client.
        direct_limit: limit.max(REPLAYED_DIRECT),
        before: turn.steady(),
    })
}

/// Whose private messages are wanted.
pub(crate) enum Direct {
    /// Everybody's.
    All,
    /// This person's.
    With(UserId),
}

/// What was said in channels that one is in, and written to one, behind one time and up to another, as clients know them: each means
/// its whole millisecond. From the beginning where the first is not given, until now where the other is not.
pub(crate) fn between(
    turn: &Turn<'_>,
    by: UserId,
    rooms: Vec<RoomId>,
    direct: Option<Direct>,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
) -> ReplayQuery {
    let clock = &turn.state.clock;
    // The first moment behind the millisecond of a time.
    let behind = |time: Timestamp| clock.last_shown(Timestamp(time.0.saturating_add(1000)));
    let now = turn.steady();
    let from = from.filter(|from| *from > Timestamp::MIN).map(behind);
    // A page of one room is as long as any page; of many rooms it has the newest of each.
    let parts = rooms.len() + usize::from(direct.is_some());
    let limit = turn.settings.history_max / parts.max(1);
    let limit = limit.max(REPLAYED_LINES);
    let channels = rooms
        .iter()
        .filter_map(|room| turn.state.channels().get(room));
    ReplayQuery {
        channels: channels
            .map(|channel| replayed(channel, by, from))
            .collect(),
        direct_since: direct.as_ref().map(|_| {
            // That time itself is not wanted of them.
            from.map_or(Timestamp(-1), |from| Timestamp(from.0 - 1))
        }),
        direct_with: match direct {
            Some(Direct::With(other)) => Some(other),
            Some(Direct::All) | None => None,
        },
        before: to.map_or(now, |to| behind(to).min(now)),
        limit,
        direct_limit: limit,
    }
}

/// A channel, of which everything is wanted that one may read, or only what was said from a time on.
fn replayed(channel: &Channel, by: UserId, from: Option<Timestamp>) -> ReplayedChannel {
    ReplayedChannel {
        room: channel.id,
        name: CompactString::new(channel.name.as_str()),
        readable: channel.readable(by),
        from,
        acl_version: channel.acl_version,
    }
}

/// How many lines of each channel the session is shown: none to a program; else as its device wants it, or its account, or
/// the server.
fn lines(turn: &Turn<'_>, session: &Session, user: &User) -> usize {
    if user.modes.has('B') {
        // <https://ircv3.net/specs/extensions/bot-mode>
        return 0;
    }
    let default = turn.settings.replay_on_join;
    let account = session
        .account
        .and_then(|id| turn.state.accounts().get(&id));
    let chosen = account.and_then(|account| {
        let device = session.token.and_then(|token| of_device(account, token));
        device.or_else(|| account.setting(Setting::Replay))
    });
    match chosen {
        None => default,
        Some("on") if default == 0 => REPLAYED_LINES,
        Some("on") => default,
        // Whatever is no number is "off".
        Some(number) => number.parse().unwrap_or(0),
    }
}

fn of_device(account: &Account, token: TokenId) -> Option<&str> {
    let value = account.settings.get(&name_of(token));
    value.map(CompactString::as_str)
}

/// The name under which a device's own setting is kept.
fn name_of(token: TokenId) -> CompactString {
    format_compact!("{}:{}", Setting::Replay.name(), token.0)
}

/// Why nothing was set.
pub(crate) enum Unset {
    /// The words do not say how much, or for whom.
    Unclear,
    /// There is no device of that number.
    NoDevice(TokenId),
}

/// Sets how much is replayed, to all clients of an account or to one of its devices by its number. Gives back the name of what is
/// set.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    words: &[&str],
) -> Result<CompactString, Unset> {
    let (value, device) = match words {
        [value] => (*value, None),
        [value, device] => {
            let number = device.parse().map_err(|_| Unset::Unclear)?;
            (*value, Some(TokenId(number)))
        }
        _ => return Err(Unset::Unclear),
    };
    let number = value.parse::<usize>().ok();
    let value: CompactString = match (value, number) {
        ("on" | "off", _) => value.into(),
        ("default", _) => CompactString::default(),
        (_, Some(0)) => CompactString::const_new("off"),
        (_, Some(number)) if number <= REPLAYED_LINES_MAX => format_compact!("{number}"),
        _ => return Err(Unset::Unclear),
    };
    let name = match device {
        Some(token) => {
            let account = turn.state.accounts().get(&account);
            let held = account.and_then(|account| account.token(token));
            held.ok_or(Unset::NoDevice(token))?;
            name_of(token)
        }
        None => CompactString::const_new(Setting::Replay.name()),
    };
    own::keep(turn, actor, account, name.clone(), value);
    Ok(name)
}

/// What is set, for all clients and for single devices: each by its name and its value.
pub(crate) fn all(account: &Account) -> Vec<(CompactString, CompactString)> {
    let own = account.setting(Setting::Replay).unwrap_or("default");
    let mut all = vec![(Setting::Replay.name().into(), own.into())];
    let devices = account.tokens.iter().filter_map(|token| {
        let value = of_device(account, token.id)?;
        Some((name_of(token.id), value.into()))
    });
    all.extend(devices);
    all
}

/// Forgets what was set for a device that is no more.
pub(crate) fn forget(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, token: TokenId) {
    let nothing = CompactString::default();
    own::keep(turn, actor, account, name_of(token), nothing);
}
