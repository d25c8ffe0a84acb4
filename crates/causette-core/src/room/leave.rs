//! Leaving channels.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::discipline::{enforce, strike};
use crate::event::What;
use crate::fitting::Cut;
use crate::id::{Room, RoomId, UserId};
use crate::room::privilege;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Leaves a channel. Gives back what of the reason fits on the lines that show it.
pub(crate) fn leave(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    reason: &str,
) -> Result<Cut, Denied> {
    let room = privilege::membership(turn.state, by, name)?.id;
    let reason = enforce::readable(turn.state, by, [room], reason);
    let reason = strike::reason_of(turn, actor, by, &[room], reason);
    let cut = Cut::of(reason, turn.settings.kick_bytes());
    let reason = cut.kept.clone();
    turn.happen(
        actor,
        vec![Room::Channel(room)],
        by,
        What::Parted { reason },
    );
    Ok(cut)
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
