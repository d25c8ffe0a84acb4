//! A channel and who is in it.

use crate::event::{Prefixes, RANKS, Reach};
use crate::history::Readable;
use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::modes::Letters;
use crate::snapshot::TopicRow;
use crate::state::clock::Clock;
use crate::state::lately::Lately;
use crate::state::list_mask::{ListMask, Person};
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Timestamp};
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::sync::Arc;

/// A channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: RoomId,
    pub(crate) name: ChannelName,
    /// When it was opened, by the steady time.
    pub(crate) created: Timestamp,
    /// Whether the configuration keeps it when the last member leaves.
    pub(crate) permanent: bool,
    /// Whether it was opened to stay: by the server, and not by people.
    pub(crate) opened_to_stay: bool,
    /// Whether it is the one in which those who run the server read what others of them have done: each of them reads all of it.
    pub(crate) of_administration: bool,
    pub(crate) topic: Option<TopicRow>,
    pub(crate) modes: ChannelModes,
    /// The masks of its lists, each with the list's mode.
    pub(crate) masks: Vec<ListEntry>,
    pub(crate) members: FxHashMap<UserId, Membership>,
    /// How many of them are present, kept so that LIST need not count.
    pub(crate) present: usize,
    /// Who was invited by somebody who moderates it, and has not entered yet, with when, by the steady time. Bounded by
    /// [`INVITED`](crate::limits::INVITED).
    pub(crate) invited: FxHashMap<UserId, Timestamp>,
    /// Whose it is, where it is registered.
    pub(crate) founder: Option<AccountId>,
    /// The prefixes that accounts get when they enter.
    pub(crate) access: FxHashMap<AccountId, Prefixes>,
    /// Whether all of its members are being put out: each then hears of themselves alone. Passing, like the input that does it.
    pub(crate) closing: bool,
    /// When it last got another name, by the steady time. Passing: who owns it must not do that again at once.
    pub(crate) renamed: Option<Timestamp>,
    /// How often who may read it has changed.
    pub(crate) acl_version: u64,
    /// When what had been said in it was opened to all its members, by the steady time.
    pub(crate) opened: Option<Timestamp>,
    /// Who spoke lately, where it is slow (`S`).
    pub(crate) spoken: Lately,
    /// The sessions of all members, made when first needed after a change. See [`State::audience`](crate::state::State::audience).
    pub(crate) audience: Option<Arc<[SessionId]>>,
}

/// A person in a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) prefixes: Prefixes,
    /// Since when, by the steady time.
    pub(crate) joined: Timestamp,
}

/// A mask of a list.
#[derive(Clone, Debug)]
pub(crate) struct ListEntry {
    /// The list: `b`, `e` or `I`.
    pub(crate) mode: char,
    pub(crate) mask: ListMask,
    pub(crate) by: CompactString,
    /// When, as people are shown it.
    pub(crate) at: Timestamp,
}

/// The modes of the channel itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChannelModes {
    /// The modes without an argument.
    pub(crate) flags: Letters,
    /// `k`: the key to enter.
    pub(crate) key: Option<CompactString>,
    /// `l`: how many members it takes.
    pub(crate) limit: Option<u32>,
    /// `f`: where those go who may not enter.
    pub(crate) forward: Option<CompactString>,
    /// `S`: between two messages of a member at least so many seconds pass.
    pub(crate) slow: Option<u32>,
}

impl ChannelModes {
    /// The modes of a new channel.
    pub(crate) fn initial() -> Self {
        Self {
            flags: Letters::of("nt"),
            ..Self::default()
        }
    }

