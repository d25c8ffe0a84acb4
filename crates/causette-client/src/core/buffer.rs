//! One conversation: a channel, a person or the server itself.

use crate::core::command::is_command;
use crate::core::entry::EntryId;
use crate::core::hush::{in_line, knows_passwords};
use crate::core::timeline::Timeline;
use causette_proto::{CompactString, Timestamp};
use std::collections::BTreeMap;

/// Which conversation; unique in one run of the client, and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub u32);

/// What a conversation is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BufferKind {
    /// With the server: its greetings, and what belongs nowhere else.
    Server,
    /// In a channel.
    Channel,
    /// With one person.
    Query,
}

/// One conversation.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// Which.
    pub id: BufferId,
    /// What it is with.
    pub kind: BufferKind,
    /// Its name as people write it.
    pub name: CompactString,
    /// The form of the name that all its spellings share.
    pub(crate) key: CompactString,
    /// What was said.
    pub timeline: Timeline,
    /// The channel's topic; empty without one.
    pub topic: String,
    /// Whether the person is in the channel. A person or the server is always there.
    pub is_joined: bool,
    /// Who is in the channel, by the key of their name.
    pub members: BTreeMap<CompactString, Member>,
    /// Up to when the person has read, on whichever client; [`NOTHING_READ`] where the server knows that they have not.
    pub read: Option<Timestamp>,
    /// Messages behind that.
    pub unread: usize,
    /// Of those, the ones that name the person; all, in a conversation with one person.
    pub mentions: usize,
    /// Whether there are more of both than are known.
    pub has_more_unread: bool,
    /// Where the line "new messages" stands: at what was unread when the conversation was opened.
    pub rule: Option<Timestamp>,
    /// What is being typed.
    pub draft: String,
    /// Whether somebody is writing it: one that was kept from before waits until they do.
    pub(crate) is_written: bool,
    /// What was typed before a key put something else into the line; the last of it comes back first.
    pub(crate) aside: Vec<Aside>,
    /// What a key has put into the line, as it put it.
    pub(crate) begun: Option<String>,
    /// The msgid of the message that the draft answers.
    pub reply_to: Option<CompactString>,
    /// The message that was pointed at for the command that is being typed.
    pub(crate) pointed: Option<Pointed>,
    /// Who is typing, and until when that holds.
    pub typing: Vec<(CompactString, Timestamp)>,
    /// Whether the person wants no noise from here.
    pub is_muted: bool,
    /// What is known of its past.
    pub past: Past,
    /// People of whom 353 told since the last 366, so that those who left meanwhile are forgotten.
    pub(crate) named: Option<BTreeMap<CompactString, Member>>,
}

/// A message that a command is about: the number that the command has for it, and its msgid. What is said meanwhile must not
/// change that.
pub(crate) type Pointed = (usize, CompactString);

/// A line that was put aside, with the message that it is about if it is a command for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aside {
    pub(crate) text: String,
    pub(crate) pointed: Option<Pointed>,
}

/// What is known of the past of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Whether a page is being read.
    pub is_reading: bool,
    /// What is before the oldest entry.
    pub(crate) top: Option<Top>,
    /// Pages one after the other that have brought nothing new.
    pub(crate) in_vain: usize,
    /// Whether a page was ever asked for: where the server keeps nothing, nothing is missing.
    pub(crate) is_asked: bool,
    /// When the person came to the channel first, as far as is known.
    pub(crate) came: Option<Timestamp>,
    /// Whether the server was asked who is away.
    pub(crate) has_presence: bool,
    /// Whether what was missed during an absence is being read; the outbox waits for it.
    pub(crate) catching_up: Option<CatchUp>,
    /// Whether the latest messages were asked for on this connection.
    pub(crate) is_fresh: bool,
    /// Whether the person has left the channel since: then they are asked for when they come back.
    pub(crate) has_left: bool,
}

/// What is before the oldest entry that is known, behind the newest gap. Not all that a page brings is shown, and the next
/// one is asked from what it brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// That entry: whatever was found out about another one no longer holds.
    pub(crate) below: Option<EntryId>,
    /// What was read last there: its msgid and its time; `None` when that was all.
    pub(crate) reached: Option<(CompactString, Timestamp)>,
}

