//! Leaving channels.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::event::What;
use crate::id::{Room, RoomId, UserId};
use crate::room::privilege;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Leaves a channel.
pub(crate) fn leave(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    reason: &CompactString,
) -> Result<(), Denied> {
    let room = privilege::membership(turn.state, by, name)?.id;
    let reason = reason.clone();
    turn.happen(
        actor,
        vec![Room::Channel(room)],
        by,
        What::Parted { reason },
    );
    Ok(())
}

/// Leaves every channel, without a reason.
pub(crate) fn leave_all(turn: &mut Turn<'_>, actor: &Actor, by: UserId) {
    let user = turn.state.users.get(&by);
    let rooms: Vec<RoomId> =
        user.map_or_else(Vec::new, |user| user.channels.iter().copied().collect());
    for room in rooms {
        let reason = CompactString::default();
        turn.happen(
            actor,
            vec![Room::Channel(room)],
            by,
            What::Parted { reason },
        );
    }
}
