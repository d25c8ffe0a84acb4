//! What is said to services. It is answered and not stored, so that no history tells what became of it; and doing it twice is
//! not the same as doing it once, so that it is never sent again by itself.

use crate::core::batch::Item;
use crate::core::client::Client;
use crate::core::hush::is_service;
use crate::core::outbox::{Outgoing, State};
use crate::core::output::Output;
use crate::core::request::Request;
use causette_proto::Message;

impl Outgoing {
    /// Whether it is for a service, or holds a password all the same.
    pub fn is_order(&self) -> bool {
        is_service(&self.target) || self.shown() != self.text
    }
}

impl Client {
    /// Something came under the label of a message: a service has it when the service answers.
    pub(crate) fn order_answered(
        &mut self,
        item: &Item,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let Some(&Request::Said(id)) = request else {
            return;
        };
        if self.outbox.get(id).is_some_and(Outgoing::is_order) && !self.decides(item) {
            self.show_own(id, out);
        }
    }

    /// Whether an answer tells by itself what became of a message: it is refused, or here it is.
    fn decides(&self, item: &Item) -> bool {
        let message: &Message = match item {
            Item::Message(message) => message,
            Item::Batch(batch) => {
                // The line that opens a message of several lines is the sender's.
                let is_own = batch.kind() == "draft/multiline" && self.is_from_me(&batch.opening);
                return is_own || batch.items.iter().any(|item| self.decides(item));
            }
        };
        match message.command.as_str() {
            "FAIL" => true,
            "PRIVMSG" | "NOTICE" => self.is_from_me(message),
            command => command.len() == 3 && command.starts_with(['4', '5']),
        }
    }

    fn is_from_me(&self, message: &Message) -> bool {
        self.is_me(&crate::core::receive::nick_of(message))
    }

    /// The connection is lost: whether a service did what it was told is not known, and the person is told so.
    pub(crate) fn orders_lost(&mut self, out: &mut Vec<Output>) {
        let is_lost = |message: &&Outgoing| message.state == State::Sent && message.is_order();
        let lost: Vec<u64> = self
            .outbox
            .iter()
            .filter(is_lost)
            .map(|message| message.id)
            .collect();
        for id in lost {
            let Some(message) = self.outbox.remove(id) else {
                continue;
            };
            let variables = [("target", message.target.as_str())];
            let reason = self
                .settings
                .locale
                .text_with("client-order-unknown", &variables);
            let buffer = self.add_own(&message, out);
            self.inform(buffer, reason.clone(), out);
            out.push(Output::Failed {
                id,
                code: "".into(),
                reason,
            });
        }
    }
}
