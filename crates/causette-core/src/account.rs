//! One registered identity, as far as the rules need it in memory.

use crate::id::AccountId;
use causette_proto::{AccountName, Nick, Timestamp};

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) name: AccountName,
    /// The nickname that its user goes by.
    pub(crate) nick: Nick,
    pub(crate) created: Timestamp,
    /// When its last connection ended.
    pub(crate) last_seen: Timestamp,
    /// The sessions that are signed in to it.
    pub(crate) sessions: usize,
}

impl Account {
    /// Whether nobody has ever signed in to it: its first sign-in lands in the channels of `auto_join`.
    pub(crate) fn is_fresh(&self) -> bool {
        self.last_seen == self.created
    }
}
