//! Being put out: what the person is told, and that the client does not come back against the will of those who put them out.

use crate::core::client::Client;
use crate::core::output::{Arrival, Fault, Output, Refused};
use crate::core::receive::last;
use crate::core::registration::Step;
use causette_proto::{CompactString, Message};

impl Client {
    /// ERROR: the server ends the connection, and says why.
    pub(crate) fn shut_out(&mut self, text: &str) {
        self.link.reason = text.to_owned();
        if self.link.is_online() && self.leaving.is_none() {
            self.link.farewell = text.to_owned();
            self.link.has_said_why = true;
            // Who is put out does not stand at the door again in the same moment.
            self.link.has_hurried = true;
        }
    }

    /// KILL: somebody who runs the server ends the person's connection. They come back when they want to.
    pub(crate) fn killed(&mut self, message: &Message) {
        let target = message.params.first().map_or("", CompactString::as_str);
        if self.is_me(target) {
            self.link.is_put_out = true;
            self.link.may_retry = false;
            self.shut_out(last(message));
        }
    }

    /// The server lets the person in no more, and says why and until when: to try on would only be refused again.
    pub(crate) fn keep_out(&mut self, text: &str, out: &mut Vec<Output>) {
        self.link.may_retry = false;
        self.link.reason = text.to_owned();
        self.link.step = Step::Asking;
        let refused = Refused {
            fault: Fault::KeptOut,
            text: text.to_owned(),
        };
        out.push(Output::Arrival(Arrival::Refused(refused)));
    }

    /// Whether the server has ended the last connection in the same words: then nothing is wrong with what the person is known
    /// by.
    pub(crate) fn is_why_it_ended(&self, text: &str) -> bool {
        !self.link.farewell.is_empty() && self.link.farewell == text
    }

    /// The connection on which the person was in is gone: tells them, where they look if somebody has ended it.
    pub(crate) fn tell_ended(&mut self, reason: &str, out: &mut Vec<Output>) {
        if !std::mem::take(&mut self.link.has_said_why) {
            let server = self.server_buffer();
            self.inform_key(server, "client-connection-lost", &[("reason", reason)], out);
            return;
        }
        let reason = self.link.reason.clone();
        let here = self.current;
        self.inform_key(here, "client-put-out", &[("reason", &reason)], out);
        if self.link.is_put_out {
            self.inform_key(here, "client-come-back", &[], out);
        }
    }
}
