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
const STILL: Duration = Duration::from_secs(60);

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

    fn note(&self, bytes: usize) {
        if bytes > 0 {
            self.moved.store(self.now(), Ordering::Relaxed);
            self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// A request begins: what it moves is counted from now on.
    pub(super) fn begin(&self) {
        let now = self.now();
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
        let still = u64::try_from(STILL.as_millis()).unwrap_or(u64::MAX);
        loop {
            let moved = self.moved.load(Ordering::Relaxed);
            let since = self.since.load(Ordering::Relaxed);
            let next = moved.min(since).saturating_add(still);
            sleep_until(self.start + Duration::from_millis(next)).await;
            let now = self.now();
            if self.ours.load(Ordering::Relaxed) > 0 {
                self.moved.store(now, Ordering::Relaxed);
                self.count_from(now);
                continue;
            }
            if now.saturating_sub(self.moved.load(Ordering::Relaxed)) >= still {
                return;
            }
            if now.saturating_sub(self.since.load(Ordering::Relaxed)) >= still {
                if self.bytes.load(Ordering::Relaxed) < LEAST {
                    return;
                }
                self.count_from(now);
            }
        }
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
        self.motion.note(buffer.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> Moving<S> {
    fn noted(&self, polled: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(written)) = &polled {
            self.motion.note(*written);
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::{advance, timeout};

    struct Bench {
        motion: Arc<Motion>,
        ours: Moving<DuplexStream>,
        theirs: DuplexStream,
    }

    fn bench() -> Bench {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let motion = Motion::new();
        let ours = Moving::new(ours, motion.clone());
        Bench {
            motion,
            ours,
            theirs,
        }
    }

    impl Bench {
        async fn brings(&mut self, bytes: usize) {
            self.theirs.write_all(&vec![0; bytes]).await.unwrap();
            self.ours.read_exact(&mut vec![0; bytes]).await.unwrap();
        }

        /// Whether it ends within so many seconds.
        async fn ends_within(&self, seconds: u64) -> bool {
            let within = Duration::from_secs(seconds);
            timeout(within, self.motion.ended()).await.is_ok()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_stands_still_for_a_minute_ends() {
        let mut bench = bench();
        assert!(!bench.ends_within(59).await);
        assert!(bench.ends_within(2).await);
        bench.motion.begin();
        bench.brings(4096).await;
        assert!(!bench.ends_within(59).await);
        assert!(bench.ends_within(2).await);
    }

    #[tokio::test(start_paused = true)]
    async fn what_moves_is_never_cut_in_either_direction() {
        let mut bench = bench();
        bench.motion.begin();
        for _ in 0..600 {
            bench.brings(600).await;
            assert!(!bench.ends_within(30).await);
        }
        for _ in 0..600 {
            bench.ours.write_all(&[0; 600]).await.unwrap();
            bench.theirs.read_exact(&mut [0; 600]).await.unwrap();
            assert!(!bench.ends_within(30).await);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_a_byte_now_and_then_is_cut() {
        let mut bench = bench();
        bench.motion.begin();
        bench.brings(100).await;
        let mut seconds = 0;
        while !bench.ends_within(5).await {
            bench.brings(1).await;
            seconds += 5;
        }
        assert!((55..=65).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_cut_for_what_is_ours() {
        let bench = bench();
        bench.motion.begin();
        let ours = bench.motion.ours();
        assert!(!bench.ends_within(600).await);
        advance(Duration::from_secs(300)).await;
        drop(ours);
        assert!(!bench.ends_within(59).await);
        assert!(bench.ends_within(2).await);
    }
}
