//! What is shown first: the last messages, or all since a place.

use super::Reader;
use crate::core::entry::Entry;
use crate::core::input::Since;
use crate::core::is_unreadable;
use crate::core::limits::{ENTRIES_MAX, TIMELINE_BYTES_MAX};
use crate::core::output::Stretch;
use crate::exit::{Exit, Trouble};
use crate::face::verb::ground::Ground;
use crate::face::verb::tail::Place;
use causette_proto::{CompactString, Timestamp};
use std::collections::VecDeque;

impl<G: Ground> Reader<'_, '_, G> {
    /// The same where it must be readable.
    async fn readable(
        &mut self,
        index: usize,
        since: impl Fn(usize) -> Since,
    ) -> Result<Stretch, Trouble> {
        self.page(index, since).await?.map_err(|(code, why)| {
            let exit = if is_unreadable(&code) {
                Exit::NotFound
            } else {
                Exit::Refused
            };
            Trouble::new(exit, why)
        })
    }

    /// Shows all since a place, or the last of it.
    pub(super) async fn since(
        &mut self,
        first: usize,
        place: &Place,
        count: Option<usize>,
    ) -> Result<(), Trouble> {
        let mut home = None;
        let moment = match place {
            Place::Moment(moment) => *moment,
            Place::Msgid(msgid) => {
                let mut found = None;
                for index in first..self.threads.len() {
                    let around = |size: usize| Since::Around(msgid.clone(), size.min(3));
                    let time = match self.page(index, around).await? {
                        Ok(stretch) => {
                            let mut marks = stretch.marks.into_iter();
                            marks.find(|(mark, _)| mark == msgid).map(|(_, time)| time)
                        }
                        Err((code, why)) if code == "INVALID_TARGET" => {
                            return Err(Trouble::new(Exit::NotFound, why));
                        }
                        Err(_) => None,
                    };
                    if let Some(time) = time {
                        found = Some(time);
                        home = Some(index);
                        break;
                    }
                }
                found.ok_or_else(|| {
                    let locale = &self.ground.client().settings().locale;
                    let text = locale.text_with("client-no-such-message", &[("id", msgid)]);
                    Trouble::new(Exit::NotFound, text)
                })?
            }
        };
        for index in first..self.threads.len() {
            if let Some(count) = count {
                self.last(index, count, Some(moment)).await?;
                continue;
            }
            let newest = self.readable(index, |_| Since::Newest(1)).await?;
            let Some((end, _)) = newest.marks.into_iter().next_back() else {
                continue;
            };
            let from = match place {
                Place::Msgid(msgid) if home == Some(index) => Some(msgid.clone()),
                _ => None,
            };
            self.threads[index].time = moment;
            self.onwards(index, from, &end).await?;
        }
        Ok(())
    }

    /// Shows everything behind a message, or else behind the moment that was reached, up to another message and what comes
    /// in the same page behind it.
    async fn onwards(
        &mut self,
        index: usize,
        mut from: Option<CompactString>,
        end: &CompactString,
    ) -> Result<(), Trouble> {
        loop {
            let time = self.threads[index].time;
            let stretch = self
                .readable(index, |size| match &from {
                    Some(msgid) => Since::Msgid(msgid.clone(), size),
                    None => Since::Moment(time, size),
                })
                .await?;
            let has_end = stretch.marks.iter().any(|(mark, _)| mark == end);
            let last = stretch.marks.last().map(|(mark, _)| mark.clone());
            self.put_page(index, stretch)?;
            // Where nothing comes any more, or the same again, there is no more.
            if has_end || last.is_none() || last == from {
                return Ok(());
            }
            from = last;
        }
    }

    fn forget_held(&mut self, index: usize, until: Timestamp) {
        let client = self.ground.client();
        let thread = &mut self.threads[index];
        let place = thread.buffer.and_then(|id| client.buffer(id));
        thread.held.retain(|id| {
            let entry = place.and_then(|place| place.timeline.get(*id));
            entry.is_some_and(|entry| entry.time > until)
        });
    }

    /// Shows the last so many messages, of those behind a moment if there is one.
    pub(super) async fn last(
        &mut self,
        index: usize,
        count: usize,
        floor: Option<Timestamp>,
    ) -> Result<(), Trouble> {
        let first = |size: usize| Since::Newest(size.min(count.max(1)));
        let mut stretch = self.readable(index, first).await?;
        let newest = stretch.marks.last().cloned();
        if let Some((_, time)) = newest {
            // What came on the way to the page is in it, or before it.
            self.forget_held(index, time);
        }
        let is_below = |time: Timestamp| floor.is_some_and(|floor| time <= floor);
        // So many are kept to be shown in their order; what is newer than those is read once more.
        let mut kept: VecDeque<Entry> = VecDeque::new();
        let (mut messages, mut bytes) = (0, 0);
        let mut has_forgotten = false;
        loop {
            for entry in std::mem::take(&mut stretch.entries).into_iter().rev() {
                if messages == count || is_below(entry.time) {
                    break;
                }
                messages += usize::from(entry.said().is_some());
                bytes += entry.size;
                kept.push_front(entry);
                while kept.len() > ENTRIES_MAX || bytes > TIMELINE_BYTES_MAX {
                    bytes -= kept.pop_back().map_or(0, |entry| entry.size);
                    has_forgotten = true;
                }
            }
            let is_reached = stretch.marks.iter().any(|&(_, time)| is_below(time));
            let Some((oldest, _)) = stretch.marks.first().cloned() else {
                break;
            };
            if messages == count || is_reached {
                break;
            }
            let before = |size| Since::Before(oldest.clone(), size);
            stretch = self.readable(index, before).await?;
            if stretch
                .marks
                .first()
                .is_some_and(|(mark, _)| *mark == oldest)
            {
                break;
            }
        }
        for entry in &kept {
            self.put(index, entry)?;
        }
        let Some((end, time)) = newest else {
            return Ok(());
        };
        if has_forgotten {
            let from = kept.iter().rev().find_map(|entry| entry.msgid.clone());
            return self.onwards(index, from, &end).await;
        }
        self.passed(index, Some(&end), time);
        Ok(())
    }
}
