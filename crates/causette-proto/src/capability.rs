//! The capabilities that clients negotiate with `CAP`, by name, and sets of them.
//! What each one changes is decided in `causette-core`.
//!
//! <https://ircv3.net/specs/extensions/capability-negotiation>

use std::fmt;

/// Generates [`Capability`] from the table below: one line for each capability.
macro_rules! capabilities {
    ($($variant:ident, $name:literal, $url:literal;)+) => {
        /// A capability that the server may offer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Capability {
            $(#[doc = concat!("`", $name, "`: <", $url, ">")] $variant,)+
        }

        impl Capability {
            /// Every capability, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Where the capability is specified.
            pub const fn spec_url(self) -> &'static str {
                match self {
                    $(Self::$variant => $url,)+
                }
            }
        }
    };
}

capabilities! {
    MessageTags, "message-tags", "https://ircv3.net/specs/extensions/message-tags";
    ServerTime, "server-time", "https://ircv3.net/specs/extensions/server-time";
    Batch, "batch", "https://ircv3.net/specs/extensions/batch";
    LabeledResponse, "labeled-response", "https://ircv3.net/specs/extensions/labeled-response";
    EchoMessage, "echo-message", "https://ircv3.net/specs/extensions/echo-message";
    AccountTag, "account-tag", "https://ircv3.net/specs/extensions/account-tag";
    AccountNotify, "account-notify", "https://ircv3.net/specs/extensions/account-notify";
    ExtendedJoin, "extended-join", "https://ircv3.net/specs/extensions/extended-join";
    AwayNotify, "away-notify", "https://ircv3.net/specs/extensions/away-notify";
    MultiPrefix, "multi-prefix", "https://ircv3.net/specs/extensions/multi-prefix";
    UserhostInNames, "userhost-in-names", "https://ircv3.net/specs/extensions/userhost-in-names";
    Sasl, "sasl", "https://ircv3.net/specs/extensions/sasl-3.2";
    StandardReplies, "standard-replies", "https://ircv3.net/specs/extensions/standard-replies";
    CapNotify, "cap-notify", "https://ircv3.net/specs/extensions/capability-negotiation";
    Chathistory, "draft/chathistory", "https://ircv3.net/specs/extensions/chathistory";
    EventPlayback, "draft/event-playback", "https://ircv3.net/specs/extensions/chathistory";
    AccountRegistration, "draft/account-registration", "https://ircv3.net/specs/extensions/account-registration";
    Chghost, "chghost", "https://ircv3.net/specs/extensions/chghost";
    InviteNotify, "invite-notify", "https://ircv3.net/specs/extensions/invite-notify";
    Setname, "setname", "https://ircv3.net/specs/extensions/setname";
    ExtendedMonitor, "extended-monitor", "https://ircv3.net/specs/extensions/extended-monitor";
    NoImplicitNames, "no-implicit-names", "https://ircv3.net/specs/extensions/no-implicit-names";
    DraftNoImplicitNames, "draft/no-implicit-names", "https://ircv3.net/specs/extensions/no-implicit-names";
    SojuNoImplicitNames, "soju.im/no-implicit-names", "https://ircv3.net/specs/extensions/no-implicit-names";
    ReadMarker, "draft/read-marker", "https://ircv3.net/specs/extensions/read-marker";
    Multiline, "draft/multiline", "https://ircv3.net/specs/extensions/multiline";
    MessageRedaction, "draft/message-redaction", "https://ircv3.net/specs/extensions/message-redaction";
    ChannelRename, "draft/channel-rename", "https://ircv3.net/specs/extensions/channel-rename";
    Relaymsg, "draft/relaymsg", "https://github.com/ircv3/ircv3-specifications/pull/417";
    ZncPlayback, "znc.in/playback", "https://wiki.znc.in/Playback";
    PreAway, "draft/pre-away", "https://ircv3.net/specs/extensions/pre-away";
    Sts, "sts", "https://ircv3.net/specs/extensions/sts";
    Devices, "causette/devices", "https://ircv3.net/specs/extensions/capability-negotiation";
    Languages, "draft/languages", "https://gist.github.com/DanielOaks/8126122f74b26012a3de37db80e4e0c6";
    Metadata, "draft/metadata-3", "https://github.com/ircv3/ircv3-specifications/pull/613";
}

impl Capability {
    /// The capability with this name. Names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|capability| capability.name() == name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A set of capabilities, as small as a number.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u64);

const _: () = assert!(
    Capability::ALL.len() <= u64::BITS as usize,
    "the set needs a wider number"
);

impl Capabilities {
    /// The set of nothing.
    pub const EMPTY: Self = Self(0);
    /// The set of all that this crate knows.
    pub const ALL: Self = Self::of(Capability::ALL);

    /// The set of these capabilities.
    pub const fn of(capabilities: &[Capability]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < capabilities.len() {
            bits |= 1 << capabilities[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    /// Whether the capability is in the set.
    pub const fn contains(self, capability: Capability) -> bool {
        self.contains_all(Self::of(&[capability]))
    }

    /// Whether every capability of `other` is in the set.
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Puts the capability into the set.
    pub const fn insert(&mut self, capability: Capability) {
        self.0 |= Self::of(&[capability]).0;
    }

    /// Takes the capability out of the set.
    pub const fn remove(&mut self, capability: Capability) {
        self.0 &= !Self::of(&[capability]).0;
    }

    /// What is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The capabilities of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |&capability| self.contains(capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut set = Self::EMPTY;
        for capability in capabilities {
            set.insert(capability);
        }
        set
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set()
            .entries(self.iter().map(Capability::name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_once() {
        for &capability in Capability::ALL {
            assert_eq!(Capability::from_name(capability.name()), Some(capability));
            assert!(capability.spec_url().starts_with("https://"));
        }
        assert_eq!(Capability::from_name("SASL"), None);
        assert_eq!(Capability::from_name(""), None);
    }

    #[test]
    fn a_set_is_changed() {
        let mut set = Capabilities::EMPTY;
        assert!(set.is_empty());
        set.insert(Capability::Sasl);
        set.insert(Capability::Batch);
        set.insert(Capability::Sasl);
        assert_eq!(
            set,
            Capabilities::of(&[Capability::Batch, Capability::Sasl])
        );
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Capability::Batch, Capability::Sasl]
        );
        assert_eq!(format!("{set:?}"), r#"{"batch", "sasl"}"#);
        set.remove(Capability::Batch);
        assert!(set.contains(Capability::Sasl) && !set.contains(Capability::Batch));
    }

    #[test]
    fn sets_are_combined() {
        let all = Capabilities::ALL;
        let sasl = Capabilities::of(&[Capability::Sasl]);
        assert_eq!(all.iter().collect::<Capabilities>(), all);
        assert!(
            all.contains_all(sasl)
                && all.contains_all(Capabilities::EMPTY)
                && !sasl.contains_all(all)
        );
        assert_eq!(all.difference(sasl).union(sasl), all);
        assert_eq!(all.intersection(sasl), sasl);
        assert!(!all.difference(sasl).contains(Capability::Sasl));
    }
}
