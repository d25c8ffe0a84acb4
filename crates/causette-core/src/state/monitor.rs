//! Who wants to know when a nickname comes online or leaves. <https://ircv3.net/specs/extensions/monitor>

use crate::id::SessionId;
use causette_proto::{CompactString, Nick};
use rustc_hash::FxHashMap;

/// The sessions that monitor each nickname, by its folded form. Each session's own list bounds it.
#[derive(Debug, Default)]
pub(crate) struct Monitors(FxHashMap<CompactString, Vec<SessionId>>);

impl Monitors {
    /// From now on a session is told of a nickname.
    pub(crate) fn add(&mut self, nick: &Nick, session: SessionId) {
        self.0.entry(nick.key().into()).or_default().push(session);
    }

    /// A session is told of a nickname no more.
    pub(crate) fn remove(&mut self, nick: &Nick, session: SessionId) {
        if let Some(sessions) = self.0.get_mut(nick.key()) {
            sessions.retain(|watching| *watching != session);
            if sessions.is_empty() {
                self.0.remove(nick.key());
            }
        }
    }

    /// Who is told of a nickname.
    pub(crate) fn of(&self, nick: &Nick) -> &[SessionId] {
        self.0.get(nick.key()).map_or(&[], Vec::as_slice)
    }
}
