//! One thing that happened in a conversation, as faces show it.

use causette_proto::{CompactString, Timestamp};
use serde::{Deserialize, Serialize};

/// Which entry; unique in one run of the client, and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u64);

/// One thing that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub id: EntryId,
    /// When, by the server's clock where it tells.
    pub time: Timestamp,
    /// What the server calls it.
    pub msgid: Option<CompactString>,
    /// What happened.
    pub what: What,
    /// Grows whenever the entry changes, so that a face can keep what it computed from it.
    pub revision: u32,
    /// Bytes that count for it, as it was when it came.
    pub size: usize,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody said something.
    Said(Said),
    /// Somebody came or went.
    Presence {
        /// Who.
        nick: CompactString,
        /// In which way.
        movement: Movement,
    },
    /// Something about the conversation changed.
    Change {
        /// Who changed it.
        by: CompactString,
        /// What.
        change: Change,
    },
    /// A line from the server or from the client itself.
    Info(String),
    /// A message from those who run the server, which must not be missed.
    Alert {
        /// Who; `None` where it is the server itself, whose text begins with the word that it is an alert.
        from: Option<CompactString>,
        /// What they say.
        text: String,
    },
    /// What was said here is not known yet.
    Gap,
}

/// Something said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The nickname.
    pub from: CompactString,
    /// The account, where the server tells it.
    pub account: Option<CompactString>,
    /// The text, in several lines where it was sent so.
    pub text: String,
    /// In which manner.
    pub manner: Manner,
    /// Whether it is one's own, from whichever client.
    pub is_mine: bool,
    /// Whether it names the person.
    pub is_mention: bool,
    /// The msgid of what it answers.
    pub reply_to: Option<CompactString>,
    /// Whether it went to part of the channel only: the prefix of those who see it.
    pub only_for: Option<char>,
    /// By whom it was taken back, and why.
    pub redacted: Option<Redacted>,
    /// The file that it is about.
    pub file: Option<Shared>,
    /// What people feel about it: emoji, and who.
    pub reactions: Vec<(CompactString, Vec<CompactString>)>,
}

/// A file that a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Its number, by which it is fetched.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// How long it is, as the message says.
    pub size: String,
}

/// Who took a message back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The nickname.
    pub by: CompactString,
    /// Why; empty when nothing was said.
    pub reason: String,
}

/// How something was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manner {
    /// As a message.
    #[default]
    Message,
    /// As a notice, which nothing answers by itself.
    Notice,
    /// As what one does: `/me`.
    Action,
}

/// Coming and going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Entered.
    Joined,
    /// Left the channel, with a reason that may be empty.
    Parted(String),
    /// Left the server, with a reason that may be empty.
    Quit(String),
    /// Took another nickname.
    Renamed(CompactString),
}

/// What changed about a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The topic; an empty one was removed.
    Topic(String),
    /// Modes, as they are written.
    Modes(String),
    /// Somebody was put out.
    Kicked {
        /// Who.
        nick: CompactString,
        /// Why; may be empty.
        reason: String,
        /// Whether it was oneself.
        is_me: bool,
    },
    /// Somebody was asked in.
    Invited(CompactString),
}

impl What {
    /// Bytes of what is said or told.
    pub(crate) fn size(&self) -> usize {
        let words = match self {
            Self::Said(said) => said.text.len(),
            Self::Info(text) | Self::Alert { text, .. } => text.len(),
            Self::Presence { .. } | Self::Change { .. } | Self::Gap => 0,
        };
        // With what any entry takes.
        words + size_of::<Entry>()
    }
}

impl Entry {
    /// Whether its time is the server's, and says where in the conversation it stands. An alert belongs to none, and may come
    /// late.
    pub(crate) fn is_dated(&self) -> bool {
        !matches!(self.what, What::Info(_) | What::Alert { .. } | What::Gap)
    }

    /// Whether it is an alert.
    pub fn is_alert(&self) -> bool {
        matches!(self.what, What::Alert { .. })
    }

    /// The message, if it is one.
    pub fn said(&self) -> Option<&Said> {
        match &self.what {
            What::Said(said) => Some(said),
            _ => None,
        }
    }
}
