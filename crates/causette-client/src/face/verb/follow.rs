//! How conversations are read from a place on, and on and on: nothing missing, nothing twice, in their order, whatever
//! happens to the connection, and without keeping what was shown.

mod beginning;

use super::ground::Ground;
use super::tail::{COUNT, Tail};
use super::tell_alert;
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::command::Command;
use crate::core::entry::{Entry, EntryId, What};
use crate::core::input::{Intent, Since};
use crate::core::is_unreadable;
use crate::core::limits::{HELD_MAX, PAGE, PATIENCE, READS_MAX, RECENT_MAX, RETRY_FIRST};
use crate::core::output::{Arrival, Output, Stretch};
use crate::exit::{Exit, Trouble};
use causette_proto::{CompactString, Timestamp};
use std::collections::VecDeque;
use tokio::time::timeout;

/// In whose place an alert stands.
const EVERYBODY: &str = "*";

/// Shows an entry of the conversation of that name.
pub type Show<'a> = dyn FnMut(&str, &Entry) -> Result<(), Trouble> + 'a;

/// Shows what was said, and goes on with what is being said if that is wanted.
///
/// # Errors
/// A conversation may not be read, the network fails, or what is shown cannot be shown.
pub async fn follow<G: Ground>(
    ground: &mut G,
    before: Vec<Output>,
    tail: &Tail,
    show: &mut Show<'_>,
) -> Result<Exit, Trouble> {
    let mut reader = Reader {
        // By the server's clock, in which everything is asked.
        seen: ground
            .client()
            .server_time()
            .unwrap_or_else(|| ground.now()),
        missed_since: None,
        not_told: None,
        ground,
        tail,
        show,
        threads: Vec::new(),
        has_begun: false,
        shown: 0,
    };
    let result = reader.run(before).await;
    let is_partly = reader.shown > 0;
    result.map_err(|trouble| match trouble.exit {
        Exit::Network | Exit::NotFound | Exit::Refused if is_partly => Trouble {
            exit: Exit::Partly,
            ..trouble
        },
        _ => trouble,
    })
}

/// A conversation that is shown.
struct Thread {
    target: CompactString,
    buffer: Option<BufferId>,
    /// The newest thing that was read in it: its name, and its moment. What comes next stands behind it.
    cursor: Option<CompactString>,
    time: Timestamp,
    /// Whether everything up to now was read, so that what comes is shown as it comes.
    is_live: bool,
    /// What came while something before it was still to be read, and whether it was too much to be kept.
    held: VecDeque<EntryId>,
    has_overflowed: bool,
    /// What was shown last: a server may send a message after the page that has it already.
    recent: VecDeque<CompactString>,
}

/// An answer to a question about the past: a page, or why there is none.
type Answer = Result<Stretch, (CompactString, String)>;

struct Reader<'a, 's, G> {
    ground: &'a mut G,
    tail: &'a Tail,
    show: &'a mut Show<'s>,
    threads: Vec<Thread>,
    /// Whether what is shown first has been chosen.
    has_begun: bool,
    /// The newest moment of which something is known.
    seen: Timestamp,
    /// The same when the connection was lost, until it is known who has said something since.
    missed_since: Option<Timestamp>,
    /// Why the server did not tell that.
    not_told: Option<String>,
    shown: usize,
}

impl<G: Ground> Reader<'_, '_, G> {
    async fn run(&mut self, before: Vec<Output>) -> Result<Exit, Trouble> {
        self.take_all(before)?;
        let mut targets = self.tail.targets.clone();
        if targets.is_empty() {
            targets = self.channels().await?;
        }
        let first = self.threads.len();
        for target in targets {
            let thread = self.thread(target, Timestamp::MIN);
            self.threads.push(thread);
        }
        self.has_begun = true;
        match (&self.tail.since, self.tail.count) {
            (None, count) => {
                for index in first..self.threads.len() {
                    self.last(index, count.unwrap_or(COUNT), None).await?;
                }
            }
            (Some(place), count) => self.since(first, &place.clone(), count).await?,
        }
        if !self.tail.follows {
            return Ok(Exit::Done);
        }
        let mut tries = 0;
        loop {
            while let Some(index) = self.threads.iter().position(|thread| !thread.is_live) {
                self.catch_up(index).await?;
            }
            tries = if self.missed_since.is_none() {
                0
            } else {
                tries
            };
            if let Some(why) = self.not_told.take() {
                self.pause(&mut tries, why).await?;
                self.ask_active();
                continue;
            }
            let outputs = self.next().await?;
            self.take_all(outputs)?;
        }
    }

