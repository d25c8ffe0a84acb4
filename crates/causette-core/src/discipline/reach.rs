//! Who is there whom a sanction concerns.

use super::target;
use crate::id::{RoomId, UserId};
use crate::sanction::{Sanction, Whom};
use crate::state::State;
use crate::state::user::User;

/// Who could be hit: the members of a channel, or everybody.
pub(super) fn concerned(state: &State, room: Option<RoomId>) -> Vec<&User> {
    let Some(room) = room else {
        return state.users.values().map(Box::as_ref).collect();
    };
    let channel = state.channels().get(&room);
    let members = channel
        .into_iter()
        .flat_map(|channel| channel.members.keys());
    members
        .filter_map(|user| state.users.get(user).map(Box::as_ref))
        .collect()
}

/// Those for whom a sanction holds where it holds, in the order of their ids.
pub(super) fn hit(state: &State, sanction: &Sanction) -> Vec<UserId> {
    let people = match sanction.whom {
        Whom::Account(account) => {
            let user = state.users.get(&UserId::from(account));
            let there = |user: &&User| {
                let room = sanction.room;
                room.is_none_or(|room| user.channels.contains(&room))
            };
            user.map(Box::as_ref).filter(there).into_iter().collect()
        }
        Whom::Network(_) | Whom::Mask(_) => concerned(state, sanction.room),
    };
    let Some(cover) = target::cover(state, &sanction.whom) else {
        return Vec::new();
    };
    let hit = people.into_iter().filter(|user| {
        let by_mask = matches!(sanction.whom, Whom::Mask(_));
        let suspect = state.suspect(user, by_mask);
        sanction.binds(suspect.role()) && cover.covers(&suspect)
    });
    let mut hit: Vec<UserId> = hit.map(|user| user.id).collect();
    hit.sort_unstable();
    hit
}
