//! Something that happened in a room and that its members see, now or later from history.

use crate::id::{Msgid, UserId};
use causette_proto::mode::{self, Change};
use causette_proto::{AccountName, CompactString, Nick, Tags, Timestamp};

/// What happened, with what every viewer needs to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique name of the event.
    pub msgid: Msgid,
    /// When the core accepted it, as people are shown it. Where the wall clock was set back, earlier than events before it.
    pub time: Timestamp,
    /// Who did it.
    pub author: UserId,
    /// The author as shown then: `nick!user@host`.
    pub source: CompactString,
    /// The author's account then; its id is the number of `author`. `None` for guests.
    pub account: Option<AccountName>,
    /// Whether it tells of a member whom only the moderators of an auditorium see, in any of its rooms.
    pub hidden: bool,
    /// Whether not everyone could enter any of its rooms then.
    pub closed: bool,
    /// What they did.
    pub what: What,
}

impl Event {
    /// Who finds it in the past.
    pub fn reach(&self) -> Reach {
        match self.what.reach() {
            Reach::Room if self.hidden => Reach::Operators,
            Reach::Room if self.closed => Reach::Closed,
            reach => reach,
        }
    }
}

/// What a person does in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// PRIVMSG, NOTICE or TAGMSG.
    Said {
        /// Which of the three.
        verb: Verb,
        /// The text, in lines that fit on one each; empty for TAGMSG. Of a message of several lines they follow
        /// each other after `\n`, and after `\r` where one of them goes on (`draft/multiline-concat`).
        text: CompactString,
        /// The client-only tags that came with it.
        tags: Tags,
        /// Who gets it.
        reach: Reach,
    },
    /// REDACT: something that was said is taken back. <https://ircv3.net/specs/extensions/message-redaction>
    Redacted {
        /// Which message.
        msgid: Msgid,
        /// The reason, or empty.
        reason: CompactString,
        /// Who had said it. They hear that it is gone, whoever else got it.
        said_by: UserId,
        /// Who got the message, and so who hears that it is gone.
        reach: Reach,
    },
    /// JOIN.
    Joined {
        /// The realname that `extended-join` shows.
        realname: CompactString,
        /// The prefixes that the newcomer gets with the join (founding a channel makes one its operator).
        grant: Prefixes,
        /// Whether an invitation is used up by it.
        invited: bool,
    },
    /// PART, with its reason or empty.
    Parted {
        /// The reason, or empty.
        reason: CompactString,
    },
    /// QUIT: the author leaves all their rooms.
    Quit {
        /// The reason, or empty.
        reason: CompactString,
    },
    /// QUIT, as others see it of somebody who has stayed without a connection for too long: their channels stay theirs.
    Vanished {
        /// The reason.
        reason: CompactString,
    },
    /// JOIN, as others see it of somebody who comes back to a channel that stayed theirs while they were not seen in it.
    Returned {
        /// The realname that `extended-join` shows.
        realname: CompactString,
        /// The prefixes that they have there.
        prefixes: Prefixes,
    },
    /// KICK.
    Kicked {
        /// Who is put out.
        target: UserId,
        /// Whether they have no account.
        guest: bool,
        /// Their nickname then.
        nick: Nick,
        /// The reason; never empty.
        reason: CompactString,
    },
    /// TOPIC; an empty text removes it.
    Topic {
        /// The new topic.
        text: CompactString,
    },
    /// MODE.
    Mode {
        /// The changes that took effect, in order.
        changes: Vec<ModeChange>,
        /// The channel's own modes afterwards, as `MODE #channel` prints them with their arguments (`+kn secret`).
        /// Lists and member prefixes are not in it.
        after: CompactString,
    },
    /// NICK.
    Renamed {
        /// The new nickname.
        nick: Nick,
    },
}

/// Who gets what is said in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Everyone in it.
    #[default]
    Room,
    /// Everyone who was in it then, while not everyone could enter (`i`, `k`). History shows it to them, to those who moderate, and
    /// to all once a moderator has opened it.
    Closed,
    /// The members with this prefix (`@`, `+`, …) or a higher one, to whom it was said: STATUSMSG. History shows it to operators.
    Status(char),
    /// Operators only, although it was said to all: the channel is op-moderated (`U`). History shows it to operators.
    Operators,
}

