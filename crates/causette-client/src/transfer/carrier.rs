//! Carries one job until it is done or cannot be: what passes by itself is waited for, and each try goes on where the last one was.

use super::fault::Halt;
use super::job::{Down, Job, Load, Shelf, Up};
use super::site::Site;
use crate::core::transfer::{Fault, Outcome, Setback, Stage, TransferId};
use aws_lc_rs::digest::{Context, SHA256};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The first wait before another try, and the longest; it doubles in between.
pub(crate) const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_LAST: Duration = Duration::from_secs(30);

/// Tries of a verb of which nothing has come before it gives up; what has begun to move goes on.
const TRIES_IN_VAIN: u32 = 6;

/// Bytes that are read at once from a file.
pub(crate) const READ_BYTES: usize = 256 * 1_024;

/// How far a job has come, as others see it.
#[derive(Debug)]
pub(crate) struct Gauge {
    done: AtomicU64,
    size: AtomicU64,
    name: Mutex<String>,
    stage: Mutex<Stage>,
}

impl Gauge {
    pub(crate) fn new(name: String, size: u64) -> Self {
        Self {
            done: AtomicU64::new(0),
            size: AtomicU64::new(size),
            name: Mutex::new(name),
            stage: Mutex::new(Stage::Waiting),
        }
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) fn set_done(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.done.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Relaxed)
    }

    pub(crate) fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Relaxed);
    }

    pub(crate) fn name(&self) -> String {
        self.name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_name(&self, name: &str) {
        name.clone_into(&mut self.name.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_stage(&self, stage: Stage) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }
}

/// What went to standard output, which nothing brings back.
pub(crate) struct Poured {
    pub(crate) count: u64,
    pub(crate) digest: Context,
}

/// What is carried, and how that is tried once.
pub(crate) trait Carried: Clone + Into<Load> + Send + Sized {
    /// One try, which goes on where the last one was.
    fn once(
        carrier: &mut Carrier<Self>,
        site: &Site,
    ) -> impl Future<Output = Result<Outcome, Halt>> + Send;

    /// What goes with a failure that stays.
    fn abandon(
        carrier: &mut Carrier<Self>,
        site: &Site,
        halt: &Halt,
    ) -> impl Future<Output = ()> + Send;
}

impl From<Up> for Load {
    fn from(up: Up) -> Self {
        Self::Up(up)
    }
}

impl From<Down> for Load {
    fn from(down: Down) -> Self {
        Self::Down(down)
    }
}

/// What a job needs to be carried.
#[derive(Debug)]
pub(crate) struct Means {
    pub(crate) shelf: Shelf,
    pub(crate) gauge: Arc<Gauge>,
    /// Where to; nowhere before the client is in.
    pub(crate) sites: watch::Receiver<Option<Arc<Site>>>,
    pub(crate) wait_first: Duration,
}

/// Carries one job.
pub(crate) struct Carrier<L> {
    id: TransferId,
    by_verb: bool,
    pub(crate) load: L,
    pub(crate) shelf: Shelf,
    pub(crate) gauge: Arc<Gauge>,
    sites: watch::Receiver<Option<Arc<Site>>>,
    wait_first: Duration,
    /// Bytes that the other side is known to have, or this one.
    pub(crate) confirmed: u64,
    /// How often it began anew because the server no longer knew it.
    pub(crate) beginnings: u32,
    pub(crate) poured: Poured,
}

/// Carries a job to its end.
pub(crate) async fn carry(job: Job, means: Means) -> Result<Outcome, Setback> {
    let (id, by_verb) = (job.id, job.by_verb);
    match job.load {
        Load::Up(up) => Carrier::new(id, by_verb, up, means).carry().await,
        Load::Down(down) => Carrier::new(id, by_verb, down, means).carry().await,
    }
}

impl<L: Carried> Carrier<L> {
    fn new(id: TransferId, by_verb: bool, load: L, means: Means) -> Self {
        let Means {
            shelf,
            gauge,
            sites,
            wait_first,
        } = means;
        Self {
            id,
            by_verb,
            load,
            shelf,
            gauge,
            sites,
            wait_first,
            confirmed: 0,
            beginnings: 0,
            poured: Poured {
                count: 0,
                digest: Context::new(&SHA256),
            },
        }
    }

    async fn carry(mut self) -> Result<Outcome, Setback> {
        let mut wait = self.wait_first;
        let mut tries_in_vain = 0;
        loop {
            let site = self.site().await?;
            let before = self.confirmed;
            let tried = L::once(&mut self, &site).await;
            let setback = match tried.map_err(Halt::settled) {
                Ok(outcome) => return Ok(outcome),
                // A script must not wait for ever for what was never there.
                Err(Halt::Passing(setback)) if self.by_verb && tries_in_vain >= TRIES_IN_VAIN => {
                    return Err(setback);
                }
                Err(Halt::Passing(setback)) => setback,
                Err(other) => {
                    L::abandon(&mut self, &site, &other).await;
                    return Err(other.setback());
                }
            };
            if self.confirmed > before {
                wait = self.wait_first;
            }
            tries_in_vain += u32::from(self.gauge.done() == 0);
            self.gauge.set_stage(Stage::Away(setback.text));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // The connection on which people talk is back: the network is, too.
                Ok(()) = self.sites.changed() => {}
            }
            wait = (wait * 2).min(WAIT_LAST);
        }
    }

    /// Where to carry it, once that is known.
    async fn site(&mut self) -> Result<Arc<Site>, Setback> {
        let known = self.sites.wait_for(Option::is_some).await;
        let site = known.ok().and_then(|site| site.clone());
        // Nobody waits for it any more.
        site.ok_or_else(|| Setback {
            kind: Fault::Network,
            text: String::new(),
        })
    }

    /// Keeps what is known of the job now.
    pub(crate) fn save(&self) -> Result<(), Halt> {
        let written = self.shelf.write(&Job {
            id: self.id.clone(),
            by_verb: self.by_verb,
            is_paused: false,
            load: self.load.clone().into(),
        });
        written.map_err(|error| Halt::staying(Fault::Here, format!("{error:#}")))
    }
}

/// A digest in hexadecimal digits.
pub(crate) fn hex(digest: Context) -> String {
    let digest = digest.finish();
    digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
            text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
            text
        })
}

/// The bytes that hexadecimal digits say.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}
