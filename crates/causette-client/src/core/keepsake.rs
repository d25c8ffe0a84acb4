//! What the client keeps between two runs: drafts, messages that are not known to be stored, silent conversations.

use crate::core::buffer::BufferKind;
use crate::core::client::Client;
use crate::core::outbox::{Outbox, Outgoing};
use causette_proto::CompactString;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept, as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keepsake {
    /// What is being typed, by the conversation's name.
    #[serde(default)]
    pub drafts: BTreeMap<String, String>,
    /// What is not known to be stored.
    #[serde(default)]
    pub outbox: Vec<Outgoing>,
    /// The conversations from which the person wants no noise.
    #[serde(default)]
    pub muted: BTreeSet<String>,
}

impl Keepsake {
    /// Takes over what another client has left: its messages behind one's own, under numbers of their own; its drafts where
    /// there is none.
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
        for (name, draft) in left.drafts {
            self.drafts.entry(name).or_insert(draft);
        }
        self.muted.extend(left.muted);
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
                .filter(|message| !self.is_service(&message.target))
                .cloned()
                .collect(),
            // What was kept of conversations that are not open yet stays kept.
            drafts: self.kept.drafts.clone(),
            muted: self.kept.muted.clone(),
        };
        for buffer in &self.buffers {
            // A command may hold a password.
            if !buffer.draft.is_empty() && !buffer.draft.starts_with('/') {
                kept.drafts
                    .insert(buffer.name.to_string(), buffer.draft.clone());
            }
            if buffer.is_muted {
                kept.muted.insert(buffer.name.to_string());
            }
        }
        kept
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
    pub(crate) fn take_kept(&mut self, name: &str) -> (String, bool) {
        (
            self.kept.drafts.remove(name).unwrap_or_default(),
            self.kept.muted.remove(name),
        )
    }
}
