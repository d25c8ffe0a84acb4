//! The bounded queue of lines that wait to be written to one connection.
//!
//! 1. Many push, one drains. Lines come out in the order in which they went in.
//! 2. Pushing never waits. A push onto less than the bound in bytes is taken whole, however large: who reads on is never
//!    closed for the size of one answer. A push onto the bound or more overflows: what waited is dropped, the last word is
//!    `ERROR :SendQ exceeded`, and the session must end. Nobody else notices. What waits is thus bounded by the bound and one
//!    push, which the core bounds.
//! 3. Closing lets out what was pushed before; what is pushed after is dropped.
//! 4. Bytes count until they are written, not until they are drained.
//! 5. An empty outbox holds no memory of its own.
//! 6. A place can be kept for a page that is still being read: what is pushed meanwhile comes out behind it.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Lines that one drain takes at most: enough for a full vectored write, and a bound on what a writer holds.
const DRAIN_LINES_MAX: usize = 256;

/// The last word to a session that does not read.
const OVERFLOW: Bytes = Bytes::from_static(b"ERROR :SendQ exceeded\r\n");

/// The lines that wait for one connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// There is something to drain, or the end has come. Kept for the one writer.
    filled: Notify,
    /// The outbox is no longer open. Kept for the one connection.
    closing: Notify,
    bytes_max: usize,
}

#[derive(Debug)]
struct Queue {
    lines: VecDeque<Bytes>,
    /// What was pushed behind the place that is kept.
    behind: Option<VecDeque<Bytes>>,
    bytes: usize,
    phase: Phase,
}

impl Queue {
    fn release(&mut self) {
        if let Some(mut behind) = self.behind.take() {
            self.lines.append(&mut behind);
        }
    }
}

/// How far an outbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Lines come in.
    Open,
    /// No further line comes in.
    Closed,
    /// It passed its bound.
    Overflowed,
}

