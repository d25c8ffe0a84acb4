//! One session: what connection, engine and delivery share of it, and its conversation: a read loop and a write loop.
//!
//! Knows lines and bytes; what a line means is for the core.

mod read;
mod write;

pub(crate) use write::Writing;

use crate::config::live::Live;
use crate::engine::Arrival;
use crate::net::outbox::{Outbox, Phase};
use crate::net::throttle::Throttle;
use crate::net::websocket::Code;
use crate::status::Status;
use causette_core::id::SessionId;
use causette_core::input::{Ending, Input};
use causette_core::limits::{LINES_IN_FLIGHT, LINES_OWED};
use causette_proto::CompactString;
use causette_text::text;
use read::{poll_chunk, read_loop};
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use write::write_loop;

/// How long a closed session may take to get and read its last lines.
const CLOSING: Duration = Duration::from_secs(5);

/// How long the last words of an engine that has ended may take to come into the outbox.
const ENGINE_ENDED: Duration = Duration::from_millis(250);

/// What connection, engine and delivery share of one session.
#[derive(Debug)]
pub(crate) struct SessionHandle {
    /// Its id.
    pub(crate) id: SessionId,
    /// What waits to be written.
    pub(crate) outbox: Outbox,
    /// Room for lines between the read loop and the core. The read loop takes, the engine gives back.
    pub(crate) window: Semaphore,
    /// Lines that it has cost and not paid for. The engine adds, the read loop takes.
    owed: AtomicU32,
    /// Why it ends, where WebSocket wants to know.
    code: AtomicU16,
}

impl SessionHandle {
    /// A session that is closed when it does not read and `sendq_bytes` wait for it.
    pub(crate) fn new(id: SessionId, sendq_bytes: usize) -> Self {
        Self {
            id,
            outbox: Outbox::new(sendq_bytes),
            window: Semaphore::new(LINES_IN_FLIGHT),
            owed: AtomicU32::new(0),
            code: AtomicU16::new(Code::NORMAL.0),
        }
    }

    /// It has cost so many lines beyond those that it said.
    pub(crate) fn owe(&self, lines: u32) {
        // Below what wraps around: what is beyond the bound is let off anyhow.
        self.owed
            .fetch_add(lines.min(LINES_OWED), Ordering::Relaxed);
    }

    /// What it owes, and now pays.
    fn take_owed(&self) -> u32 {
        self.owed.swap(0, Ordering::Relaxed)
    }

    /// Waits until the engine has handled all lines that were given to it.
    async fn handled(&self) {
        // Where there is no more room to be had the session has ended.
        let _ = self.window.acquire_many(LINES_IN_FLIGHT as u32).await;
    }

    fn code(&self) -> Code {
        Code(self.code.load(Ordering::Relaxed))
    }

    fn end_with(&self, code: Code) {
        self.code.store(code.0, Ordering::Relaxed);
    }
}

/// How a session is talked with.
#[derive(Debug)]
pub(crate) struct Manner {
    /// How bytes are given to its transport.
    pub(crate) writing: Writing,
    /// How fast it may speak, where that is bounded.
    pub(crate) throttle: Option<Throttle>,
    /// In which language the server says its last word.
    pub(crate) live: Arc<Live>,
    /// Counts what goes in and out.
    pub(crate) status: Arc<Status>,
}

/// Reads and writes until the session ends on either side, and what it is still owed is written. `opening` are the bytes that were read already.
pub(crate) async fn converse<R, W>(
    session: &SessionHandle,
    opening: Vec<u8>,
    reader: &mut R,
    writer: &mut W,
    manner: Manner,
    inbox: &mpsc::Sender<Arrival>,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut write = pin!(write_loop(session, writer, manner.writing, &manner.status));
    let mut writes = true;
    let ending = tokio::select! {
        ending = read_loop(
            session,
            opening,
            reader,
            matches!(manner.writing, Writing::Frames(_)),
            manner.throttle,
            &manner.status.metrics.received,
            inbox
        ) => Some(ending),
        result = &mut write => {
            writes = false;
            match result {
                Ok(()) => of_outbox(session.outbox.ending().await),
                Err(error) => Some(Ending::Failed(failure(&error))),
            }
        }
        phase = session.outbox.ending() => of_outbox(phase),
    };
    if ending == Some(Ending::SlowReader) {
        manner.status.metrics.overflows.increment();
    }
    if ending == Some(Ending::Flood) {
        session.outbox.push(
            format!(
                "ERROR :{}\r\n",
                text(manner.live.language(), "closing-flood")
            )
            .into(),
        );
    }
    let left = ending == Some(Ending::Left);
    let arrival = match ending {
        Some(reason) => Arrival::Input(Input::Closed {
            session: session.id,
            reason,
        }),
        None => Arrival::Ended(session.id),
    };
    let told = inbox.send(arrival).await.is_ok();
    // Who has said all may still read. The core closes the outbox when everything that the last lines caused is in it.
    let close = async {
        if !told {
            // The engine has ended, and what it said last may still be on its way; who came too late for it gets nothing.
            let _ = timeout(ENGINE_ENDED, session.outbox.ending()).await;
        }
        if !(left && told) {
            session.outbox.close();
        }
    };
    let finish = async {
        if writes {
            // Who does not read has had the time.
            let _ = timeout(CLOSING, write).await;
        }
    };
    tokio::join!(close, finish);
    session.outbox.close();
}

/// Why a session ended whose outbox did; `None` when the core closed it.
fn of_outbox(phase: Phase) -> Option<Ending> {
    (phase == Phase::Overflowed).then_some(Ending::SlowReader)
}

/// Ends the writing side, then reads for a moment what the other end still says: closing a socket with unread bytes would
/// take back the last lines that were written.
pub(crate) async fn linger<R, W>(reader: &mut R, writer: &mut W)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    const LINGER: Duration = Duration::from_secs(1);
    const LINGER_READS: usize = 256;
    let farewell = async {
        if writer.shutdown().await.is_err() {
            return;
        }
        for _ in 0..LINGER_READS {
            if !matches!(poll_fn(|cx| poll_chunk(reader, cx, |_| ())).await, Ok(1..)) {
                return;
            }
        }
    };
    let _ = timeout(LINGER, farewell).await;
}

/// What a socket's error is called in the register: its kind, which holds no address.
fn failure(error: &io::Error) -> CompactString {
    CompactString::from(error.kind().to_string())
}

#[cfg(test)]
mod tests;
