//! Messages that belong together, collected until they are complete.
//!
//! <https://ircv3.net/specs/extensions/batch>

use crate::core::limits::{
    BATCH_BYTES_MAX, BATCH_DEPTH_MAX, BATCH_MESSAGES_MAX, BATCHES_MAX, TEXT_BYTES_MAX,
};
use causette_proto::{CompactString, Message};
use rustc_hash::FxHashMap;

/// What arrives as one.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// A message by itself.
    Message(Message),
    /// A batch that is complete.
    Batch(Batch),
}

/// Messages that belong together.
#[derive(Debug, PartialEq, Eq)]
pub struct Batch {
    /// The line that opened it: its tags, source and parameters.
    pub opening: Message,
    /// What is in it, in order.
    pub items: Vec<Item>,
    /// Whether there was more in it than is kept.
    pub is_cut: bool,
}

impl Batch {
    /// The type, such as `chathistory`.
    pub fn kind(&self) -> &str {
        self.opening.params.get(1).map_or("", CompactString::as_str)
    }

    /// The first parameter behind the type, which for most types is a target.
    pub fn target(&self) -> &str {
        self.opening.params.get(2).map_or("", CompactString::as_str)
    }

    /// The text of a batch of several lines. <https://ircv3.net/specs/extensions/multiline>
    pub fn text(&self) -> String {
        let mut text = String::new();
        let lines = self.items.iter().filter_map(|item| match item {
            Item::Message(message) => Some(message),
            Item::Batch(_) => None,
        });
        for (index, line) in lines.enumerate() {
            if index > 0 && !line.tags.contains("draft/multiline-concat") {
                text.push('\n');
            }
            // The marks of CTCP mean nothing inside of a longer text.
            let words = line.params.get(1).map_or("", CompactString::as_str);
            text.extend(words.chars().filter(|&character| character != '\u{1}'));
            if text.len() >= TEXT_BYTES_MAX {
                break;
            }
        }
        text
    }
}

/// The batches that are open.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    open: FxHashMap<CompactString, Open>,
    /// Messages in all of them, and the bytes of their parameters.
    held: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Open {
    batch: Batch,
    /// The batch in which it was opened.
    parent: Option<CompactString>,
    depth: usize,
    /// Messages in it and in those that are closed in it, and their bytes.
    held: usize,
    bytes: usize,
}

impl Batches {
    /// Takes a line; gives what is complete with it and belongs to no open batch.
    pub(crate) fn take(&mut self, message: Message) -> Option<Item> {
        if message.command != "BATCH" {
            return self.put(message);
        }
        let reference = message.params.first()?.clone();
        match reference.split_at_checked(1)? {
            ("+", name) => {
                self.begin(name, message);
                None
            }
            ("-", name) => self.end(name),
            _ => None,
        }
    }

