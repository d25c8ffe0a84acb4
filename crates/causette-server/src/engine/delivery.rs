//! The delivery thread: acts on outputs whose records are committed, in their order.
//!
//! It never waits: outboxes take or overflow, work queues take or refuse. Whoever gets something of a batch is woken once, when
//! all of it is pushed: what belongs together leaves together.

use crate::admin::Obeyed;
use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::countdown::StopOrder;
use crate::engine::Arrival;
use crate::engine::answers::Questions;
use crate::engine::ticket::Tickets;
use crate::engine::work::WorkQueue;
use crate::files::chores::Chores;
use crate::net::session::SessionHandle;
use crate::net::shortage::Resource;
use crate::status::Status;
use causette_core::history::Read;
use causette_core::id::SessionId;
use causette_core::input::{Answer, Asker, By, Input, ReadOutcome};
use causette_core::output::{Ask, Deliver, Done, Output, Undone};
use causette_proto::Capabilities;
use causette_text::text;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

/// Sessions that delivery has not met yet. The engine puts each in before it handles its opening.
#[derive(Debug, Default)]
pub(crate) struct Newcomers(Mutex<Vec<Arc<SessionHandle>>>);

impl Newcomers {
    /// Announces one.
    pub(crate) fn push(&self, session: Arc<SessionHandle>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(session);
    }

    fn take(&self) -> Vec<Arc<SessionHandle>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Something that must be found out, for the pools of `answers`.
#[derive(Debug)]
pub(crate) struct Question {
    /// Who waits.
    pub(crate) asker: Asker,
    /// What is asked.
    pub(crate) ask: Ask,
}

/// A page to be read, for the pool of `reads`.
#[derive(Debug)]
pub(crate) struct PageRequest {
    /// What is asked.
    pub(crate) read: Box<Read>,
    /// Where it goes.
    pub(crate) session: Arc<SessionHandle>,
}

/// Where outputs go.
pub(crate) struct Delivery {
    /// The sessions that have not been closed.
    pub(crate) recipients: FxHashMap<SessionId, Recipient>,
    /// Those that have to be woken when the batch is pushed.
    pub(crate) touched: Vec<SessionId>,
    /// Those to come.
    pub(crate) newcomers: Arc<Newcomers>,
    /// The pools for questions.
    pub(crate) questions: Arc<Questions>,
    /// The pool for pages.
    pub(crate) pages: Arc<WorkQueue<PageRequest>>,
    /// What is to be done with the bytes of files.
    pub(crate) chores: Arc<Chores>,
    /// In which language pages say that they fail.
    pub(crate) live: Arc<Live>,
    /// Counts what finds no room.
    pub(crate) status: Arc<Status>,
    /// The administrators who wait.
    pub(crate) tickets: Arc<Tickets<Obeyed>>,
    /// Those who wait by HTTP.
    pub(crate) visits: Arc<Tickets<Result<Done, Undone>>>,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// Runs what would have to wait for the inbox.
    pub(crate) runtime: Handle,
    /// Asks for the stop, with its reason.
    pub(crate) stop: mpsc::Sender<StopOrder>,
    /// Asks for the configuration to be read again.
    pub(crate) reloads: mpsc::Sender<Requester>,
    /// Told when everything of the stop has been pushed.
    pub(crate) stopped: Arc<Notify>,
}

/// A session and how shared lines are encoded for it.
pub(crate) struct Recipient {
    session: Arc<SessionHandle>,
    enabled: Capabilities,
}

impl Delivery {
    /// Acts on batches until no more can come.
    pub(crate) fn run(mut self, batches: &std::sync::mpsc::Receiver<Vec<Output>>) {
        while let Ok(outputs) = batches.recv() {
            for session in self.newcomers.take() {
                self.recipients.insert(
                    session.id,
                    Recipient {
                        session,
                        enabled: Capabilities::EMPTY,
                    },
                );
            }
            for output in outputs {
                self.act(output);
            }
            self.wake();
        }
    }