    /// Whether a mode without argument is set.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.flags.has(letter)
    }

    /// The modes as MODE prints them; the key only where `key_shown`.
    pub(crate) fn text(&self, key_shown: bool) -> CompactString {
        let mut letters = self.flags;
        letters.set('S', self.slow.is_some());
        letters.set('f', self.forward.is_some());
        letters.set('k', self.key.is_some());
        letters.set('l', self.limit.is_some());
        let mut text = letters.text();
        if let Some(seconds) = self.slow {
            let _ = write!(text, " {seconds}");
        }
        if let Some(forward) = &self.forward {
            let _ = write!(text, " {forward}");
        }
        if let Some(key) = &self.key {
            text.push(' ');
            text.push_str(if key_shown { key } else { "*" });
        }
        if let Some(limit) = self.limit {
            let _ = write!(text, " {limit}");
        }
        text
    }

    /// Reads [`ChannelModes::text`] back, as the store kept it. Letters that this version does not know are ignored.
    pub(crate) fn read(printed: &str) -> Self {
        let mut words = printed.split(' ');
        let mut modes = Self::default();
        for letter in words.next().unwrap_or_default().chars() {
            match letter {
                'S' => modes.slow = words.next().and_then(|word| word.parse().ok()),
                'f' => modes.forward = words.next().map(CompactString::new),
                'k' => modes.key = words.next().map(CompactString::new),
                'l' => modes.limit = words.next().and_then(|word| word.parse().ok()),
                letter => modes
                    .flags
                    .set(letter, crate::modes::channel_mode(letter).is_some()),
            }
        }
        modes
    }
}

/// The prefix characters of a member, as NAMES shows them: all with `multi-prefix`, else the highest.
pub(crate) fn prefix_chars(prefixes: Prefixes, enabled: Capabilities) -> CompactString {
    let shown = if enabled.contains(Capability::MultiPrefix) {
        RANKS.len()
    } else {
        1
    };
    let held = RANKS.iter().filter(|(letter, _)| prefixes.has(*letter));
    held.take(shown).map(|(_, prefix)| *prefix).collect()
}

