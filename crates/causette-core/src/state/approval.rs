//! Who may sign up, and which accounts wait to be approved.

use crate::id::{AccountId, SessionId};
use crate::settings::{Registration, Settings};
use crate::state::State;
use crate::state::account::Account;

impl State {
    /// Who may sign up.
    pub(crate) fn registration(&self, settings: &Settings) -> Registration {
        self.registration.unwrap_or(settings.registration)
    }

    /// Who may sign up, where that was set and the configuration does not say it.
    pub(crate) fn registration_set(&self) -> Option<Registration> {
        self.registration
    }

    /// The accounts that wait to be approved, the oldest first.
    pub(crate) fn unapproved(&self) -> impl Iterator<Item = &Account> {
        self.unapproved
            .iter()
            .filter_map(|id| self.accounts.get(id))
    }

    /// How many accounts wait to be approved.
    pub(crate) fn unapproved_len(&self) -> usize {
        self.unapproved.len()
    }

    /// Notes that whoever is at a connection waits for their account to be approved. No fact: it passes with the connection.
    pub(crate) fn wait_for_approval(&mut self, session: SessionId, account: AccountId) {
        if let Some(session) = self.sessions.get_mut(&session)
            && session.account.is_none()
        {
            session.applied = Some(account);
        }
    }

    /// Lets the connections wait no more that wait for an account to be approved, and says which they are. Each has the whole
    /// time again in which to sign in.
    pub(crate) fn end_wait_for_approval(&mut self, account: AccountId) -> Vec<SessionId> {
        let sessions = self.sessions.values_mut();
        let waiting = sessions.filter(|session| session.applied == Some(account));
        let mut waiting: Vec<SessionId> = waiting
            .map(|session| {
                session.applied = None;
                session.lobby_from = session.age;
                session.id
            })
            .collect();
        waiting.sort_unstable();
        waiting
    }
}
