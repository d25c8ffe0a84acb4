//! What people are on the server: by their account, or as an operator for an hour of a connection.

use crate::id::{AccountId, SessionId, UserId};
use crate::right::{Act, Role, may};
use crate::secret::Verifier;
use crate::state::State;
use crate::state::account::Account;
use crate::state::session::Session;
use crate::state::user::User;
use causette_proto::Timestamp;
use std::collections::BTreeSet;

/// What is kept of the code by which somebody becomes the first owner.
#[derive(Debug)]
pub(crate) struct OwnerCode {
    /// Its SHA-256.
    pub(crate) hash: Verifier,
    /// Until when it is good, by the steady time.
    pub(crate) until: Timestamp,
}

impl State {
    /// What an account is on the server.
    pub(crate) fn role_of_account(&self, id: AccountId) -> Role {
        self.accounts
            .get(&id)
            .map_or(Role::Guest, |account| account.role)
    }

    /// What whoever speaks by a connection is on the server. An operator is an administrator at least.
    pub(crate) fn role_of_session(&self, id: SessionId) -> Role {
        let Some(session) = self.sessions.get(&id) else {
            return Role::Guest;
        };
        let account = session
            .account
            .map_or(Role::Guest, |account| self.role_of_account(account));
        match account {
            Role::Owner => Role::Owner,
            _ if session.operator.is_some() => Role::Admin,
            account => account,
        }
    }

    /// What somebody is on the server: what their account is, or more while one of their connections is an operator's.
    pub(crate) fn role_of_user(&self, user: &User) -> Role {
        let sessions = user.sessions.iter();
        let mut sessions = sessions.map(|session| self.role_of_session(*session));
        let account = user
            .account
            .map_or(Role::Guest, |account| self.role_of_account(account));
        sessions
            .find(|role| role.reaches(account))
            .unwrap_or(account)
    }

    /// Whether the role of an account makes its person an operator of the server: one who hears what those who run it do.
    pub(crate) fn operates(&self, id: AccountId) -> bool {
        // Most accounts are not among them, and these are few.
        self.officers.contains(&id) && may(self.role_of_account(id), Act::HearOfActs)
    }

    /// Whether whoever speaks by a connection is an operator of the server: by OPER or by the role of their account.
    pub(crate) fn is_operating(&self, session: &Session) -> bool {
        let account = session.account;
        session.operator.is_some() || account.is_some_and(|account| self.operates(account))
    }

    /// The same of a connection's id.
    pub(crate) fn is_operators(&self, id: SessionId) -> bool {
        let session = self.sessions.get(&id);
        session.is_some_and(|session| self.is_operating(session))
    }

    /// Whether a user is an operator of the server: one of their sessions is.
    pub(crate) fn is_operator(&self, user: &User) -> bool {
        user.sessions.iter().any(|id| self.is_operators(*id))
    }

    /// The first connections that OPER made an operator's at that steady time or before, at most so many.
    pub(crate) fn opered_until(&self, time: Timestamp, max: usize) -> Vec<SessionId> {
        let opered = self.opered.iter().copied();
        let over = opered.filter(|id| {
            let session = self.sessions.get(id);
            let opered = session.and_then(|session| session.operator.as_ref());
            opered.is_some_and(|opered| opered.since <= time)
        });
        over.take(max).collect()
    }

    /// How many connections are an operator's who is online.
    pub(crate) fn operators(&self) -> usize {
        let online = self.perhaps_operators().into_iter().filter(|id| {
            let session = self.sessions.get(id);
            session.is_some_and(|session| session.user.is_some() && self.is_operating(session))
        });
        online.count()
    }

    /// The connections among which those of all operators are, in the order of their ids: of accounts that are something else than
    /// users, and those that OPER made an operator's. They are few, however many people there are.
    fn perhaps_operators(&self) -> BTreeSet<SessionId> {
        let officers = self.officers.iter();
        let officers = officers.filter_map(|id| self.users.get(&UserId::from(*id)));
        let officers = officers.flat_map(|user| user.sessions.iter().copied());
        officers.chain(self.opered.iter().copied()).collect()
    }

    /// The accounts that are something else on the server than its users, in the order of their ids.
    pub(crate) fn officers(&self) -> impl Iterator<Item = &Account> {
        self.officers.iter().filter_map(|id| self.accounts.get(id))
    }

    /// The connections that are told what those who run the server do, in the order of their ids.
    pub(crate) fn hearing(&self) -> Vec<SessionId> {
        let mut hearing: Vec<SessionId> = self.perhaps_operators().into_iter().collect();
        hearing.retain(|id| may(self.role_of_session(*id), Act::HearOfActs));
        hearing
    }

    /// Whether the server has an owner.
    pub(crate) fn has_owner(&self) -> bool {
        self.officers().any(|account| account.role == Role::Owner)
    }

    /// Whether there would be no owner without an account.
    pub(crate) fn is_last_owner(&self, id: AccountId) -> bool {
        let mut owners = self
            .officers()
            .filter(|account| account.role == Role::Owner);
        owners.next().is_some_and(|first| first.id == id) && owners.next().is_none()
    }

    pub(super) fn role_given(&mut self, id: AccountId, role: Role) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.role = role;
        if role == Role::User {
            self.officers.remove(&id);
        } else {
            self.officers.insert(id);
        }
    }
}