/// Reading what was missed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CatchUp {
    /// The msgid from which the next page is asked, where it is not that of the entry behind which it goes.
    pub(crate) anchor: Option<CompactString>,
    /// Pages read so far.
    pub(crate) pages: usize,
}

/// Up to when somebody has read who has read nothing.
pub const NOTHING_READ: Timestamp = Timestamp::MIN;

/// One person in a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The nickname.
    pub nick: CompactString,
    /// The prefixes of their rank, highest first.
    pub prefixes: CompactString,
    /// Whether they said that they are away.
    pub is_away: bool,
}

impl Buffer {
    pub(crate) fn new(id: BufferId, kind: BufferKind, name: CompactString) -> Self {
        Self {
            id,
            kind,
            name,
            key: CompactString::default(),
            timeline: Timeline::default(),
            topic: String::new(),
            is_joined: kind != BufferKind::Channel,
            members: BTreeMap::new(),
            read: None,
            unread: 0,
            mentions: 0,
            has_more_unread: false,
            rule: None,
            draft: String::new(),
            is_written: false,
            aside: Vec::new(),
            begun: None,
            reply_to: None,
            pointed: None,
            typing: Vec::new(),
            is_muted: false,
            past: Past::default(),
            named: None,
        }
    }

    /// The line is done with: what was put aside stands there again. Says whether that changes the draft.
    pub(crate) fn take_back(&mut self) -> bool {
        let before = std::mem::take(&mut self.draft);
        let Aside { text, pointed } = self.aside.pop().unwrap_or_default();
        self.draft = text;
        self.pointed = pointed;
        self.is_written = !self.draft.is_empty();
        self.begun = None;
        before != self.draft
    }

    /// What the person has typed here and not sent, the oldest first. A command may hold a
    /// password, as may what is said to a service, and neither is kept.
    pub(crate) fn unsent(&self) -> Vec<String> {
        let aside = self.aside.iter().map(|aside| &aside.text);
        let texts = aside.chain([&self.draft]);
        let is_to_service = knows_passwords(&self.name);
        let may_tell =
            |text: &str| is_to_service || is_command(text) || in_line(text, false).is_some();
        let is_kept = |text: &&String| !text.is_empty() && !may_tell(text);
        texts.filter(is_kept).cloned().collect()
    }

    /// Whether something there calls for the person.
    pub fn calls(&self) -> bool {
        self.mentions > 0 && !self.is_muted
    }

    /// Up to when the person has read, or else since when they are there: what was said in a channel before is no news.
    pub(crate) fn read_up_to(&self) -> Option<Timestamp> {
        match (self.read, self.kind) {
            (Some(NOTHING_READ), BufferKind::Channel) => {
                Some(self.past.came.unwrap_or(NOTHING_READ))
            }
            (read, _) => read,
        }
    }

    /// Counts anew what lies behind the place up to which was read.
    pub(crate) fn count(&mut self) {
        // Where nothing was ever read, nothing tells what is new.
        let Some(read) = self.read_up_to() else {
            return;
        };
        let (unread, mentions) = self.timeline.unread_after(read);
        self.unread = unread;
        self.mentions = if self.kind == BufferKind::Query {
            unread
        } else {
            mentions
        };
        self.has_more_unread = unread > 0 && self.lacks(read);
    }

    /// Whether messages behind a moment may be missing from what is known.
    pub(crate) fn lacks(&self, since: Timestamp) -> bool {
        if !self.past.is_asked || self.timeline.reaches_back_to(since) {
            return false;
        }
        match self.top() {
            Some(Top { reached, .. }) if self.timeline.gap().is_none() => {
                reached.as_ref().is_some_and(|&(_, time)| time > since)
            }
            _ => true,
        }
    }

    /// What is known of what is before the oldest entry.
    pub(crate) fn top(&self) -> Option<&Top> {
        let oldest = self.timeline.oldest_known().map(|entry| entry.id);
        self.past.top.as_ref().filter(|top| top.below == oldest)
    }

    /// Whether there is nothing before the oldest entry.
    pub fn is_whole(&self) -> bool {
        let is_all = self.top().is_some_and(|top| top.reached.is_none());
        is_all && self.timeline.gap().is_none()
    }
}
