//! The bytes of a file on their way out: read ahead by a piece or two on a thread that may wait for the disk, at the pace of who fetches.

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Bytes that are read at a time.
const PIECE: usize = 1 << 17;

/// Pieces that are read ahead.
const AHEAD: usize = 2;

/// A part of a file.
struct Part {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

/// A part of a file, as the body of an answer.
pub(super) fn part(file: File, part: Range<u64>) -> Body {
    let left = part.end - part.start;
    let (give, pieces) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || read(&file, part, &give));
    Body::new(Part { pieces, left })
}

fn read(file: &File, part: Range<u64>, give: &mpsc::Sender<io::Result<Bytes>>) {
    let mut at = part.start;
    while at < part.end {
        let length = usize::try_from(part.end - at).unwrap_or(PIECE).min(PIECE);
        let mut piece = vec![0; length];
        let read = file
            .read_exact_at(&mut piece, at)
            .map(|()| Bytes::from(piece));
        let failed = read.is_err();
        // Whoever fetches has gone, or is told by an end that comes too early.
        if give.blocking_send(read).is_err() || failed {
            return;
        }
        at += length as u64;
    }
}

impl HttpBody for Part {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = match self.pieces.poll_recv(context) {
            Poll::Ready(Some(Ok(piece))) => piece,
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => return Poll::Pending,
        };
        self.left -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
