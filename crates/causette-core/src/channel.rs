//! A channel and who is in it.

use crate::event::{Prefixes, RANKS};
use crate::id::{RoomId, SessionId, UserId};
use crate::snapshot::TopicRow;
use causette_proto::{Capabilities, Capability, ChannelName, CompactString, Mask, Timestamp};
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::sync::Arc;

/// A channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: RoomId,
    pub(crate) name: ChannelName,
    pub(crate) created: Timestamp,
    /// Whether it stays when the last member leaves.
    pub(crate) permanent: bool,
    pub(crate) topic: Option<TopicRow>,
    pub(crate) modes: ChannelModes,
    pub(crate) bans: Vec<Ban>,
    pub(crate) members: FxHashMap<UserId, Membership>,
    /// How often who may read it has changed.
    pub(crate) acl_version: u64,
    /// The sessions of all members, made when first needed after a change. See [`State::audience`](crate::state::State::audience).
    pub(crate) audience: Option<Arc<[SessionId]>>,
}

/// A person in a channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) prefixes: Prefixes,
}

/// Someone who may not enter.
#[derive(Clone, Debug)]
pub(crate) struct Ban {
    pub(crate) mask: Mask,
    pub(crate) by: CompactString,
    pub(crate) at: Timestamp,
}

/// The modes of the channel itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChannelModes {
    /// `i`: only those invited enter.
    pub(crate) invite_only: bool,
    /// `m`: only voiced members and operators speak.
    pub(crate) moderated: bool,
    /// `n`: only members speak.
    pub(crate) members_only: bool,
    /// `s`: non-members do not learn that it exists.
    pub(crate) secret: bool,
    /// `t`: only operators set the topic.
    pub(crate) topic_locked: bool,
    /// `k`: the key to enter.
    pub(crate) key: Option<CompactString>,
    /// `l`: how many members it takes.
    pub(crate) limit: Option<u32>,
}

impl ChannelModes {
    /// The modes of a new channel.
    pub(crate) fn initial() -> Self {
        Self {
            members_only: true,
            topic_locked: true,
            ..Self::default()
        }
    }

    /// The flag of a mode letter that takes no argument.
    pub(crate) fn flag(&mut self, letter: char) -> Option<&mut bool> {
        match letter {
            'i' => Some(&mut self.invite_only),
            'm' => Some(&mut self.moderated),
            'n' => Some(&mut self.members_only),
            's' => Some(&mut self.secret),
            't' => Some(&mut self.topic_locked),
            _ => None,
        }
    }

    /// The modes as MODE prints them; the key only where `key_shown`.
    pub(crate) fn text(&self, key_shown: bool) -> CompactString {
        let mut text = String::from("+");
        let flags = [
            (self.invite_only, 'i'),
            (self.key.is_some(), 'k'),
            (self.limit.is_some(), 'l'),
            (self.moderated, 'm'),
            (self.members_only, 'n'),
            (self.secret, 's'),
            (self.topic_locked, 't'),
        ];
        text.extend(
            flags
                .into_iter()
                .filter(|(on, _)| *on)
                .map(|(_, letter)| letter),
        );
        if let Some(key) = &self.key {
            text.push(' ');
            text.push_str(if key_shown { key } else { "*" });
        }
        if let Some(limit) = self.limit {
            let _ = write!(text, " {limit}");
        }
        text.into()
    }

    /// Reads [`ChannelModes::text`] back, as the store kept it. Letters that this version does not know are ignored.
    pub(crate) fn read(printed: &str) -> Self {
        let mut words = printed.split(' ');
        let mut modes = Self::default();
        for letter in words.next().unwrap_or_default().chars() {
            match letter {
                'k' => modes.key = words.next().map(CompactString::new),
                'l' => modes.limit = words.next().and_then(|word| word.parse().ok()),
                letter => {
                    if let Some(flag) = modes.flag(letter) {
                        *flag = true;
                    }
                }
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
            topic: None,
            modes,
            bans: Vec::new(),
            members: FxHashMap::default(),
            acl_version: 0,
            audience: None,
        }
    }

    /// Whether it is too large for JOIN, QUIT and AWAY to be told to everyone.
    pub(crate) fn is_large(&self) -> bool {
        self.members.len() > crate::limits::LARGE_ROOM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_back_as_printed() {
        let modes = ChannelModes {
            secret: true,
            key: Some(CompactString::new("sésame")),
            limit: Some(12),
            ..ChannelModes::initial()
        };
        assert_eq!(modes.text(true), "+klnst sésame 12");
        assert_eq!(modes.text(false), "+klnst * 12");
        assert_eq!(ChannelModes::read(&modes.text(true)), modes);
        assert_eq!(ChannelModes::read(""), ChannelModes::default());
    }
}
