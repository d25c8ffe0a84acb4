//! A bounded queue of work between delivery and a pool of threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

/// Work that waits for a thread.
#[derive(Debug)]
pub(crate) struct WorkQueue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
    length_max: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    work: VecDeque<T>,
    ended: bool,
}

impl<T> WorkQueue<T> {
    /// An empty queue for up to `length_max` pieces.
    pub(crate) fn new(length_max: usize) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                work: VecDeque::new(),
                ended: false,
            }),
            changed: Condvar::new(),
            length_max,
        }
    }

    /// Puts a piece at the end, or gives it back when the queue is full or ended. Never waits.
    pub(crate) fn push(&self, piece: T) -> Result<(), T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.ended || waiting.work.len() >= self.length_max {
            return Err(piece);
        }
        waiting.work.push_back(piece);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for a piece and takes it; `None` when the queue has ended.
    pub(crate) fn take(&self) -> Option<T> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if waiting.ended {
                return None;
            }
            if let Some(piece) = waiting.work.pop_front() {
                return Some(piece);
            }
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Drops what waits, takes nothing more and lets the threads go.
    pub(crate) fn end(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.ended = true;
        waiting.work.clear();
        drop(waiting);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn work_is_bounded_and_comes_in_order() {
        let queue = WorkQueue::new(2);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(3));
        assert_eq!(queue.take(), Some(1));
        assert_eq!(queue.take(), Some(2));
    }

    #[test]
    fn the_end_lets_waiting_threads_go() {
        let queue = WorkQueue::<u8>::new(1);
        thread::scope(|scope| {
            let threads = [scope.spawn(|| queue.take()), scope.spawn(|| queue.take())];
            queue.end();
            for thread in threads {
                assert_eq!(thread.join().ok(), Some(None));
            }
        });
        assert_eq!(queue.push(1), Err(1));
    }
}