    fn thread(&self, target: CompactString, time: Timestamp) -> Thread {
        Thread {
            buffer: self.ground.client().find(&target),
            target,
            cursor: None,
            time,
            is_live: false,
            held: VecDeque::new(),
            has_overflowed: false,
            recent: VecDeque::new(),
        }
    }

    /// The channels that the server opens by itself: entering them comes behind the greeting, and before this answer.
    async fn channels(&mut self) -> Result<Vec<CompactString>, Trouble> {
        let who = |ground: &G| {
            let client = ground.client();
            let here = client.buffers()[0].id;
            Intent::Command(here, Command::Who(Some(client.nick().into())))
        };
        self.ask(who, |output| match output {
            Output::People(_) | Output::Refused(..) => Ok(()),
            other => Err(other),
        })
        .await?;
        let channels = self.ground.client().buffers().iter();
        let channels = channels.filter(|buffer| buffer.kind == BufferKind::Channel);
        Ok(channels.map(|buffer| buffer.name.clone()).collect())
    }

    /// Waits for the answer to a question, which is asked again after a lost connection.
    async fn ask<T>(
        &mut self,
        make: impl Fn(&G) -> Intent,
        mut look: impl FnMut(Output) -> Result<T, Output>,
    ) -> Result<T, Trouble> {
        let mut is_asked = false;
        let mut outputs = Vec::new();
        loop {
            let mut found = None;
            for output in outputs {
                is_asked &= !matches!(output, Output::Arrival(Arrival::Welcome { .. }));
                match found {
                    Some(_) => self.take(output)?,
                    None => match look(output) {
                        Ok(answer) => found = Some(answer),
                        Err(other) => self.take(other)?,
                    },
                }
            }
            if let Some(found) = found {
                return Ok(found);
            }
            let link = self.ground.client().link();
            if !link.is_online() {
                if !self.tail.follows {
                    return Err(Trouble::new(Exit::Network, link.reason.clone()));
                }
                is_asked = false;
                outputs = self.next().await?;
            } else if !is_asked {
                is_asked = true;
                let intent = make(&*self.ground);
                outputs = self.ground.intend(intent);
            } else if self.tail.follows {
                outputs = self.next().await?;
            } else {
                outputs = match timeout(PATIENCE, self.ground.next()).await {
                    Ok(outputs) => outputs,
                    Err(_) => {
                        let locale = &self.ground.client().settings().locale;
                        return Err(Trouble::new(Exit::Network, locale.text("client-no-answer")));
                    }
                };
                self.ground.check()?;
            }
        }
    }

    async fn next(&mut self) -> Result<Vec<Output>, Trouble> {
        let outputs = self.ground.next().await;
        self.ground.check()?;
        Ok(outputs)
    }

    fn take_all(&mut self, outputs: Vec<Output>) -> Result<(), Trouble> {
        for output in outputs {
            self.take(output)?;
        }
        Ok(())
    }