    /// Forgets all, as when the connection is lost.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.held = 0;
        self.bytes = 0;
    }

    /// A batch begins. What belongs to one that may not begin speaks for itself.
    fn begin(&mut self, name: &str, message: Message) {
        let parent = message.tags.get("batch").map(CompactString::from);
        let parent = parent.filter(|parent| self.open.contains_key(parent) && parent != name);
        let depth = parent
            .as_ref()
            .map_or(0, |parent| self.open[parent].depth + 1);
        if self.open.len() >= BATCHES_MAX
            || depth >= BATCH_DEPTH_MAX
            || self.open.contains_key(name)
        {
            return;
        }
        let batch = Batch {
            opening: message,
            items: Vec::new(),
            is_cut: false,
        };
        let open = Open {
            batch,
            parent,
            depth,
            held: 0,
            bytes: 0,
        };
        self.open.insert(name.into(), open);
    }

    fn end(&mut self, name: &str) -> Option<Item> {
        let Open {
            batch,
            parent,
            held,
            bytes,
            ..
        } = self.open.remove(name)?;
        match parent.and_then(|parent| self.open.get_mut(&parent)) {
            Some(parent) => {
                parent.held += held;
                parent.bytes += bytes;
                parent.batch.is_cut |= batch.is_cut;
                parent.batch.items.push(Item::Batch(batch));
                None
            }
            None => {
                self.held -= held;
                self.bytes -= bytes;
                Some(Item::Batch(batch))
            }
        }
    }

    fn put(&mut self, message: Message) -> Option<Item> {
        // Whoever names a batch that is not open, or no longer, speaks for itself.
        let parent = message.tags.get("batch").map(CompactString::from);
        let bytes: usize = message.params.iter().map(CompactString::len).sum();
        let Some(open) = parent.and_then(|parent| self.open.get_mut(&parent)) else {
            return Some(Item::Message(message));
        };
        if self.held < BATCH_MESSAGES_MAX && self.bytes + bytes <= BATCH_BYTES_MAX {
            self.held += 1;
            self.bytes += bytes;
            open.held += 1;
            open.bytes += bytes;
            open.batch.items.push(Item::Message(message));
        } else {
            open.batch.is_cut = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn take_all(lines: &[&str]) -> Vec<Item> {
        let mut batches = Batches::default();
        let messages = lines
            .iter()
            .map(|line| Message::parse(line.as_bytes()).unwrap());
        messages
            .filter_map(|message| batches.take(message))
            .collect()
    }

    #[test]
    fn a_batch_in_a_batch_is_one_item_of_it() {
        let items = take_all(&[
            "BATCH +h chathistory #a",
            "@batch=h PRIVMSG #a :one",
            "@batch=h BATCH +m draft/multiline #a",
            "@batch=m PRIVMSG #a :two",
            "PRIVMSG #a :live",
            "@batch=m PRIVMSG #a :three, ",
            "@batch=m;draft/multiline-concat PRIVMSG #a :still three",
            "BATCH -m",
            "BATCH -h",
        ]);
        let [Item::Message(live), Item::Batch(history)] = &items[..] else {
            panic!("{items:?}");
        };
        assert_eq!(live.params[1], "live");
        assert_eq!((history.kind(), history.target()), ("chathistory", "#a"));
        let Item::Batch(lines) = &history.items[1] else {
            panic!("{history:?}");
        };
        assert_eq!(lines.text(), "two\nthree, still three");
    }

    #[test]
    fn what_is_never_closed_holds_nothing_back_but_itself() {
        let items = take_all(&[
            "BATCH",
            "BATCH +a x",
            "@batch=b PING 1",
            "BATCH -c",
            "BATCH é",
        ]);
        assert_eq!(
            items,
            [Item::Message(
                Message::new("PING").tag("batch", "b").param("1")
            )]
        );
    }

    #[test]
    fn batches_in_batches_have_a_bound_in_depth_and_in_all() {
        let mut batches = Batches::default();
        let mut take = |line: &str| batches.take(Message::parse(line.as_bytes()).unwrap());
        // Each is closed into the next one: two are open at a time, and none gets deeper than the bound.
        take("BATCH +0 x");
        let mut complete = 0;
        for number in 0..10_000 {
            let next = number + 1;
            take(&format!("@batch={next} BATCH +{number} x"));
            take(&format!("@batch={number} BATCH +{next} x"));
            complete += usize::from(take(&format!("BATCH -{number}")).is_some());
        }
        assert!(complete > 0);
        for number in 0..BATCH_MESSAGES_MAX {
            take("@batch=a BATCH +b x");
            take(&format!("@batch=b PRIVMSG #a :{number}"));
            take("BATCH -b");
        }
        take("BATCH +a x");
        for _ in 0..3 {
            take("@batch=a BATCH +b x");
            for _ in 0..BATCH_MESSAGES_MAX {
                take("@batch=b PRIVMSG #a :x");
            }
            take("BATCH -b");
        }
        assert_eq!(batches.held, BATCH_MESSAGES_MAX);
        batches.take(Message::parse(b"BATCH -a").unwrap());
        assert_eq!(batches.held, 0);
    }
}
