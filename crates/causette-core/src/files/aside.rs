//! Putting a file aside: nobody fetches it until it is given back.

use super::find::seen;
use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, FileChange, FileRef};
use crate::id::UserId;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

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
    if file.quarantined == aside {
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
        let owner = UserId::from(owner);
        turn.tell_person(owner, "file-touched", &variables);
        turn.tell_how_to_object(owner);
    }
    turn.tell_acted(actor, "notice-file", &variables);
}