impl Reach {
    /// What the store keeps of it: nothing for everyone, `C`, the prefix, or `U`.
    pub fn letter(self) -> Option<char> {
        match self {
            Self::Room => None,
            Self::Closed => Some('C'),
            Self::Status(prefix) => Some(prefix),
            Self::Operators => Some('U'),
        }
    }

    /// Reads [`Reach::letter`] back.
    pub fn from_letter(letter: Option<char>) -> Self {
        match letter {
            None => Self::Room,
            Some('C') => Self::Closed,
            Some('U') => Self::Operators,
            Some(prefix) => Self::Status(prefix),
        }
    }
}

/// The three ways to say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A message. <https://modern.ircdocs.horse/#privmsg-message>
    Privmsg,
    /// A message that no program may answer. <https://modern.ircdocs.horse/#notice-message>
    Notice,
    /// Tags without text. <https://ircv3.net/specs/extensions/message-tags#the-tagmsg-tag-only-message>
    Tagmsg,
}

/// One mode that took effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeChange {
    /// The change as it is written.
    pub change: Change,
    /// Whom it concerns, for the modes that are held by a member (`o`, `v`).
    pub member: Option<Held>,
}

/// A member, and what they hold after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub user: UserId,
    /// All the prefixes that they hold then.
    pub prefixes: Prefixes,
}

/// The prefixes that a member holds in a channel: a set of ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefixes(u8);

/// The ranks, highest first: the mode's letter and the character before the nickname. PREFIX in 005.
/// <https://modern.ircdocs.horse/#prefix-parameter>
pub const RANKS: [(char, char); 5] = [('q', '~'), ('a', '&'), ('o', '@'), ('h', '%'), ('v', '+')];

impl Prefixes {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The set of one mode letter; nothing for a letter that is none of [`RANKS`].
    pub fn of(letter: char) -> Self {
        let mut prefixes = Self::NONE;
        prefixes.set(letter, true);
        prefixes
    }

    /// The one that is shown as a character; nothing where none is.
    pub(crate) fn shown_by(prefix: char) -> Self {
        let rank = RANKS.iter().find(|(_, shown)| *shown == prefix);
        rank.map_or(Self::NONE, |(letter, _)| Self::of(*letter))
    }

    /// Gives or takes the prefix of a mode letter. Does nothing for other letters.
    pub fn set(&mut self, letter: char, held: bool) {
        if let Some(place) = RANKS.iter().position(|(rank, _)| *rank == letter) {
            let bit = 1 << place;
            self.0 = if held { self.0 | bit } else { self.0 & !bit };
        }
    }

    /// Whether the prefix of this mode letter is held.
    pub fn has(self, letter: char) -> bool {
        self.0 & Self::of(letter).0 != 0
    }

    /// Whether a prefix of at least this mode letter's rank is held.
    pub fn at_least(self, letter: char) -> bool {
        let bit = Self::of(letter).0;
        // Higher ranks have lower bits.
        bit != 0 && self.0 & (bit | (bit - 1)) != 0
    }

    /// The highest rank's mode letter.
    pub fn highest(self) -> Option<char> {
        RANKS
            .iter()
            .map(|(letter, _)| *letter)
            .find(|letter| self.has(*letter))
    }

    /// Whether nothing is held.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The mode letters, highest first: what the store keeps.
    pub fn letters(self) -> CompactString {
        RANKS
            .iter()
            .filter(|(letter, _)| self.has(*letter))
            .map(|(letter, _)| *letter)
            .collect()
    }

    /// Reads [`Prefixes::letters`] back; letters that this version does not know are ignored.
    pub fn from_letters(letters: &str) -> Self {
        let mut prefixes = Self::NONE;
        for letter in letters.chars() {
            prefixes.set(letter, true);
        }
        prefixes
    }
}

