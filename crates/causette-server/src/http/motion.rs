//! A connection lives for as long as something moves on it: no transfer is cut because it takes long, and nobody holds a place by
//! sending a byte now and then.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep_until};

/// How long nothing may move in either direction. What a network loses for a while comes again long before.
const STILL_MILLIS: u64 = 60_000;

/// Bytes that have to move in such a time while a request is under way: the slowest modem brings a hundred times as many, and who
/// sends fewer only holds a place.
const LEAST: u64 = 1024;

/// What moves on one connection.
#[derive(Debug)]
pub(super) struct Motion {
    start: Instant,
    /// When something last moved, in milliseconds since the start.
    moved: AtomicU64,
    /// Since when is counted, alike.
    since: AtomicU64,
    /// Bytes since then.
    bytes: AtomicU64,
    /// How much of ours is under way for which the other end has to wait.
    ours: AtomicUsize,
    /// Whether the connection is over.
    over: AtomicBool,
}

/// A connection is over when this is dropped: what ends with it has not ended by itself.
#[derive(Debug)]
pub(super) struct Over(Arc<Motion>);

/// Something of ours is under way, until dropped: nothing needs to move meanwhile.
#[derive(Debug)]
pub(super) struct Ours(Arc<Motion>);

impl Motion {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            moved: AtomicU64::new(0),
            since: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            ours: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self, bytes: usize, now: u64) {
        if bytes > 0 {
            self.moved.store(now, Ordering::Relaxed);
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// A request begins: what it moves is counted from now on.
    pub(super) fn begin(&self) {
        self.begin_at(self.now());
    }

    fn begin_at(&self, now: u64) {
        self.moved.store(now, Ordering::Relaxed);
        self.count_from(now);
    }

    fn count_from(&self, now: u64) {
        self.since.store(now, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// Something of ours begins that may take long.
    pub(super) fn ours(self: &Arc<Self>) -> Ours {
        self.ours.fetch_add(1, Ordering::Relaxed);
        Ours(self.clone())
    }

    /// To be dropped before the connection is.
    pub(super) fn over(self: &Arc<Self>) -> Over {
        Over(self.clone())
    }

    /// Whether the connection is over.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Waits until too little has moved for too long.
    pub(super) async fn ended(&self) {
        while let Some(next) = self.look(self.now()) {
            sleep_until(self.start + Duration::from_millis(next)).await;
        }
    }

    /// When to look again; `None` where too little has moved for too long.
    fn look(&self, now: u64) -> Option<u64> {
        if self.ours.load(Ordering::Relaxed) > 0 {
            self.begin_at(now);
        }
        let moved = self.moved.load(Ordering::Relaxed);
        let is_over = |from: u64| now.saturating_sub(from) >= STILL_MILLIS;
        if is_over(moved) {
            return None;
        }
        if is_over(self.since.load(Ordering::Relaxed)) {
            if self.bytes.load(Ordering::Relaxed) < LEAST {
                return None;
            }
            self.count_from(now);
        }
        let since = self.since.load(Ordering::Relaxed);
        Some(moved.min(since).saturating_add(STILL_MILLIS))
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.0.moved.store(self.0.now(), Ordering::Relaxed);
        self.0.ours.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection whose motion is noted.
#[derive(Debug)]
pub(super) struct Moving<S> {
    stream: S,
    motion: Arc<Motion>,
}

impl<S> Moving<S> {
    pub(super) fn new(stream: S, motion: Arc<Motion>) -> Self {
        Self { stream, motion }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Moving<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.motion
            .note(buffer.filled().len() - before, self.motion.now());
        polled
    }
}

impl<S: AsyncWrite + Unpin> Moving<S> {
    fn noted(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(written)) = &polled {
            self.motion.note(*written, self.motion.now());
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Moving<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.noted(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const SECOND: u64 = 1000;

    /// The second at which a connection ends on which so many bytes move every so many seconds, where it does within a day.
    fn ends(bytes: usize, every: u64) -> Option<u64> {
        let motion = Motion::new();
        motion.begin_at(0);
        let mut next = motion.look(0).unwrap();
        for second in 1..24 * 3600 {
            if second % every == 0 {
                motion.note(bytes, second * SECOND);
            }
            while next <= second * SECOND {
                match motion.look(second * SECOND) {
                    Some(later) => next = later,
                    None => return Some(second),
                }
            }
        }
        None
    }

    #[test]
    fn a_connection_ends_where_too_little_moves_for_too_long() {
        for (bytes, every, end) in [
            // What stands still.
            (0, 1, Some(60)),
            (1 << 20, 70, Some(60)),
            // Who sends a byte now and then.
            (1, 5, Some(60)),
            (17, 1, Some(60)),
            // What moves is never cut, however long it takes.
            (18, 1, None),
            (1024, 50, None),
            (1 << 20, 59, None),
        ] {
            assert_eq!(ends(bytes, every), end, "{bytes} every {every}");
        }
        let motion = Motion::new();
        motion.begin_at(0);
        motion.note(1 << 20, SECOND);
        assert_eq!(motion.look(60 * SECOND), Some(61 * SECOND));
        assert_eq!(motion.look(61 * SECOND), None, "nothing came behind it");
    }

    #[test]
    fn each_request_is_counted_by_itself() {
        let motion = Motion::new();
        motion.begin_at(0);
        motion.note(10, 50 * SECOND);
        motion.begin_at(55 * SECOND);
        assert_eq!(motion.look(60 * SECOND), Some(115 * SECOND));
    }

    #[test]
    fn nobody_is_cut_for_what_is_ours() {
        let motion = Motion::new();
        motion.begin_at(0);
        let ours = motion.ours();
        assert_eq!(motion.look(600 * SECOND), Some(660 * SECOND));
        drop(ours);
        motion.begin_at(600 * SECOND);
        assert_eq!(motion.look(660 * SECOND), None);
    }

    #[tokio::test]
    async fn what_is_read_and_written_moves() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        let motion = Motion::new();
        let mut ours = Moving::new(ours, motion.clone());
        theirs.write_all(b"hello").await.unwrap();
        ours.read_exact(&mut [0; 5]).await.unwrap();
        ours.write_all(b"world!").await.unwrap();
        assert_eq!(motion.bytes.load(Ordering::Relaxed), 11);
        assert!(!motion.is_over());
        drop(motion.over());
        assert!(motion.is_over());
    }
}
