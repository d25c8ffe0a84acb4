//! A backup that is made from the console, while it goes on. It is the one of `causette backup`.

use super::desk::Seat;
use crate::cmd::backup::{entered, told};
use causette_server::backup::{Undone, abandon, make_aside, usual_file};
use causette_server::config::Config;
use causette_server::trouble;
use causette_text::{Language, text, text_with};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Between two words about how far it has come.
const PACE: Duration = Duration::from_secs(5);

/// How long who leaves waits until what was begun is put away.
const PATIENCE: Duration = Duration::from_secs(1);

/// Words that may wait to be shown: of one that takes long, the next comes in a while.
const WAITING: usize = 4;

/// What is told of it.
#[derive(Debug)]
pub(super) struct News {
    pub(super) text: String,
    /// Whether nothing more comes.
    pub(super) is_over: bool,
}

/// A backup that is being made.
#[derive(Debug)]
pub(super) struct Backup {
    news: mpsc::Receiver<News>,
    wanted: Arc<AtomicBool>,
}

impl Backup {
    /// Begins one, into a file or, where none is named, into the folder that the configuration names.
    ///
    /// # Errors
    /// A sentence that says what is in the way.
    pub(super) fn begin(
        mut config: Config,
        file: Option<&str>,
        data_dir: &Path,
        language: Language,
    ) -> Result<(Self, String), String> {
        // Who asks reads the answer.
        config.settings.language = language;
        let file = file.map(PathBuf::from).or_else(|| usual_file(&config));
        let file = file.ok_or_else(|| text(language, "console-backup-where"))?;
        let shown = file.display().to_string();
        let (tell, news) = mpsc::channel(WAITING);
        let wanted = Arc::new(AtomicBool::new(true));
        let (asked, progress) = (wanted.clone(), tell.clone());
        let mut last = Instant::now();
        let go_on = move |percent: u64| {
            if last.elapsed() >= PACE {
                last = Instant::now();
                let variables = [("percent", &*percent.to_string())];
                let text = text_with(language, "console-backup-progress", &variables);
                // One that finds no place is of no interest any more when there is one.
                let _ = progress.try_send(News {
                    text,
                    is_over: false,
                });
            }
            asked.load(Ordering::Relaxed)
        };
        let data_dir = data_dir.to_owned();
        let over = move |made: Result<_, Undone>| {
            let text = match made {
                Ok(made) => {
                    let entry = entered(&made, &data_dir, language);
                    let entry = entry.unwrap_or_else(|trouble| trouble.text);
                    format!("{}\n{entry}", told(&made, language))
                }
                Err(Undone::Refused(text) | Undone::Damaged(text)) => text,
                Err(Undone::GivenUp) => text(language, "console-not-done"),
            };
            // Where the console was left, nobody waits.
            let _ = tell.blocking_send(News {
                text,
                is_over: true,
            });
        };
        make_aside(config, file, go_on, over).map_err(|error| trouble::of_io(&error, language))?;
        let begun = text_with(language, "console-backup", &[("file", &shown)]);
        Ok((Self { news, wanted }, begun))
    }

    /// The console is left: what was begun is put away.
    pub(super) async fn give_up(mut self, seat: Seat) {
        self.wanted.store(false, Ordering::Relaxed);
        let over = async { while self.news.recv().await.is_some_and(|news| !news.is_over) {} };
        // In the process of a server there may be one of its own, which is not ours to put away.
        if timeout(PATIENCE, over).await.is_err() && seat == Seat::Attached {
            abandon();
        }
    }
}

/// What is told next of a backup; nothing while there is none. May be dropped while it waits.
pub(super) async fn next(backup: &mut Option<Backup>) -> News {
    let Some(Backup { news, .. }) = backup else {
        return std::future::pending().await;
    };
    // One that panicked has said so, and no more.
    let lost = || News {
        text: String::new(),
        is_over: true,
    };
    news.recv().await.unwrap_or_else(lost)
}
