//! The log: which events are told, in which form, and where they go. It must never end or hold up the chat: whoever logs
//! hands a line over and goes on, and a line that cannot be written is lost and counted.
//!
//! There is one for the process, as there is one that takes the events of `tracing`.

mod sink;

use crate::config::{Levels, LogFormat, LogSettings, Unusable};
use crate::engine::now;
use crate::trouble;
use causette_core::limits::{LOG_FAILURE_FLUSH_MILLIS, LOG_FLUSH_MILLIS};
use causette_proto::Timestamp;
use causette_text::Language;
use sink::{Sink, StandardError};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal as _, Write, stderr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::{Registry, fmt, registry, reload};

/// The variable by which the journal says that it reads standard error: device and inode of what it reads.
/// <https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#%24JOURNAL_STREAM>
const JOURNAL_STREAM: &str = "JOURNAL_STREAM";

static LOG: OnceLock<Log> = OnceLock::new();

/// What runs.
struct Log {
    levels: reload::Handle<Targets, Registry>,
    outlets: Vec<Outlet>,
}

/// One place that the log goes to.
struct Outlet {
    place: OutletKind,
    format: LogFormat,
    sink: Arc<Sink>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OutletKind {
    StandardError,
    File,
}

/// Starts the log. What panics from here on is told there by its place: its message may hold what a person wrote.
///
/// # Errors
/// When its file cannot be opened.
pub(crate) fn start(settings: &LogSettings, language: Language) -> Result<(), Unusable> {
    let mut outlets = Vec::new();
    if let Some(out) = open(settings, language)? {
        let format = match settings.format {
            Some(LogFormat::Json) => LogFormat::Json,
            _ => LogFormat::Text,
        };
        outlets.push(Outlet::start(OutletKind::File, format, Box::new(out)));
    }
    // Whoever starts the server by hand sees what it says, wherever it is kept.
    if settings.file.is_none() || (settings.on_terminal && stderr().is_terminal()) {
        let format = settings.format.unwrap_or_else(|| {
            if journal_reads() {
                LogFormat::Journald
            } else {
                LogFormat::Text
            }
        });
        outlets.push(Outlet::start(
            OutletKind::StandardError,
            format,
            Box::new(StandardError),
        ));
    }
    let (levels, handle) = reload::Layer::new(targets(&settings.levels));
    let layers: Vec<_> = outlets.iter().map(Outlet::layer).collect();
    let subscriber = registry().with(levels).with(layers);
    let log = Log {
        levels: handle,
        outlets,
    };
    if LOG.set(log).is_ok() && tracing::subscriber::set_global_default(subscriber).is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            if let (Some(log), Some(place)) = (LOG.get(), panic.location()) {
                log.panicked(place);
            }
        }));
    }
    Ok(())
}

/// Opens the log's file, where it goes to one.
///
/// # Errors
/// Names the key and the file.
pub(crate) fn open(settings: &LogSettings, language: Language) -> Result<Option<File>, Unusable> {
    let Some(file) = &settings.file else {
        return Ok(None);
    };
    let mut options = OpenOptions::new();
    let opened = options.append(true).create(true).mode(0o600).open(file);
    opened
        .map(Some)
        .map_err(|error| refused(file, &error, language))
}

/// Looks whether the log's file can be opened, and makes none.
///
/// # Errors
/// Names the key and the file.
pub(crate) fn look(settings: &LogSettings, language: Language) -> Result<(), Unusable> {
    let Some(file) = &settings.file else {
        return Ok(());
    };
    let looked = match file.metadata() {
        // Whatever else there is may hold up whoever opens it.
        Ok(found) if found.is_file() => OpenOptions::new().append(true).open(file).map(drop),
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => trouble::folder_of(file),
        found => found.map(drop),
    };
    looked.map_err(|error| refused(file, &error, language))
}

fn refused(file: &Path, error: &io::Error, language: Language) -> Unusable {
    let told = trouble::of_io(error, language);
    Unusable::refused(error, format_args!("log.file: {}: {told}", file.display()))
}

/// Puts other levels in force, and goes on in the file as it was opened again: the one before may have been moved away.
pub(crate) fn apply(settings: &LogSettings, file: Option<File>) {
    let Some(log) = LOG.get() else { return };
    // It fails only when nothing logs any more.
    let _ = log.levels.reload(targets(&settings.levels));
    let mut outlets = log.outlets.iter();
    if let (Some(file), Some(outlet)) = (
        file,
        outlets.find(|outlet| outlet.place == OutletKind::File),
    ) {
        outlet.sink.go_on_in(file);
    }
}

/// Waits until what was logged is written; not for long, because what is written to may be stuck.
pub fn flush() {
    flush_for(LOG_FLUSH_MILLIS);
}

/// The same behind a failure, which is to be heard of.
pub(crate) fn flush_failure() {
    flush_for(LOG_FAILURE_FLUSH_MILLIS);
}

fn flush_for(millis: u64) {
    let until = Instant::now() + Duration::from_millis(millis);
    for outlet in LOG.get().iter().flat_map(|log| &log.outlets) {
        outlet.sink.flush(until);
    }
}

/// Lines that were lost so far.
pub(crate) fn lost() -> u64 {
    let outlets = LOG.get().into_iter().flat_map(|log| &log.outlets);
    outlets.map(|outlet| outlet.sink.lost()).sum()
}

/// A time as the log tells it. The 128 bits that `Duration` counts in would be a text in JSON, and not a number.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The same in thousandths of a second.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether what is logged goes to standard error too.
pub(crate) fn reaches_standard_error() -> bool {
    let mut outlets = LOG.get().into_iter().flat_map(|log| &log.outlets);
    outlets.any(|outlet| outlet.place == OutletKind::StandardError && outlet.sink.is_alive())
}

