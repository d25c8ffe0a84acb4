//! What the server can do: the capabilities that were agreed on and the tokens of `RPL_ISUPPORT` (005).
//!
//! <https://modern.ircdocs.horse/#rplisupport-005>, <https://ircv3.net/specs/extensions/capability-negotiation>

use crate::core::limits::PAGE;
use causette_proto::isupport::unescape_value;
use causette_proto::{Casemap, CompactString};
use std::collections::{BTreeMap, BTreeSet};

/// The capabilities that this client understands, in the order in which it asks for them.
pub const WANTED: &[&str] = &[
    "message-tags",
    "server-time",
    "batch",
    "labeled-response",
    "echo-message",
    "sasl",
    "standard-replies",
    "cap-notify",
    "account-tag",
    "account-notify",
    "extended-join",
    "away-notify",
    "chghost",
    "setname",
    "invite-notify",
    "multi-prefix",
    "userhost-in-names",
    "draft/chathistory",
    "draft/event-playback",
    "draft/read-marker",
    "draft/multiline",
    "draft/message-redaction",
    "draft/channel-rename",
    "draft/account-registration",
    "draft/pre-away",
    "draft/metadata-3",
    "causette/devices",
    "soju.im/search",
];

/// How names that differ only in case are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameFold {
    /// What a server means that says nothing. <https://modern.ircdocs.horse/#casemapping-parameter>
    #[default]
    Rfc1459,
    /// One that Causette knows too.
    Known(Casemap),
}

impl NameFold {
    /// The form that all spellings of a name share.
    pub fn key(self, name: &str) -> CompactString {
        match self {
            Self::Known(casemap) => casemap.fold(name),
            Self::Rfc1459 => name
                .chars()
                .map(|character| match character {
                    '[' => '{',
                    ']' => '}',
                    '\\' => '|',
                    '~' => '^',
                    other => other.to_ascii_lowercase(),
                })
                .collect(),
        }
    }
}

/// What was announced and agreed on over one connection.
#[derive(Clone, Debug)]
pub struct Features {
    /// Offered capabilities, with their values.
    pub offered: BTreeMap<CompactString, CompactString>,
    /// Capabilities in force.
    pub enabled: BTreeSet<CompactString>,
    /// The network's name, if it has one.
    pub network: Option<CompactString>,
    /// How names compare.
    pub fold: NameFold,
    /// First characters of channels' names.
    pub channel_types: CompactString,
    /// Modes of members and their prefixes, highest first.
    pub prefixes: Vec<(char, char)>,
    /// Modes of channels that always take an argument (lists and keys), and that take one when set.
    pub modes_with_argument: CompactString,
    /// See [`Features::modes_with_argument`].
    pub modes_with_argument_set: CompactString,
    /// Prefixes that may stand before a channel to mean only some of its members.
    pub status_message: CompactString,
    /// Messages of one page of history as the client reads it; `None` where there is no history.
    pub page: Option<usize>,
    /// Messages of one page of history at most, as the server says.
    pub page_max: Option<usize>,
    /// Whether WHO takes the fields that are wanted. <https://ircv3.net/specs/extensions/whox>
    pub whox: bool,
    /// Whether the server knows nobody without an account.
    pub account_required: bool,
    /// Bytes of a line with its end.
    pub line_bytes: usize,
    /// Characters of a nickname.
    pub nick_max: usize,
    /// Where a server of ours has its files: a path at the very same place, or a whole address.
    pub files: Option<CompactString>,
    /// Where another server takes files. <https://soju.im/FILEHOST>
    pub filehost: Option<CompactString>,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            offered: BTreeMap::new(),
            enabled: BTreeSet::new(),
            network: None,
            fold: NameFold::default(),
            channel_types: "#&".into(),
            prefixes: vec![('o', '@'), ('v', '+')],
            modes_with_argument: "beIkqaohv".into(),
            modes_with_argument_set: "lfj".into(),
            status_message: CompactString::default(),
            page: None,
            page_max: None,
            whox: false,
            account_required: false,
            line_bytes: crate::core::limits::LINE_BYTES,
            nick_max: 32,
            files: None,
            filehost: None,
        }
    }
}

impl Features {
    /// Whether a capability is in force.
    pub fn has(&self, capability: &str) -> bool {
        self.enabled.contains(capability)
    }

    /// The value of an offered capability; empty when it has none.
    pub fn value(&self, capability: &str) -> Option<&str> {
        self.offered.get(capability).map(CompactString::as_str)
    }

    /// Whether the value of an offered capability lists a word.
    pub fn value_has(&self, capability: &str, word: &str) -> bool {
        self.value(capability)
            .is_some_and(|value| value.split(',').any(|item| item == word))
    }

    /// Whether accounts can be made by `REGISTER`.
    pub fn registers(&self) -> bool {
        self.offered.contains_key("draft/account-registration")
    }

    /// Whether what was said can be asked for.
    pub fn has_history(&self) -> bool {
        self.has("draft/chathistory") && self.has("batch")
    }

    /// Whether an echo tells that a message was accepted, and which.
    pub fn confirms(&self) -> bool {
        self.has("echo-message") && self.has("labeled-response")
    }

