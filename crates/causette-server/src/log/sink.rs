//! Where lines of the log wait, and the thread that writes them. Whoever logs never waits: what does not fit is lost and
//! counted, and so is what cannot be written.

use causette_core::limits::LOG_BYTES_WAITING;
use std::io::{self, ErrorKind, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// How long the writer leaves alone what is not ready to take more, and does not wait by itself.
const PAUSE: Duration = Duration::from_millis(10);

/// What waits to be written to one place.
#[derive(Debug, Default)]
pub(super) struct Sink {
    waiting: Mutex<Waiting>,
    /// Told when something waits.
    filled: Condvar,
    /// Told when all that waited is written, or lost.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Whether to open the place again first.
    reopen: bool,
    /// Whether the writer is at work.
    writing: bool,
    /// Lines that were lost so far.
    lost: u64,
}

/// What the writer has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Task {
    reopen: bool,
}

impl Sink {
    /// Lets an event wait, each line of it with its priority in front where the place wants one.
    pub(super) fn push(&self, priority: Option<u8>, event: &[u8]) {
        self.waiting().push(priority, event);
        self.filled.notify_one();
    }

    /// The same where nothing may wait for the others that log, not even for a moment.
    pub(super) fn try_push(&self, priority: Option<u8>, event: &[u8]) {
        let mut waiting = match self.waiting.try_lock() {
            Ok(waiting) => waiting,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        waiting.push(priority, event);
        drop(waiting);
        self.filled.notify_one();
    }

    /// Asks for the place to be opened again: somebody has moved the file away.
    pub(super) fn reopen(&self) {
        self.waiting().reopen = true;
        self.filled.notify_one();
    }

    /// Lines that were lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.waiting().lost
    }

