//! Messages that belong together, collected until they are complete.
//!
//! <https://ircv3.net/specs/extensions/batch>

use crate::core::limits::{BATCH_MESSAGES_MAX, BATCHES_MAX};
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
            text.push_str(line.params.get(1).map_or("", CompactString::as_str));
        }
        text
    }
}

/// The batches that are open.
#[derive(Debug, Default)]
pub(crate) struct Batches(FxHashMap<CompactString, Open>);

#[derive(Debug)]
struct Open {
    batch: Batch,
    parent: Option<CompactString>,
}

impl Batches {
    /// Takes a line; gives what is complete with it and belongs to no open batch.
    pub(crate) fn take(&mut self, message: Message) -> Option<Item> {
        let parent = message.tags.get("batch").map(CompactString::from);
        if message.command != "BATCH" {
            return self.put(parent, Item::Message(message));
        }
        let reference = message.params.first()?;
        match reference.split_at_checked(1)? {
            ("+", name) => {
                if self.0.len() < BATCHES_MAX {
                    let name = CompactString::from(name);
                    let batch = Batch {
                        opening: message,
                        items: Vec::new(),
                    };
                    self.0.insert(name, Open { batch, parent });
                }
                None
            }
            ("-", name) => {
                let open = self.0.remove(name)?;
                self.put(open.parent, Item::Batch(open.batch))
            }
            _ => None,
        }
    }

    /// Forgets all, as when the connection is lost.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn put(&mut self, parent: Option<CompactString>, item: Item) -> Option<Item> {
        // Whoever names a batch that is not open, or no longer, speaks for itself.
        let Some(open) = parent.and_then(|parent| self.0.get_mut(&parent)) else {
            return Some(item);
        };
        if open.batch.items.len() < BATCH_MESSAGES_MAX {
            open.batch.items.push(item);
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
}
