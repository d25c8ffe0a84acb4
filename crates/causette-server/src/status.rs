//! How the server is: what is counted, whether it accepts and whether it records.

use crate::admin::{Watchers, Witnesses};
use crate::backup::Backups;
use crate::config::Config;
use crate::countdown::Coming;
use crate::engine::now;
use crate::engine::pipe::Pipe;
use crate::identity::certificate::Certificate;
use crate::log;
use crate::metrics::{Gauges, Metrics, SPOKEN, Spoken, place_of};
use crate::net::shortage::Resource;
use crate::resources::Lookout;
use causette_core::core::Counts;
use causette_core::limits::{COMMIT_RETRY_SECONDS, STUCK_SECONDS};
use causette_proto::Timestamp;
use causette_text::{Language, text_with};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What is known while the server runs.
#[derive(Debug)]
pub(crate) struct Status {
    started: Instant,
    /// Connections by what they speak.
    connections: [AtomicUsize; SPOKEN.len()],
    /// Connections to which everything was written and whose other end may not have read it yet.
    leaving: AtomicUsize,
    /// The last session, or the last that was leaving, has gone. Kept for the one who stops the server.
    empty: Notify,
    accepting: AtomicBool,
    stopping: AtomicBool,
    /// Until when the certificate is valid, in seconds since 1970.
    certificate_end: AtomicI64,
    certificate_trusted: AtomicBool,
    pipe: Arc<Pipe>,
    /// What the core had at its last tick, and when that was.
    counts: Mutex<(Counts, Instant)>,
    /// What only grows.
    pub(crate) metrics: Metrics,
    lookout: Lookout,
    /// What came of the backups that the server makes by itself.
    pub(crate) backups: Backups,
    /// Those who asked for the stop.
    pub(crate) witnesses: Witnesses,
    /// The stop that is to come.
    pub(crate) coming: Coming,
    /// Those who watch what happens.
    pub(crate) watchers: Watchers,
}

/// Why people cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The disk refuses.
    RecorderFails,
    /// The engine does not hear the clock, or the recorder does not come back from the disk.
    Stuck,
}

/// One connection that counts, until dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    status: Arc<Status>,
    spoken: Spoken,
}

/// One connection that is leaving, until dropped.
#[derive(Debug)]
pub(crate) struct Leaving(Arc<Status>);

impl Counted {
    /// Everything was written to it: it counts no more, and is leaving.
    pub(crate) fn leave(self) -> Leaving {
        self.status.leaving.fetch_add(1, Ordering::SeqCst);
        Leaving(self.status.clone())
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if self.0.leaving.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.empty.notify_one();
        }
    }
}

impl Status {
    /// A server that starts now.
    pub(crate) fn new(pipe: Arc<Pipe>) -> Self {
        Self {
            started: Instant::now(),
            connections: Default::default(),
            leaving: AtomicUsize::new(0),
            empty: Notify::new(),
            accepting: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            certificate_end: AtomicI64::new(0),
            certificate_trusted: AtomicBool::new(false),
            pipe,
            counts: Mutex::new((Counts::default(), Instant::now())),
            metrics: Metrics::new(),
            lookout: Lookout::default(),
            backups: Backups::default(),
            witnesses: Witnesses::default(),
            coming: Coming::default(),
            watchers: Watchers::default(),
        }
    }

