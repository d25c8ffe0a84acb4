//! One session: what connection, engine and delivery share of it, its read loop and its write loop.
//!
//! Knows lines and bytes; what a line means is for the core.

use crate::engine::Arrival;
use crate::live::Live;
use crate::metrics::Counter;
use crate::outbox::{Outbox, Phase};
use crate::status::Status;
use crate::throttle::Throttle;
use bytes::{Buf, Bytes};
use causette_core::id::SessionId;
use causette_core::input::{Ending, Input, LineFault};
use causette_core::limits::LINES_IN_FLIGHT;
use causette_core::text::text;
use causette_proto::limits::{BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX};
use causette_proto::{CompactString, Frame, LineCodec, Message};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// Bytes that are read at a time, into the stack of the thread: an idle session owns no buffer.
const READ_BYTES: usize = 4096;

/// Slices of one vectored write.
const WRITE_SLICES: usize = 64;

/// Bytes of one TLS record at most.
const TLS_RECORD_BYTES: usize = 16 * 1024;

/// How long a closed session may take to get and read its last lines.
const CLOSING: Duration = Duration::from_secs(5);

/// What connection, engine and delivery share of one session.
#[derive(Debug)]
pub(crate) struct Session {
    /// Its id.
    pub(crate) id: SessionId,
    /// What waits to be written.
    pub(crate) outbox: Outbox,
    /// Room for lines between the read loop and the core. The read loop takes, the engine gives back.
    pub(crate) window: Semaphore,
}

impl Session {
    /// A session that is closed when it does not read and `sendq_bytes` wait for it.
    pub(crate) fn new(id: SessionId, sendq_bytes: usize) -> Self {
        Self {
            id,
            outbox: Outbox::new(sendq_bytes),
            window: Semaphore::new(LINES_IN_FLIGHT),
        }
    }
}

