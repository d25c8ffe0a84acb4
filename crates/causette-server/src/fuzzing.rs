//! What the fuzz targets of this crate check, one function for each, so that ordinary tests can replay their inputs.
//! The targets themselves, and the inputs that once failed, live in `fuzz/`.
//!
//! All but the last is what the first bytes of a stranger meet: before anybody has signed in, and before a throttle knows of them.

use crate::admin::Office;
use crate::config::Config;
use crate::config::live::Live;
use crate::engine::pipe::Pipe;
use crate::files::Files;
use crate::http::{Http, Offer, Site, Visitor};
use crate::net::websocket::{Carriage, Decoder, Said, encode};
use crate::net::{gateway, proxy};
use crate::status::Status;
use causette_core::limits::PROXY_HEADER_BYTES;
use causette_proto::limits::{BODY_BYTES_MAX, LINE_BYTES_MAX};
use causette_store::Store;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::{io, str};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// Bytes of a frame's head at most: opcode, length and mask.
const FRAME_HEAD_BYTES_MAX: usize = 14;

/// A client's frames mean the same however the bytes were cut, nothing grows past one frame, and what they say comes back
/// unchanged when it is sent. The first byte of `input` seeds the cuts.
pub fn websocket(input: &[u8]) {
    let Some((&seed, bytes)) = input.split_first() else {
        return;
    };
    let mut whole = Decoder::default();
    let expected = said(&mut whole, bytes);
    let mut pieces = Decoder::default();
    let mut found = Vec::new();
    for piece in cut(seed, bytes) {
        found.extend(said(&mut pieces, piece));
        assert!(pieces.buffered() < FRAME_HEAD_BYTES_MAX + LINE_BYTES_MAX);
    }
    assert_eq!(found, expected);

    for message in expected {
        let Said::Message(message) = message else {
            continue;
        };
        // No line of ours is anything else, which `encode` relies on.
        if str::from_utf8(&message).is_err() {
            continue;
        }
        let carriage = if seed & 1 == 0 {
            Carriage::Text
        } else {
            Carriage::Binary
        };
        let mut sent = Vec::new();
        encode(&message, carriage, &mut sent);
        let lines: Vec<Vec<u8>> = message
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        assert_eq!(payloads(&sent), lines, "sent as {sent:?}");
    }
}

/// The header of a proxy is the same however the bytes were cut, what comes after it is not lost, and no endless one is
/// waited for. The first byte of `input` seeds the cuts.
pub fn proxy(input: &[u8]) {
    let Some((&seed, bytes)) = input.split_first() else {
        return;
    };
    let read = |pieces: Vec<&[u8]>| {
        let mut stream = Wire::new(pieces);
        let mut opening = Vec::new();
        let header = now(proxy::read(&mut stream, &mut opening));
        assert!(opening.len() <= PROXY_HEADER_BYTES);
        opening.extend(stream.rest());
        (header, opening)
    };
    let (header, after) = read(vec![bytes]);
    assert_eq!(read(cut(seed, bytes)).0, header);
    let Some(header) = header else {
        return;
    };
    assert_eq!(read(cut(seed, bytes)).1, after);
    assert!(bytes.ends_with(&after) && after.len() < bytes.len());
    let proxy::Header::Client { address, .. } = header else {
        return;
    };
    // In the other form, or the same once more, it is the same client.
    let family = if address.is_ipv4() { "TCP4" } else { "TCP6" };
    let (ip, port) = (address.ip(), address.port());
    let text = format!("PROXY {family} {ip} {ip} {port} 1\r\n");
    let again = read(vec![text.as_bytes()]);
    let expected = proxy::Header::Client { address, tls: None };
    assert_eq!(again, (Some(expected), Vec::new()), "{text:?}");
}

/// The line of a gateway is the same however the bytes were cut, what comes after it is not lost, and no endless one is
/// waited for. The first byte of `input` seeds the cuts.
pub fn webirc(input: &[u8]) {
    let Some((&seed, bytes)) = input.split_first() else {
        return;
    };
    let read = |pieces: Vec<&[u8]>| {
        let mut stream = Wire::new(pieces);
        let mut opening = Vec::new();
        let client = now(gateway::read(&mut stream, &mut opening));
        assert!(opening.len() <= BODY_BYTES_MAX);
        opening.extend(stream.rest());
        (client, opening)
    };
    let (client, after) = read(vec![bytes]);
    let (again, after_pieces) = read(cut(seed, bytes));
    assert_eq!(client, again);
    let Some(client) = client else {
        return;
    };
    assert_eq!(after, after_pieces);
    assert!(bytes.ends_with(&after) && bytes[bytes.len() - after.len() - 1] == b'\n');
    assert_eq!(
        client.address.ip(),
        client.address.ip().to_canonical(),
        "an address has one spelling, or bans would miss it"
    );
}