/// Whether the journal reads standard error.
pub fn journal_reads() -> bool {
    let stream = std::env::var(JOURNAL_STREAM).unwrap_or_default();
    let named = stream.split_once(':').and_then(|(device, inode)| {
        Some((device.parse::<u64>().ok()?, inode.parse::<u64>().ok()?))
    });
    let ours = rustix::fs::fstat(rustix::stdio::stderr());
    named.is_some_and(|named| ours.is_ok_and(|ours| (ours.st_dev, ours.st_ino) == named))
}

impl Log {
    /// Tells that a thread panicked. To be called while it does, when a second panic would end the process: so without
    /// `tracing`, and without waiting for whoever panicked while logging.
    fn panicked(&self, place: &std::panic::Location<'_>) {
        let (time, place) = (now(), place.to_string());
        for outlet in &self.outlets {
            let line = panic_line(outlet.format, time, &place);
            let priority = priority(outlet.format, &Level::ERROR);
            outlet.sink.try_push(priority, line.as_bytes());
        }
    }
}

/// What is said of a panic, as the layers say other things.
fn panic_line(format: LogFormat, time: Timestamp, place: &str) -> String {
    let said = "a thread panicked";
    match format {
        LogFormat::Text => format!("{time} ERROR {said} event=\"panic\" place={place:?}\n"),
        LogFormat::Json => format!(
            "{{\"timestamp\":\"{time}\",\"level\":\"ERROR\",\"message\":\"{said}\",\"event\":\"panic\",\
             \"place\":{place:?}}}\n"
        ),
        LogFormat::Journald => format!("{said} event=\"panic\" place={place:?}\n"),
    }
}

impl Outlet {
    fn start(place: OutletKind, format: LogFormat, out: Box<dyn Write + Send>) -> Self {
        let sink = Arc::new(Sink::default());
        let outlet = Self {
            place,
            format,
            sink: sink.clone(),
        };
        let tell = |lines| {
            tracing::warn!(
                event = "log.lost",
                lines,
                "lines of the log could not be written"
            );
        };
        let thread = std::thread::Builder::new().name("log".to_owned());
        // Without a thread nothing is written, and the chat goes on.
        if thread.spawn(move || sink.run(out, tell)).is_err() {
            outlet.sink.give_up();
        }
        outlet
    }

    fn layer(&self) -> Box<dyn Layer<Filtered> + Send + Sync> {
        let lines = Lines {
            sink: self.sink.clone(),
            format: self.format,
        };
        let is_terminal = self.place == OutletKind::StandardError && stderr().is_terminal();
        // What cannot be written is counted; said on standard error, it could end the process.
        let layer = fmt::layer()
            .with_writer(lines)
            .with_target(false)
            .with_ansi(is_terminal)
            .log_internal_errors(false);
        match self.format {
            LogFormat::Text => layer.boxed(),
            LogFormat::Json => layer.json().flatten_event(true).boxed(),
            LogFormat::Journald => layer.without_time().with_level(false).boxed(),
        }
    }
}

/// What the layers of the places stand on.
type Filtered = tracing_subscriber::layer::Layered<reload::Layer<Targets, Registry>, Registry>;

/// Hands the lines of a layer over.
struct Lines {
    sink: Arc<Sink>,
    format: LogFormat,
}

/// One event on its way.
struct LogLine<'a> {
    sink: &'a Sink,
    priority: Option<u8>,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine {
            sink: &self.sink,
            priority: None,
        }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> LogLine<'a> {
        LogLine {
            sink: &self.sink,
            priority: priority(self.format, event.level()),
        }
    }
}

impl Write for LogLine<'_> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.sink.push(self.priority, event);
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How urgent the journal shall take a level, as syslog(3) counts it.
fn priority(format: LogFormat, level: &Level) -> Option<u8> {
    (format == LogFormat::Journald).then_some(match *level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    })
}

fn targets(levels: &Levels) -> Targets {
    Targets::new()
        .with_default(levels.default)
        .with_targets(levels.modules.iter().cloned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_time_is_a_number_in_json() {
        let outlet = Outlet {
            place: OutletKind::StandardError,
            format: LogFormat::Json,
            sink: Arc::default(),
        };
        let (levels, _) = reload::Layer::new(targets(&LogSettings::default().levels));
        let subscriber = registry().with(levels).with(outlet.layer());
        tracing::subscriber::with_default(subscriber, || {
            let time = Duration::from_millis(1500);
            tracing::warn!(elapsed_us = micros(time), since_ms = millis(time), "slow");
        });
        let (sender, told) = std::sync::mpsc::sync_channel(1);
        let sink = outlet.sink.clone();
        std::thread::spawn(move || sink.run(Box::new(Told(sender)), |_| ()));
        let line: serde_json::Value = serde_json::from_slice(&told.recv().unwrap()).unwrap();
        assert_eq!(
            (&line["elapsed_us"], &line["since_ms"]),
            (&1_500_000.into(), &1500.into())
        );
    }

    /// Gives on what is written.
    struct Told(std::sync::mpsc::SyncSender<Vec<u8>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_told_in_the_form_of_everything_else() {
        let line = |format| panic_line(format, Timestamp(0), "src/a.rs:1:2");
        let text = line(LogFormat::Text);
        let expected = "1970-01-01T00:00:00.000Z ERROR a thread panicked event=\"panic\" place=\"src/a.rs:1:2\"\n";
        assert_eq!(text, expected);
        assert!(line(LogFormat::Journald).starts_with("a thread panicked event="));
        let json: serde_json::Value = serde_json::from_str(&line(LogFormat::Json)).unwrap();
        assert_eq!(
            (&json["event"], &json["place"]),
            (&"panic".into(), &"src/a.rs:1:2".into())
        );
    }
}
