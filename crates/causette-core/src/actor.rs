//! Who asks for something, whatever the door: the operations judge by it, and the record says it.

use crate::denied::{Denied, Why};
use crate::id::{AccountId, SessionId, TokenId, UserId};
use crate::input::By;
use crate::record::Who;
use crate::right::{Act, Role, Scopes, may, may_by_token, roles_with, scope_of};
use crate::state::State;
use crate::state::account::Account;
use crate::state::user::User;
use crate::state::waiting::Orderer;
use causette_proto::CompactString;
use core::net::IpAddr;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A connection, with the account it is signed in to, if any.
    Session(SessionId),
    /// Somebody by HTTP, who has signed in for one request.
    Account {
        /// To which account.
        account: AccountId,
        /// With the token of which device, where it was one.
        token: Option<TokenId>,
        /// From where.
        address: IpAddr,
    },
    /// The administrator at the console or the socket, by the name of the system user.
    System(CompactString),
    /// The server by itself.
    Server,
}

impl Actor {
    /// The connection, where it is one.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self {
            Self::Session(session) => Some(*session),
            Self::Account { .. } | Self::System(_) | Self::Server => None,
        }
    }

    /// The account, where there is one.
    pub(crate) fn account(&self, state: &State) -> Option<AccountId> {
        match self {
            Self::Session(session) => state.sessions.get(session)?.account,
            Self::Account { account, .. } => Some(*account),
            Self::System(_) | Self::Server => None,
        }
    }

    /// What they are on this server: what their account is. An operator is an administrator at least for an hour of the connection;
    /// whoever has the machine owns the server.
    pub(crate) fn role(&self, state: &State) -> Role {
        match self {
            Self::Session(session) => state.role_of_session(*session),
            Self::Account { account, .. } => match state.role_of_account(*account) {
                // What a bot may do its token says, which somebody made who runs the server.
                Role::Bot if self.scopes(state).is_some() => Role::Admin,
                role => role,
            },
            Self::System(_) | Self::Server => Role::Owner,
        }
    }

    /// What the token is good for by which they ask, where it is one of a program that runs the server.
    pub(crate) fn scopes(&self, state: &State) -> Option<Scopes> {
        match self {
            Self::Account {
                account,
                token: Some(token),
                ..
            } => state.accounts().get(account)?.token(*token)?.scopes,
            _ => None,
        }
    }

    /// Whether they have the right to an act, by the one table of rights. With a program's token it is that of their account as far as
    /// the token goes; with a device's what everybody may who has an account; one that was taken away meanwhile gives none.
    pub(crate) fn may(&self, state: &State, act: Act) -> bool {
        match self {
            Self::Account {
                account,
                token: Some(token),
                ..
            } => {
                let role = state.role_of_account(*account);
                let held = state.accounts().get(account);
                let held = held.and_then(|found| found.token(*token));
                held.is_some_and(|held| match held.scopes {
                    Some(scopes) => may_by_token(role, scopes, act),
                    None => may(role, act) && may(Role::User, act),
                })
            }
            _ => may(self.role(state), act),
        }
    }

    /// Refuses who has not the right to an act.
    pub(crate) fn must(&self, state: &State, act: Act) -> Result<(), Denied> {
        if self.may(state, act) {
            return Ok(());
        }
        let scope = scope_of(act);
        if self.scopes(state).is_some_and(|scopes| !scopes.has(scope)) {
            let variables = [("scope", scope.name())];
            return Err(Denied::new(
                Why::NoRight,
                "program-token-out-of-scope",
                &variables,
            ));
        }
        let roles = roles_with(act);
        let variables = [("roles", roles.as_str())];
        Err(Denied::new(Why::NoRight, "right-needed", &variables))
    }

    /// Refuses to act on somebody whose role is none that one's own reaches.
    pub(crate) fn must_reach_role(&self, state: &State, other: Role) -> Result<(), Denied> {
        if self.role(state).reaches(other) {
            return Ok(());
        }
        Err(Denied::new(Why::NoRight, "out-of-reach", &[]))
    }

    /// Refuses to act on an account whose role one's own does not reach, or that of one of its connections.
    pub(crate) fn must_reach_account(
        &self,
        state: &State,
        account: &Account,
    ) -> Result<(), Denied> {
        self.must_reach_role(state, account.role)?;
        match state.users.get(&UserId::from(account.id)) {
            Some(user) => self.must_reach(state, user),
            None => Ok(()),
        }
    }

    /// Refuses to act on what somebody has made or owns who may not be here, nor have an account any more.
    pub(crate) fn must_reach_author(&self, state: &State, author: UserId) -> Result<(), Denied> {
        if author == UserId::ADMINISTRATION {
            // Whoever sat there.
            return self.must_reach_role(state, Role::Owner);
        }
        match state.users.get(&author) {
            Some(user) => self.must_reach(state, user),
            None if self.person(state) == Some(author) => Ok(()),
            None => self.must_reach_role(state, state.role_of_account(AccountId(author.0))),
        }
    }

    /// Refuses who may not act on somebody: their own role must reach each that the other has. Everybody reaches themselves.
    pub(crate) fn must_reach(&self, state: &State, user: &User) -> Result<(), Denied> {
        let role = self.role(state);
        let own = self.person(state) == Some(user.id);
        let mut sessions = user.sessions.iter();
        let account = user
            .account
            .map_or(Role::Guest, |account| state.role_of_account(account));
        let all = role.reaches(account)
            && sessions.all(|session| role.reaches(state.role_of_session(*session)));
        if own || all {
            return Ok(());
        }
        let variables = [
            ("nick", user.nick.as_str()),
            ("role", state.role_of_user(user).name()),
        ];
        Err(Denied::new(Why::NoRight, "beyond-your-role", &variables))
    }

    /// The person, where they are one here.
    pub(crate) fn person(&self, state: &State) -> Option<UserId> {
        match self {
            Self::Session(session) => state.sessions.get(session)?.user,
            Self::Account { account, .. } => Some(UserId::from(*account)),
            Self::System(_) | Self::Server => None,
        }
    }

    /// As people name them.
    pub(crate) fn name(&self, state: &State) -> CompactString {
        let account = |id| match state.accounts().get(&id) {
            Some(account) => CompactString::new(account.name.as_str()),
            None => CompactString::const_new("*"),
        };
        match self {
            Self::Session(session) => {
                let session = state.sessions.get(session);
                let user = session.and_then(|session| session.user);
                user.map_or(CompactString::const_new("*"), |user| state.nick_of(user))
            }
            Self::Account { account: id, .. } => account(*id),
            Self::System(name) => name.clone(),
            Self::Server => CompactString::const_new("*"),
        }
    }

    /// As the record names them.
    pub(crate) fn who(&self, state: &State) -> Who {
        match self {
            Self::Session(session) => match self.account(state) {
                Some(account) => Who::Account(account),
                None => Who::Guest((*session).into()),
            },
            Self::Account { account, .. } => Who::Account(*account),
            Self::System(name) => Who::System(name.clone()),
            Self::Server => Who::Server,
        }
    }
}

impl From<SessionId> for Actor {
    fn from(session: SessionId) -> Self {
        Self::Session(session)
    }
}

impl From<By> for Actor {
    fn from(by: By) -> Self {
        match by {
            By::Server => Self::Server,
            By::Session(session) => Self::Session(session),
            By::System(name) => Self::System(name),
            By::Program {
                account,
                token,
                address,
            } => Self::Account {
                account,
                token: Some(token),
                address,
            },
        }
    }
}

impl From<&Orderer> for Actor {
    fn from(by: &Orderer) -> Self {
        match by {
            Orderer::System { name, .. } => Self::System(name.clone()),
            Orderer::Program(program) => Self::Account {
                account: program.account,
                token: Some(program.token),
                address: program.address,
            },
        }
    }
}

impl From<Option<SessionId>> for Actor {
    fn from(session: Option<SessionId>) -> Self {
        session.map_or(Self::Server, Self::Session)
    }
}
