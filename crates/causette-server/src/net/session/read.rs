//! The read loop: from bytes to lines to the engine, as fast as throttle and window let it.

use super::SessionHandle;
use crate::engine::Arrival;
use crate::metrics::Counter;
use crate::net::throttle::{Price, Throttle};
use crate::net::websocket::{Code, Decoder, Said};
use causette_core::id::SessionId;
use causette_core::input::{Ending, Input, LineFault, LineProblem};
use causette_proto::limits::{BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX};
use causette_proto::{CompactString, Frame, LineCodec, Message};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

/// Bytes that are read at a time, into the stack of the thread: an idle session owns no buffer.
const READ_BYTES: usize = 4096;

/// What a session's bytes say next.
enum Heard {
    /// A line, or what should have been one.
    Line(Result<Message, LineFault>),
    /// A question of WebSocket's, with the frame that answers it.
    Ping(Vec<u8>),
    /// A frame of WebSocket's that says nothing.
    Nothing,
    /// Nothing more comes, for that reason; the code with which WebSocket ends.
    End(Ending, Code),
}

/// Takes bytes apart: lines, or messages of WebSocket that hold one each.
struct Inlet {
    lines: LineCodec,
    // Boxed, because most sessions have none.
    messages: Option<Box<Decoder>>,
}

impl Inlet {
    fn new(is_websocket: bool) -> Self {
        Self {
            lines: LineCodec::new(BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX),
            messages: is_websocket.then(Box::default),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        match &mut self.messages {
            Some(messages) => messages.push(bytes),
            None => self.lines.push(bytes),
        }
    }

    fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(frame) = self.lines.next() {
                return Some(match frame {
                    Frame::Line(line) => {
                        let fault = |error| LineFault::of(LineProblem::Malformed(error), line);
                        Heard::Line(Message::parse(line).map_err(fault))
                    }
                    Frame::TooLong(tags) => {
                        Heard::Line(Err(LineFault::of(LineProblem::TooLong, tags)))
                    }
                    Frame::Overflow => Heard::End(Ending::Flood, Code::TOO_BIG),
                });
            }
            match self.messages.as_mut()?.next()? {
                Said::Message(line) if line.is_empty() => return Some(Heard::Nothing),
                Said::Message(line) => {
                    // Some end it as on TCP, which adds an empty line that nobody sees.
                    self.lines.push(&line);
                    self.lines.push(b"\n");
                }
                Said::TooLong(beginning) => {
                    let fault = LineFault::of(LineProblem::TooLong, &beginning);
                    return Some(Heard::Line(Err(fault)));
                }
                Said::Nothing => return Some(Heard::Nothing),
                Said::Ping(pong) => return Some(Heard::Ping(pong)),
                Said::Close(code) => return Some(Heard::End(Ending::Left, code)),
                Said::Fault(Code::TOO_BIG) => {
                    return Some(Heard::End(Ending::Flood, Code::TOO_BIG));
                }
                Said::Fault(code) => {
                    let reason = CompactString::const_new("invalid data");
                    return Some(Heard::End(Ending::Failed(reason), code));
                }
            }
        }
    }
}

/// Reads lines and gives them to the engine, until no more come.
pub(super) async fn read_loop<R: AsyncRead + Unpin>(
    session: &SessionHandle,
    opening: Vec<u8>,
    reader: &mut R,
    is_websocket: bool,
    mut throttle: Option<Throttle>,
    received: &Counter,
    inbox: &mpsc::Sender<Arrival>,
) -> Ending {
    let mut inlet = Inlet::new(is_websocket);
    inlet.push(&opening);
    received.add(opening.len());
    drop(opening);
    loop {
        while let Some(heard) = inlet.next() {
            let line = match heard {
                Heard::Line(line) => line,
                Heard::Ping(pong) => {
                    // It costs as much as a line, so that nobody keeps us busy with it.
                    pace(session, &mut throttle, Price::Whole).await;
                    session.outbox.push(pong.into());
                    continue;
                }
                Heard::Nothing => {
                    pace(session, &mut throttle, Price::Whole).await;
                    continue;
                }
                Heard::End(ending, code) => {
                    session.end_with(code);
                    return ending;
                }
            };
            match session.window.acquire().await {
                Ok(room) => room.forget(),
                Err(_) => return Ending::Left,
            }
            let price = line.as_ref().map_or(Price::Whole, Price::of);
            pace(session, &mut throttle, price).await;
            let input = input(session.id, line);
            if inbox.send(Arrival::Input(input)).await.is_err() {
                return Ending::Left;
            }
            if price == Price::Told && throttle.is_some() {
                session.handled().await;
            }
        }
        match poll_fn(|cx| poll_chunk(reader, cx, |bytes| inlet.push(bytes))).await {
            Ok(0) => return Ending::Left,
            Ok(count) => received.add(count),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ending::Left,
            Err(error) => return Ending::Failed(super::failure(&error)),
        }
    }
}

/// Waits for the turn of what was read.
async fn pace(session: &SessionHandle, throttle: &mut Option<Throttle>, price: Price) {
    if let Some(throttle) = throttle {
        let now = Instant::now();
        throttle.owe(now, session.take_owed());
        let pause = throttle.take(now, price);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

fn input(session: SessionId, line: Result<Message, LineFault>) -> Input {
    match line {
        Ok(message) => Input::Line { session, message },
        Err(fault) => Input::BadLine { session, fault },
    }
}

/// Reads what has come, without a buffer that outlives the call.
pub(super) fn poll_chunk<R: AsyncRead + Unpin>(
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
