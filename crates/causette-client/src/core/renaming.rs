//! RENAME: a channel goes by another name. <https://ircv3.net/specs/extensions/channel-rename>

use crate::core::client::Client;
use crate::core::outbox::State;
use crate::core::output::Output;
use crate::core::receive::nick_of;
use causette_proto::Message;

impl Client {
    /// A channel has another name: its conversation goes on under it, with what is typed there, and what waits to be said.
    pub(crate) fn channel_renamed(&mut self, message: &Message, out: &mut Vec<Output>) {
        let [from, to, reason @ ..] = &message.params[..] else {
            return;
        };
        let fold = self.features.fold;
        let (old, new) = (fold.key(from), fold.key(to));
        if self
            .wanted
            .as_ref()
            .is_some_and(|name| fold.key(name) == old)
        {
            self.wanted = Some(to.clone());
        }
        let Some(id) = self.find(from) else {
            return;
        };
        // What is left of a channel that had that name before is another conversation, which is over.
        if let Some(other) = self.find(to).filter(|other| *other != id) {
            self.put_away(other);
            if self.current == other {
                self.current = id;
            }
        }
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.name = to.clone();
            buffer.key = new.clone();
        }
        self.profile_renamed(&old, new);
        for message in self
            .outbox
            .ids(|target| fold.key(target) == old, &State::Waiting)
        {
            if let Some(message) = self.outbox.get_mut(message) {
                message.target = to.clone();
            }
        }
        let by = nick_of(message);
        let reason = reason.first().map_or("", |reason| reason.as_str());
        let mut variables = vec![("nick", by.as_str()), ("from", from.as_str()), ("to", to)];
        let key = match reason {
            "" => "client-channel-renamed",
            reason => {
                variables.push(("reason", reason));
                "client-channel-renamed-because"
            }
        };
        self.inform_key(id, key, &variables, out);
        out.push(Output::Changed);
    }
}