    /// Counts one more connection, of which nothing is known yet.
    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        let spoken = Spoken::Unknown;
        self.connections[place_of(spoken)].fetch_add(1, Ordering::SeqCst);
        Counted {
            status: self.clone(),
            spoken,
        }
    }

    /// IRC connections at this moment.
    pub(crate) fn sessions(&self) -> usize {
        self.count_of(|spoken| matches!(spoken, Spoken::Irc(_)))
    }

    fn count_of(&self, counts: impl Fn(Spoken) -> bool) -> usize {
        let counted = SPOKEN.into_iter().zip(self.connections());
        counted
            .filter_map(|(spoken, count)| counts(spoken).then_some(count))
            .sum()
    }

    fn connections(&self) -> [usize; SPOKEN.len()] {
        std::array::from_fn(|place| self.connections[place].load(Ordering::SeqCst))
    }

    /// Counts one less.
    fn discount(&self, spoken: Spoken) {
        // In one order for all: of the last two, which may be of two transports, one must see that none is left.
        self.connections[place_of(spoken)].fetch_sub(1, Ordering::SeqCst);
        if self.sessions() == 0 {
            self.empty.notify_one();
        }
    }

    /// Waits until there is no session.
    pub(crate) async fn empty(&self) {
        while self.sessions() > 0 {
            self.empty.notified().await;
        }
    }

    /// Waits until nobody is leaving either.
    pub(crate) async fn left(&self) {
        while self.leaving.load(Ordering::SeqCst) > 0 {
            self.empty.notified().await;
        }
    }

    /// Whether nothing can be recorded at the moment.
    pub(crate) fn recorder_failing(&self) -> bool {
        self.pipe.failing()
    }

    /// Why nothing can be recorded, or answered, at the moment.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        if self.recorder_failing() {
            return Some(Trouble::RecorderFails);
        }
        let stuck = Duration::from_secs(STUCK_SECONDS);
        let silent = self.last_tick().1.elapsed();
        (silent > stuck || self.pipe.at_work() > stuck).then_some(Trouble::Stuck)
    }

    /// Whether engine and recorder go on. A recorder that fails tries again for a while and then ends the server by itself.
    pub(crate) fn answers(&self) -> bool {
        match self.trouble() {
            None => true,
            Some(Trouble::RecorderFails) => {
                let bound = Duration::from_secs(COMMIT_RETRY_SECONDS + STUCK_SECONDS);
                self.pipe.at_work() < bound
            }
            Some(Trouble::Stuck) => false,
        }
    }

    /// How it is, in a line.
    pub(crate) fn text(&self, language: Language) -> String {
        let key = match self.trouble() {
            None => "admin-status",
            Some(Trouble::RecorderFails) => "admin-status-failing",
            Some(Trouble::Stuck) => "admin-status-stuck",
        };
        let sessions = self.sessions().to_string();
        let seconds = self.started.elapsed().as_secs().to_string();
        let others = self.count_of(|spoken| !matches!(spoken, Spoken::Irc(_)));
        let others = others.to_string();
        let variables = [
            ("sessions", sessions.as_str()),
            ("others", &others),
            ("seconds", &seconds),
        ];
        text_with(language, key, &variables)
    }

    /// The same, for programs.
    pub(crate) fn data(&self) -> Value {
        let trouble = self.trouble().map(|trouble| match trouble {
            Trouble::RecorderFails => "recorder",
            Trouble::Stuck => "stuck",
        });
        let (counts, _) = self.last_tick();
        let certificate_end = self.certificate_end.load(Ordering::Relaxed);
        json!({
            "trouble": trouble,
            "accepting": self.accepting(),
            "stopping": self.stopping(),
            "uptime": self.started.elapsed().as_secs(),
            "sessions": self.sessions(),
            "people": counts.users,
            "accounts": counts.accounts,
            "rooms": counts.channels,
            "certificate_until": Timestamp::MIN.plus_seconds(certificate_end).to_string(),
        })
    }

    fn last_tick(&self) -> (Counts, Instant) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps until when the certificate is valid, and whether clients trust it by themselves.
    pub(crate) fn set_certificate(&self, certificate: &Certificate) {
        let (end, trusted) = (certificate.end.seconds(), certificate.trusted());
        self.certificate_end.store(end, Ordering::Relaxed);
        self.certificate_trusted.store(trusted, Ordering::Relaxed);
    }

    /// Says whether every listener accepts connections.
    pub(crate) fn set_accepting(&self, accepting: bool) {
        self.accepting.store(accepting, Ordering::Relaxed);
    }

    /// Whether every listener accepts connections. Not while the server stops.
    pub(crate) fn accepting(&self) -> bool {
        self.accepting.load(Ordering::Relaxed) && !self.stopping()
    }

    /// Says that the server stops.
    pub(crate) fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Keeps what the core has.
    pub(crate) fn set_counts(&self, counts: Counts) {
        let mut held = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, _) = std::mem::replace(&mut *held, (counts, Instant::now()));
        drop(held);
        let more = counts
            .checks_turned_away
            .saturating_sub(before.checks_turned_away);
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        let shortages = &self.metrics.shortages;
        shortages.turn_away_all(Resource::Checks, more, Instant::now());
    }

    /// Everything that is counted, as Prometheus wants it.
    pub(crate) async fn render(&self, config: &Config) -> String {
        let resources = self.lookout.look(config).await;
        let gauges = Gauges {
            connections: self.connections(),
            counts: self.last_tick().0,
            recorder_failing: self.recorder_failing(),
            log_lines_lost: log::lost(),
            resources,
            now: now(),
            certificate_end: self.certificate_end.load(Ordering::Relaxed),
            certificate_trusted: self.certificate_trusted.load(Ordering::Relaxed),
        };
        self.metrics.render(gauges, &self.backups)
    }
}

impl Counted {
    /// Counts it as what it speaks.
    pub(crate) fn speaks(&mut self, spoken: Spoken) {
        self.status.connections[place_of(spoken)].fetch_add(1, Ordering::SeqCst);
        self.status.discount(self.spoken);
        self.spoken = spoken;
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.status.discount(self.spoken);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::input::Transport;

    /// The engine has not been heard of for too long.
    pub(crate) fn silence_engine(status: &Status) {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(2 * STUCK_SECONDS));
        status.counts.lock().unwrap().1 = long_ago.unwrap();
    }

    #[test]
    fn a_server_is_well_while_its_engine_ticks_and_its_recorder_records() {
        let pipe = Arc::new(Pipe::default());
        let status = Status::new(pipe.clone());
        assert_eq!((status.trouble(), status.answers()), (None, true));
        pipe.set_failing(true);
        let failing = (Some(Trouble::RecorderFails), true);
        assert_eq!((status.trouble(), status.answers()), failing);
        pipe.set_failing(false);
        silence_engine(&status);
        let stuck = (Some(Trouble::Stuck), false);
        assert_eq!((status.trouble(), status.answers()), stuck);
        status.set_counts(Counts::default());
        assert_eq!((status.trouble(), status.answers()), (None, true));
    }

    #[test]
    fn who_has_said_nothing_yet_is_counted_and_is_no_session() {
        let status = Arc::new(Status::new(Arc::default()));
        let mut counted = status.count();
        let silent = status.count();
        assert_eq!(
            (status.connections(), status.sessions()),
            ([0, 0, 0, 0, 0, 2], 0)
        );
        let told = status.text(Language::En);
        assert!(
            told.contains("connections: 0; over HTTP, or silent so far: 2"),
            "{told}"
        );
        counted.speaks(Spoken::Http);
        assert_eq!(status.connections(), [0, 0, 0, 0, 1, 1]);
        counted.speaks(Spoken::Irc(Transport::Wss));
        assert_eq!(
            (status.connections(), status.sessions()),
            ([0, 0, 0, 1, 0, 1], 1)
        );
        drop((counted, silent));
        assert_eq!(status.connections(), [0; SPOKEN.len()]);
    }
}
