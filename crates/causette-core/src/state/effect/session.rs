//! What changes with connections. They pass: a start finds none of them, and each was closed.

use crate::id::{AccountId, SessionId};
use crate::input::Asker;
use crate::limits;
use crate::settings::OperatorSettings;
use crate::state::State;
use crate::state::session::{Opered, Session, Trace};
use causette_proto::{CompactString, Timestamp};

impl State {
    /// A connection was accepted. No fact before it says something.
    pub(crate) fn add_session(&mut self, session: Session) {
        self.sessions.insert(session.id, Box::new(session));
    }

    pub(super) fn session_opened(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.trace = Trace::Recorded;
        }
    }

    /// A session has one account for as long as it lives, however often it signs in.
    pub(super) fn session_signed_in(&mut self, id: SessionId, account: AccountId) {
        let (session, found) = (self.sessions.get_mut(&id), self.accounts.get_mut(&account));
        if let (Some(session), Some(found)) = (session, found)
            && session.account.replace(account) != Some(account)
        {
            found.sessions += 1;
            session.applied = None;
        }
    }

    pub(super) fn session_closed(
        &mut self,
        id: SessionId,
        account: Option<AccountId>,
        last_seen: Option<Timestamp>,
    ) {
        // Who has not answered to the end may have been told nothing.
        let gone = limits::PING_AFTER_SECONDS + limits::PONG_WITHIN_SECONDS;
        let session = self.sessions.get(&id);
        let answers = session.filter(|session| session.attended && session.silence < gone);
        let alerted = answers.map_or(Timestamp::MIN, |session| session.alerted);
        if let Some(account) = account.and_then(|id| self.accounts.get_mut(&id)) {
            account.alerted = account.alerted.max(alerted);
            account.sessions = account.sessions.saturating_sub(1);
            account.last_seen = last_seen.unwrap_or(account.last_seen);
        }
        self.forget_session(id);
    }

    /// A connection is there no more.
    pub(crate) fn forget_session(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        self.census.greeted -= usize::from(session.welcomed);
        self.opered.remove(&id);
        self.waiting.take(Asker::Session(id));
        self.attempts.leave(id, session.peer.address);
        for nick in &session.monitored {
            self.monitors.remove(nick, id);
        }
        self.speak_no_more(&session);
    }

    /// Somebody is at a connection, or nobody is.
    pub(super) fn session_attended(
        &mut self,
        id: SessionId,
        account: AccountId,
        attended: bool,
        last_seen: Option<Timestamp>,
    ) {
        let session = self.sessions.get(&id);
        let read = session.filter(|session| session.attended && !attended);
        let alerted = read.map_or(Timestamp::MIN, |session| session.alerted);
        if let Some(account) = self.accounts.get_mut(&account) {
            account.alerted = account.alerted.max(alerted);
            account.last_seen = last_seen.unwrap_or(account.last_seen);
        }
        self.attend(id, attended);
    }

    pub(super) fn became_operator(
        &mut self,
        id: SessionId,
        name: &CompactString,
        class: &CompactString,
        since: Timestamp,
    ) {
        if let Some(session) = self.sessions.get_mut(&id) {
            self.opered.insert(id);
            let operator = OperatorSettings {
                name: name.clone(),
                class: class.clone(),
            };
            // One that is an operator's already keeps what that gave.
            let gave = session.operator.take().map(|opered| opered.gave);
            session.operator = Some(Opered {
                operator,
                since,
                gave: gave.unwrap_or_default(),
            });
        }
    }
}
