//! Whom a name can be taken for. Kept where names are of every script; with ASCII names nothing is kept or computed.
//! <https://www.unicode.org/reports/tr39/#Confusable_Detection>

use crate::id::{AccountId, UserId};
use causette_proto::confusable::skeleton;
use causette_proto::{AccountName, Casemap, CompactString, Nick};
use rustc_hash::FxHashMap;

/// Who looks like what: everyone's nickname and every account's name, by what it looks like. Several may look alike, who came
/// before this was asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Likenesses {
    /// Whether there is anything to keep.
    kept: bool,
    nicks: Looks<UserId>,
    accounts: Looks<AccountId>,
}

/// What a name looks like: as it is spelled, and as it may be spelled in small letters.
#[derive(Debug)]
pub(crate) struct Look(Vec<CompactString>);

/// Those who have a look, in the order of their ids.
#[derive(Debug, PartialEq, Eq)]
struct Looks<Id>(FxHashMap<CompactString, Vec<Id>>);

impl Look {
    fn of(spelled: &str, folded: &str) -> Self {
        let mut skeletons = vec![skeleton(spelled), skeleton(folded)];
        skeletons.dedup();
        Self(skeletons)
    }
}

impl Likenesses {
    /// Nobody yet.
    pub(crate) fn new(casemap: Casemap) -> Self {
        Self {
            kept: casemap == Casemap::Precis,
            ..Self::default()
        }
    }

    /// What a name looks like, where that matters.
    pub(crate) fn look(&self, spelled: &str, folded: &str) -> Option<Look> {
        self.kept.then(|| Look::of(spelled, folded))
    }

    /// Somebody goes by a nickname.
    pub(crate) fn add_nick(&mut self, nick: &Nick, user: UserId) {
        if let Some(look) = self.look(nick.as_str(), nick.key()) {
            self.nicks.add(look, user);
        }
    }

    /// Somebody goes by a nickname no more.
    pub(crate) fn remove_nick(&mut self, nick: &Nick, user: UserId) {
        if let Some(look) = self.look(nick.as_str(), nick.key()) {
            self.nicks.remove(&look, user);
        }
    }

    /// There is an account of a name.
    pub(crate) fn add_account(&mut self, name: &AccountName, account: AccountId) {
        if let Some(look) = self.look(name.as_str(), name.key()) {
            self.accounts.add(look, account);
        }
    }

    /// There is an account of a name no more.
    pub(crate) fn remove_account(&mut self, name: &AccountName, account: AccountId) {
        if let Some(look) = self.look(name.as_str(), name.key()) {
            self.accounts.remove(&look, account);
        }
    }

    /// Whether somebody other than `own` goes by a nickname that looks like this.
    pub(crate) fn is_a_nick(&self, look: &Look, own: Option<UserId>) -> bool {
        self.nicks.has_other(look, own)
    }

    /// Whether an account other than `own` has a name that looks like this.
    pub(crate) fn is_an_account(&self, look: &Look, own: Option<AccountId>) -> bool {
        self.accounts.has_other(look, own)
    }
}

impl<Id> Default for Looks<Id> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<Id: Copy + Ord> Looks<Id> {
    fn add(&mut self, look: Look, id: Id) {
        for skeleton in look.0 {
            let held = self.0.entry(skeleton).or_default();
            if let Err(place) = held.binary_search(&id) {
                held.insert(place, id);
            }
        }
    }

    fn remove(&mut self, look: &Look, id: Id) {
        for skeleton in &look.0 {
            if let Some(held) = self.0.get_mut(skeleton) {
                held.retain(|other| *other != id);
                if held.is_empty() {
                    self.0.remove(skeleton);
                }
            }
        }
    }

    fn has_other(&self, look: &Look, own: Option<Id>) -> bool {
        let held = look.0.iter().filter_map(|skeleton| self.0.get(skeleton));
        held.flatten().any(|id| Some(*id) != own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nick(name: &str) -> Nick {
        Nick::kept(name, Casemap::Precis).expect("a nickname")
    }

    #[test]
    fn a_name_is_like_another_in_either_case() {
        let mut likenesses = Likenesses::new(Casemap::Precis);
        likenesses.add_nick(&nick("ALICE"), UserId(2));
        let like = |likenesses: &Likenesses, name: &str, own: u64| {
            let name = nick(name);
            let look = likenesses.look(name.as_str(), name.key()).expect("a look");
            likenesses.is_a_nick(&look, Some(UserId(own)))
        };
        // In Cyrillic and Latin letters, in capitals and not, with a capital I for an l.
        for name in ["аlice", "АLICE", "aLice", "AIice", "a1ice"] {
            assert!(like(&likenesses, name, 4), "{name}");
            assert!(!like(&likenesses, name, 2), "{name} is one's own");
        }
        assert!(!like(&likenesses, "alise", 4));
        likenesses.add_nick(&nick("аlice"), UserId(4));
        likenesses.remove_nick(&nick("ALICE"), UserId(2));
        assert!(like(&likenesses, "alice", 2), "the other is still here");
        likenesses.remove_nick(&nick("аlice"), UserId(4));
        assert_eq!(likenesses, Likenesses::new(Casemap::Precis));
    }

    #[test]
    fn with_ascii_names_nothing_is_kept() {
        let mut likenesses = Likenesses::new(Casemap::Ascii);
        likenesses.add_nick(&nick("alice"), UserId(2));
        assert_eq!(likenesses, Likenesses::default());
        assert!(likenesses.look("alice", "alice").is_none());
    }
}
