//! Who was online lately and is no more under that nickname. Not kept over a restart.

use causette_proto::{CompactString, Nick, Timestamp};
use std::collections::VecDeque;

/// Those who were online, the last first.
#[derive(Debug, Default)]
pub(crate) struct Whowas(VecDeque<Was>);

/// Someone who went by a nickname.
#[derive(Clone, Debug)]
pub(crate) struct Was {
    pub(crate) nick: Nick,
    pub(crate) username: CompactString,
    pub(crate) host: CompactString,
    pub(crate) realname: CompactString,
    pub(crate) account: Option<CompactString>,
    /// When they gave it up.
    pub(crate) until: Timestamp,
}

impl Whowas {
    /// Remembers one more, and forgets what is beyond `max`.
    pub(crate) fn add(&mut self, was: Was, max: usize) {
        self.0.push_front(was);
        self.0.truncate(max);
    }

    /// Forgets that somebody was signed in to an account that is no more: its name may be another's.
    pub(crate) fn forget_account(&mut self, name: &str) {
        for was in &mut self.0 {
            was.account.take_if(|account| account == name);
        }
    }

    /// Those who went by a nickname, given in its folded form, the last first.
    pub(crate) fn of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Was> {
        self.0.iter().filter(move |was| was.nick.key() == key)
    }
}
