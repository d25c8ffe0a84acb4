//! The clean-up: at the start, then every few minutes, what no file and no permit names is removed from the disk. What a file has and is
//! not there is told.
//!
//! The core says which contents no file has: it is asked about some at a time, on its thread, where each question costs one look into a
//! table. So nobody waits for it, however many files there are.

use super::incoming;
use super::{Files, now_seconds};
use crate::aside;
use crate::engine::Arrival;
use crate::engine::ticket::Tickets;
use causette_core::file::{Digest, PermitKey};
use causette_core::input::Input;
use causette_core::output::{Done, Undone};
use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

/// From one clean-up to the next.
const EVERY: Duration = Duration::from_secs(300);

/// How old a content is at least that is looked at while the server runs: who puts one there for later has told of it by then.
const GRACE: Duration = Duration::from_secs(3600);

/// Contents about which the core is asked at a time.
const ASKED: usize = 500;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Contents that are missing, of which the log tells.
const TOLD: usize = 5;

/// What cleans up.
#[derive(Debug)]
pub(crate) struct Sweep {
    files: Arc<Files>,
    inbox: mpsc::Sender<Arrival>,
    visits: Arc<Tickets<Result<Done, Undone>>>,
}

impl Sweep {
    /// What cleans up these files.
    pub(crate) fn new(
        files: &Arc<Files>,
        inbox: &mpsc::Sender<Arrival>,
        visits: &Arc<Tickets<Result<Done, Undone>>>,
    ) -> Self {
        Self {
            files: files.clone(),
            inbox: inbox.clone(),
            visits: visits.clone(),
        }
    }

    /// Cleans up for as long as it is let. `contents` are those that files have at the start.
    pub(crate) async fn run(self, contents: Vec<Digest>) {
        self.look_for(contents).await;
        self.whole(Duration::ZERO).await;
        let mut next = Instant::now() + EVERY;
        loop {
            tokio::select! {
                () = self.files.doubts.changed.notified() => self.doubtful().await,
                () = sleep_until(next) => {
                    self.whole(GRACE).await;
                    next = Instant::now() + EVERY;
                }
            }
        }
    }

    /// Tells which contents are not there, and how many.
    async fn look_for(&self, contents: Vec<Digest>) -> usize {
        let files = self.files.clone();
        let look = move || {
            let is_missing = |content: &Digest| !files.depot.has(*content);
            contents
                .into_iter()
                .filter(is_missing)
                .collect::<HashSet<Digest>>()
        };
        let missing = aside::run(look).await.unwrap_or_default();
        for content in missing.iter().take(TOLD) {
            tracing::error!(event = "files.content_missing", sha256 = %content, "the bytes of a file are not there: bring them back from a backup");
        }
        if missing.len() > TOLD {
            tracing::error!(
                event = "files.contents_missing",
                count = missing.len(),
                "the bytes of several files are not there: is this the right folder of files?"
            );
        }
        missing.len()
    }

    /// Looks at everything.
    async fn whole(&self, grace: Duration) {
        let files = self.files.clone();
        let found = aside::run(move || {
            files.sweep_arrivals()?;
            let moment = SystemTime::now().checked_sub(grace);
            let moment = moment.unwrap_or(SystemTime::UNIX_EPOCH);
            files.depot.contents_before(moment)
        });
        match found.await {
            Ok(Ok(contents)) => {
                for some in contents.chunks(ASKED) {
                    self.files.doubts.doubt_all(some);
                    self.ask(some.to_vec()).await;
                }
            }
            Ok(Err(error)) => told(&error),
            Err(_) => {}
        }
        self.doubtful().await;
    }

    /// Looks at what the core has put in doubt.
    async fn doubtful(&self) {
        loop {
            let some = self.files.doubts.some(ASKED);
            if some.is_empty() || !self.ask(some).await {
                return;
            }
        }
    }

    /// Removes what no file has of contents that are in doubt; whether the core has answered.
    async fn ask(&self, contents: Vec<Digest>) -> bool {
        let Some(unused) = self.unused(contents.clone()).await else {
            // The next clean-up asks again.
            return false;
        };
        let files = self.files.clone();
        let removed = aside::run(move || {
            let unused: HashSet<Digest> = unused.into_iter().collect();
            for content in contents {
                if unused.contains(&content) {
                    let remove = || files.depot.forget(content);
                    files.doubts.settle(content, remove).transpose()?;
                } else {
                    files.doubts.clear(content);
                }
            }
            Ok::<_, io::Error>(())
        });
        match removed.await {
            Ok(Err(error)) => {
                told(&error);
                false
            }
            Ok(Ok(())) => true,
            Err(_) => false,
        }
    }

    /// The contents among these that no file has.
    async fn unused(&self, contents: Vec<Digest>) -> Option<Vec<Digest>> {
        let (ticket, answer) = self.visits.draw();
        let asked = async {
            let input = Input::Contents { ticket, contents };
            self.inbox.send(Arrival::Input(input)).await.ok()?;
            answer.await.ok()
        };
        match timeout(PATIENCE, asked).await.ok()?? {
            Ok(Done::Unused(unused)) => Some(unused),
            _ => None,
        }
    }
}

fn told(error: &io::Error) {
    tracing::warn!(event = "files.cleanup_failed", error = %error, "what is kept of files cannot be cleaned up; look at their folder");
}

