//! Whether the person is there, as they or the program say: also before the server lets anybody see them, where it takes that.
//!
//! <https://ircv3.net/specs/extensions/pre-away>

use crate::core::buffer::BufferId;
use crate::core::client::Client;
use crate::core::doing::message_with_reason;
use crate::core::output::Output;
use causette_proto::Message;

/// The capability by which AWAY is taken before the welcome, and "*" means that nobody is there.
const EARLY: &str = "draft/pre-away";

/// The reason by which a program says that nobody is there.
const NOBODY: &str = "*";

impl Client {
    /// The person is away, for a reason, or back where they give none.
    pub(crate) fn be_away(&mut self, here: BufferId, reason: String, out: &mut Vec<Output>) {
        self.ask_server(here, message_with_reason("AWAY", &[], &reason), out);
        if self.link.is_online() {
            self.away = Some(reason).filter(|reason| !reason.is_empty());
        }
    }

    /// The server says that the person is away, or not.
    pub(crate) fn is_told_away(&mut self, is_away: bool) {
        if !is_away {
            self.away = None;
        }
        let nick = self.nick.clone();
        self.set_away(&nick, is_away);
    }

    /// Says before the welcome what others are to see of the person.
    pub(crate) fn say_away_early(&self, out: &mut Vec<Output>) {
        if !self.features.has(EARLY) {
            return;
        }
        let reason = match self.settings.attended {
            true => self.away.as_deref(),
            false => Some(NOBODY),
        };
        if let Some(reason) = reason {
            out.push(Output::Send(Message::new("AWAY").param(reason)));
        }
    }

    /// Says that the person is away still where the server would not be told before.
    pub(crate) fn say_away_late(&self, out: &mut Vec<Output>) {
        if let Some(reason) = self.away.as_deref().filter(|_| !self.features.has(EARLY)) {
            out.push(Output::Send(Message::new("AWAY").param(reason)));
        }
    }
}
