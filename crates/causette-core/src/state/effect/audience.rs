//! Whose connections hear of something.

use crate::id::{RoomId, SessionId, UserId};
use crate::state::State;
use rustc_hash::FxHashSet;
use std::sync::Arc;

impl State {
    /// The sessions of a channel's members. Kept until its members or their sessions change.
    pub(crate) fn audience(&mut self, room: RoomId) -> Arc<[SessionId]> {
        let Some(channel) = self.channels.get_mut(&room) else {
            return Arc::default();
        };
        let users = &self.users;
        let audience = channel.audience.get_or_insert_with(|| {
            channel
                .members
                .keys()
                .filter_map(|id| users.get(id))
                .flat_map(|user| user.sessions.iter().copied())
                .collect()
        });
        Arc::clone(audience)
    }

    /// The sessions of those members of a channel who have at least a rank, and of one more.
    pub(crate) fn audience_of_rank(
        &self,
        room: RoomId,
        rank: char,
        and: UserId,
    ) -> Arc<[SessionId]> {
        let Some(channel) = self.channels.get(&room) else {
            return Arc::default();
        };
        channel
            .members
            .iter()
            .filter(|(id, membership)| **id == and || membership.prefixes.at_least(rank))
            .filter_map(|(id, _)| self.users.get(id))
            .flat_map(|user| user.sessions.iter().copied())
            .collect()
    }

    /// The sessions of everyone who sees a user in a channel that is not too large, each once, without the user's own. Nobody sees who is
    /// not present.
    pub(crate) fn peers(&self, user: UserId) -> Vec<SessionId> {
        let Some(user) = self.users.get(&user).filter(|user| user.present) else {
            return Vec::new();
        };
        let mut seen = FxHashSet::default();
        seen.insert(user.id);
        let mut sessions = Vec::new();
        for channel in user
            .channels
            .iter()
            .filter_map(|room| self.channels.get(room))
            .filter(|channel| !channel.is_large())
        {
            for peer in channel.members.keys().filter_map(|id| self.users.get(id)) {
                if !peer.sessions.is_empty()
                    && channel.shows(user.id, peer.id)
                    && seen.insert(peer.id)
                {
                    sessions.extend_from_slice(&peer.sessions);
                }
            }
        }
        sessions
    }

    /// Forgets the audiences that a user's sessions are part of.
    pub(crate) fn forget_audiences(&mut self, user: UserId) {
        let Some(user) = self.users.get(&user) else {
            return;
        };
        for room in &user.channels {
            if let Some(channel) = self.channels.get_mut(room) {
                channel.audience = None;
            }
        }
    }
}
