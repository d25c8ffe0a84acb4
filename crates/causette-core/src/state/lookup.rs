//! Who and what is found by a name, and what there is to say of who was found.

use crate::former;
use crate::id::{AccountId, Room, UserId};
use crate::reserved::{ADMINISTRATION, is_administration};
use crate::state::State;
use crate::state::account::Account;
use crate::state::channel::Channel;
use crate::state::list_mask::Person;
use crate::state::user::User;
use causette_proto::{AccountName, ChannelName, CompactString};

impl State {
    /// The account of a name.
    pub(crate) fn account_named(&self, name: &str) -> Option<&Account> {
        let id = self.account_names.get(&self.casemap.fold(name))?;
        self.accounts.get(id)
    }

    /// The name of a user's account.
    pub(crate) fn account_name(&self, user: &User) -> Option<&AccountName> {
        self.accounts
            .get(&user.account?)
            .map(|account| &account.name)
    }

    /// A user as lists of masks are asked about them.
    pub(crate) fn person<'a>(&'a self, user: &'a User) -> Person<'a> {
        Person {
            user,
            account: self.account_name(user).map(AccountName::key),
        }
    }

    /// The user of a nickname.
    pub(crate) fn user_named(&self, nick: &str) -> Option<&User> {
        let id = self.nicks.get(&self.casemap.fold(nick))?;
        self.users.get(id).map(Box::as_ref)
    }

    /// Who is reached by a nickname, or by the name of an account, whatever nickname its person goes by. Those who run the server
    /// are reached by their name, whoever had it before.
    pub(crate) fn addressee(&self, nick: &str) -> Option<UserId> {
        if is_administration(self.casemap, nick) {
            return Some(UserId::ADMINISTRATION);
        }
        let by_nick = self.user_named(nick).map(|user| user.id);
        by_nick.or_else(|| Some(UserId::from(self.account_named(nick)?.id)))
    }

    /// With whom a conversation is that goes by a name: who is reached by it, or one who is gone.
    pub(crate) fn correspondent(&self, name: &str) -> Option<UserId> {
        let gone = |user: &UserId| {
            !self.users.contains_key(user) && !self.accounts.contains_key(&AccountId(user.0))
        };
        let reached = self.addressee(name);
        reached.or_else(|| former::read(name).filter(gone))
    }

    /// The channel of a name.
    pub(crate) fn channel_named(&self, name: &str) -> Option<&Channel> {
        let id = self.channel_names.get(&self.casemap.fold_channel(name))?;
        self.channels.get(id)
    }

    /// The channel of a valid name.
    pub(crate) fn channel_of(&self, name: &ChannelName) -> Option<&Channel> {
        self.channels.get(self.channel_names.get(name.key())?)
    }

    /// The nickname that a user goes by now, also when they are not online.
    pub(crate) fn nick_of(&self, user: UserId) -> CompactString {
        match (self.users.get(&user), self.accounts.get(&AccountId(user.0))) {
            (Some(user), _) => CompactString::new(user.nick.as_str()),
            (None, Some(account)) => CompactString::new(account.nick.as_str()),
            (None, None) if user == UserId::ADMINISTRATION => {
                CompactString::const_new(ADMINISTRATION)
            }
            (None, None) => CompactString::const_new("*"),
        }
    }

    /// `nick!user@host` of a user who is online.
    pub(crate) fn source_of(&self, user: UserId) -> &str {
        self.users.get(&user).map_or("", |user| &user.source)
    }

    /// The members of a direct conversation's room other than `user`: the one it is held with.
    pub(crate) fn other_side(room: Room, user: UserId) -> Option<UserId> {
        match room {
            Room::Channel(_) => None,
            Room::Direct(low, high) => Some(if low == user { high } else { low }),
        }
    }
}
