//! Where lines of the log wait, and the thread that writes them. Whoever logs never waits: what does not fit is lost and
//! counted, and so is what cannot be written.

use causette_core::limits::LOG_BYTES_WAITING;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// How long the writer leaves alone what is not ready to take more, and does not wait by itself.
const PAUSE: Duration = Duration::from_millis(10);

/// What waits to be written to one place.
#[derive(Debug, Default)]
pub(super) struct Sink {
    waiting: Mutex<Waiting>,
    /// Lines that were lost because somebody else held what waits, and that could not wait for that.
    missed: AtomicU64,
    /// Told when something waits.
    filled: Condvar,
    /// Told when all that waited is written, or lost.
    idle: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Where to write from now on.
    place: Option<File>,
    /// Whether the writer is at work.
    writing: bool,
    /// Whether there is no writer.
    dead: bool,
    /// Lines that were lost so far.
    lost: u64,
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
            Err(TryLockError::WouldBlock) => {
                self.missed.fetch_add(lines(event), Ordering::Relaxed);
                return;
            }
        };
        waiting.push(priority, event);
        drop(waiting);
        self.filled.notify_one();
    }

    /// Lets what waits and what comes go into another file: somebody may have moved the one before away.
    pub(super) fn go_on_in(&self, file: File) {
        self.waiting().place = Some(file);
        self.filled.notify_one();
    }

    /// There is nobody who writes: whatever comes is lost at once, instead of when too much waits.
    pub(super) fn give_up(&self) {
        self.waiting().dead = true;
    }

    /// Whether somebody writes what comes.
    pub(super) fn is_alive(&self) -> bool {
        !self.waiting().dead
    }

    /// Lines that were lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.waiting().lost + self.missed.load(Ordering::Relaxed)
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

    /// Writes what comes, for ever. `tell` says that so many lines were lost, once something can be written again.
    pub(super) fn run(&self, mut out: Box<dyn Write + Send>, tell: impl Fn(u64)) -> ! {
        let mut chunk = Vec::new();
        let (mut cut, mut told) = (false, 0);
        loop {
            if let Some(another) = self.take(&mut chunk) {
                (out, cut) = (Box::new(another), false);
            }
            let written = write(&mut *out, &chunk, &mut cut);
            let lost = self.written(&chunk[written..]);
            if written > 0 && written == chunk.len() && lost > told {
                tell(lost - told);
                told = lost;
            }
        }
    }

    /// Waits for something to do, and takes what is to be written in exchange for what was. Gives another place where it goes
    /// there.
    fn take(&self, chunk: &mut Vec<u8>) -> Option<File> {
        let mut waiting = self.waiting();
        while waiting.bytes.is_empty() && waiting.place.is_none() {
            waiting = self
                .filled
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        chunk.clear();
        std::mem::swap(&mut waiting.bytes, chunk);
        waiting.writing = true;
        waiting.place.take()
    }

    /// Notes what could not be written, and gives how many lines were lost so far.
    fn written(&self, left: &[u8]) -> u64 {
        let mut waiting = self.waiting();
        waiting.writing = false;
        waiting.lost += lines(left);
        self.idle.notify_all();
        waiting.lost + self.missed.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, priority: Option<u8>, event: &[u8]) {
        for line in event.split_inclusive(|byte| *byte == b'\n') {
            if self.dead || self.bytes.len() + line.len() > LOG_BYTES_WAITING {
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

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
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
            writer.run(Box::new(place), |lines| {
                tell.send(lines).unwrap_or_default();
            })
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
    fn what_has_no_writer_or_cannot_wait_for_others_is_lost_and_counted() {
        let sink = Sink::default();
        let others = sink.waiting();
        sink.try_push(None, b"a panic\n");
        drop(others);
        assert_eq!(sink.lost(), 1);
        sink.try_push(None, b"another\n");
        assert_eq!(sink.lost(), 1);
        sink.give_up();
        sink.push(None, b"one\ntwo\n");
        assert_eq!((sink.lost(), sink.is_alive()), (3, false));
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