    /// Wakes whoever has got something. Those that were closed since have been woken by that.
    fn wake(&mut self) {
        for session in self.touched.drain(..) {
            if let Some(recipient) = self.recipients.get(&session) {
                recipient.session.outbox.wake();
            }
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            // The recorder keeps records to itself.
            Output::Record(_) => {}
            Output::Deliver(deliver) => self.deliver(&deliver),
            Output::Send { session, bytes } => {
                if let Some(recipient) = self.recipients.get(&session)
                    && recipient.session.outbox.append(bytes)
                {
                    self.touched.push(session);
                }
            }
            Output::Capabilities { session, enabled } => {
                if let Some(recipient) = self.recipients.get_mut(&session) {
                    recipient.enabled = enabled;
                }
            }
            Output::Ask { asker, ask } => {
                if let Err(Question { asker, .. }) = self.questions.push(Question { asker, ask }) {
                    self.turn_away(Resource::LookUps);
                    self.tell(Input::Answer {
                        asker,
                        answer: Answer::Unavailable,
                    });
                }
            }
            Output::Read(read) => self.read(read),
            Output::Close { session } => {
                if let Some(recipient) = self.recipients.remove(&session) {
                    recipient.session.outbox.close();
                }
            }
            Output::Told { ticket, result } => self.tickets.tell(ticket, result),
            Output::Watched(watched) => self.status.watchers.tell(watched),
            Output::Visited { ticket, result } => self.visits.tell(ticket, result),
            Output::Reload { session } => {
                if self.reloads.try_send(Requester::Session(session)).is_err() {
                    self.tell(Input::Reloaded {
                        by: By::Session(session),
                        result: Err(text(self.live.language(), "admin-unavailable")),
                    });
                }
            }
            Output::Stop { reason } => {
                // A stop that is already under way needs no second one.
                let _ = self.stop.try_send(StopOrder::now(By::Server, reason));
            }
            Output::Permitted(permit) => self.chores.begin(*permit),
            Output::UploadCancelled(permit) => self.chores.cancel(permit),
            Output::ContentUnused(sha256) => self.chores.doubt(sha256),
            Output::Stopped => self.stopped.notify_one(),
        }
    }

    fn deliver(&mut self, deliver: &Deliver) {
        for session in deliver.to.iter() {
            if deliver.except == Some(*session) {
                continue;
            }
            let Some(recipient) = self.recipients.get(session) else {
                continue;
            };
            if recipient.enabled.contains_all(deliver.needs) {
                let line = deliver.line.encode(recipient.enabled);
                if recipient.session.outbox.append(line) {
                    self.touched.push(*session);
                }
            }
        }
    }

    fn read(&self, read: Box<Read>) {
        let Some(recipient) = self.recipients.get(&read.session) else {
            return;
        };
        // What others say meanwhile must not come before what was said earlier.
        recipient.session.outbox.keep_place();
        if let Err(PageRequest { read, session }) = self.pages.push(PageRequest {
            read,
            session: recipient.session.clone(),
        }) {
            self.turn_away(Resource::Reads);
            session
                .outbox
                .fill_place(read.encode_failure(self.live.language()));
            self.tell(Input::ReadDone {
                session: session.id,
                outcome: ReadOutcome::Failed,
            });
        }
    }

    fn turn_away(&self, resource: Resource) {
        self.status.metrics.shortages.turn_away(resource);
    }

    /// Puts an input into the inbox without waiting for it: the engine may be waiting for us. A session waits for one answer
    /// at a time, which bounds how many there are.
    fn tell(&self, input: Input) {
        let inbox = self.inbox.clone();
        self.runtime.spawn(async move {
            // Where the engine has ended nobody waits for it.
            let _ = inbox.send(Arrival::Input(input)).await;
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn an_operator_s_stop_and_reload_reach_those_who_do_them() {
        let (stop, mut stops) = mpsc::channel(1);
        let (reloads, mut reloads_asked) = mpsc::channel(1);
        let (inbox, mut arrivals) = mpsc::channel(1);
        let mut delivery = Delivery {
            recipients: FxHashMap::default(),
            touched: Vec::new(),
            newcomers: Arc::default(),
            questions: Arc::new(Questions::new(1)),
            chores: Arc::new(Chores::new(Arc::new(crate::files::Files::nowhere()))),
            pages: Arc::new(WorkQueue::new(1)),
            live: Arc::new(Live::new(Config::default())),
            status: Arc::new(Status::new(Arc::default())),
            tickets: Arc::default(),
            visits: Arc::default(),
            inbox,
            runtime: Handle::current(),
            stop,
            reloads,
            stopped: Arc::default(),
        };
        for reason in ["first", "second"] {
            delivery.act(Output::Stop {
                reason: reason.into(),
            });
        }
        let stop = stops.recv().await.unwrap();
        assert!(
            matches!(&stop, StopOrder::Stop { reason, .. } if reason == "first"),
            "{stop:?}"
        );
        for session in [1, 2] {
            delivery.act(Output::Reload {
                session: SessionId(session),
            });
        }
        let asker = reloads_asked.recv().await.unwrap();
        assert!(
            matches!(asker, Requester::Session(SessionId(1))),
            "{asker:?}"
        );
        // There was no room for the second, whose session would wait for ever.
        let arrival = arrivals.recv().await.unwrap();
        assert!(
            matches!(
                arrival,
                Arrival::Input(Input::Reloaded {
                    by: By::Session(SessionId(2)),
                    result: Err(_)
                })
            ),
            "{arrival:?}"
        );
    }
}
