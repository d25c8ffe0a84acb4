//! The server makes backups by itself, at the pace that its configuration gives, and removes old ones of its own.
//!
//! The pace goes by the monotonic clock: no step of the wall clock makes a backup early or late. Which backups are the server's own,
//! and in what order it made them, stands in a file of the data folder, and not in their names and times.

mod kept;
mod pace;

use super::make::{Made, Overwrite, make};
use super::{Undone, scratch};
use crate::admin::Obeyed;
use crate::aside::give_way;
use crate::config::Config;
use crate::config::live::Live;
use crate::engine::ticket::Tickets;
use crate::engine::{Arrival, now};
use crate::status::Status;
use crate::trouble;
use causette_core::input::Input;
use causette_core::limits::BACKUP_AFTER_START_SECONDS;
use causette_core::order::{Maker, Order};
use causette_core::output::Entry;
use causette_proto::Timestamp;
use causette_text::{Language, text};
use kept::Kept;
use pace::Pace;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// What stands before date and time in the name of a backup, and behind them.
const NAME: (&str, &str) = ("causette-", ".tar");

/// Makes them.
pub(crate) struct Schedule {
    pub(crate) live: Arc<Live>,
    pub(crate) status: Arc<Status>,
    pub(crate) data_dir: PathBuf,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// The acts that wait.
    pub(crate) tickets: Arc<Tickets<Obeyed>>,
}

/// When the server of a data folder has last made a backup by itself, whether it runs or not.
pub(crate) fn last_made(data_dir: &Path) -> Option<Timestamp> {
    Kept::read(data_dir).last().map(|(time, _)| *time)
}

impl Schedule {
    /// Makes one whenever it is due, for as long as it is let.
    pub(crate) async fn run(self) {
        let mut pace = Pace::after(self.age_of_last(), Instant::now());
        sleep(Duration::from_secs(BACKUP_AFTER_START_SECONDS)).await;
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let config = self.live.config();
            let Some(every) = config.backup.every else {
                continue;
            };
            if !pace.is_due(every, Instant::now()) {
                continue;
            }
            match self.make(config).await {
                Ok(made) => {
                    pace.made(Instant::now());
                    self.made(made).await;
                }
                Err(Undone::GivenUp) => {}
                Err(Undone::Refused(reason) | Undone::Damaged(reason)) => {
                    pace.failed(every, Instant::now());
                    tracing::error!(event = "backup.failed", reason, "no backup could be made");
                    self.status.backups.failed(reason);
                }
            }
        }
    }

    /// How long ago the last one was made, by the wall clock: only that goes on while the server is off. `None` where there is
    /// none, or the clock shows an earlier time than it did then.
    fn age_of_last(&self) -> Option<Duration> {
        let (time, file) = Kept::read(&self.data_dir).last()?.clone();
        self.status.backups.made(file, time, None);
        (time <= now()).then(|| now().since(time))
    }

    async fn make(&self, config: Arc<Config>) -> Result<Made, Undone> {
        let (done, result) = oneshot::channel();
        let (data_dir, status) = (self.data_dir.clone(), self.status.clone());
        let thread = thread::Builder::new().name("backup".to_owned());
        let spawned = thread.spawn(move || {
            give_way();
            let made = run(&config, &data_dir, |_| !status.stopping());
            // Where the server stops, nobody waits.
            let _ = done.send(made);
        });
        let language = self.live.language();
        spawned.map_err(|error| Undone::Refused(trouble::of_io(&error, language)))?;
        // A panic has been told where it happened; the server does without a backup.
        let lost = |_| Undone::Refused(text(language, "backup-lost"));
        result.await.map_err(lost)?
    }

    /// Enters it in the register, and tells the log.
    async fn made(&self, made: Made) {
        let (ticket, answer) = self.tickets.draw();
        let file = made.file.display().to_string();
        let order = Order::EnterBackup {
            file: file.as_str().into(),
            bytes: made.bytes,
            sha256: made.sha256.as_str().into(),
            maker: Maker::Server,
        };
        let by = "".into();
        let asked = Arrival::Input(Input::Admin {
            ticket,
            by,
            language: None,
            order,
        });
        let told = match self.inbox.send(asked).await {
            Ok(()) => answer.await.ok(),
            Err(_) => None,
        };
        if !made.contents.is_whole() {
            for lacking in made.contents.words(Language::En) {
                tracing::warn!(
                    event = "backup.lacking",
                    file,
                    lacking,
                    "a backup has not the contents of all files"
                );
            }
        }
        self.status.backups.made(made.file, now(), Some(made.bytes));
        let entry = match told {
            Some(Ok(told)) => match told.entry {
                Entry::Number(number) => Some(number),
                _ => None,
            },
            _ => None,
        };
        match entry {
            Some(entry) => tracing::info!(
                event = "backup.made",
                file,
                bytes = made.bytes,
                sha256 = made.sha256,
                entry,
                "made a backup"
            ),
            None => tracing::warn!(
                event = "backup.not_entered",
                file,
                "made a backup that could not be entered in the register"
            ),
        }
    }
}

/// Makes one into the folder of the configuration, and removes those of ours that are too many.
fn run(config: &Config, data_dir: &Path, go_on: impl FnMut(u64) -> bool) -> Result<Made, Undone> {
    let folder = config.backup.folder.clone().unwrap_or_default();
    remove_left(&folder);
    let time = now();
    let made = make(config, &unused(&folder, time), Overwrite::Refused, go_on)?;
    let mut kept = Kept::read(data_dir);
    kept.add(time, made.file.clone());
    kept.remove_beyond(config.backup.keep);
    if let Err(error) = kept.write(data_dir) {
        tracing::warn!(event = "backup.not_noted", error = %error, "a backup will not be removed when it is old");
    }
    Ok(made)
}

/// A name with date and time, and a number where it is taken.
pub(super) fn unused(folder: &Path, time: Timestamp) -> PathBuf {
    let text = time.to_string();
    // As 2026-11-28T03:15:00.000Z.
    let stamp = text.split('.').next().unwrap_or_default();
    let stamp = stamp.replace('T', "-").replace(':', "");
    let mut file = folder.join(format!("{}{stamp}{}", NAME.0, NAME.1));
    let mut number = 1;
    while file.symlink_metadata().is_ok() {
        number += 1;
        file = folder.join(format!("{}{stamp}-{number}{}", NAME.0, NAME.1));
    }
    file
}

/// Removes what a server that was killed has left of a backup.
fn remove_left(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        // The backup that comes next says why.
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| {
            name.starts_with(NAME.0) && name.ends_with(&format!("{}.part", NAME.1))
        });
        if is_ours
            && let Err(error) = scratch::remove_left(&entry.path())
            && error.kind() != ErrorKind::AlreadyExists
        {
            tracing::warn!(event = "backup.left", file = %entry.path().display(), error = %error, "what is left of a backup cannot be removed");
        }
    }
}
