//! The bytes of a file on their way out: read ahead by a piece, at the pace of who fetches. Each piece is read by itself on a
//! thread that may wait for the disk, so that nobody holds one by being slow.

use crate::aside;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;

/// Bytes that are read at a time. Larger pieces, or more of them ahead, fill the cores of a small machine, and those who talk are heard
/// later.
const PIECE: u64 = 1 << 17;

/// A segment of an answer.
#[derive(Debug)]
pub(super) enum Segment {
    /// As it is.
    Text(Bytes),
    /// A part of the file.
    Part(Range<u64>),
}

impl Segment {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Part(part) => part.end - part.start,
        }
    }
}

/// What is on its way out.
struct Outgoing {
    file: Arc<File>,
    coming: VecDeque<Segment>,
    /// The piece that is read ahead.
    read: Option<Reading>,
    left: u64,
}

enum Reading {
    Done(Bytes),
    UnderWay(JoinHandle<io::Result<Bytes>>),
}

/// Parts of a file with something between them, as the body of an answer.
pub(super) fn of(file: File, segments: Vec<Segment>) -> Body {
    Body::new(Outgoing {
        file: Arc::new(file),
        left: segments.iter().map(Segment::length).sum(),
        coming: segments.into(),
        read: None,
    })
}

impl Outgoing {
    /// Begins to read what comes next, unless that is done; `None` at the end.
    fn read_ahead(&mut self) -> Option<&mut Reading> {
        while self.read.is_none() {
            self.read = match self.coming.front_mut()? {
                Segment::Part(part) if part.start < part.end => {
                    let end = part.end.min(part.start.saturating_add(PIECE));
                    let piece = part.start..end;
                    part.start = end;
                    let file = self.file.clone();
                    let reading = aside::run(move || piece_of(&file, piece));
                    Some(Reading::UnderWay(reading))
                }
                Segment::Part(_) => {
                    self.coming.pop_front();
                    None
                }
                Segment::Text(text) => {
                    let text = std::mem::take(text);
                    self.coming.pop_front();
                    Some(Reading::Done(text))
                }
            };
        }
        self.read.as_mut()
    }
}

fn piece_of(file: &File, piece: Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(piece.end - piece.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, piece.start)?;
    Ok(Bytes::from(bytes))
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let read = match self.read_ahead() {
            None => return Poll::Ready(None),
            Some(Reading::Done(text)) => Ok(std::mem::take(text)),
            Some(Reading::UnderWay(reading)) => {
                let read = ready!(Pin::new(reading).poll(context));
                read.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
            }
        };
        self.read = None;
        // Whoever fetches is told of a failure by an end that comes too early.
        let piece = read.inspect_err(|error| {
            tracing::error!(event = "files.unreadable", error = %error, "the bytes of a file cannot be read");
        })?;
        self.left -= piece.len() as u64;
        self.read_ahead();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
