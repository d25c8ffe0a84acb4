//! What is counted while the server runs, and how Prometheus reads it.
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>
//!
//! Names nobody and nothing that anyone said: only numbers.

use crate::backup::Backups;
use crate::net::shortage::{Inbox, RESOURCES, Shortages};
use crate::resources::Resources;
use causette_core::core::Counts;
use causette_core::input::Transport;
use causette_core::settings::Settings;
use causette_proto::Timestamp;
use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The media type of what [`Metrics::render`] writes.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a connection speaks, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// IRC, in a session.
    Irc(Transport),
    /// HTTP: it asks for pages.
    Http,
    /// It has not said so yet, or may not come in.
    Unknown,
}

/// All of them, in the order in which they are counted.
pub(crate) const SPOKEN: [Spoken; 6] = [
    Spoken::Irc(Transport::Irc),
    Spoken::Irc(Transport::Ircs),
    Spoken::Irc(Transport::Ws),
    Spoken::Irc(Transport::Wss),
    Spoken::Http,
    Spoken::Unknown,
];

impl Spoken {
    /// Its name, as a label.
    fn name(self) -> &'static str {
        match self {
            Self::Irc(transport) => transport.name(),
            Self::Http => "http",
            Self::Unknown => "unknown",
        }
    }
}

/// What the engine handles, by name, in the order of [`Metrics::inputs`].
pub(crate) const INPUTS: [&str; 19] = [
    "opened",
    "refused",
    "line",
    "bad-line",
    "closed",
    "answer",
    "read-done",
    "tick",
    "recorder-failing",
    "admin",
    "panicked",
    "reloaded",
    "stop",
    "visit",
    "trusted",
    "arrived",
    "permits",
    "offered",
    "contents",
];

/// Upper bounds of the times that one input takes: a slow one holds up everybody.
const HANDLING_MICROS: &[u64] = &[
    10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 25_000, 100_000,
];

/// Upper bounds of the times that one commit takes.
const COMMIT_MICROS: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000,
];

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts one more.
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    /// Counts so many more.
    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long something takes, as a count for each range.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above them all.
    counts: Box<[Counter]>,
    micros: Counter,
}

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| Counter::default()).collect(),
            micros: Counter::default(),
        }
    }

    /// Counts one time.
    pub(crate) fn observe(&self, elapsed: Duration) {
        let micros = elapsed.as_micros();
        let place = self
            .bounds
            .partition_point(|bound| u128::from(*bound) < micros);
        self.counts[place].increment();
        self.micros
            .add(usize::try_from(micros).unwrap_or(usize::MAX));
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: f64,
    /// What the engine has handled, by the place of its name in [`INPUTS`].
    pub(crate) inputs: [Counter; INPUTS.len()],
    /// How long each took.
    pub(crate) handling: Histogram,
    /// Batches that were committed.
    pub(crate) batches: Counter,
    /// Messages in them.
    pub(crate) messages: Counter,
    /// How long each commit took, attempts that failed included.
    pub(crate) commits: Histogram,
    /// Sessions that were closed because they did not read.
    pub(crate) overflows: Counter,
    /// Passwords that were checked and wrong.
    pub(crate) sign_in_failures: Counter,
    /// Steps of the wall clock.
    pub(crate) clock_steps: Counter,
    /// Who found nothing left of what they needed.
    pub(crate) shortages: Shortages,
    /// Whether the engine keeps up.
    pub(crate) inbox: Inbox,
    /// Bytes that came from sessions, after TLS.
    pub(crate) received: Counter,
    /// Bytes that went to sessions, before TLS.
    pub(crate) sent: Counter,
    /// The time of the newest record, in microseconds; 0 before the first.
    newest: AtomicI64,
}

