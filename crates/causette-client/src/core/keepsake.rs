//! What the client keeps between two runs: drafts, messages that are not known to be stored, silent conversations.

use crate::core::buffer::{Buffer, BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::limits::ASIDE_MAX;
use crate::core::outbox::{Outbox, Outgoing};
use causette_proto::CompactString;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of one conversation.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) draft: String,
    pub(crate) reply_to: Option<CompactString>,
    pub(crate) aside: Vec<String>,
    pub(crate) is_muted: bool,
}

/// What is kept, as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keepsake {
    /// What is being typed, by the conversation's name.
    #[serde(default)]
    pub drafts: BTreeMap<String, String>,
    /// The message that such a draft answers.
    #[serde(default)]
    pub replies: BTreeMap<String, CompactString>,
    /// What was typed before it and put aside.
    #[serde(default)]
    pub aside: BTreeMap<String, Vec<String>>,
    /// What is not known to be stored.
    #[serde(default)]
    pub outbox: Vec<Outgoing>,
    /// The conversations from which the person wants no noise.
    #[serde(default)]
    pub muted: BTreeSet<String>,
}

impl Keepsake {
    /// Takes over what another client has left: its messages behind one's own, under numbers of their own; its drafts, and
    /// where there is one already it is put aside.
    pub fn take_over(&mut self, left: Self) {
        let next = self
            .outbox
            .iter()
            .map(|message| message.id + 1)
            .max()
            .unwrap_or(1);
        let known: Vec<CompactString> = self
            .outbox
            .iter()
            .map(|message| message.nonce.clone())
            .collect();
        let new = left
            .outbox
            .into_iter()
            .filter(|message| !known.contains(&message.nonce));
        self.outbox.extend(
            new.zip(next..)
                .map(|(message, id)| Outgoing { id, ..message }),
        );
        for (name, mut aside) in left.aside {
            self.aside.entry(name).or_default().append(&mut aside);
        }
        let mut replies = left.replies;
        for (name, draft) in left.drafts {
            match self.drafts.get(&name) {
                None => {
                    if let Some(msgid) = replies.remove(&name) {
                        self.replies.insert(name.clone(), msgid);
                    }
                    self.drafts.insert(name, draft);
                }
                Some(own) if *own != draft => self.aside.entry(name).or_default().push(draft),
                Some(_) => {}
            }
        }
        for aside in self.aside.values_mut() {
            // The newest are those that may still be wanted.
            aside.drain(..aside.len().saturating_sub(ASIDE_MAX));
        }
        self.muted.extend(left.muted);
    }
}

impl Keepsake {
    fn keep(&mut self, buffer: &Buffer) {
        let name = buffer.name.to_string();
        let mut unsent = buffer.unsent();
        if let Some(draft) = unsent.pop() {
            if let Some(msgid) = buffer.reply_to.clone().filter(|_| draft == buffer.draft) {
                self.replies.insert(name.clone(), msgid);
            }
            self.drafts.insert(name.clone(), draft);
        }
        if !unsent.is_empty() {
            self.aside.insert(name.clone(), unsent);
        }
        if buffer.is_muted {
            self.muted.insert(name);
        }
    }
}

impl Client {
    /// What is to be kept.
    pub fn keepsake(&self) -> Keepsake {
        let mut kept = Keepsake {
            // What is said to a service may be a password.
            outbox: self
                .outbox
                .iter()
                .filter(|message| !message.is_order())
                .cloned()
                .collect(),
            // What was kept of conversations that are not open yet stays kept.
            drafts: self.kept.drafts.clone(),
            replies: self.kept.replies.clone(),
            aside: self.kept.aside.clone(),
            muted: self.kept.muted.clone(),
        };
        for buffer in &self.buffers {
            kept.keep(buffer);
        }
        kept
    }

    /// A conversation is put away: what was typed there is there again when it is opened.
    pub(crate) fn put_away(&mut self, id: BufferId) {
        if let Some(index) = self.buffers.iter().position(|buffer| buffer.id == id) {
            let buffer = self.buffers.remove(index);
            self.kept.keep(&buffer);
        }
    }

    /// Takes up what was kept, before anything happens.
    pub fn restore(&mut self, kept: Keepsake) {
        self.next_outgoing = kept
            .outbox
            .iter()
            .map(|message| message.id + 1)
            .max()
            .unwrap_or(1);
        self.outbox = Outbox::restored(kept.outbox);
        self.kept = Keepsake {
            outbox: Vec::new(),
            ..kept
        };
        // With people one may talk before anything was heard of them.
        let queries: Vec<String> = self
            .kept
            .drafts
            .keys()
            .filter(|name| !name.is_empty() && !self.features.is_channel(name))
            .cloned()
            .collect();
        for name in queries {
            self.buffer_for(BufferKind::Query, &name);
        }
    }

    /// What was kept of a conversation that is opened now.
    pub(crate) fn take_kept(&mut self, name: &str) -> Kept {
        Kept {
            draft: self.kept.drafts.remove(name).unwrap_or_default(),
            reply_to: self.kept.replies.remove(name),
            aside: self.kept.aside.remove(name).unwrap_or_default(),
            is_muted: self.kept.muted.remove(name),
        }
    }
}
