//! What the person looks at and has read.
//!
//! <https://ircv3.net/specs/extensions/read-marker>

use crate::core::buffer::{Buffer, BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::connection::later;
use crate::core::limits::MARK_AFTER;
use crate::core::output::Output;
use crate::core::request::Request;
use causette_proto::Message;

impl Client {
    /// The person looks at a conversation.
    pub(crate) fn open(&mut self, id: BufferId, out: &mut Vec<Output>) {
        if self.buffer(id).is_none() {
            return;
        }
        let left = std::mem::replace(&mut self.current, id);
        if left != id
            && let Some(left) = self.buffer_mut(left)
        {
            left.rule = None;
        }
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.draw_rule();
        }
        let is_idle = self
            .buffer(id)
            .is_some_and(|buffer| !buffer.past.is_fresh && buffer.kind == BufferKind::Query);
        if is_idle && self.link.is_online() {
            self.catch_up(id, out);
        }
        out.push(Output::Changed);
    }

    /// The newest message of a conversation is on the screen.
    pub(crate) fn seen(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let due = later(self.now, MARK_AFTER);
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        // Before it is known what was missed, nothing of that was seen.
        if buffer.past.catching_up.is_some() {
            return;
        }
        let newest = buffer
            .timeline
            .entries()
            .rev()
            .find(|entry| entry.said().is_some());
        let Some(time) = newest.map(|entry| entry.time) else {
            return;
        };
        if buffer.read.is_some_and(|read| read >= time) && buffer.unread == 0 {
            return;
        }
        buffer.read = Some(buffer.read.map_or(time, |read| read.max(time)));
        buffer.unread = 0;
        buffer.mentions = 0;
        buffer.has_more_unread = false;
        out.push(Output::Changed);
        if !self.marks.iter().any(|&(marked, _)| marked == id) {
            self.marks.push((id, due));
        }
    }

    /// Tells the server what was read, once the person has rested there for a moment.
    pub(crate) fn tell_marks(&mut self, out: &mut Vec<Output>) {
        let now = self.now;
        let due: Vec<BufferId> = self
            .marks
            .iter()
            .filter(|&&(_, due)| due <= now)
            .map(|&(buffer, _)| buffer)
            .collect();
        self.marks.retain(|&(_, due)| due > now);
        for buffer in due {
            self.tell_mark(buffer, out);
        }
    }

    pub(crate) fn tell_mark(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let tells = self.features.has("draft/read-marker") && self.link.is_online();
        let Some(buffer) = self
            .buffer(id)
            .filter(|buffer| buffer.kind != BufferKind::Server)
        else {
            return;
        };
        if let (true, Some(read)) = (tells, buffer.read) {
            let message = Message::new("MARKREAD")
                .param(buffer.name.clone())
                .param(format!("timestamp={read}"));
            self.request(message, Request::Quiet, out);
        }
    }
}

impl Buffer {
    /// Begins what is new with a line, if anything is.
    pub(crate) fn draw_rule(&mut self) {
        self.rule = self.read_up_to().filter(|_| self.unread > 0);
    }
}
