//! Telling all people something that they must not miss.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::fitting;
use crate::id::{SessionId, UserId};
use crate::limits;
use crate::line::{Line, Meta};
use crate::record::Fact;
use crate::right::Act;
use crate::snapshot::AlertRow;
use crate::turn::words::minute;
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tag by which clients know an alert.
pub(crate) const TAG: &str = "causette/alert";

/// Who got an alert.
pub(crate) struct Alerted {
    /// How many people.
    pub(crate) people: usize,
    pub(crate) mark: Mark,
}

/// Tells every connection that has been welcomed, also in the lobby, and, where it is kept, who is absent when they come. What does
/// not fit on a line is not told at all.
pub(crate) fn alert(
    turn: &mut Turn<'_>,
    actor: &Actor,
    text: &str,
    kept: bool,
) -> Result<Alerted, Denied> {
    actor.must(turn.state, Act::Announce)?;
    let text = &*fitting::plain(text);
    if text.is_empty() {
        return Err(Denied::new(Why::NothingSaid, "no-text", &[]));
    }
    fits(text, turn.settings.alert_bytes())?;
    enforce::may_tell_all(turn, actor)?;
    let fact = Fact::Alerted {
        text: text.into(),
        kept,
    };
    let mark = turn.commit(actor, fact);
    let people = tell_everybody(turn, text, kept);
    let by = actor.name(turn.state);
    let variables = [("by", by.as_str()), ("text", text)];
    turn.tell_acted(actor, "notice-alerted", &variables);
    Ok(Alerted { people, mark })
}

/// Refuses what does not fit on a line: nobody is told half of it.
pub(super) fn fits(text: &str, max: usize) -> Result<(), Denied> {
    if text.len() <= max {
        return Ok(());
    }
    let (bytes, max) = (text.len().to_string(), max.to_string());
    let variables = [("target", "*"), ("bytes", &bytes), ("max", &max)];
    Err(Denied::new(Why::TooLong, "alert-too-long", &variables))
}

/// Gives each connection the line in its language, and says to how many people.
fn tell_everybody(turn: &mut Turn<'_>, text: &str, kept: bool) -> usize {
    let sessions = turn.state.sessions.values();
    let mut told: Vec<(SessionId, CompactString)> = sessions
        .filter(|session| session.welcomed)
        .map(|session| {
            let nick = match (session.user, &session.nick) {
                (Some(user), _) => turn.state.nick_of(user),
                (None, Some(nick)) => nick.as_str().into(),
                (None, None) => CompactString::const_new("*"),
            };
            (session.id, nick)
        })
        .collect();
    told.sort_unstable();
    let mut people = BTreeSet::new();
    for (session, nick) in told {
        // Where nobody is at a client, nobody has been told.
        let found = turn.state.sessions.get(&session);
        if let Some(found) = found.filter(|found| found.attended) {
            people.insert(found.user.unwrap_or_else(|| UserId::from(session)));
        }
        let words = turn.words_for(session, "alert", &[("text", text)]);
        give(turn, session, &nick, &words, turn.now());
        let steady = turn.steady();
        if let Some(found) = turn.state.sessions.get_mut(&session).filter(|_| kept) {
            found.alerted = steady;
        }
    }
    people.len()
}

/// Gives a connection an alert, with the time at which it was told.
fn give(turn: &mut Turn<'_>, session: SessionId, nick: &str, words: &str, time: Timestamp) {
    let meta = Meta {
        time,
        client_tags: TAG.into(),
        ..Meta::default()
    };
    let body = format!(":{} NOTICE {nick} :{words}", turn.settings.server);
    turn.give(session, Arc::new(Line::new(meta, body)));
}

/// Since when a connection has missed what is kept for who is absent, where nobody was there who has its account since a moment.
pub(crate) fn missed_since(
    turn: &Turn<'_>,
    session: SessionId,
    absent_since: Timestamp,
) -> Timestamp {
    let found = turn.state.sessions.get(&session);
    let account = found.and_then(|found| turn.state.accounts().get(&found.account?));
    let told = account.map_or(Timestamp::MIN, |account| account.alerted);
    let here = found.map_or(Timestamp::MIN, |found| found.alerted);
    absent_since.max(told).max(here)
}

/// Shows a connection what alerts there were since nobody was there who has its account, as far as they may still be of interest.
pub(crate) fn show_missed(turn: &mut Turn<'_>, session: SessionId, absent_since: Timestamp) {
    let found = turn.state.sessions.get(&session);
    let Some(user) = found.and_then(|found| found.account.and(found.user)) else {
        return;
    };
    let since = missed_since(turn, session, absent_since);
    let since = since.max(turn.steady().plus_seconds(-limits::ALERT_SECONDS));
    let alerts = turn.state.alerts().iter();
    let missed: Vec<AlertRow> = alerts
        .filter(|alert| alert.steady > since)
        .cloned()
        .collect();
    let nick = turn.state.nick_of(user);
    for AlertRow { text, steady } in missed {
        let time = turn.state.clock.shown_at(steady);
        let variables = [("time", minute(time)), ("text", text.to_string())];
        let variables = variables
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let words = turn.words_for(session, "alert-missed", &variables);
        give(turn, session, &nick, &words, time);
    }
}