/// The kind of an event: the verb that shows it, and what the store keeps beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Said with PRIVMSG.
    Privmsg,
    /// Said with NOTICE.
    Notice,
    /// Said with TAGMSG.
    Tagmsg,
    /// Someone came.
    Join,
    /// Someone left.
    Part,
    /// Someone left all rooms.
    Quit,
    /// Someone was put out.
    Kick,
    /// The topic changed.
    Topic,
    /// Modes changed.
    Mode,
    /// Someone took another nickname.
    Nick,
    /// Something that was said was taken back.
    Redact,
}

impl Kind {
    /// Every kind, in the order of their numbers in the store.
    pub const ALL: [Self; 11] = [
        Self::Privmsg,
        Self::Notice,
        Self::Tagmsg,
        Self::Join,
        Self::Part,
        Self::Quit,
        Self::Kick,
        Self::Topic,
        Self::Mode,
        Self::Nick,
        Self::Redact,
    ];

    /// The wire verb.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Privmsg => "PRIVMSG",
            Self::Notice => "NOTICE",
            Self::Tagmsg => "TAGMSG",
            Self::Join => "JOIN",
            Self::Part => "PART",
            Self::Quit => "QUIT",
            Self::Kick => "KICK",
            Self::Topic => "TOPIC",
            Self::Mode => "MODE",
            Self::Nick => "NICK",
            Self::Redact => "REDACT",
        }
    }

    /// The kind that a wire verb shows.
    pub fn from_verb(verb: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.verb() == verb)
    }

    /// Whether it is a message, which history shows to everyone; the others need `draft/event-playback`.
    pub fn is_message(self) -> bool {
        matches!(self, Self::Privmsg | Self::Notice)
    }
}

impl What {
    /// The kind of this event.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Said {
                verb: Verb::Privmsg,
                ..
            } => Kind::Privmsg,
            Self::Said {
                verb: Verb::Notice, ..
            } => Kind::Notice,
            Self::Said {
                verb: Verb::Tagmsg, ..
            } => Kind::Tagmsg,
            Self::Joined { .. } | Self::Returned { .. } => Kind::Join,
            Self::Parted { .. } => Kind::Part,
            Self::Quit { .. } | Self::Vanished { .. } => Kind::Quit,
            Self::Kicked { .. } => Kind::Kick,
            Self::Topic { .. } => Kind::Topic,
            Self::Mode { .. } => Kind::Mode,
            Self::Renamed { .. } => Kind::Nick,
            Self::Redacted { .. } => Kind::Redact,
        }
    }

    /// Who gets it: all of the room, except what was said to some, and that it was taken back.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Said { reach, .. } | Self::Redacted { reach, .. } => *reach,
            _ => Reach::Room,
        }
    }

    /// What is shown and stored beside the kind. For REDACT the message's name and the reason; for KICK the nickname, a space and the reason; for MODE the changes
    /// with their arguments; for JOIN the realname.
    pub fn text(&self) -> CompactString {
        match self {
            Self::Said { text, .. } | Self::Topic { text } => text.clone(),
            Self::Joined { realname, .. } | Self::Returned { realname, .. } => realname.clone(),
            Self::Parted { reason } | Self::Quit { reason } | Self::Vanished { reason } => {
                reason.clone()
            }
            Self::Kicked { nick, reason, .. } => {
                let mut text = CompactString::new(nick.as_str());
                text.push(' ');
                text.push_str(reason);
                text
            }
            Self::Mode { changes, .. } => {
                let changes: Vec<Change> =
                    changes.iter().map(|change| change.change.clone()).collect();
                mode::format_changes(&changes).into()
            }
            Self::Renamed { nick } => CompactString::new(nick.as_str()),
            Self::Redacted { msgid, reason, .. } => {
                let mut text = msgid.0.clone();
                if !reason.is_empty() {
                    text.push(' ');
                    text.push_str(reason);
                }
                text
            }
        }
    }

    /// The client-only tags that came with it.
    pub fn tags(&self) -> Option<&Tags> {
        match self {
            Self::Said { tags, .. } => Some(tags),
            _ => None,
        }
    }

    /// Whether it may change who may read or speak, so that a page that was being read must be judged again.
    pub fn changes_access(&self) -> bool {
        matches!(
            self,
            Self::Kicked { .. }
                | Self::Mode { .. }
                | Self::Parted { .. }
                | Self::Quit { .. }
                | Self::Redacted { .. }
        )
    }
}
