//! The end of a sanction whose time is over.

use crate::actor::Actor;
use crate::discipline::lift::end;
use crate::limits;
use crate::turn::Turn;

/// Ends those whose time is over, so many at a time; they hold until then.
pub(crate) fn expire(turn: &mut Turn<'_>) {
    let now = turn.steady();
    for sanction in turn.state.sanctions().over(now, limits::SANCTIONS_ENDED) {
        end(turn, &Actor::Server, sanction, None);
    }
}
