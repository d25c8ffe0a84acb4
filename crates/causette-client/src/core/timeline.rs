//! What is known of a conversation, in its order: live entries behind, pages of history where they belong.

use crate::core::entry::{Entry, EntryId, Movement, Redacted, Said, What};
use crate::core::limits::{ENTRIES_MAX, REACTIONS_MAX, TIMELINE_BYTES_MAX};
use causette_proto::{CompactString, Timestamp};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// The entries of one conversation.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    entries: VecDeque<Entry>,
    /// Bytes of what was said in them.
    bytes: usize,
    /// Every msgid among them, to know what a page brings again.
    msgids: FxHashSet<CompactString>,
}

/// Where the entries of a page go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all that is known, or behind the newest gap.
    Before(EntryId),
    /// Right behind an entry.
    After(EntryId),
    /// At the end.
    End,
}

impl Timeline {
    /// The entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator + Clone {
        self.entries.iter()
    }

    /// The messages that can be pointed at and answered, oldest first: what was said and the server has a name for.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        let can_be_named = |entry: &&Entry| entry.said().is_some() && entry.msgid.is_some();
        self.entries.iter().filter(can_be_named)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at a place counted from the oldest.
    pub fn at(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// An entry by its id. New ones are asked for most, so it is looked for from behind.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.id == id)
    }

    /// Where an entry is, counted from the oldest.
    pub fn position(&self, id: EntryId) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.id == id)
    }

    /// A message by its msgid.
    pub fn by_msgid(&self, msgid: &str) -> Option<&Entry> {
        if !self.msgids.contains(msgid) {
            return None;
        }
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.msgid.as_deref() == Some(msgid))
    }

    /// The newest entry that history can be asked from.
    pub fn newest_known(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.msgid.is_some())
    }

    /// The oldest entry that history can be asked from, of those behind the newest gap.
    pub fn oldest_known(&self) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .take_while(|entry| entry.what != What::Gap)
            .filter(|entry| entry.msgid.is_some())
            .last()
    }

    /// The newest gap.
    pub fn gap(&self) -> Option<EntryId> {
        let gap = self
            .entries
            .iter()
            .rev()
            .find(|entry| entry.what == What::Gap);
        gap.map(|entry| entry.id)
    }

    /// Appends what just happened. What is known already by its msgid changes nothing, and the answer is `false`.
    pub fn push(&mut self, entry: Entry) -> bool {
        if !self.admit(&entry) {
            return false;
        }
        self.entries.push_back(entry);
        self.trim();
        true
    }

    /// Puts a page, oldest first, where it belongs, without what is known already. Says how many were new.
    pub fn insert(&mut self, page: Vec<Entry>, place: Place) -> usize {
        let mut index = match place {
            Place::Before(id) => self.position(id).unwrap_or(0),
            Place::After(id) => self
                .position(id)
                .map_or(self.entries.len(), |index| index + 1),
            Place::End => self.entries.len(),
        };
        let mut added = 0;
        for entry in page {
            if self.admit(&entry) {
                self.entries.insert(index, entry);
                index += 1;
                added += 1;
            }
        }
        // A page that is read back is wanted at the top: what is trimmed then comes back when it is scrolled to.
        self.trim();
        added
    }

    /// Removes an entry: a gap that was closed.
    pub fn remove(&mut self, id: EntryId) {
        if let Some(index) = self.position(id)
            && let Some(entry) = self.entries.remove(index)
        {
            self.bytes -= entry.size;
            if let Some(msgid) = entry.msgid {
                self.msgids.remove(&msgid);
            }
        }
    }

    /// Whether all is known from a message up to now, without a gap.
    pub fn reaches(&self, msgid: &str) -> bool {
        let behind_gap = self
            .entries
            .iter()
            .rev()
            .take_while(|entry| entry.what != What::Gap);
        self.msgids.contains(msgid)
            && behind_gap
                .into_iter()
                .any(|entry| entry.msgid.as_deref() == Some(msgid))
    }

    /// Whether a msgid is among the entries.
    pub fn knows(&self, msgid: &str) -> bool {
        self.msgids.contains(msgid)
    }

    /// Marks a message as taken back. Says which entry it is.
    pub fn redact(&mut self, msgid: &str, by: CompactString, reason: String) -> Option<EntryId> {
        self.change(msgid, |said| {
            said.text.clear();
            said.reactions.clear();
            said.file = None;
            said.redacted = Some(Redacted { by, reason });
        })
    }

    /// Adds somebody's reaction to a message, or takes it away. Says which entry it is.
    pub fn react(&mut self, msgid: &str, nick: &str, emoji: &str, adds: bool) -> Option<EntryId> {
        self.change(msgid, |said| {
            let may_grow = said.reactions.len() < REACTIONS_MAX;
            let known = said.reactions.iter_mut().find(|(known, _)| known == emoji);
            match known {
                Some((_, people)) if adds => {
                    people.retain(|known| known != nick);
                    people.truncate(REACTIONS_MAX - 1);
                    people.push(nick.into());
                }
                Some((_, people)) => people.retain(|known| known != nick),
                None if adds && may_grow => {
                    said.reactions.push((emoji.into(), vec![nick.into()]));
                }
                None => {}
            }
            said.reactions.retain(|(_, people)| !people.is_empty());
        })
    }

    /// Whether somebody has reacted to a message with that emoji.
    pub(crate) fn has_reacted(&self, msgid: &str, nick: &str, emoji: &str) -> bool {
        let mut from_behind = self.entries.iter().rev();
        let entry = from_behind.find(|entry| entry.msgid.as_deref() == Some(msgid));
        let said = entry.and_then(Entry::said);
        let reactions = said.into_iter().flat_map(|said| &said.reactions);
        let mut of_emoji = reactions.filter(|(known, _)| known == emoji);
        of_emoji.any(|(_, people)| people.iter().any(|known| known == nick))
    }

    /// Whether what is known without a gap reaches back to a moment.
    pub(crate) fn reaches_back_to(&self, moment: Timestamp) -> bool {
        let behind_gap = self
            .entries
            .iter()
            .rev()
            .take_while(|entry| entry.what != What::Gap);
        let mut dated = behind_gap.into_iter().filter(|entry| entry.is_dated());
        dated.any(|entry| entry.time <= moment)
    }

    /// Where the first entry behind a moment stands, counted from the oldest.
    pub(crate) fn first_after(&self, moment: Timestamp) -> Option<usize> {
        let is_before = |entry: &Entry| entry.is_dated() && entry.time <= moment;
        let first = self.entries.iter().rposition(is_before);
        let first = first.map_or(0, |index| index + 1);
        (first < self.entries.len()).then_some(first)
    }

    /// Messages of others behind a moment, and how many of them name the person.
    pub fn unread_after(&self, read: Timestamp) -> (usize, usize) {
        let unread = self
            .entries
            .iter()
            .rev()
            // What the client itself says bears the time of this machine.
            .filter(|entry| entry.said().is_some())
            .take_while(|entry| entry.time > read)
            .filter_map(Entry::said)
            .filter(|said| said.counts_as_unread());
        unread.fold((0, 0), |(messages, mentions), said| {
            (messages + 1, mentions + usize::from(said.is_mention))
        })
    }

    fn change(&mut self, msgid: &str, change: impl FnOnce(&mut Said)) -> Option<EntryId> {
        if !self.msgids.contains(msgid) {
            return None;
        }
        let mut from_behind = self.entries.iter_mut().rev();
        let entry = from_behind.find(|entry| entry.msgid.as_deref() == Some(msgid))?;
        let What::Said(said) = &mut entry.what else {
            return None;
        };
        change(said);
        entry.revision += 1;
        Some(entry.id)
    }

    fn admit(&mut self, entry: &Entry) -> bool {
        let is_new = match &entry.msgid {
            Some(msgid) => self.msgids.insert(msgid.clone()),
            None => true,
        };
        if is_new {
            self.bytes += entry.size;
        }
        is_new
    }

    fn trim(&mut self) {
        let is_over = |timeline: &Self| {
            timeline.entries.len() > ENTRIES_MAX || timeline.bytes > TIMELINE_BYTES_MAX
        };
        while is_over(self) {
            let Some(entry) = self.entries.pop_front() else {
                return;
            };
            self.bytes -= entry.size;
            if let Some(msgid) = entry.msgid {
                self.msgids.remove(&msgid);
            }
        }
    }
}

