//! What changes by what those who run the server decide.

use crate::id::{InvitationId, RoomId};
use crate::limits;
use crate::metadata::Whose;
use crate::record::Fact;
use crate::snapshot::AlertRow;
use crate::state::State;
use causette_proto::Timestamp;

impl State {
    pub(super) fn administered(&mut self, fact: &Fact, time: Timestamp) {
        match fact {
            Fact::Sanctioned(sanction) => {
                self.sanctions.insert((**sanction).clone(), self.casemap);
            }
            Fact::SanctionLifted { sanction, .. } => self.sanctions.remove(*sanction),
            Fact::RegistrationSet { registration } => self.registration = *registration,
            Fact::InvitationMade {
                invitation: Some(invitation),
                ..
            } => self.invitations.insert((**invitation).clone()),
            Fact::InvitationEnded { invitation, .. } => self.invitations.remove(invitation.0),
            Fact::FilterSet(filter) => {
                self.patterns.insert(filter);
                self.filters.insert((**filter).clone());
            }
            Fact::FilterRemoved { filter, .. } => {
                self.patterns.remove(*filter);
                self.filters.remove(filter.0);
            }
            Fact::MessageHeld(held) => self.held.insert((**held).clone()),
            Fact::HeldDecided { held, .. } => self.held.remove(held.0),
            Fact::Alerted { text, kept: true } => {
                if self.alerts.len() >= limits::ALERTS_KEPT {
                    self.alerts.pop_front();
                }
                self.alerts.push_back(AlertRow {
                    text: text.clone(),
                    steady: time,
                });
            }
            _ => {}
        }
    }

    /// Somebody has signed up with an invitation: one more may not.
    pub(super) fn invitation_used(&mut self, invitation: Option<InvitationId>) {
        let Some(id) = invitation else { return };
        if let Some(invitation) = self.invitations.get_mut(id.0) {
            invitation.uses -= 1;
            if invitation.uses == 0 {
                self.invitations.remove(id.0);
            }
        }
    }

    /// A room is no more, and what held in it holds nowhere. No end of its own is entered for each: there may be thousands, and the
    /// store marks them as ended by the same fact. So it is of an account and the sanctions that are for it.
    pub(super) fn room_forgotten(&mut self, room: RoomId) {
        self.sanctions.forget_room(room);
        self.patterns.forget(room);
        self.filters.retain(|filter| filter.room != Some(room));
        self.held.retain(|held| held.room != room);
        self.files.forget_room(room);
        self.metadata.forget(Whose::Room(room));
    }
}