/// Whatever the head of a request says: the answer is one of HTTP, nobody reaches what is not theirs, and a header is
/// believed only of who may send it. The first byte of `input` says who asks, the second seeds the cuts.
pub fn http_head(input: &[u8]) {
    thread_local! {
        static SITE: (Runtime, Http) = site();
    }
    let &[who, seed, ref bytes @ ..] = input else {
        return;
    };
    let visitor = Visitor {
        address: if who & 1 == 0 {
            IpAddr::from([127, 0, 0, 1])
        } else {
            IpAddr::from([198, 51, 100, 1])
        },
        port: 4711,
        trusted: who & 2 != 0,
        is_private: who & 4 != 0,
        allow_plaintext: false,
    };
    let offer = if who & 8 == 0 {
        Offer::Everything
    } else {
        Offer::WebSocket
    };
    let answer = SITE.with(|(runtime, http)| {
        let _entered = runtime.enter();
        let wire = Wire::new(cut(seed, bytes));
        let answer = wire.written.clone();
        // An answer that the core would give does not come here, and nobody waits for it.
        let serving = pin!(http.serve(wire, visitor, offer));
        let _ = serving.poll(&mut Context::from_waker(Waker::noop()));
        lock(&answer).clone()
    });
    if answer.is_empty() {
        return;
    }
    assert!(answer.starts_with(b"HTTP/1."), "{}", lossy(&answer));
    let status: u16 = lossy(&answer)[9..12].parse().unwrap_or(0);
    assert!(
        matches!(status, 101 | 200 | 308 | 400..=431 | 503),
        "{}",
        lossy(&answer)
    );
    let speaks_in_clear = !visitor.is_private && !visitor.trusted;
    assert!(
        !(speaks_in_clear && matches!(status, 101 | 200)),
        "over plain text from elsewhere: {}",
        lossy(&answer)
    );
    let is_stranger = visitor.address == IpAddr::from([198, 51, 100, 1]) && !visitor.trusted;
    assert!(
        !(is_stranger && lossy(&answer).contains("\ncausette_")),
        "figures for a stranger: {}",
        lossy(&answer)
    );
}

/// A site without an engine, and what its timers need.
#[expect(
    clippy::unwrap_used,
    reason = "without a runtime there is nothing to try"
)]
fn site() -> (Runtime, Http) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let (inbox, _) = mpsc::channel(1);
    let site = Site {
        office: Arc::new(Office::idle(inbox.clone(), Arc::new(Store::temporary().unwrap())).0),
        live: Arc::new(Live::new(Config::default())),
        status: Arc::new(Status::new(Arc::new(Pipe::default()))),
        inbox,
        visits: Arc::default(),
        files: Arc::new(Files::nowhere()),
    };
    (runtime, Http::new(site))
}

/// Everything that the bytes say after those before them.
fn said(decoder: &mut Decoder, bytes: &[u8]) -> Vec<Said> {
    decoder.push(bytes);
    std::iter::from_fn(|| decoder.next()).collect()
}

/// The payloads of a server's frames, read after the RFC and not by our own code.
/// <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>
fn payloads(mut frames: &[u8]) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    while let [first, second, rest @ ..] = frames {
        assert!(matches!(first, 0x81 | 0x82), "one whole message each");
        let (length, rest) = match second {
            126 => (
                usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                &rest[2..],
            ),
            length => (usize::from(*length), rest),
        };
        let (payload, rest) = rest.split_at(length);
        payloads.push(payload.to_vec());
        frames = rest;
    }
    assert!(frames.is_empty());
    payloads
}

/// The bytes in pieces of sizes that follow from the seed.
fn cut(seed: u8, bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut size = usize::from(seed);
    let mut rest = bytes;
    while !rest.is_empty() {
        size = (size * 31 + 7) % 61;
        let (piece, after) = rest.split_at((size + 1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// What a future gives that has nothing to wait for.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("all bytes are there"),
    }
}

/// A connection of which all bytes are there, in pieces, and which then ends.
struct Wire {
    pieces: std::vec::IntoIter<Vec<u8>>,
    /// What is left of the piece that is being read.
    piece: Vec<u8>,
    written: Arc<std::sync::Mutex<Vec<u8>>>,
}

impl Wire {
    fn new(pieces: Vec<&[u8]>) -> Self {
        let pieces: Vec<Vec<u8>> = pieces.into_iter().map(<[u8]>::to_vec).collect();
        Self {
            pieces: pieces.into_iter(),
            piece: Vec::new(),
            written: Arc::default(),
        }
    }

    /// What nobody has read.
    fn rest(self) -> Vec<u8> {
        let mut rest = self.piece;
        rest.extend(self.pieces.flatten());
        rest
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.piece.is_empty() {
            self.piece = self.pieces.next().unwrap_or_default();
        }
        let length = self.piece.len().min(buffer.remaining());
        buffer.put_slice(&self.piece[..length]);
        self.piece.drain(..length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        lock(&self.written).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn lock<T>(shared: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What an older program left is read to its end, whatever stands in it.
pub fn older(input: &[u8]) {
    crate::import::anything::read(input);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::fs;
    use std::path::Path;

    /// Replays the inputs of `fuzz/corpus/regression/` without a fuzzer.
    fn replay(target: &str, body: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fuzz/corpus/regression")
            .join(target);
        let mut inputs = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            body(&fs::read(entry.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{} is empty", folder.display());
    }

    #[test]
    fn websocket_inputs() {
        replay("websocket", websocket);
    }

    #[test]
    fn proxy_inputs() {
        replay("proxy", proxy);
    }

    #[test]
    fn webirc_inputs() {
        replay("webirc", webirc);
    }

    #[test]
    fn http_head_inputs() {
        replay("http_head", http_head);
    }

    #[test]
    fn older_inputs() {
        replay("older", older);
    }
}
