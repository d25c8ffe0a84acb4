//! Moves the log's pages into the database on a thread and a connection of its own, so that no commit waits for it.
//!
//! Writing goes on meanwhile: what is moved is what was there when it began.
//! <https://www.sqlite.org/wal.html#concurrency>

use super::{Moved, moved};
use crate::engine::sqlite::connection;
use crate::error::{AppendError, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{Builder, JoinHandle};

/// The thread that moves.
#[derive(Debug)]
pub(crate) struct Mover {
    /// Dropped, it ends the thread.
    asks: Option<SyncSender<()>>,
    results: Receiver<Result<Moved, AppendError>>,
    is_moving: bool,
    thread: Option<JoinHandle<()>>,
}

impl Mover {
    pub(crate) fn start(location: &Path) -> Result<Self, StoreError> {
        // One is under way at a time.
        let (asks, asked) = sync_channel(1);
        let (told, results) = sync_channel(1);
        let location = location.to_owned();
        let thread = Builder::new()
            .name("pages".to_owned())
            .spawn(move || run(&location, &asked, &told))
            .map_err(|error| StoreError::Io(format!("a thread for the log's pages: {error}")))?;
        Ok(Self {
            asks: Some(asks),
            results,
            is_moving: false,
            thread: Some(thread),
        })
    }

    /// Lets it move what there is now, unless it is at work.
    pub(crate) fn ask(&mut self) {
        if let Some(asks) = &self.asks
            && !self.is_moving
        {
            // Where the thread has ended, the result says so.
            let _ = asks.send(());
            self.is_moving = true;
        }
    }

    /// Whether it is at work.
    pub(crate) fn is_moving(&self) -> bool {
        self.is_moving
    }

    /// What has come of it since it was asked.
    pub(crate) fn result(&mut self) -> Option<Result<Moved, AppendError>> {
        if !self.is_moving {
            return None;
        }
        let result = match self.results.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(ended()),
        };
        self.is_moving = false;
        Some(result)
    }

    /// The same, when it is done.
    pub(crate) fn wait(&mut self) -> Option<Result<Moved, AppendError>> {
        if !self.is_moving {
            return None;
        }
        self.is_moving = false;
        Some(self.results.recv().unwrap_or_else(|_| Err(ended())))
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            // A panic of it has been told where it happened.
            let _ = thread.join();
        }
    }
}

fn ended() -> AppendError {
    AppendError::Fatal("the thread that moves the log's pages has ended".to_owned())
}

fn run(location: &Path, asked: &Receiver<()>, told: &SyncSender<Result<Moved, AppendError>>) {
    let mut open: Option<Connection> = None;
    while asked.recv().is_ok() {
        let connection = match open.take() {
            Some(connection) => Ok(connection),
            None => connection::open(location),
        };
        let result = match connection {
            Ok(connection) => moved(&*open.insert(connection)),
            // Another attempt is made later, as after a reader in the way.
            Err(error) => Ok(Moved::HeldUp(error.to_string())),
        };
        if told.send(result).is_err() {
            return;
        }
    }
}