    fn take(&mut self, output: Output) -> Result<(), Trouble> {
        match output {
            Output::Added(buffer, entry) if self.tail.follows => self.added(buffer, entry)?,
            Output::Added(..) => tell_alert(self.ground.client(), &output),
            Output::Arrival(Arrival::Welcome { .. }) => self.came_back(),
            Output::Arrival(Arrival::Refused(refused)) => {
                return Err(self.ground.refused(&refused));
            }
            Output::NotActive(why) => self.not_told = Some(why),
            Output::Active(people) => {
                let since = self.missed_since.take().unwrap_or(self.seen);
                for person in people {
                    let is_known = |thread: &Thread| {
                        let client = self.ground.client();
                        thread.buffer.is_some() && thread.buffer == client.find(&person)
                            || thread.target == person
                    };
                    if !self.threads.iter().any(is_known) {
                        let thread = self.thread(person, since);
                        self.threads.push(thread);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The connection is there again: everything is read on from where it was.
    fn came_back(&mut self) {
        for thread in &mut self.threads {
            thread.is_live = false;
            thread.held.clear();
            thread.has_overflowed = false;
        }
        if self.tail.follows && self.tail.targets.is_empty() && self.has_begun {
            self.not_told = None;
            self.ask_active();
        }
    }

    /// Asks who has said something since the connection was lost.
    fn ask_active(&mut self) {
        let since = *self.missed_since.get_or_insert(self.seen);
        // It asks, and tells nothing yet.
        drop(self.ground.intend(Intent::Active(since)));
    }

    /// Something was said just now.
    fn added(&mut self, buffer: BufferId, id: EntryId) -> Result<(), Trouble> {
        let Some(place) = self.ground.client().buffer(buffer) else {
            return Ok(());
        };
        let alert = place.timeline.get(id).filter(|entry| entry.is_alert());
        if let Some(alert) = alert.cloned() {
            // It is for everybody, wherever one reads.
            self.shown += 1;
            return (self.show)(EVERYBODY, &alert);
        }
        let (kind, name) = (place.kind, place.name.clone());
        let known = self
            .threads
            .iter()
            .position(|thread| thread.buffer == Some(buffer));
        let index = match known {
            Some(index) => index,
            None => {
                // What stands in a channel before one begins is read with the rest of it.
                let is_wanted = self.tail.targets.is_empty()
                    && (kind == BufferKind::Query || kind == BufferKind::Channel && self.has_begun);
                if !is_wanted {
                    return Ok(());
                }
                // Something may have been said there while nobody was connected.
                let since = self.missed_since.unwrap_or(self.seen);
                let mut thread = self.thread(name, since);
                thread.is_live = self.missed_since.is_none();
                self.threads.push(thread);
                self.threads.len() - 1
            }
        };
        let thread = &mut self.threads[index];
        if thread.is_live {
            return self.show_live(index, id);
        }
        thread.held.push_back(id);
        if thread.held.len() > HELD_MAX {
            thread.held.clear();
            thread.has_overflowed = true;
        }
        Ok(())
    }

    /// Shows what has come, if it is still there. Says by an error only that it cannot be shown.
    fn show_live(&mut self, index: usize, id: EntryId) -> Result<(), Trouble> {
        let thread = &self.threads[index];
        let place = thread.buffer.and_then(|id| self.ground.client().buffer(id));
        let Some(entry) = place.and_then(|place| place.timeline.get(id)).cloned() else {
            return Ok(());
        };
        self.put_once(index, &entry)
    }

    /// Shows an entry if it is to be shown and has not been.
    fn put_once(&mut self, index: usize, entry: &Entry) -> Result<(), Trouble> {
        let recent = &self.threads[index].recent;
        let is_known = |msgid: &CompactString| recent.contains(msgid);
        if entry.msgid.as_ref().is_some_and(is_known) {
            return Ok(());
        }
        self.put(index, entry)
    }

    /// Shows an entry if it is to be shown, and remembers how far one has come.
    fn put(&mut self, index: usize, entry: &Entry) -> Result<(), Trouble> {
        let is_event = matches!(entry.what, What::Presence { .. } | What::Change { .. });
        if entry.said().is_some() || (self.tail.events && is_event) {
            let place = self.threads[index].buffer;
            let place = place.and_then(|id| self.ground.client().buffer(id));
            let name = match place {
                Some(place) if place.kind != BufferKind::Server => place.name.clone(),
                _ => self.threads[index].target.clone(),
            };
            (self.show)(&name, entry)?;
            self.shown += 1;
        }
        self.passed(index, entry.msgid.as_ref(), entry.time);
        Ok(())
    }

    fn passed(&mut self, index: usize, msgid: Option<&CompactString>, time: Timestamp) {
        let thread = &mut self.threads[index];
        let Some(msgid) = msgid else {
            return;
        };
        self.seen = self.seen.max(time);
        thread.time = time;
        thread.cursor = Some(msgid.clone());
        thread.recent.push_back(msgid.clone());
        if thread.recent.len() > RECENT_MAX {
            thread.recent.pop_front();
        }
    }

    /// A page of a conversation, with fewer messages where they are more than can be taken at once.
    async fn page(
        &mut self,
        index: usize,
        since: impl Fn(usize) -> Since,
    ) -> Result<Answer, Trouble> {
        let target = self.threads[index].target.clone();
        let mut size = PAGE;
        loop {
            let intent = |_: &G| Intent::Read(target.clone(), since(size));
            let answer = self
                .ask(intent, |output| match output {
                    Output::Read(stretch) => Ok(Ok(*stretch)),
                    Output::NotRead(_, code, why) => Ok(Err((code, why))),
                    other => Err(other),
                })
                .await?;
            if let Ok(stretch) = &answer {
                self.threads[index].buffer = Some(stretch.buffer);
            }
            match answer {
                Ok(stretch) if stretch.is_cut && size > 1 => size /= 2,
                answer => return Ok(answer),
            }
        }
    }

    fn put_page(&mut self, index: usize, stretch: Stretch) -> Result<(), Trouble> {
        // A page that begins at a moment has all of it, also what was shown before.
        for entry in &stretch.entries {
            self.put_once(index, entry)?;
        }
        if let Some((msgid, time)) = stretch.marks.last() {
            self.passed(index, Some(msgid), *time);
        }
        let client = self.ground.client();
        let thread = &mut self.threads[index];
        let timeline = thread
            .buffer
            .and_then(|id| client.buffer(id))
            .map(|place| &place.timeline);
        let is_in_page = |id: &EntryId| {
            let entry = timeline.and_then(|timeline| timeline.get(*id));
            let msgid = entry.and_then(|entry| entry.msgid.as_ref());
            msgid.is_some_and(|msgid| stretch.marks.iter().any(|(mark, _)| mark == msgid))
        };
        thread.held.retain(|id| !is_in_page(id));
        Ok(())
    }

    /// The server could not tell something: waits before it is asked again, each time longer, until it has failed too often.
    /// What comes meanwhile is taken.
    async fn pause(&mut self, tries: &mut u32, why: String) -> Result<(), Trouble> {
        *tries += 1;
        if *tries == READS_MAX {
            return Err(Trouble::new(Exit::Refused, why));
        }
        let time = RETRY_FIRST * 2_u32.pow(*tries - 1);
        let begun = self.ground.now();
        loop {
            let left = time.saturating_sub(self.ground.now().since(begun));
            if left.is_zero() {
                return Ok(());
            }
            let Ok(outputs) = timeout(left, self.next()).await else {
                return Ok(());
            };
            self.take_all(outputs?)?;
        }
    }

    /// Reads on until nothing is missing, and shows what has come meanwhile.
    async fn catch_up(&mut self, index: usize) -> Result<(), Trouble> {
        let mut has_lost_place = false;
        let mut tries = 0;
        loop {
            let (cursor, time) = {
                let thread = &self.threads[index];
                (thread.cursor.clone(), thread.time)
            };
            let from = |size| match &cursor {
                Some(msgid) if !has_lost_place => Since::Msgid(msgid.clone(), size),
                _ => Since::Moment(time, size),
            };
            let stretch = match self.page(index, from).await? {
                Ok(stretch) => stretch,
                // The message that was the last is not kept any more: its moment is known.
                Err(_) if cursor.is_some() && !has_lost_place => {
                    has_lost_place = true;
                    continue;
                }
                // It may not be read any more; what comes is shown all the same.
                Err((code, _)) if is_unreadable(&code) => break,
                Err((_, why)) => {
                    self.pause(&mut tries, why).await?;
                    has_lost_place = false;
                    continue;
                }
            };
            tries = 0;
            let last = stretch.marks.last().map(|(mark, _)| mark.clone());
            let is_end = last.is_none() || last == cursor;
            if is_end && !self.threads[index].has_overflowed {
                break;
            }
            self.threads[index].has_overflowed = false;
            self.put_page(index, stretch)?;
            has_lost_place = false;
        }
        self.threads[index].is_live = true;
        for id in std::mem::take(&mut self.threads[index].held) {
            self.show_live(index, id)?;
        }
        Ok(())
    }
}