impl Said {
    /// Whether it is something that the person may not have read: what others say and did not take back.
    pub fn counts_as_unread(&self) -> bool {
        !self.is_mine && self.redacted.is_none()
    }
}

impl Movement {
    /// Whether it makes people more.
    pub fn is_arrival(&self) -> bool {
        matches!(self, Self::Joined)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn said(id: u64, text: &str) -> Entry {
        Entry {
            id: EntryId(id),
            time: Timestamp(i64::try_from(id).unwrap()),
            msgid: Some(text.into()),
            what: What::Said(Said {
                text: text.to_owned(),
                ..Said::default()
            }),
            revision: 0,
            size: 1,
        }
    }

    fn texts(timeline: &Timeline) -> Vec<&str> {
        timeline
            .entries()
            .filter_map(Entry::said)
            .map(|said| said.text.as_str())
            .collect()
    }

    #[test]
    fn pages_go_where_they_belong() {
        let mut timeline = Timeline::default();
        assert!(timeline.push(said(1, "d")));
        assert!(timeline.push(said(2, "g")));
        assert!(!timeline.push(said(3, "g")), "it is known");
        let anchor = timeline.oldest_known().unwrap().id;
        assert_eq!(
            timeline.insert(
                vec![said(4, "b"), said(5, "c"), said(6, "d")],
                Place::Before(anchor)
            ),
            2
        );
        assert_eq!(
            timeline.insert(
                vec![said(7, "e"), said(8, "f"), said(9, "g")],
                Place::After(EntryId(1))
            ),
            2
        );
        assert_eq!(timeline.insert(vec![said(10, "h")], Place::End), 1);
        assert_eq!(texts(&timeline), ["b", "c", "d", "e", "f", "g", "h"]);
    }

    #[test]
    fn what_is_taken_back_loses_its_text_and_its_reactions() {
        let mut timeline = Timeline::default();
        timeline.push(said(1, "a"));
        assert_eq!(timeline.react("a", "bob", "👍", true), Some(EntryId(1)));
        timeline.react("a", "bob", "👍", true);
        timeline.react("a", "eve", "👍", true);
        timeline.react("a", "bob", "👍", false);
        let reactions = &timeline.get(EntryId(1)).unwrap().said().unwrap().reactions;
        assert_eq!(reactions, &[("👍".into(), vec!["eve".into()])]);
        timeline.redact("a", "eve".into(), String::new());
        let entry = timeline.get(EntryId(1)).unwrap();
        assert!(
            entry.said().unwrap().text.is_empty() && entry.said().unwrap().reactions.is_empty()
        );
        assert_eq!(entry.revision, 5);
        assert_eq!(
            timeline.redact("unknown", "eve".into(), String::new()),
            None
        );
    }

    #[test]
    fn a_conversation_has_a_bound_and_forgets_from_the_front() {
        let mut timeline = Timeline::default();
        for id in 0..ENTRIES_MAX as u64 + 3 {
            timeline.push(said(id, &format!("{id}")));
        }
        assert_eq!(timeline.len(), ENTRIES_MAX);
        assert!(!timeline.knows("2") && timeline.knows("3"));
    }

    proptest! {
        /// Whatever overlapping pages come in whatever order, every message is there once and in the room's order.
        #[test]
        fn overlapping_pages_keep_one_order(
            live in 1_usize..20,
            pages in proptest::collection::vec((0_usize..40, 1_usize..15), 0..12)
        ) {
            let total = 40;
            let mut timeline = Timeline::default();
            let mut id = 0;
            let mut next = |index: usize| {
                id += 1;
                said(id, &format!("{index:03}"))
            };
            for index in total - live..total {
                timeline.push(next(index));
            }
            for (_, length) in pages {
                // As the client asks: what came before the oldest that is known.
                let oldest = timeline.oldest_known().unwrap();
                let first: usize = oldest.msgid.as_deref().unwrap().parse().unwrap();
                let place = Place::Before(oldest.id);
                // Servers may give the anchor again.
                let page = (first.saturating_sub(length)..=first).map(&mut next).collect();
                timeline.insert(page, place);
            }
            let seen = texts(&timeline);
            prop_assert!(seen.is_sorted());
            let distinct: HashSet<_> = seen.iter().collect();
            prop_assert_eq!(distinct.len(), seen.len());
        }
    }
}
