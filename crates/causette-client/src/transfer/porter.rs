//! Carries what the person wants carried, on a thread of its own: a slow disk or a large file holds up nobody's typing.

use super::carrier::WAIT_FIRST;
use super::job::{JOBS_MAX, Shelf, Target};
use super::site::Site;
use super::work::Work;
use crate::core::locale::Locale;
use crate::core::transfer::{Act, Audience, Listing, Setback, Source, Transfer, TransferId, Which};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// What waits to be heard or told, at most.
const WAITING: usize = 2 * JOBS_MAX;

/// How often it is told how far they are.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// What is wanted of the porter.
#[derive(Debug)]
pub(crate) enum Call {
    /// From now on, files are there.
    Site(Arc<Site>),
    /// Carry this.
    Carry(TransferId, Wanted),
    /// Take up what a client of ours has left behind.
    TakeUp,
    /// Something about a transfer.
    Act(TransferId, Act),
    /// The list of files.
    List(Which),
}

/// What is to be carried.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// A file to the server.
    Up {
        source: Source,
        /// Whether the file is a copy of ours, which goes with the job.
        is_ours: bool,
        /// What it is called, where not as it is here.
        name: Option<String>,
        audience: Audience,
    },
    /// A file from the server.
    Down { wanted: String, target: Target },
}

/// What the porter tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// How far a transfer is.
    Transfer(Transfer),
    /// A transfer that was to go on is not in hand: it was not even begun.
    NotHeld(TransferId),
    /// The files that there are, or why they are not told.
    Listing(Which, Result<Listing, Setback>),
}

/// The porter. Whatever it carries stops with it, and goes on with the next one.
#[derive(Debug)]
pub(crate) struct Porter {
    calls: mpsc::Sender<Call>,
    told: mpsc::Receiver<Told>,
    thread: Option<thread::JoinHandle<()>>,
}

/// How a porter works.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// Whether a verb wants something done.
    pub(crate) by_verb: bool,
    pub(crate) locale: Locale,
    pub(crate) wait_first: Duration,
}

impl Habits {
    pub(crate) fn new(locale: Locale, by_verb: bool) -> Self {
        Self {
            by_verb,
            locale,
            wait_first: WAIT_FIRST,
        }
    }
}

impl Porter {
    /// A porter who carries nothing yet.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn hire(shelf: Shelf, habits: Habits) -> std::io::Result<Self> {
        let (calls, mut called) = mpsc::channel(WAITING);
        let (tell, told) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let work = move || {
            runtime.block_on(async {
                let (mut work, mut ended) = Work::new(shelf, habits, tell);
                let mut beat = interval(TELL_EVERY);
                beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    tokio::select! {
                        call = called.recv() => match call {
                            Some(call) => work.call(call),
                            None => return,
                        },
                        Some((id, result)) = ended.recv() => work.over(&id, result),
                        _ = beat.tick() => work.tell_all(),
                    }
                }
            });
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new()
            .name("porter".to_owned())
            .spawn(work)?;
        Ok(Self {
            calls,
            told,
            thread: Some(thread),
        })
    }

    /// Says what is wanted; and whether it was heard.
    #[must_use]
    pub(crate) fn call(&self, call: Call) -> bool {
        self.calls.try_send(call).is_ok()
    }

    /// What it tells next. May be dropped while it waits.
    pub(crate) async fn told(&mut self) -> Told {
        match self.told.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }

    /// What it has told already.
    pub(crate) fn told_already(&mut self) -> Option<Told> {
        self.told.try_recv().ok()
    }

    /// Lets it put down what it carries, so that the next one finds it where it is.
    pub(crate) async fn dismiss(mut self) {
        self.rest().await;
    }

    /// The same, where it is still looked at.
    pub(crate) async fn rest(&mut self) {
        // Nothing listens at the other end of this one.
        self.calls = mpsc::channel(1).0;
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}
