//! Who waits for the core without a session: the administrator, and those who ask by HTTP. Each holds a ticket.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// The tickets that wait for an answer.
#[derive(Debug)]
pub(crate) struct Tickets<T> {
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<T>>>,
}

impl<T> Default for Tickets<T> {
    fn default() -> Self {
        Self {
            last: AtomicU64::new(0),
            waiting: Mutex::default(),
        }
    }
}

impl<T> Tickets<T> {
    /// A new ticket, and the answer to come.
    pub(crate) fn draw(&self) -> (u64, oneshot::Receiver<T>) {
        let ticket = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Who gave up waiting leaves a place; there are never more than the connections.
        waiting.retain(|_, sender| !sender.is_closed());
        waiting.insert(ticket, sender);
        (ticket, receiver)
    }

    /// Gives the one who waits the answer.
    pub(crate) fn tell(&self, ticket: u64, answer: T) {
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&ticket);
        if let Some(waiting) = waiting {
            // Who gave up waiting is not told.
            let _ = waiting.send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn a_ticket_finds_the_one_who_waits() {
        let tickets = Tickets::default();
        let (first, first_answer) = tickets.draw();
        let (second, second_answer) = tickets.draw();
        tickets.tell(second, "second");
        tickets.tell(first, "first");
        assert_eq!(first_answer.await.unwrap(), "first");
        assert_eq!(second_answer.await.unwrap(), "second");
    }
}