impl Outbox {
    /// An empty one that takes pushes while it holds less than `bytes_max` bytes.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            queue: Mutex::new(Queue {
                lines: VecDeque::new(),
                behind: None,
                bytes: 0,
                phase: Phase::Open,
            }),
            filled: Notify::new(),
            closing: Notify::new(),
            bytes_max,
        }
    }

    /// Puts one or more whole lines at the end, and wakes the writer.
    pub(crate) fn push(&self, line: Bytes) {
        if self.append(line) {
            self.wake();
        }
    }

    /// Puts one or more whole lines at the end; says whether the writer has to be woken. Whoever has more to push for many
    /// does that once, behind all of it.
    #[must_use]
    pub(crate) fn append(&self, line: Bytes) -> bool {
        let mut queue = self.lock();
        if queue.phase != Phase::Open || line.is_empty() {
            return false;
        }
        let was_empty = queue.lines.is_empty();
        let overflowed = queue.bytes >= self.bytes_max;
        if overflowed {
            queue.phase = Phase::Overflowed;
            queue.lines = VecDeque::from([OVERFLOW]);
            queue.behind = None;
        } else {
            queue.bytes += line.len();
            if let Some(behind) = &mut queue.behind {
                behind.push_back(line);
                return false;
            }
            queue.lines.push_back(line);
        }
        drop(queue);
        if overflowed {
            self.closing.notify_one();
        }
        was_empty || overflowed
    }

    /// Wakes the writer.
    pub(crate) fn wake(&self) {
        self.filled.notify_one();
    }

    /// Keeps a place at the end for a page.
    pub(crate) fn keep_place(&self) {
        let mut queue = self.lock();
        if queue.phase == Phase::Open {
            queue.behind.get_or_insert_default();
        }
    }

    /// Puts the page into its place, or nothing when there is none, and lets out what was pushed behind it.
    pub(crate) fn fill_place(&self, page: Bytes) {
        let mut queue = self.lock();
        if queue.phase != Phase::Open {
            return;
        }
        if !page.is_empty() {
            queue.bytes += page.len();
            queue.lines.push_back(page);
        }
        queue.release();
        drop(queue);
        self.filled.notify_one();
    }

    /// Lets nothing more in.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        if queue.phase == Phase::Open {
            queue.phase = Phase::Closed;
            queue.release();
        }
        drop(queue);
        self.filled.notify_one();
        self.closing.notify_one();
    }

    /// Waits for lines and takes them; `None` when the outbox is closed and empty.
    pub(crate) async fn drain(&self) -> Option<VecDeque<Bytes>> {
        loop {
            {
                let mut queue = self.lock();
                if queue.lines.len() > DRAIN_LINES_MAX {
                    return Some(queue.lines.drain(..DRAIN_LINES_MAX).collect());
                }
                if !queue.lines.is_empty() {
                    return Some(std::mem::take(&mut queue.lines));
                }
                if queue.phase != Phase::Open {
                    return None;
                }
            }
            self.filled.notified().await;
        }
    }

    /// Gives back the room of drained lines that were written.
    pub(crate) fn written(&self, bytes: usize) {
        let mut queue = self.lock();
        queue.bytes = queue.bytes.saturating_sub(bytes);
    }

    /// Waits until the outbox is no longer open, and says how it ended.
    pub(crate) async fn ending(&self) -> Phase {
        loop {
            let phase = self.lock().phase;
            if phase != Phase::Open {
                return phase;
            }
            self.closing.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn line(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[tokio::test]
    async fn lines_come_out_in_order_and_closing_lets_them_out() {
        let outbox = Outbox::new(100);
        outbox.push(line("a"));
        outbox.push(line("b"));
        outbox.close();
        outbox.push(line("c"));
        assert_eq!(outbox.drain().await.unwrap(), [line("a"), line("b")]);
        assert_eq!(outbox.drain().await, None);
        assert_eq!(outbox.ending().await, Phase::Closed);
    }

    #[tokio::test]
    async fn what_is_pushed_while_a_page_is_read_comes_out_behind_it() {
        let outbox = Outbox::new(100);
        outbox.push(line("before"));
        outbox.keep_place();
        outbox.push(line("live 1"));
        outbox.push(line("live 2"));
        assert_eq!(outbox.drain().await.unwrap(), [line("before")]);
        outbox.fill_place(line("page"));
        outbox.push(line("live 3"));
        let expected = [line("page"), line("live 1"), line("live 2"), line("live 3")];
        assert_eq!(outbox.drain().await.unwrap(), expected);
        outbox.keep_place();
        outbox.push(line("live 4"));
        outbox.close();
        outbox.fill_place(line("too late"));
        assert_eq!(outbox.drain().await.unwrap(), [line("live 4")]);
        assert_eq!(outbox.drain().await, None);
    }

    #[tokio::test]
    async fn a_drain_is_bounded() {
        let outbox = Outbox::new(10_000);
        for _ in 0..DRAIN_LINES_MAX + 1 {
            outbox.push(line("a"));
        }
        assert_eq!(outbox.drain().await.unwrap().len(), DRAIN_LINES_MAX);
        assert_eq!(outbox.drain().await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn past_its_bound_only_the_last_word_is_left() {
        let outbox = Outbox::new(10);
        outbox.push(line("12345"));
        outbox.push(line("67890"));
        assert_eq!(outbox.drain().await.unwrap().len(), 2);
        outbox.push(line("x"));
        assert_eq!(
            outbox.ending().await,
            Phase::Overflowed,
            "drained bytes count until they are written"
        );
        outbox.push(line("y"));
        assert_eq!(outbox.drain().await.unwrap(), [OVERFLOW]);
        assert_eq!(outbox.drain().await, None);
    }

    #[tokio::test]
    async fn one_push_larger_than_the_bound_goes_to_who_reads_on() {
        let outbox = Outbox::new(10);
        for _ in 0..2 {
            outbox.push(line("123456789"));
            outbox.push(line("a page that is larger than the bound"));
            let drained = outbox.drain().await.unwrap();
            assert_eq!(drained.len(), 2);
            outbox.written(drained.iter().map(Bytes::len).sum());
        }
        outbox.push(line("a page that is larger than the bound"));
        outbox.push(line("x"));
        assert_eq!(outbox.ending().await, Phase::Overflowed);
    }

    #[tokio::test]
    async fn written_bytes_make_room() {
        let outbox = Outbox::new(10);
        for _ in 0..5 {
            outbox.push(line("1234567890"));
            assert_eq!(outbox.drain().await.unwrap().len(), 1);
            outbox.written(10);
        }
        outbox.close();
        assert_eq!(outbox.ending().await, Phase::Closed);
    }

    #[tokio::test]
    async fn a_push_wakes_the_writer() {
        let outbox = std::sync::Arc::new(Outbox::new(10));
        let writer = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.drain().await }
        });
        tokio::task::yield_now().await;
        outbox.push(line("a"));
        assert_eq!(writer.await.unwrap().unwrap(), [line("a")]);
    }
}
