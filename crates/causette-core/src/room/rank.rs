//! Raising members of a channel by lasting rights, and lowering them.

use crate::actor::Actor;
use crate::event::{Held, ModeChange, Prefixes, What};
use crate::id::{Room, RoomId, UserId};
use crate::turn::Turn;
use causette_proto::mode::Change;

/// Gives a member prefixes that they do not have yet, for all to see.
pub(crate) fn raise(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    member: (RoomId, UserId),
    prefixes: Prefixes,
) {
    set(turn, actor, by, member, prefixes, true);
}

/// Takes prefixes from a member who has them, for all to see: a right that was taken away ends at once, not when its holder
/// leaves.
pub(super) fn lower(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    member: (RoomId, UserId),
    prefixes: Prefixes,
) {
    set(turn, actor, by, member, prefixes, false);
}

/// Shows those in a channel prefixes that a member has had since they entered it, as JOIN does not. Where nobody is told that they did,
/// nobody is told what they are.
pub(crate) fn show(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (room, user): (RoomId, UserId),
    prefixes: Prefixes,
) {
    let channel = &turn.state.channels()[&room];
    let is_seen = turn.state.users.get(&user).is_some_and(|user| user.present);
    let held = channel.prefixes(user);
    let nick = turn.state.nick_of(user);
    let letters = prefixes.letters();
    let shown = letters.chars().filter(|letter| held.has(*letter));
    let changes: Vec<ModeChange> = shown
        .map(|mode| {
            let (add, arg) = (true, Some(nick.clone()));
            let member = Some(Held {
                user,
                prefixes: held,
            });
            let change = Change { add, mode, arg };
            ModeChange { change, member }
        })
        .collect();
    if changes.is_empty() || channel.is_large() || !is_seen {
        return;
    }
    let after = channel.modes.text(true);
    turn.follow(actor, room, What::Mode { changes, after });
}

fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, user): (RoomId, UserId),
    prefixes: Prefixes,
    add: bool,
) {
    let channel = &turn.state.channels()[&room];
    if !channel.members.contains_key(&user) {
        return;
    }
    let mut held = channel.prefixes(user);
    let before = held;
    let after = channel.modes.text(true);
    let nick = turn.state.nick_of(user);
    let letters = prefixes.letters();
    let changes: Vec<ModeChange> = letters
        .chars()
        .filter(|letter| before.has(*letter) != add)
        .map(|mode| {
            held.set(mode, add);
            ModeChange {
                change: Change {
                    add,
                    mode,
                    arg: Some(nick.clone()),
                },
                member: Some(Held {
                    user,
                    prefixes: held,
                }),
            }
        })
        .collect();
    if !changes.is_empty() {
        let what = What::Mode { changes, after };
        turn.happen(actor, vec![Room::Channel(room)], by, what);
    }
}
