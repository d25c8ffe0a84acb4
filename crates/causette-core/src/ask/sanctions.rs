//! What those who run the server ask for to keep order: putting people out, keeping them out or silent, and the end of that.

use super::administration::Answered;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::impose::Wanted;
use crate::discipline::lift::Lifted;
use crate::discipline::target::Aim;
use crate::discipline::{impose, lift, list};
use crate::id::SanctionId;
use crate::order::Order;
use crate::person::kill::kill;
use crate::report::Report;
use crate::room::kick::put_out;
use crate::sanction::SanctionKind;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// What is told of something that was done, and its entry.
type Done = Result<(String, Mark), Denied>;

/// Does what is asked for; says what came of it, and by which fact, where there is one. Other orders are not for here.
pub(super) fn obey(turn: &mut Turn<'_>, actor: &Actor, order: Order) -> Result<Answered, Denied> {
    let (text, mark) = match order {
        Order::ListSanctions => {
            let held = list::list(turn, actor)?;
            return Ok((Report::Sanctions(held), None));
        }
        Order::Kick { nick, room, reason } => kick(turn, actor, (&nick, room.as_deref()), &reason)?,
        Order::Sanction {
            kind,
            whom,
            room,
            seconds,
            reason,
        } => {
            let wanted = Wanted {
                kind,
                whom: whom.as_str().into(),
                room: room.as_deref(),
                seconds,
                reason: reason.as_str(),
            };
            return impose(turn, actor, wanted);
        }
        Order::Lift { sanction, reason } => lift(turn, actor, sanction, &reason)?,
        Order::LiftFrom {
            kind,
            whom,
            room,
            reason,
        } => {
            let from = (whom.as_str().into(), room.as_deref());
            lift_from(turn, actor, kind, from, &reason)?
        }
        Order::Suspend {
            account,
            seconds,
            reason,
        } => {
            let wanted = Wanted {
                kind: SanctionKind::Ban,
                whom: Aim::Account(&account),
                room: None,
                seconds,
                reason: &reason,
            };
            return impose(turn, actor, wanted);
        }
        Order::Resume { account, reason } => {
            let from = (Aim::Account(&account), None);
            lift_from(turn, actor, SanctionKind::Ban, from, &reason)?
        }
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    };
    Ok((Report::Done(text), Some(mark)))
}

/// Puts somebody out of a channel, or ends all of their connections.
fn kick(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (nick, room): (&str, Option<&str>),
    reason: &str,
) -> Done {
    let language = turn.language;
    let Some(room) = room else {
        let killed = kill(turn, actor, nick, reason)?;
        let number = killed.sessions.to_string();
        let variables = [("nick", nick), ("number", number.as_str())];
        return Ok((text_with(language, "admin-killed", &variables), killed.mark));
    };
    let mark = put_out(turn, actor, room, nick, reason)?;
    let variables = [("nick", nick), ("channel", room)];
    Ok((text_with(language, "admin-put-out", &variables), mark))
}

/// Keeps somebody out, or silent.
fn impose(turn: &mut Turn<'_>, actor: &Actor, wanted: Wanted<'_>) -> Result<Answered, Denied> {
    let imposed = impose::impose(turn, actor, wanted)?;
    let people = imposed.people.to_string();
    let variables = [
        ("kind", wanted.kind.name()),
        ("whom", &imposed.whom),
        ("channel", wanted.room.unwrap_or("none")),
        ("until", &imposed.until),
        ("number", &imposed.numbers),
        ("people", &people),
    ];
    let text = text_with(turn.language, "sanction-imposed", &variables);
    let report = match imposed.first {
        Some(first) => Report::Made {
            text,
            number: first.0,
        },
        None => Report::Done(text),
    };
    Ok((report, Some(imposed.mark)))
}

/// Ends a sanction before its time.
fn lift(turn: &mut Turn<'_>, actor: &Actor, sanction: SanctionId, reason: &str) -> Done {
    let lifted = lift::lift(turn, actor, sanction, reason)?;
    let mark = lifted.mark;
    Ok((told(turn, &[lifted]), mark))
}

/// Ends what is for just somebody before its time.
fn lift_from(
    turn: &mut Turn<'_>,
    actor: &Actor,
    kind: SanctionKind,
    from: (Aim<'_>, Option<&str>),
    reason: &str,
) -> Done {
    let mark = turn.mark();
    let lifted = lift::lift_from(turn, actor, kind, from, reason)?;
    Ok((told(turn, &lifted), mark))
}

fn told(turn: &Turn<'_>, lifted: &[Lifted]) -> String {
    let (key, variables) = lift::told(lifted);
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    text_with(turn.language, key, &variables)
}
