//! What those who run the server tell everybody, and nobody must miss.

use crate::core::client::Client;
use crate::core::entry::What;
use crate::core::output::Output;
use crate::core::receive::{last, msgid_of, nick_of, time_of};
use causette_proto::Message;

/// The tag by which a Causette server marks an alert.
const TAG: &str = "causette/alert";

impl Client {
    /// Whether a line is an alert. A tag alone makes none: it must come from the server itself, under the name by which it has
    /// greeted, which no person can have.
    pub(crate) fn is_alert(&self, message: &Message) -> bool {
        let source = message.source.as_deref().unwrap_or_default();
        message.command == "NOTICE"
            && message.tags.contains(TAG)
            && !source.is_empty()
            && !source.contains(['!', '@'])
            && source == self.link.server
    }

    /// An alert of the server, which has put before the text, in the person's language, that it is one, and of which moment
    /// where that is past.
    pub(crate) fn alerted(&mut self, message: &Message, out: &mut Vec<Output>) {
        let what = What::Alert {
            from: None,
            text: last(message).to_owned(),
        };
        self.add_alert(message, what, out);
    }

    /// WALLOPS: what somebody who runs a server tells everybody.
    pub(crate) fn called_out(&mut self, message: &Message, out: &mut Vec<Output>) {
        let what = What::Alert {
            from: Some(nick_of(message)),
            text: last(message).to_owned(),
        };
        self.add_alert(message, what, out);
    }

    /// Where the person looks, wherever that is.
    fn add_alert(&mut self, message: &Message, what: What, out: &mut Vec<Output>) {
        let entry = self.entry(time_of(message, self.now), msgid_of(message), what);
        let (buffer, id) = (self.current, entry.id);
        if self.add(buffer, entry, out) {
            out.push(Output::Attention(buffer, id));
        }
    }
}
