//! What the person said and the server has not confirmed. A message stays here, over connections and restarts, until it is
//! known to be stored or the person gives it up; and it is sent again only when it is known not to be.

use crate::core::buffer::BufferId;
use crate::core::entry::Manner;
use crate::core::hush::{knows_passwords, said_to_service};
use crate::core::limits::OUTBOX_MAX;
use causette_proto::CompactString;
use serde::{Deserialize, Serialize};

/// The tag by which the client finds its own message again in the history. It is the client's, and says nothing of anybody.
pub const TAG: &str = "+causette/id";

/// A message that is not known to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Which; grows in the order of typing.
    pub id: u64,
    /// The value of [`TAG`].
    pub nonce: CompactString,
    /// To whom.
    pub target: CompactString,
    /// What.
    pub text: String,
    /// How.
    #[serde(default)]
    pub manner: Manner,
    /// The msgid of what it answers.
    #[serde(default)]
    pub reply_to: Option<CompactString>,
    /// The msgid that was the newest when it was typed: its place in history is behind.
    #[serde(default)]
    pub behind: Option<CompactString>,
    /// How far it has come.
    #[serde(default)]
    pub state: State,
    /// Whether it is one of many that a long text became.
    #[serde(default)]
    pub is_part: bool,
    /// Whether the person gave it up when it had left already: it is not sent again.
    #[serde(default)]
    pub is_given_up: bool,
    /// Lines that it took on the wire, once it was sent.
    #[serde(skip)]
    pub lines: usize,
    /// Where it was typed, in this run.
    #[serde(skip)]
    pub typed_in: Option<BufferId>,
}

impl Outgoing {
    /// What of it is shown: no password that is in it.
    pub fn shown(&self) -> String {
        if knows_passwords(&self.target) {
            said_to_service(&self.text)
        } else {
            self.text.clone()
        }
    }
}

/// How far a message has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It may have been sent over a connection that was lost: the history will tell.
    #[default]
    Doubtful,
    /// It waits for a connection.
    Waiting,
    /// It was sent and waits to be confirmed.
    Sent,
    /// It was refused, or nobody knows.
    Failed(String),
}

/// The messages that are not known to be stored, in the order of typing.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Vec<Outgoing>);

impl Outbox {
    /// What was kept from before. What was refused waits for the person still; whether the rest was sent, the history will tell.
    pub fn restored(mut messages: Vec<Outgoing>) -> Self {
        messages.retain(|message| !message.is_given_up);
        for message in &mut messages {
            if !matches!(message.state, State::Failed(_)) {
                message.state = State::Doubtful;
            }
        }
        Self(messages)
    }

    /// The messages.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Outgoing> {
        self.0.iter()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many messages wait that may still be stored by themselves.
    pub fn pending(&self) -> usize {
        let failed = |message: &&Outgoing| !matches!(message.state, State::Failed(_));
        self.0.iter().filter(failed).count()
    }

    /// How many messages may be added.
    pub fn room(&self) -> usize {
        OUTBOX_MAX.saturating_sub(self.0.len())
    }

    /// Lines of the messages that were sent and wait to be confirmed.
    pub fn lines_in_flight(&self) -> usize {
        let sent = self.0.iter().filter(|message| message.state == State::Sent);
        sent.map(|message| message.lines).sum()
    }

    /// A message.
    pub fn get(&self, id: u64) -> Option<&Outgoing> {
        self.0.iter().find(|message| message.id == id)
    }

    pub(crate) fn add(&mut self, message: Outgoing) {
        self.0.push(message);
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Outgoing> {
        self.0.iter_mut().find(|message| message.id == id)
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Outgoing> {
        let index = self.0.iter().position(|message| message.id == id)?;
        Some(self.0.remove(index))
    }

    /// Gives up the messages that `is_meant` picks, so that nothing of them is sent from now on. Says how many had not left.
    pub(crate) fn give_up(&mut self, is_meant: impl Fn(&Outgoing) -> bool) -> usize {
        let before = self.0.len();
        self.0
            .retain(|message| !is_meant(message) || message.state == State::Sent);
        for message in self.0.iter_mut().filter(|message| is_meant(message)) {
            message.is_given_up = true;
        }
        before - self.0.len()
    }

    /// The one that has this nonce.
    pub(crate) fn by_nonce(&self, nonce: &str) -> Option<u64> {
        let found = self.0.iter().find(|message| message.nonce == nonce);
        found.map(|message| message.id)
    }

    /// The first to `target` with this text that may have been stored: for servers that keep no tags.
    pub(crate) fn by_text(&self, target: &str, text: &str) -> Option<u64> {
        let same = |message: &&Outgoing| {
            message.target == target
                && message.text == text
                && matches!(message.state, State::Doubtful | State::Sent)
        };
        self.0.iter().find(same).map(|message| message.id)
    }

    /// The connection is lost: nobody knows what became of what was sent.
    pub(crate) fn doubt(&mut self) {
        self.0
            .retain(|message| !message.is_given_up || message.state != State::Sent);
        for message in &mut self.0 {
            if matches!(message.state, State::Sent) {
                message.state = State::Doubtful;
            }
        }
    }

    /// What was typed after a message to the same target has its place in history behind it.
    pub(crate) fn are_behind(
        &mut self,
        id: u64,
        msgid: &CompactString,
        is_target: impl Fn(&str) -> bool,
    ) {
        let later = self
            .0
            .iter_mut()
            .filter(|message| message.id > id && is_target(&message.target));
        for message in later {
            message.behind = Some(msgid.clone());
        }
    }

    /// What goes out over this connection and was typed when nothing was known has its place behind what is known now: the
    /// page was asked for before.
    pub(crate) fn begin_behind(&mut self, msgid: &CompactString, is_target: impl Fn(&str) -> bool) {
        for message in &mut self.0 {
            let goes_out = matches!(message.state, State::Sent | State::Waiting);
            if goes_out && message.behind.is_none() && is_target(&message.target) {
                message.behind = Some(msgid.clone());
            }
        }
    }

    /// The ids of those to `target` in this state.
    pub(crate) fn ids(&self, is_target: impl Fn(&str) -> bool, state: &State) -> Vec<u64> {
        let wanted = |message: &&Outgoing| is_target(&message.target) && message.state == *state;
        self.0
            .iter()
            .filter(wanted)
            .map(|message| message.id)
            .collect()
    }
}