/// What is so at the moment of asking, and counted elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gauges {
    /// Connections by what they speak, in the order of [`place_of`].
    pub(crate) connections: [usize; SPOKEN.len()],
    /// What the core had at its last tick.
    pub(crate) counts: Counts,
    /// Whether nothing can be recorded.
    pub(crate) recorder_failing: bool,
    /// Lines of the log that were lost.
    pub(crate) log_lines_lost: u64,
    /// What the process uses of the machine.
    pub(crate) resources: Resources,
    /// What the clock says.
    pub(crate) now: Timestamp,
    /// Until when the certificate is valid, in seconds since 1970.
    pub(crate) certificate_end: i64,
    /// Whether clients trust it by themselves.
    pub(crate) certificate_trusted: bool,
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started: started.unwrap_or_default().as_secs_f64(),
            inputs: Default::default(),
            handling: Histogram::new(HANDLING_MICROS),
            batches: Counter::default(),
            messages: Counter::default(),
            commits: Histogram::new(COMMIT_MICROS),
            overflows: Counter::default(),
            sign_in_failures: Counter::default(),
            clock_steps: Counter::default(),
            shortages: Shortages::default(),
            inbox: Inbox::default(),
            received: Counter::default(),
            sent: Counter::default(),
            newest: AtomicI64::new(0),
        }
    }

    /// Keeps the time of the newest record.
    pub(crate) fn recorded_until(&self, time: Timestamp) {
        self.newest.store(time.0, Ordering::Relaxed);
    }

    /// All of it, as Prometheus wants it.
    pub(crate) fn render(&self, gauges: Gauges, backups: &Backups) -> String {
        let mut page = Exposition::default();
        let version = Settings::default().version;
        page.family("build_info", "gauge", "The version that runs.");
        page.line("build_info", &format!("version=\"{version}\""), 1);
        page.family(
            "start_time_seconds",
            "gauge",
            "When the server started, in seconds since 1970.",
        );
        page.line("start_time_seconds", "", self.started);
        page.family(
            "connections",
            "gauge",
            "Connections at this moment, by what they speak; unknown is who has not said so yet.",
        );
        for (spoken, count) in SPOKEN.iter().zip(gauges.connections) {
            let label = format!("transport=\"{}\"", spoken.name());
            page.line("connections", &label, count);
        }
        let Counts {
            users,
            accounts,
            channels,
            operators,
            checks_waiting,
            checks_turned_away: _,
        } = gauges.counts;
        for (name, help, count) in [
            ("users", "People online, or always on.", users),
            ("accounts", "Accounts.", accounts),
            ("channels", "Open channels.", channels),
            (
                "operators",
                "Connections of operators of the server.",
                operators,
            ),
            (
                "checks_waiting",
                "Passwords that wait for their turn to be checked or hashed.",
                checks_waiting,
            ),
        ] {
            page.family(name, "gauge", help);
            page.line(name, "", count);
        }
        page.family(
            "recorder_failing",
            "gauge",
            "1 while nothing can be recorded.",
        );
        page.line("recorder_failing", "", u8::from(gauges.recorder_failing));
        page.family(
            "log_lines_lost_total",
            "counter",
            "Lines of the log that could not be written, or had no room to wait.",
        );
        page.line("log_lines_lost_total", "", gauges.log_lines_lost);
        self.render_machine(&mut page, &gauges);
        backups.render(&mut page);
        page.family(
            "certificate_end_seconds",
            "gauge",
            "Until when the certificate is valid, in seconds since 1970.",
        );
        page.line("certificate_end_seconds", "", gauges.certificate_end);
        page.family(
            "certificate_trusted",
            "gauge",
            "1 where clients trust the certificate by themselves.",
        );
        page.line(
            "certificate_trusted",
            "",
            u8::from(gauges.certificate_trusted),
        );
        page.family(
            "inputs_total",
            "counter",
            "What the engine has handled, by kind; line is what people send.",
        );
        for (name, counter) in INPUTS.iter().zip(&self.inputs) {
            page.line("inputs_total", &format!("kind=\"{name}\""), counter.value());
        }
        page.histogram(
            "handling_seconds",
            "Time that the engine takes for one input.",
            &self.handling,
        );
        page.counter(
            "batches_total",
            "Batches that were committed.",
            &self.batches,
        );
        page.counter(
            "messages_total",
            "Messages that were recorded.",
            &self.messages,
        );
        page.histogram(
            "commit_seconds",
            "Time that the commit of one batch takes.",
            &self.commits,
        );
        page.counter(
            "outbox_overflows_total",
            "Connections that were closed because they did not read.",
            &self.overflows,
        );
        page.counter(
            "sign_in_failures_total",
            "Passwords that were checked and wrong.",
            &self.sign_in_failures,
        );
        page.counter(
            "clock_steps_total",
            "How often the system's clock was set, forwards or backwards.",
            &self.clock_steps,
        );
        page.family(
            "turned_away_total",
            "counter",
            "Who found nothing left of what they needed, by what it was.",
        );
        for resource in RESOURCES {
            let label = format!("resource=\"{}\"", resource.name());
            let count = self.shortages.turned_away(resource);
            page.line("turned_away_total", &label, count);
        }
        page.counter(
            "inbox_full_total",
            "Seconds in which the engine did not keep up, so that connections were read more slowly.",
            self.inbox.full(),
        );
        page.counter(
            "received_bytes_total",
            "Bytes from IRC connections, without TLS.",
            &self.received,
        );
        page.counter(
            "sent_bytes_total",
            "Bytes to IRC connections, without TLS.",
            &self.sent,
        );
        page.0
    }
}

