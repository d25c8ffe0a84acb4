//! What a fact changes of what is true, and who sees it: one function for every fact, whichever operation decided it and, when
//! there are several, on whichever node. A start reads what the record says now; that both come to the same is compared in
//! the tests.
//!
//! What is no fact passes with the connections it belongs to, and is changed where it happens: who is connected and away, who
//! waits for what, how often somebody guessed.

mod account;
mod administration;
mod audience;
mod event;
mod room;
mod session;

use crate::id::SessionId;
use crate::line::Line;
use crate::record::{Fact, Record};
use crate::state::State;
use causette_proto::Capabilities;
use std::sync::Arc;

/// What people see of an event.
pub(crate) struct Shown {
    pub(crate) line: Arc<Line>,
    /// Everyone who sees it, the author's sessions included where the author is among them.
    pub(crate) to: Arc<[SessionId]>,
    /// Only sessions with these do.
    pub(crate) needs: Capabilities,
}

impl State {
    /// Lets a fact take effect. Everything was validated before; this cannot fail. What happens in a room is shown under the
    /// room's name, or under another.
    pub(crate) fn take_effect(&mut self, record: &Record, shown_as: Option<&str>) -> Option<Shown> {
        let time = record.steady;
        match &record.fact {
            Fact::Event { rooms, event } => {
                return Some(self.happen(rooms, shown_as, event, time));
            }
            Fact::RoomOpened { .. }
            | Fact::RoomRenamed { .. }
            | Fact::RoomClosed { .. }
            | Fact::RoomRegistered { .. }
            | Fact::RoomUnregistered { .. }
            | Fact::AccessChanged { .. }
            | Fact::PastOpened { .. }
            | Fact::PlaceKept { .. }
            | Fact::Invited { admits: true, .. } => self.ruled(&record.fact, time),
            Fact::AccountCreated {
                account,
                name,
                waiting,
                invitation,
                ..
            } => {
                self.account_created(*account, name, *waiting, time);
                self.invitation_used(*invitation);
            }
            Fact::AccountChanged { account, change } => {
                self.account_changed(*account, change, time);
            }
            Fact::AccountDropped { account, .. } => self.account_dropped(*account),
            Fact::SignedIn {
                account,
                device,
                token,
                address,
                ..
            } => {
                if let Some(session) = record.session {
                    self.session_signed_in(session, *account);
                }
                self.account_used(*account, device.as_ref(), *token, *address, time);
            }
            Fact::MarkerSet { account, of, time } => self.mark(*account, of.clone(), *time),
            Fact::SessionOpened { session, .. } => self.session_opened(*session),
            Fact::SessionClosed {
                session,
                account,
                last_seen,
                ..
            } => self.session_closed(*session, *account, *last_seen),
            Fact::SessionAttended {
                session,
                account,
                attended,
                last_seen,
            } => self.session_attended(*session, *account, *attended, *last_seen),
            Fact::BecameOperator { name, class } => {
                if let Some(session) = record.session {
                    self.became_operator(session, name, class, time);
                }
            }
            Fact::RoleGiven { account, role, .. } => {
                self.role_given(*account, *role);
            }
            Fact::Sanctioned(_)
            | Fact::SanctionLifted { .. }
            | Fact::RegistrationSet { .. }
            | Fact::InvitationMade { .. }
            | Fact::InvitationEnded { .. }
            | Fact::FilterSet(_)
            | Fact::FilterRemoved { .. }
            | Fact::MessageHeld(_)
            | Fact::HeldDecided { .. }
            | Fact::Alerted { .. } => self.administered(&record.fact, time),
            Fact::MetadataSet(said) => self.metadata.set(said),
            Fact::FileAdded { file, .. } => self.files.insert((**file).clone()),
            Fact::FileChanged { file, change } => self.files.change(*file, change, record.steady),
            Fact::ClockStepped { from, to } => {
                self.clock.step(*from, *to);
                self.recount_absent();
            }
            // These tell what was done and leave everything as it is.
            Fact::Invited { admits: false, .. }
            | Fact::Killed { .. }
            | Fact::Announced { .. }
            | Fact::Reloaded
            | Fact::FingerprintsShown
            | Fact::FileFetched { .. }
            | Fact::FileRefused { .. }
            | Fact::FilterStruck { .. }
            | Fact::OwnerCodeMade
            | Fact::RegisterRead { .. }
            | Fact::ActRefused { .. }
            | Fact::BackupMade { .. }
            | Fact::Imported(_)
            | Fact::SignInRefused { .. }
            | Fact::SessionRefused { .. }
            | Fact::ConnectionsSilent { .. }
            | Fact::ServerStarted { .. }
            | Fact::StopAsked { .. }
            | Fact::ServerStopped { .. } => {}
        }
        None
    }
}