    /// Waits until all is written, no longer than until then.
    pub(super) fn flush(&self, until: Instant) {
        let mut waiting = self.waiting();
        while waiting.writing || !waiting.bytes.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let woken = self.idle.wait_timeout(waiting, left);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Writes what comes, for ever. `reopen` gives the place anew where there is another, and `tell` says that so many lines
    /// were lost, once something can be written again.
    pub(super) fn run(
        &self,
        mut out: Box<dyn Write + Send>,
        mut reopen: impl FnMut() -> Option<Box<dyn Write + Send>>,
        tell: impl Fn(u64),
    ) -> ! {
        let mut chunk = Vec::new();
        let (mut cut, mut told) = (false, 0);
        loop {
            let task = self.take(&mut chunk);
            if task.reopen
                && let Some(another) = reopen()
            {
                (out, cut) = (another, false);
            }
            let written = write(&mut *out, &chunk, &mut cut);
            let lost = self.written(&chunk[written..]);
            if written > 0 && written == chunk.len() && lost > told {
                tell(lost - told);
                told = lost;
            }
        }
    }

    /// Waits for something to do, and takes what is to be written in exchange for what was.
    fn take(&self, chunk: &mut Vec<u8>) -> Task {
        let mut waiting = self.waiting();
        while waiting.bytes.is_empty() && !waiting.reopen {
            waiting = self
                .filled
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        chunk.clear();
        std::mem::swap(&mut waiting.bytes, chunk);
        waiting.writing = true;
        Task {
            reopen: std::mem::take(&mut waiting.reopen),
        }
    }

    /// Notes what could not be written, and gives how many lines were lost so far.
    fn written(&self, left: &[u8]) -> u64 {
        let mut waiting = self.waiting();
        waiting.writing = false;
        waiting.lost += left.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.idle.notify_all();
        waiting.lost
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, priority: Option<u8>, event: &[u8]) {
        for line in event.split_inclusive(|byte| *byte == b'\n') {
            if self.bytes.len() + line.len() > LOG_BYTES_WAITING {
                self.lost += 1;
                continue;
            }
            if let Some(priority) = priority {
                self.bytes.extend([b'<', b'0' + priority, b'>']);
            }
            self.bytes.extend(line);
        }
    }
}

/// Writes as much as goes, and says how much that was. `cut` is whether the last line that was written has no end: a disk
/// that has room again goes on with a line of its own.
fn write(out: &mut dyn Write, chunk: &[u8], cut: &mut bool) -> usize {
    if *cut && out.write(b"\n").is_ok_and(|written| written > 0) {
        *cut = false;
    }
    let mut written = 0;
    while !*cut && written < chunk.len() {
        match out.write(&chunk[written..]) {
            Ok(0) => break,
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
            Err(_) => break,
        }
    }
    *cut |= written > 0 && chunk[written - 1] != b'\n';
    written
}

/// Standard error, without the lock and the courtesies of the standard library: whoever else writes there does not wait for
/// us, and an error is one.
pub(super) struct StandardError;

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(rustix::stdio::stderr(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::sync::{Arc, mpsc};
    use std::thread;

    /// A place that takes so many bytes of each write, and asks before each.
    struct Place {
        asks: mpsc::SyncSender<Vec<u8>>,
        may: mpsc::Receiver<io::Result<usize>>,
    }

    impl Write for Place {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.asks.send(bytes.to_vec()).unwrap();
            self.may.recv().unwrap().map(|room| room.min(bytes.len()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A sink, what its writer tries to write, what the test lets it, and what was told.
    struct Bench {
        sink: Arc<Sink>,
        asked: mpsc::Receiver<Vec<u8>>,
        let_it: mpsc::SyncSender<io::Result<usize>>,
        told: mpsc::Receiver<u64>,
    }

    fn bench() -> Bench {
        let sink = Arc::new(Sink::default());
        let (asks, asked) = mpsc::sync_channel(0);
        let (let_it, may) = mpsc::sync_channel(0);
        let (tell, told) = mpsc::sync_channel(8);
        let place = Place { asks, may };
        let writer = sink.clone();
        thread::spawn(move || {
            writer.run(
                Box::new(place),
                || None,
                |lines| tell.send(lines).unwrap_or_default(),
            )
        });
        Bench {
            sink,
            asked,
            let_it,
            told,
        }
    }

    impl Bench {
        fn asked(&self) -> String {
            String::from_utf8(self.asked.recv().unwrap()).unwrap()
        }

        fn flush(&self) {
            self.sink.flush(Instant::now() + Duration::from_secs(20));
        }
    }

    #[test]
    fn each_line_has_its_priority_in_front() {
        let bench = bench();
        bench.sink.push(Some(3), b"first\nsecond\n");
        assert_eq!(bench.asked(), "<3>first\n<3>second\n");
        bench.let_it.send(Ok(usize::MAX)).unwrap();
        bench.flush();
        assert_eq!(bench.sink.lost(), 0);
    }

    #[test]
    fn nobody_waits_for_a_place_that_takes_nothing_and_what_is_lost_is_told() {
        let bench = bench();
        bench.sink.push(None, b"stuck\n");
        assert_eq!(bench.asked(), "stuck\n");
        let line = [&[b'x'; 1023][..], b"\n"].concat();
        let fit = LOG_BYTES_WAITING / line.len();
        for _ in 0..fit + 7 {
            bench.sink.push(None, &line);
        }
        assert_eq!(bench.sink.lost(), 7);
        bench.sink.flush(Instant::now() + Duration::from_millis(1));
        bench.let_it.send(Ok(usize::MAX)).unwrap();
        assert_eq!(bench.told.recv().unwrap(), 7);
        assert_eq!(bench.asked().len(), fit * line.len());
        bench.let_it.send(Ok(usize::MAX)).unwrap();
        bench.flush();
        assert_eq!(bench.sink.lost(), 7);
    }

    #[test]
    fn a_full_disk_costs_the_lines_and_the_next_one_begins_anew() {
        let bench = bench();
        bench.sink.push(None, b"one\ntwo\n");
        assert_eq!(bench.asked(), "one\ntwo\n");
        bench.let_it.send(Ok(2)).unwrap();
        assert_eq!(bench.asked(), "e\ntwo\n");
        let full = || Err(ErrorKind::StorageFull.into());
        bench.let_it.send(full()).unwrap();
        bench.flush();
        assert_eq!(bench.sink.lost(), 2);
        bench.sink.push(None, b"three\n");
        assert_eq!(bench.asked(), "\n", "behind half a line");
        bench.let_it.send(full()).unwrap();
        bench.flush();
        assert_eq!(bench.sink.lost(), 3);
        bench.sink.push(None, b"four\n");
        assert_eq!(bench.asked(), "\n");
        bench.let_it.send(Ok(1)).unwrap();
        assert_eq!(bench.asked(), "four\n");
        bench.let_it.send(Ok(5)).unwrap();
        assert_eq!(bench.told.recv().unwrap(), 3);
    }
}