    /// The bytes and lines of one message of several lines, where the server takes them.
    pub fn multiline(&self) -> Option<(usize, usize)> {
        if !self.has("draft/multiline") || !self.has("batch") {
            return None;
        }
        let value = self.value("draft/multiline").unwrap_or_default();
        let number = |key: &str| {
            value
                .split(',')
                .find_map(|item| item.strip_prefix(key)?.strip_prefix('='))
                .and_then(|number| number.parse().ok())
        };
        Some((number("max-bytes")?, number("max-lines").unwrap_or(100)))
    }

    /// Whether a name is a channel's.
    pub fn is_channel(&self, name: &str) -> bool {
        name.starts_with(|first| self.channel_types.contains(first))
    }

    /// A channel's name without the prefix that means only some of its members.
    pub fn without_status<'a>(&self, target: &'a str) -> &'a str {
        let rest = target.trim_start_matches(|first| self.status_message.contains(first));
        if self.is_channel(rest) { rest } else { target }
    }

    /// Takes what one 005 says.
    pub fn take_isupport<'a>(&mut self, tokens: impl Iterator<Item = &'a str>) {
        for token in tokens {
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            self.take_token(name, &unescape_value(value));
        }
    }

    fn take_token(&mut self, name: &str, value: &str) {
        match name {
            "NETWORK" => self.network = (!value.is_empty()).then(|| value.into()),
            "CASEMAPPING" => {
                self.fold = match value {
                    "ascii" => NameFold::Known(Casemap::Ascii),
                    "precis" => NameFold::Known(Casemap::Precis),
                    _ => NameFold::Rfc1459,
                }
            }
            "CHANTYPES" => self.channel_types = value.into(),
            "PREFIX" => {
                if let Some((modes, marks)) = value
                    .strip_prefix('(')
                    .and_then(|rest| rest.split_once(')'))
                {
                    self.prefixes = modes.chars().zip(marks.chars()).collect();
                }
            }
            "CHANMODES" => {
                let mut kinds = value.split(',');
                let lists = kinds.next().unwrap_or_default();
                let keys = kinds.next().unwrap_or_default();
                self.modes_with_argument = format!("{lists}{keys}").into();
                self.modes_with_argument_set = kinds.next().unwrap_or_default().into();
            }
            "STATUSMSG" => self.status_message = value.into(),
            "CHATHISTORY" | "draft/CHATHISTORY" => {
                // Zero means that the server sets no bound.
                let most = value.parse().ok().filter(|&most| most > 0);
                self.page_max = most;
                self.page = Some(most.unwrap_or(PAGE).min(PAGE));
            }
            "causette/FILES" => self.files = Some(value.into()).filter(|_| !value.is_empty()),
            "-causette/FILES" => self.files = None,
            "soju.im/FILEHOST" | "draft/FILEHOST" => {
                self.filehost = Some(value.into()).filter(|_| !value.is_empty());
            }
            "WHOX" => self.whox = true,
            "draft/ACCOUNTREQUIRED" => self.account_required = true,
            "LINELEN" => {
                if let Ok(bytes) = value.parse() {
                    self.line_bytes = usize::clamp(bytes, 512, 16 * 1024);
                }
            }
            "NICKLEN" => {
                if let Ok(most) = value.parse() {
                    self.nick_max = most;
                }
            }
            _ => {}
        }
    }

    /// Whether a mode of a channel comes with an argument.
    pub fn mode_takes_argument(&self, mode: char, adds: bool) -> bool {
        self.prefixes.iter().any(|&(letter, _)| letter == mode)
            || self.modes_with_argument.contains(mode)
            || (adds && self.modes_with_argument_set.contains(mode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_005_says_is_known() {
        let mut features = Features::default();
        features.take_isupport(
            "CASEMAPPING=ascii CHANMODES=beI,k,fl,imnst PREFIX=(qaohv)~&@%+ NETWORK=Le\\x20Bourg STATUSMSG=~&@%+ CHATHISTORY=1000 draft/ACCOUNTREQUIRED"
                .split(' '),
        );
        assert_eq!(features.fold.key("#Café[A]"), "#café[a]");
        assert_eq!(features.network.as_deref(), Some("Le Bourg"));
        assert_eq!(features.prefixes[0], ('q', '~'));
        assert!(
            features.mode_takes_argument('o', false) && features.mode_takes_argument('k', false)
        );
        assert!(
            features.mode_takes_argument('l', true) && !features.mode_takes_argument('l', false)
        );
        assert_eq!(features.page, Some(PAGE));
        assert!(features.account_required);
        assert_eq!(features.without_status("@#ops"), "#ops");
        assert_eq!(features.without_status("@nobody"), "@nobody");
    }

    #[test]
    fn old_servers_fold_brackets() {
        assert_eq!(NameFold::Rfc1459.key("Nick[a]~"), "nick{a}^");
    }

    #[test]
    fn the_bounds_of_several_lines_are_read() {
        let mut features = Features::default();
        assert_eq!(features.multiline(), None);
        for name in ["batch", "draft/multiline"] {
            features.enabled.insert(name.into());
        }
        features.offered.insert(
            "draft/multiline".into(),
            "max-bytes=4096,max-lines=24".into(),
        );
        assert_eq!(features.multiline(), Some((4096, 24)));
    }
}
