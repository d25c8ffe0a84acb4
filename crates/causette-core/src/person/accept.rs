//! Whose messages pass the mode `R` of somebody, though they have no account.

use crate::denied::Denied;
use crate::id::{AccountId, UserId};
use crate::limits;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;

/// What became of somebody who was to be accepted, or no more.
pub(crate) enum Accepted {
    /// They are, or are no more.
    Done,
    /// They were before.
    Already,
    /// They were not.
    Not,
    /// There is no place for another.
    Full,
}

/// The nicknames of those whom somebody accepts.
pub(crate) fn list(state: &State, by: UserId) -> Vec<String> {
    let accepted = state.users[&by].accepted.iter();
    let there = accepted.filter(|other| is_there(state, **other));
    there
        .map(|other| state.nick_of(*other).to_string())
        .collect()
}

/// Lets messages of somebody pass.
pub(crate) fn accept(turn: &mut Turn<'_>, by: UserId, nick: &str) -> Result<Accepted, Denied> {
    let other = turn.state.addressee(nick);
    let other = other.ok_or_else(|| privilege::no_such_nick(nick))?;
    forget_the_gone(turn, by);
    let accepted = &turn.state.users[&by].accepted;
    Ok(if accepted.contains(&other) {
        Accepted::Already
    } else if accepted.len() >= limits::ACCEPTED {
        Accepted::Full
    } else {
        add(turn, by, other);
        Accepted::Done
    })
}

/// Lets messages of somebody pass no more.
pub(crate) fn refuse(turn: &mut Turn<'_>, by: UserId, nick: &str) -> Result<Accepted, Denied> {
    let other = turn.state.addressee(nick);
    let other = other.ok_or_else(|| privilege::no_such_nick(nick))?;
    if !turn.state.users[&by].accepted.contains(&other) {
        return Ok(Accepted::Not);
    }
    *turn.mutated = true;
    if let Some(user) = turn.state.users.get_mut(&by) {
        user.accepted.retain(|held| *held != other);
    }
    Ok(Accepted::Done)
}

/// Whom somebody wrote to may answer: one without an account, past the mode by which its author hears only those who have one.
/// Where there is no place, who was accepted first must be accepted anew.
pub(crate) fn may_answer(turn: &mut Turn<'_>, by: UserId, other: UserId) {
    let (Some(author), Some(reader)) = (turn.state.users.get(&by), turn.state.users.get(&other))
    else {
        return;
    };
    let is_barred = author.modes.has('R') && reader.account.is_none();
    if !is_barred || by == other || author.accepted.contains(&other) {
        return;
    }
    forget_the_gone(turn, by);
    if turn.state.users[&by].accepted.len() >= limits::ACCEPTED
        && let Some(user) = turn.state.users.get_mut(&by)
    {
        user.accepted.remove(0);
    }
    add(turn, by, other);
}

fn add(turn: &mut Turn<'_>, by: UserId, other: UserId) {
    *turn.mutated = true;
    if let Some(user) = turn.state.users.get_mut(&by) {
        user.accepted.push(other);
    }
}

/// Who left, or whose account is no more, comes back as somebody else.
fn forget_the_gone(turn: &mut Turn<'_>, by: UserId) {
    let Some(user) = turn.state.users.get(&by) else {
        return;
    };
    let mut accepted = user.accepted.clone();
    accepted.retain(|other| is_there(turn.state, *other));
    *turn.mutated = true;
    if let Some(user) = turn.state.users.get_mut(&by) {
        user.accepted = accepted;
    }
}

fn is_there(state: &State, user: UserId) -> bool {
    state.users.contains_key(&user) || state.accounts().contains_key(&AccountId(user.0))
}
