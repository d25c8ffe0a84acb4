//! The write loop: what waits in the outbox goes out, as its transport takes it best.

use super::SessionHandle;
use crate::net::outbox::Phase;
use crate::net::websocket::{self, Carriage, Code};
use crate::status::Status;
use bytes::{Buf, Bytes};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Slices of one vectored write.
const WRITE_SLICES: usize = 64;

/// Bytes that are gathered for one write: those of a TLS record.
const RECORD_BYTES: usize = 16 * 1024;

/// How bytes are given to a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// Many slices at once.
    Vectored,
    /// In pieces of one TLS record.
    Records,
    /// Each line as one message of WebSocket.
    Frames(Carriage),
}

/// Writes what comes into the outbox, until it is closed and empty.
pub(super) async fn write_loop<W: AsyncWrite + Unpin>(
    session: &SessionHandle,
    writer: &mut W,
    writing: Writing,
    status: &Status,
) -> io::Result<()> {
    while let Some(mut lines) = session.outbox.drain().await {
        let bytes = lines.iter().map(Bytes::len).sum();
        match writing {
            Writing::Vectored => write_slices(writer, &mut lines).await?,
            Writing::Records => write_records(writer, &mut lines).await?,
            Writing::Frames(carriage) => write_frames(writer, &lines, carriage).await?,
        }
        writer.flush().await?;
        session.outbox.written(bytes);
        status.metrics.sent.add(bytes);
    }
    if let Writing::Frames(_) = writing {
        let code = match session.outbox.ending().await {
            Phase::Overflowed => Code::POLICY,
            Phase::Open | Phase::Closed if session.code() != Code::NORMAL => session.code(),
            Phase::Open | Phase::Closed if status.stopping() => Code::GOING_AWAY,
            Phase::Open | Phase::Closed => Code::NORMAL,
        };
        let mut last = Vec::new();
        websocket::encode_close(code, &mut last);
        writer.write_all(&last).await?;
        writer.flush().await?;
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
        if record.len() + line.len() > RECORD_BYTES {
            writer.write_all(&record).await?;
            record.clear();
        }
        record.extend_from_slice(&line);
    }
    writer.write_all(&record).await
}

async fn write_frames<W: AsyncWrite + Unpin>(
    writer: &mut W,
    lines: &VecDeque<Bytes>,
    carriage: Carriage,
) -> io::Result<()> {
    let mut frames = Vec::new();
    for line in lines {
        if !frames.is_empty() && frames.len() + line.len() > RECORD_BYTES {
            writer.write_all(&frames).await?;
            frames.clear();
        }
        websocket::encode(line, carriage, &mut frames);
    }
    writer.write_all(&frames).await
}
