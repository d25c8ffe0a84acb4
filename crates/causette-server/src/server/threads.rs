//! Which thread runs what.

use super::cores;
use crate::admin::Obeyed;
use crate::aside::give_way;
use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::countdown::StopOrder;
use crate::engine::answers::{self, Questions};
use crate::engine::delivery::{Delivery, Newcomers, Question};
use crate::engine::lookup::{Lookup, Outage};
use crate::engine::pipe::Pipe;
use crate::engine::ticket::Tickets;
use crate::engine::timepiece::Timepiece;
use crate::engine::work::WorkQueue;
use crate::engine::{Arrival, Engine, reads, recorder};
use crate::fault;
use crate::files::Files;
use crate::files::chores::Chores;
use crate::identity::scram::Decoy;
use crate::status::Status;
use causette_core::Core;
use causette_core::limits::{HASHERS, QUESTIONS_WAITING, READS_WAITING};
use causette_core::output::{Done, Outputs, Undone};
use causette_store::{Store, Writer};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{Notify, mpsc};

/// Batches between recorder and delivery: one waits while one is delivered.
const BATCHES_WAITING: usize = 1;

/// The name of the threads that hash passwords.
const HASHES: &str = "hashes";

/// The threads beside the runtime.
pub(crate) struct Threads {
    pub(crate) engine: JoinHandle<()>,
    pub(crate) recorder: JoinHandle<Writer>,
    pub(crate) delivery: JoinHandle<()>,
    pub(crate) pools: Vec<JoinHandle<()>>,
    /// Let the threads of the pools go.
    pub(crate) end_pools: Box<dyn FnOnce() + Send>,
}

/// What the threads share.
pub(super) struct Parts<'a> {
    pub(super) live: &'a Arc<Live>,
    pub(super) decoy: &'a Arc<Decoy>,
    pub(super) stop: mpsc::Sender<StopOrder>,
    pub(super) reloads: mpsc::Sender<Requester>,
    pub(super) pipe: Arc<Pipe>,
    pub(super) status: Arc<Status>,
    pub(super) inbox: &'a mpsc::Sender<Arrival>,
    pub(super) tickets: Arc<Tickets<Obeyed>>,
    pub(super) visits: Arc<Tickets<Result<Done, Undone>>>,
    pub(super) stopped: Arc<Notify>,
    pub(super) recorded: Arc<Notify>,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) files: Arc<Files>,
}

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    /// The system gives no thread, or the store nothing to read it by.
    pub(super) fn start(
        core: Core,
        outputs: Outputs,
        timepiece: Timepiece,
        arrivals: mpsc::Receiver<Arrival>,
        store: &Store,
        parts: &Parts<'_>,
    ) -> anyhow::Result<Self> {
        let newcomers = Arc::new(Newcomers::default());
        let questions = Arc::new(Questions::new(QUESTIONS_WAITING));
        let pages = Arc::new(WorkQueue::new(READS_WAITING));
        let chores = Arc::new(Chores::new(parts.files.clone()));
        let (deliver, batches) = std::sync::mpsc::sync_channel(BATCHES_WAITING);

        let readers = (cores() / 2).max(1);
        let outage = Arc::new(Outage::default());
        let lookup = || anyhow::Ok(Lookup::new(store.reader()?, outage.clone()));
        let mut pools = Vec::new();
        let mut answerer = |name, queue: &Arc<WorkQueue<Question>>| {
            let (queue, live, inbox) = (queue.clone(), parts.live.clone(), parts.inbox.clone());
            let (reader, status) = (lookup()?, parts.status.clone());
            let decoy = parts.decoy.clone();
            let thread = spawn(name, move || {
                if name == HASHES {
                    give_way();
                }
                let failures = &status.metrics.sign_in_failures;
                answers::run(&queue, &live, &decoy, failures, reader, &inbox)
            })?;
            pools.push(thread);
            anyhow::Ok(())
        };
        // One core is left to the chat, where there are two.
        for _ in 0..readers.min(HASHERS) {
            answerer(HASHES, &questions.hashes)?;
        }
        answerer("tokens", &questions.tokens)?;
        answerer("messages", &questions.messages)?;
        for _ in 0..readers {
            let (pages, live, inbox) = (pages.clone(), parts.live.clone(), parts.inbox.clone());
            let reader = lookup()?;
            pools.push(spawn("reads", move || {
                reads::run(&pages, reader, &live, &inbox)
            })?);
        }

        let begun = chores.clone();
        pools.push(spawn("files", move || begun.run())?);

        let delivery = Delivery {
            recipients: FxHashMap::default(),
            touched: Vec::new(),
            newcomers: newcomers.clone(),
            questions: questions.clone(),
            pages: pages.clone(),
            chores: chores.clone(),
            live: parts.live.clone(),
            status: parts.status.clone(),
            stop: parts.stop.clone(),
            reloads: parts.reloads.clone(),
            tickets: parts.tickets.clone(),
            visits: parts.visits.clone(),
            inbox: parts.inbox.clone(),
            runtime: parts.runtime.clone(),
            stopped: parts.stopped.clone(),
        };
        let delivery = spawn("delivery", move || delivery.run(&batches))?;

        let mut writer = store.writer()?;
        let (pipe, inbox, deliver_recorded) =
            (parts.pipe.clone(), parts.inbox.clone(), deliver.clone());
        let (recorded, status) = (parts.recorded.clone(), parts.status.clone());
        let recorder = spawn("recorder", move || {
            let append = |batch, records: &[_]| recorder::append(&mut writer, batch, records);
            // A full inbox keeps the engine awake anyhow.
            let wake = || drop(inbox.try_send(Arrival::Wake));
            if let Err(reason) =
                recorder::run(&pipe, append, &deliver_recorded, wake, &status.metrics)
            {
                fault::exit("recorder.failed", &reason);
            }
            recorded.notify_one();
            writer
        })?;

        let engine = Engine::new(
            core,
            outputs,
            timepiece,
            parts.pipe.clone(),
            newcomers,
            deliver,
            parts.status.clone(),
        );
        let engine = spawn("engine", move || engine.run(arrivals))?;
        let end_pools = Box::new(move || {
            questions.end();
            pages.end();
            chores.end();
        });
        Ok(Self {
            engine,
            recorder,
            delivery,
            pools,
            end_pools,
        })
    }
}

/// Starts a thread, without which the server cannot go on.
fn spawn<T: Send + 'static>(
    name: &'static str,
    body: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(move || fault::guard(name, body))
}