impl Files {
    /// Removes uploads that are over, and what no upload names.
    fn sweep_arrivals(&self) -> io::Result<()> {
        let now = now_seconds();
        let over: Vec<PermitKey> = {
            let uploads = self.uploads();
            let old = uploads.values().filter(|upload| upload.end() <= now);
            old.map(|upload| upload.permit.key).collect()
        };
        for permit in over {
            // Who sends at this moment is left to the next time.
            let upload = self.upload(permit);
            if let Some(_sending) = upload.and_then(|upload| upload.take()) {
                self.end(permit)?;
            }
        }
        for permit in incoming::permits(&self.depot)? {
            // Under the lock: nobody lets bytes come by that permit meanwhile.
            let uploads = self.uploads();
            if !uploads.contains_key(&permit) {
                incoming::forget(&self.depot, permit)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use crate::files::Declared;
    use causette_core::file::{Permit, Visibility};
    use causette_core::id::AccountId;
    use causette_core::limits::PERMIT_SECONDS;
    use causette_proto::{FileName, Timestamp};
    use std::fs;

    struct Bench {
        folder: Folder,
        sweep: Sweep,
        arrivals: mpsc::Receiver<Arrival>,
    }

    fn bench() -> Bench {
        let folder = Folder::new();
        let (files, _) = Files::open_folder(&folder.0).unwrap();
        let (inbox, arrivals) = mpsc::channel(1);
        let sweep = Sweep {
            files: Arc::new(files),
            inbox,
            visits: Arc::default(),
        };
        Bench {
            folder,
            sweep,
            arrivals,
        }
    }

    impl Bench {
        fn content(&self, number: u8) -> Digest {
            let content = Digest([number; 32]);
            let file = self.folder.0.join("bytes");
            fs::write(&file, [number]).unwrap();
            self.sweep.files.depot.keep(&file, content).unwrap();
            fs::remove_file(file).unwrap();
            content
        }

        /// The clean-up, where the core knows these contents, and something happens while it is asked.
        async fn clean(&mut self, known: &[Digest], meanwhile: impl Fn(&Files)) {
            let (sweep, arrivals) = (&self.sweep, &mut self.arrivals);
            let answering = async {
                while let Some(Arrival::Input(Input::Contents { ticket, contents })) =
                    arrivals.recv().await
                {
                    meanwhile(&sweep.files);
                    let unused = contents.into_iter().filter(|one| !known.contains(one));
                    let done = Done::Unused(unused.collect());
                    sweep.visits.tell(ticket, Ok(done));
                }
            };
            tokio::select! {
                () = answering => {}
                () = sweep.whole(Duration::ZERO) => {}
            }
        }

        fn begin(&self, number: u8, since: i64) -> PermitKey {
            let (files, key) = (&self.sweep.files, PermitKey([number; 16]));
            let declared = Declared {
                since,
                ..Declared::default()
            };
            files.declare(key, declared);
            let upload = files.admit(Permit {
                key,
                owner: AccountId(2),
                name: FileName::nearest("a.txt"),
                bytes: 5,
                visibility: Visibility::Public,
                to: None,
                since: Timestamp(0),
            });
            files.open(&mut upload.take().unwrap()).unwrap();
            key
        }
    }

    #[tokio::test]
    async fn what_no_file_has_is_removed_and_nothing_else() {
        let mut bench = bench();
        let (known, unknown) = (bench.content(1), bench.content(2));
        bench.clean(&[known], |_| {}).await;
        let depot = &bench.sweep.files.depot;
        assert!(depot.has(known) && !depot.has(unknown));
        assert!(bench.sweep.files.doubts.some(9).is_empty());
    }

    #[tokio::test]
    async fn what_somebody_brings_meanwhile_stays() {
        let mut bench = bench();
        let content = bench.content(2);
        let bring = |files: &Files| drop(files.doubts.keep(content));
        bench.clean(&[], bring).await;
        assert!(bench.sweep.files.depot.has(content));
    }

    #[tokio::test]
    async fn where_the_core_does_not_answer_everything_stays() {
        let mut bench = bench();
        let content = bench.content(2);
        bench.arrivals.close();
        bench.sweep.whole(Duration::ZERO).await;
        assert!(bench.sweep.files.depot.has(content));
    }

    #[tokio::test]
    async fn uploads_that_are_over_and_what_no_upload_names_are_removed() {
        let mut bench = bench();
        let now = now_seconds();
        let over = bench.begin(1, now - PERMIT_SECONDS);
        let busy = bench.begin(2, now - PERMIT_SECONDS);
        let open = bench.begin(3, now);
        let files = bench.sweep.files.clone();
        let nobodys = PermitKey([4; 16]);
        fs::write(files.depot.incoming(nobodys), "x").unwrap();
        let sending = files.upload(busy).unwrap().take().unwrap();
        bench.clean(&[], |_| {}).await;
        drop(sending);
        let are_there = |key| files.depot.incoming(key).exists();
        assert!(!are_there(over) && !are_there(nobodys));
        assert!(are_there(busy) && are_there(open));
        assert!(files.upload(over).is_none() && files.upload(busy).is_some());
    }

    #[tokio::test]
    async fn contents_that_are_missing_are_counted() {
        let bench = bench();
        let (there, missing) = (bench.content(1), Digest([2; 32]));
        let missing = bench.sweep.look_for(vec![there, missing, missing]).await;
        assert_eq!(missing, 1);
    }
}