impl Metrics {
    fn render_machine(&self, page: &mut Exposition, gauges: &Gauges) {
        let used = &gauges.resources;
        for (name, help, value) in [
            (
                "database_bytes",
                "Size of the database.",
                used.database_bytes,
            ),
            (
                "database_log_bytes",
                "Size of the log that the database keeps beside it (WAL).",
                used.database_log_bytes,
            ),
            (
                "disk_free_bytes",
                "What is free on the disk of the data folder.",
                used.disk_free_bytes,
            ),
            (
                "descriptors",
                "Open file descriptors: connections and files.",
                used.descriptors,
            ),
            (
                "descriptors_max",
                "How many descriptors there may be.",
                used.descriptors_max,
            ),
            ("memory_bytes", "Resident memory.", used.memory_bytes),
        ] {
            if let Some(value) = value {
                page.family(name, "gauge", help);
                page.line(name, "", value);
            }
        }
        let newest = self.newest.load(Ordering::Relaxed);
        if newest != 0 {
            page.family(
                "clock_ahead_of_record_seconds",
                "gauge",
                "Clock minus time of the newest record; below zero the clock was set back.",
            );
            let ahead = Duration::from_micros(gauges.now.0.abs_diff(newest)).as_secs_f64();
            let ahead = if gauges.now.0 < newest { -ahead } else { ahead };
            page.line("clock_ahead_of_record_seconds", "", ahead);
        }
    }
}

/// Where a connection is counted.
pub(crate) fn place_of(spoken: Spoken) -> usize {
    match spoken {
        Spoken::Irc(Transport::Irc) => 0,
        Spoken::Irc(Transport::Ircs) => 1,
        Spoken::Irc(Transport::Ws) => 2,
        Spoken::Irc(Transport::Wss) => 3,
        Spoken::Http => 4,
        Spoken::Unknown => 5,
    }
}

/// The text while it is written. Writing to a String cannot fail, so its results are dropped.
#[derive(Default)]
pub(crate) struct Exposition(String);

impl Exposition {
    pub(crate) fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP causette_{name} {help}");
        let _ = writeln!(self.0, "# TYPE causette_{name} {kind}");
    }

    pub(crate) fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = if labels.is_empty() {
            writeln!(self.0, "causette_{name} {value}")
        } else {
            writeln!(self.0, "causette_{name}{{{labels}}} {value}")
        };
    }

    pub(crate) fn counter(&mut self, name: &str, help: &str, counter: &Counter) {
        self.family(name, "counter", help);
        self.line(name, "", counter.value());
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.family(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        let mut total = 0;
        for (place, counter) in histogram.counts.iter().enumerate() {
            total += counter.value();
            let bound = match histogram.bounds.get(place) {
                Some(micros) => seconds(*micros).to_string(),
                None => "+Inf".to_owned(),
            };
            self.line(&bucket, &format!("le=\"{bound}\""), total);
        }
        let sum = seconds(histogram.micros.value());
        self.line(&format!("{name}_sum"), "", sum);
        self.line(&format!("{name}_count"), "", total);
    }
}

fn seconds(micros: u64) -> f64 {
    Duration::from_micros(micros).as_secs_f64()
}

#[cfg(test)]
mod tests;
