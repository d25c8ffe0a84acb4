//! What the writer remembers of the rows as they were after the last commit, and what it has to read for a batch.

use super::row::{HeadRow, Secret};
use crate::register::{Subject, Tag};
use aws_lc_rs::hmac;
use causette_core::id::{Room, UserId};
use causette_core::record::{Fact, Record};
use causette_proto::{CompactString, Timestamp};
use std::collections::{HashMap, HashSet};

/// Rooms, and conversations, that are remembered; when there are more, all are forgotten and read again.
const REMEMBERED: usize = 16_384;

/// Tags that are remembered; when there are more, all are forgotten and made again.
const TAGS_REMEMBERED: usize = 65_536;

/// What is remembered.
#[derive(Debug)]
pub(crate) struct Known {
    next_entry: i64,
    /// The id of the next conversation: the store's own ids go down from -1, so that they never meet one of the core.
    next_room: i64,
    heads: HashMap<i64, Head>,
    conversations: HashMap<(UserId, UserId), Conversation>,
    keys: HashMap<String, Secret>,
    month: Option<Month>,
}

/// What must be read before a batch can be planned. What is not found then is not there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) rooms: Vec<i64>,
    pub(crate) conversations: Vec<(UserId, UserId)>,
    pub(crate) months: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    row: HeadRow,
    /// Whether anything of it is from a closed time.
    was_closed: bool,
    /// Whether it has moved since it was last settled.
    moved: bool,
}

/// A direct conversation. The core knows it by its two people; here it is a room like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// The id of its room; `None` until something is said in it.
    pub(crate) room: Option<i64>,
    pub(crate) people: [Person; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) has_account: bool,
    /// The nickname under which a guest last wrote.
    pub(crate) nick: Option<CompactString>,
}

/// The key of the tags of one month (UTC), and the tags made with it.
#[derive(Debug)]
struct Month {
    name: String,
    /// The last day that was found to lie in this month, in days since 1970.
    day: i64,
    key: hmac::Key,
    tags: HashMap<Subject, Tag>,
}

impl Known {
    pub(crate) fn new(next_entry: i64, next_room: i64) -> Self {
        Self {
            next_entry,
            next_room,
            heads: HashMap::new(),
            conversations: HashMap::new(),
            keys: HashMap::new(),
            month: None,
        }
    }

    /// What has to be read for these records.
    pub(crate) fn missing(&mut self, records: &[Record]) -> Missing {
        if self.heads.len() >= REMEMBERED {
            self.heads.clear();
            // A conversation that is known has a head that is known.
            self.conversations.clear();
        }
        let mut missing = Missing::default();
        let (mut rooms, mut conversations) = (HashSet::new(), HashSet::new());
        let mut day = self.month.as_ref().map(|month| month.day);
        for record in records {
            if day != Some(day_of(record.time)) {
                day = Some(day_of(record.time));
                let month = month_of(record.time);
                if !self.keys.contains_key(&month) && !missing.months.contains(&month) {
                    missing.months.push(month);
                }
            }
            let Fact::Event { rooms: seen, .. } = &record.fact else {
                continue;
            };
            for room in seen {
                match *room {
                    Room::Channel(id) => {
                        let id = id.0.cast_signed();
                        if !self.heads.contains_key(&id) && rooms.insert(id) {
                            missing.rooms.push(id);
                        }
                    }
                    Room::Direct(low, high) => {
                        let pair = (low, high);
                        if !self.conversations.contains_key(&pair) && conversations.insert(pair) {
                            missing.conversations.push(pair);
                        }
                    }
                }
            }
        }
        missing
    }

    /// A room, and whether anything of it is from a closed time.
    pub(crate) fn room_read(&mut self, row: HeadRow, was_closed: bool) {
        let head = Head {
            row,
            was_closed,
            moved: false,
        };
        self.heads.insert(row.room, head);
    }

    pub(crate) fn conversation_read(&mut self, conversation: Conversation) {
        let [low, high] = &conversation.people;
        self.conversations.insert((low.id, high.id), conversation);
    }

    pub(crate) fn month_read(&mut self, month: String, secret: Secret) {
        self.keys.insert(month, secret);
    }

    pub(super) fn next_entry(&self) -> i64 {
        self.next_entry
    }

    pub(super) fn take_entry(&mut self) -> i64 {
        self.next_entry += 1;
        self.next_entry - 1
    }

    pub(super) fn take_room(&mut self) -> i64 {
        self.next_room -= 1;
        self.next_room + 1
    }

    pub(super) fn conversation(&mut self, low: UserId, high: UserId) -> Option<&mut Conversation> {
        self.conversations.get_mut(&(low, high))
    }

    /// A room's head, which moves, and whether it has moved before.
    pub(super) fn moving(&mut self, room: i64) -> Option<(&mut HeadRow, bool)> {
        let head = self.heads.get_mut(&room)?;
        let before = head.moved;
        head.moved = true;
        Some((&mut head.row, before))
    }

    /// Something of a room is from a closed time: whether that is the first of it.
    pub(super) fn is_first_closed(&mut self, room: i64) -> bool {
        let head = self.heads.get_mut(&room);
        head.is_some_and(|head| !std::mem::replace(&mut head.was_closed, true))
    }

    /// A head that has moved, as it is written now.
    pub(super) fn settled(&mut self, room: i64) -> Option<HeadRow> {
        let head = self.heads.get_mut(&room)?;
        head.moved = false;
        Some(head.row)
    }

    pub(super) fn has_key(&self, month: &str) -> bool {
        self.keys.contains_key(month)
    }

    /// The pseudonym of a subject at a time. `None` where the key of that month is not known.
    pub(super) fn tag(&mut self, time: Timestamp, subject: &Subject) -> Option<Tag> {
        let month = self.month(time)?;
        if let Some(tag) = month.tags.get(subject) {
            return Some(*tag);
        }
        if month.tags.len() >= TAGS_REMEMBERED {
            month.tags.clear();
        }
        let tag = Tag::new(&month.key, &subject.to_string());
        month.tags.insert(subject.clone(), tag);
        Some(tag)
    }

    fn month(&mut self, time: Timestamp) -> Option<&mut Month> {
        let day = day_of(time);
        let month = match self.month.take() {
            Some(month) if month.day == day => month,
            earlier => {
                let name = month_of(time);
                match earlier {
                    Some(month) if month.name == name => Month { day, ..month },
                    _ => {
                        let secret = self.keys.get(&name)?;
                        Month {
                            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
                            name,
                            day,
                            tags: HashMap::new(),
                        }
                    }
                }
            }
        };
        Some(self.month.insert(month))
    }
}

fn day_of(time: Timestamp) -> i64 {
    const SECONDS_PER_DAY: i64 = 86_400;
    time.seconds().div_euclid(SECONDS_PER_DAY)
}

/// The month of a time, as its key is called.
pub(crate) fn month_of(time: Timestamp) -> String {
    time.to_string()[.."YYYY-MM".len()].to_owned()
}
