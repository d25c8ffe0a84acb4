//! Putting a file aside: nobody fetches it until it is given back.

use super::find::seen;
use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Aside, File, FileChange, FileRef};
use crate::id::{FileId, SessionId, UserId};
use crate::limits;
use crate::person::alert;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::words::minute;
use crate::turn::{Mark, Turn};
use causette_proto::{CompactString, FileName, Timestamp};
use core::cmp::Reverse;

/// Puts it aside, or gives it back.
pub(crate) fn put(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &FileRef,
    aside: bool,
    reason: &str,
) -> Result<(File, Mark), Denied> {
    actor.must(turn.state, Act::RuleFiles)?;
    let (file, _) = seen(turn.state, actor, wanted)?;
    let file = file.clone();
    if file.aside.is_some() == aside {
        return Err(Denied::new(Why::AlreadySo, "file-aside-already", &[]));
    }
    let reason = reason_for(turn, actor, &file, reason)?;
    let kept = reason.clone();
    let (change, act) = match aside {
        true => (FileChange::Quarantined { reason }, "put-aside"),
        false => (FileChange::Released { reason }, "released"),
    };
    let fact = Fact::FileChanged {
        file: file.id,
        change,
    };
    let mark = turn.commit(actor, fact);
    tell(turn, actor, &file, act, &kept);
    Ok((file, mark))
}

/// The reason for which somebody who runs the server does something to a file of another, whom their role must reach.
pub(super) fn reason_for(
    turn: &Turn<'_>,
    actor: &Actor,
    file: &File,
    reason: &str,
) -> Result<CompactString, Denied> {
    if let Some(owner) = file.owner {
        actor.must_reach_author(turn.state, owner.into())?;
    }
    Ok(target::reason(turn.settings, reason)?.kept)
}

/// Tells whose file it is what was done with it, and those who run the server who did it.
pub(super) fn tell(turn: &mut Turn<'_>, actor: &Actor, file: &File, act: &str, reason: &str) {
    let owner = file.owner.and_then(|id| turn.state.accounts().get(&id));
    let owner = owner.map(|owner| (owner.id, CompactString::new(owner.name.as_str())));
    let (id, by) = (file.id.0.to_string(), actor.name(turn.state));
    let variables = [
        ("id", id.as_str()),
        ("name", file.name.as_str()),
        ("act", act),
        ("reason", reason),
        ("by", &by),
        ("owner", owner.as_ref().map_or("*", |(_, name)| name)),
        ("offered", if owner.is_some() { "no" } else { "yes" }),
    ];
    if let Some((owner, _)) = owner
        && actor.account(turn.state) != Some(owner)
    {
        let sessions = turn.state.sessions_of(owner);
        let owner = UserId::from(owner);
        turn.tell_person(owner, "file-touched", &variables);
        turn.tell_how_to_object(owner);
        let steady = turn.steady();
        for session in sessions {
            if let Some(found) = turn.state.sessions.get_mut(&session) {
                found.alerted = steady;
            }
        }
    }
    turn.tell_acted(actor, "notice-file", &variables);
}

/// Tells a connection which files of its account were put aside since nobody was there who has it, and still are, the last first.
pub(crate) fn show_missed(turn: &mut Turn<'_>, session: SessionId, absent_since: Timestamp) {
    let found = turn.state.sessions.get(&session);
    let Some(account) = found.and_then(|found| found.account) else {
        return;
    };
    let since = alert::missed_since(turn, session, absent_since);
    let files = turn.state.files();
    let owned = files.of(account).into_iter().flat_map(|owned| &owned.files);
    let owned = owned.filter_map(|id| files.get(*id));
    let mut missed: Vec<(Aside, FileId, FileName)> = owned
        .filter_map(|file| Some((file.aside.clone()?, file.id, file.name.clone())))
        .filter(|(aside, ..)| aside.since > since)
        .collect();
    if missed.is_empty() {
        return;
    }
    missed.sort_unstable_by_key(|(aside, id, _)| Reverse((aside.since, *id)));
    for (aside, id, name) in missed.iter().take(limits::ASIDE_TOLD) {
        let (id, time) = (id.0.to_string(), turn.state.clock.shown_at(aside.since));
        let variables = [
            ("time", &*minute(time)),
            ("id", &id),
            ("name", name.as_str()),
            ("reason", &aside.reason),
        ];
        turn.tell_session_itself(session, "file-aside-missed", &variables);
    }
    if missed.len() > limits::ASIDE_TOLD {
        let count = (missed.len() - limits::ASIDE_TOLD).to_string();
        let variables = [("count", count.as_str())];
        turn.tell_session_itself(session, "file-aside-missed-more", &variables);
    }
    turn.tell_session_how_to_object(session);
}
