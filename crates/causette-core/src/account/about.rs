//! What is told of an account, to its owner and to others.

use crate::actor::Actor;
use crate::cidr::Cidr;
use crate::denied::{Denied, Why};
use crate::login::LoginPolicy;
use crate::right::Act;
use crate::state::State;
use causette_proto::{AccountName, Timestamp};

/// What is told of an account.
pub(crate) struct About {
    pub(crate) name: AccountName,
    pub(crate) created: Timestamp,
    /// What not everybody learns: when someone was last here is theirs to tell; their channels too.
    pub(crate) private: Option<Private>,
}

/// What its owner is told, and who may inspect accounts.
pub(crate) struct Private {
    /// When its last connection ended at which somebody was; `None` while there is one.
    pub(crate) last_seen: Option<Timestamp>,
    /// The channels that it owns, by name.
    pub(crate) owned: Vec<String>,
    /// From where one may sign in to it.
    pub(crate) login: LoginPolicy,
    /// The address to which that is pinned, where it is.
    pub(crate) pinned: Option<Cidr>,
}

/// What somebody is told of the account of a name, or of their own.
pub(crate) fn about(state: &State, actor: &Actor, name: Option<&str>) -> Result<About, Denied> {
    let session = actor.session().and_then(|id| state.sessions.get(&id));
    if session.is_some_and(|session| session.user.is_none()) {
        // Which names have an account is not for strangers to learn.
        let key = "nickserv-sign-in-first";
        return Err(Denied::new(Why::SignInFirst, key, &[]));
    }
    let own = actor.account(state);
    let found = match name {
        Some(name) => state.account_named(name),
        None => own.and_then(|id| state.accounts().get(&id)),
    };
    let Some(account) = found else {
        let key = "nickserv-no-such-account";
        return Err(Denied::new(Why::NoSuchAccount, key, &[]));
    };
    let may_know = own == Some(account.id) || actor.may(state, Act::InspectAccount);
    let private = may_know.then(|| {
        let channels = state.channels().values();
        let owned = channels.filter(|channel| channel.founder == Some(account.id));
        let mut owned: Vec<String> = owned.map(|channel| channel.name.to_string()).collect();
        owned.sort_unstable();
        Private {
            last_seen: state
                .is_absent(account.id)
                .then(|| state.clock.shown_at(account.last_seen)),
            owned,
            login: account.login(),
            pinned: account.pinned(),
        }
    });
    Ok(About {
        name: account.name.clone(),
        created: state.clock.shown_at(account.created),
        private,
    })
}