/// How bytes are best given to a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// Many slices at once.
    Vectored,
    /// In pieces of one TLS record.
    Records,
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
    session: &Session,
    opening: Vec<u8>,
    reader: &mut R,
    writer: &mut W,
    manner: Manner,
    inbox: &mpsc::Sender<Arrival>,
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut write = pin!(write_loop(
        &session.outbox,
        writer,
        manner.writing,
        &manner.status.metrics.sent
    ));
    let mut writes = true;
    let ending = tokio::select! {
        ending = read_loop(
            session,
            opening,
            reader,
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
    // Who has said all may still read. The core closes the outbox when everything that the last lines caused is in it. Where
    // the engine has ended there is nobody left to do so.
    if !(left && told) {
        session.outbox.close();
    }
    if writes {
        // Who does not read has had the time.
        let _ = timeout(CLOSING, write).await;
    }
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

/// Frames and parses lines and gives them to the engine, as fast as throttle and window let it.
async fn read_loop<R: AsyncRead + Unpin>(
    session: &Session,
    opening: Vec<u8>,
    reader: &mut R,
    mut throttle: Option<Throttle>,
    received: &Counter,
    inbox: &mpsc::Sender<Arrival>,
) -> Ending {
    let mut codec = LineCodec::new(BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX);
    codec.push(&opening);
    received.add(opening.len());
    drop(opening);
    loop {
        loop {
            let input = match codec.next() {
                None => break,
                Some(Frame::Overflow) => return Ending::Flood,
                Some(Frame::TooLong) => Input::BadLine {
                    session: session.id,
                    fault: LineFault::TooLong,
                },
                Some(Frame::Line(line)) => match Message::parse(line) {
                    Ok(message) => Input::Line {
                        session: session.id,
                        message,
                    },
                    Err(error) => Input::BadLine {
                        session: session.id,
                        fault: LineFault::Malformed(error),
                    },
                },
            };
            match session.window.acquire().await {
                Ok(room) => room.forget(),
                Err(_) => return Ending::Left,
            }
            if let Some(throttle) = &mut throttle {
                let pause = throttle.take(Instant::now());
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
            if inbox.send(Arrival::Input(input)).await.is_err() {
                return Ending::Left;
            }
        }
        match poll_fn(|cx| poll_chunk(reader, cx, |bytes| codec.push(bytes))).await {
            Ok(0) => return Ending::Left,
            Ok(count) => received.add(count),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ending::Left,
            Err(error) => return Ending::Failed(failure(&error)),
        }
    }
}

/// Reads what has come, without a buffer that outlives the call.
fn poll_chunk<R: AsyncRead + Unpin>(
    reader: &mut R,
    cx: &mut Context<'_>,
    take: impl FnOnce(&[u8]),
) -> Poll<io::Result<usize>> {
    let mut bytes = [0; READ_BYTES];
    let mut buffer = ReadBuf::new(&mut bytes);
    ready!(Pin::new(reader).poll_read(cx, &mut buffer))?;
    take(buffer.filled());
    Poll::Ready(Ok(buffer.filled().len()))
}

/// Writes what comes into the outbox, until it is closed and empty.
async fn write_loop<W: AsyncWrite + Unpin>(
    outbox: &Outbox,
    writer: &mut W,
    writing: Writing,
    sent: &Counter,
) -> io::Result<()> {
    while let Some(mut lines) = outbox.drain().await {
        let bytes = lines.iter().map(Bytes::len).sum();
        match writing {
            Writing::Vectored => write_slices(writer, &mut lines).await?,
            Writing::Records => write_records(writer, &mut lines).await?,
        }
        writer.flush().await?;
        outbox.written(bytes);
        sent.add(bytes);
    }
    Ok(())
}

async fn write_slices<W: AsyncWrite + Unpin>(
    writer: &mut W,
    lines: &mut VecDeque<Bytes>,
) -> io::Result<()> {
    while !lines.is_empty() {
        let written = poll_fn(|cx| {
            let mut slices = [IoSlice::new(&[]); WRITE_SLICES];
            let mut count = 0;
            for (slice, line) in slices.iter_mut().zip(lines.iter()) {
                *slice = IoSlice::new(line);
                count += 1;
            }
            Pin::new(&mut *writer).poll_write_vectored(cx, &slices[..count])
        })
        .await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        forget_written(lines, written);
    }
    Ok(())
}

fn forget_written(lines: &mut VecDeque<Bytes>, mut written: usize) {
    while let Some(line) = lines.front_mut() {
        if written < line.len() {
            line.advance(written);
            return;
        }
        written -= line.len();
        lines.pop_front();
    }
}

async fn write_records<W: AsyncWrite + Unpin>(
    writer: &mut W,
    lines: &mut VecDeque<Bytes>,
) -> io::Result<()> {
    let mut record = Vec::new();
    while let Some(line) = lines.pop_front() {
        if record.is_empty() && lines.is_empty() {
            return writer.write_all(&line).await;
        }
        if record.len() + line.len() > TLS_RECORD_BYTES {
            writer.write_all(&record).await?;
            record.clear();
        }
        record.extend_from_slice(&line);
    }
    writer.write_all(&record).await
}

/// What a socket's error is called in the register: its kind, which holds no address.
fn failure(error: &io::Error) -> CompactString {
    CompactString::from(error.kind().to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;
    use tokio::io::{AsyncReadExt, DuplexStream};
    use tokio::task::JoinHandle;

    struct Conversation {
        session: Arc<Session>,
        client: DuplexStream,
        arrivals: mpsc::Receiver<Arrival>,
        task: JoinHandle<()>,
    }

    fn conversation(opening: &'static [u8], writing: Writing) -> Conversation {
        let session = Arc::new(Session::new(SessionId(1), 1000));
        let (client, server) = tokio::io::duplex(64);
        let (inbox, arrivals) = mpsc::channel(8);
        let task = tokio::spawn({
            let session = session.clone();
            async move {
                let (mut reader, mut writer) = tokio::io::split(server);
                let manner = Manner {
                    writing,
                    throttle: None,
                    live: Arc::new(Live::new(Config::default())),
                    status: Arc::new(Status::new(Arc::default())),
                };
                converse(
                    &session,
                    opening.to_vec(),
                    &mut reader,
                    &mut writer,
                    manner,
                    &inbox,
                )
                .await;
                linger(&mut reader, &mut writer).await;
            }
        });
        Conversation {
            session,
            client,
            arrivals,
            task,
        }
    }

    async fn input(arrivals: &mut mpsc::Receiver<Arrival>) -> Input {
        match arrivals.recv().await.unwrap() {
            Arrival::Input(input) => input,
            other => panic!("{other:?}"),
        }
    }

    fn line(text: &str) -> Input {
        Input::Line {
            session: SessionId(1),
            message: Message::parse(text.as_bytes()).unwrap(),
        }
    }

    #[tokio::test]
    async fn lines_go_in_and_come_out_in_order() {
        for writing in [Writing::Vectored, Writing::Records] {
            let mut talk = conversation(b"NI", writing);
            talk.client
                .write_all(b"CK alice\r\nPING 1\r\nPI")
                .await
                .unwrap();
            assert_eq!(input(&mut talk.arrivals).await, line("NICK alice"));
            assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
            for number in 0..70 {
                talk.session.outbox.push(format!("{number:03}\r\n").into());
            }
            talk.session.outbox.close();
            let mut text = String::new();
            talk.client.read_to_string(&mut text).await.unwrap();
            let expected: String = (0..70).map(|number| format!("{number:03}\r\n")).collect();
            assert_eq!(text, expected);
            assert!(matches!(
                talk.arrivals.recv().await,
                Some(Arrival::Ended(SessionId(1)))
            ));
            drop(talk.client);
            talk.task.await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_window_holds_lines_back_until_the_engine_gives_room() {
        let mut talk = conversation(b"", Writing::Vectored);
        let lines = "PING 1\r\n".repeat(LINES_IN_FLIGHT + 1);
        let sender = async { talk.client.write_all(lines.as_bytes()).await.unwrap() };
        let receiver = async {
            for _ in 0..LINES_IN_FLIGHT {
                assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
            }
        };
        tokio::join!(sender, receiver);
        assert_eq!(talk.session.window.available_permits(), 0);
        assert!(talk.arrivals.try_recv().is_err());
        talk.session.window.add_permits(1);
        assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
    }

    #[tokio::test]
    async fn who_has_said_all_still_reads_the_answers() {
        let mut talk = conversation(b"", Writing::Vectored);
        talk.client.write_all(b"PING early\r\n").await.unwrap();
        talk.client.shutdown().await.unwrap();
        assert_eq!(input(&mut talk.arrivals).await, line("PING early"));
        let ended = Input::Closed {
            session: SessionId(1),
            reason: Ending::Left,
        };
        assert_eq!(input(&mut talk.arrivals).await, ended);
        talk.session
            .outbox
            .push(Bytes::from_static(b"PONG early\r\n"));
        talk.session.outbox.close();
        let mut text = String::new();
        talk.client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "PONG early\r\n");
        talk.task.await.unwrap();
    }

    #[tokio::test]
    async fn who_leaves_after_the_engine_has_ended_waits_for_nobody() {
        let mut talk = conversation(b"", Writing::Vectored);
        talk.arrivals.close();
        talk.client.shutdown().await.unwrap();
        let closing = Instant::now();
        talk.task.await.unwrap();
        assert!(closing.elapsed() < CLOSING);
    }

    #[tokio::test]
    async fn who_does_not_read_is_ended_as_a_slow_reader() {
        let mut talk = conversation(b"", Writing::Vectored);
        for _ in 0..20 {
            talk.session.outbox.push(Bytes::from(vec![b'x'; 100]));
        }
        let ended = Input::Closed {
            session: SessionId(1),
            reason: Ending::SlowReader,
        };
        assert_eq!(input(&mut talk.arrivals).await, ended);
    }

    #[tokio::test]
    async fn a_line_without_an_end_ends_the_session() {
        let mut talk = conversation(b"", Writing::Vectored);
        let endless = vec![b'x'; 20 * 1024];
        let (_, ended) = tokio::join!(talk.client.write_all(&endless), input(&mut talk.arrivals));
        assert_eq!(
            ended,
            Input::Closed {
                session: SessionId(1),
                reason: Ending::Flood
            }
        );
        let mut text = String::new();
        talk.client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "ERROR :A line without an end\r\n");
    }
}