impl Channel {
    /// A channel without members.
    pub(crate) fn new(
        id: RoomId,
        name: ChannelName,
        permanent: bool,
        modes: ChannelModes,
        created: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            created,
            permanent,
            opened_to_stay: permanent,
            of_administration: false,
            topic: None,
            modes,
            masks: Vec::new(),
            members: FxHashMap::default(),
            present: 0,
            invited: FxHashMap::default(),
            founder: None,
            access: FxHashMap::default(),
            closing: false,
            renamed: None,
            acl_version: 0,
            opened: None,
            spoken: Lately::default(),
            audience: None,
        }
    }

    /// Puts somebody in who is present or not.
    pub(crate) fn add_member(&mut self, user: UserId, present: bool, membership: Membership) {
        if self.members.insert(user, membership).is_none() {
            self.present += usize::from(present);
        }
    }

    /// Whether it is too large for JOIN, QUIT and AWAY to be told to everyone.
    pub(crate) fn is_large(&self) -> bool {
        self.members.len() > crate::limits::LARGE_ROOM
    }

    /// Whether it stays when the last member leaves.
    pub(crate) fn stays(&self) -> bool {
        self.permanent || self.founder.is_some()
    }

    /// The prefixes of a user in it; none for who is not in it.
    pub(crate) fn prefixes(&self, user: UserId) -> Prefixes {
        self.members
            .get(&user)
            .map(|membership| membership.prefixes)
            .unwrap_or_default()
    }

    /// Whether a user may know that it exists.
    pub(crate) fn is_visible_to(&self, user: UserId) -> bool {
        !self.modes.has('s') || self.members.contains_key(&user)
    }

    /// Whether a member is seen only by those who moderate: one without a prefix, in an auditorium (`u`).
    pub(crate) fn hides(&self, member: UserId) -> bool {
        self.modes.has('u') && self.prefixes(member).is_empty()
    }

    /// Whether a member may know that another is in it: in an auditorium (`u`) only those with a prefix are seen, except by
    /// half-operators and above.
    pub(crate) fn shows(&self, member: UserId, to: UserId) -> bool {
        !self.hides(member) || member == to || self.prefixes(to).at_least('h')
    }

    /// Whether somebody is kept out by the ban list, and by no exception kept in.
    pub(crate) fn bans(&self, person: Person<'_>) -> bool {
        self.lists(person, |entry| !entry.mask.mutes())
    }

    /// The same of somebody who was invited then: by what was set since. Who invited them could have lifted the rest.
    pub(crate) fn bans_since(&self, person: Person<'_>, invited: Timestamp, clock: &Clock) -> bool {
        let is_later = |entry: &ListEntry| clock.last_shown(entry.at) > invited;
        self.lists(person, |entry| !entry.mask.mutes() && is_later(entry))
    }

    /// Whose invitation ends when somebody is invited for whom there is no place: the earliest.
    pub(crate) fn invited_earliest(&self, but: UserId) -> Option<UserId> {
        if self.invited.len() < crate::limits::INVITED || self.invited.contains_key(&but) {
            return None;
        }
        let earliest = self.invited.iter().min_by_key(|(user, at)| (**at, **user));
        earliest.map(|(user, _)| *user)
    }

    /// Whether somebody is kept from speaking by the ban list.
    pub(crate) fn silences(&self, person: Person<'_>) -> bool {
        self.lists(person, |_| true)
    }

    /// Whether somebody needs no invitation.
    pub(crate) fn excepts_from_invitation(&self, person: Person<'_>) -> bool {
        self.on_list('I', person)
    }

    fn lists(&self, person: Person<'_>, counts: impl Fn(&ListEntry) -> bool) -> bool {
        self.masks
            .iter()
            .any(|entry| entry.mode == 'b' && counts(entry) && entry.mask.covers(person))
            && !self.on_list('e', person)
    }

    fn on_list(&self, mode: char, person: Person<'_>) -> bool {
        self.masks
            .iter()
            .any(|entry| entry.mode == mode && entry.mask.covers(person))
    }

    /// The lowest rank that gets what is said with a reach; `None` for everyone.
    pub(crate) fn reached(reach: Reach) -> Option<char> {
        match reach {
            Reach::Room | Reach::Closed => None,
            Reach::Operators => Some('o'),
            Reach::Status(prefix) => RANKS
                .iter()
                .find(|(_, shown)| *shown == prefix)
                .map(|(letter, _)| *letter),
        }
    }

    /// Whether what is said with a reach is for a user in it.
    pub(crate) fn reaches(&self, user: UserId, reach: Reach) -> bool {
        Self::reached(reach).is_none_or(|rank| self.prefixes(user).at_least(rank))
    }

    /// Whether not everyone may enter it now: what is said in it stays among those who are there.
    pub(crate) fn is_closed(&self) -> bool {
        self.closes(&self.modes)
    }

    /// Whether modes would make it so.
    pub(crate) fn closes(&self, modes: &ChannelModes) -> bool {
        !self.of_administration && (modes.has('i') || modes.key.is_some())
    }

    /// How far back a member may read, unless it moderates: what was said while not everyone could enter from its entry on, and while
    /// not everyone can, all else too; and whatever was opened.
    pub(crate) fn readable(&self, user: UserId) -> Readable {
        let membership = self.members.get(&user);
        let membership = membership.filter(|found| !found.prefixes.at_least('h'));
        let entered = membership.map(|found| found.joined);
        Readable {
            since: entered.filter(|_| self.is_closed()),
            closed_since: entered,
            opened: self.opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_back_as_printed() {
        let modes = ChannelModes {
            flags: Letters::of("nstC"),
            key: Some(CompactString::new("sésame")),
            limit: Some(12),
            forward: Some(CompactString::new("#queue")),
            slow: Some(90),
        };
        assert_eq!(modes.text(true), "+CSfklnst 90 #queue sésame 12");
        assert_eq!(modes.text(false), "+CSfklnst 90 #queue * 12");
        assert_eq!(ChannelModes::read(&modes.text(true)), modes);
        assert_eq!(ChannelModes::read(""), ChannelModes::default());
        assert_eq!(ChannelModes::read("+nz"), ChannelModes::read("+n"));
    }
}
