//! Tells by its first bytes what a connection speaks, without losing them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// A TLS handshake begins.
    Tls,
    /// An HTTP request begins.
    Http,
    /// A gateway speaks for somebody: WEBIRC.
    Gateway,
    /// None of them.
    Irc,
    /// Nothing: no byte came in time.
    Nothing,
}

/// The methods by which an HTTP request is known. CONNECT and TRACE are also commands of IRC, and nothing answers them here.
const METHODS: [&[u8]; 7] = [
    b"GET ",
    b"HEAD ",
    b"POST ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
];

/// The command of a gateway. Like every command of IRC it may be written in small letters.
const GATEWAY: &[u8] = b"WEBIRC ";

/// The first byte of a TLS record that holds a handshake. <https://www.rfc-editor.org/rfc/rfc8446#section-5.1>
const TLS_HANDSHAKE: u8 = 22;

/// Bytes that tell everything apart.
const OPENING_BYTES_MAX: usize = 16;

/// What the bytes are the beginning of, or `None` when they are too few.
pub(crate) fn classify(bytes: &[u8]) -> Option<Speech> {
    let first = *bytes.first()?;
    if first == TLS_HANDSHAKE {
        return Some(Speech::Tls);
    }
    for method in METHODS {
        if bytes.starts_with(method) {
            return Some(Speech::Http);
        }
        if method.starts_with(bytes) {
            return None;
        }
    }
    let compared = bytes.len().min(GATEWAY.len());
    match bytes[..compared].eq_ignore_ascii_case(&GATEWAY[..compared]) {
        true if compared == GATEWAY.len() => Some(Speech::Gateway),
        true => None,
        false => Some(Speech::Irc),
    }
}

/// Reads until the bytes in `opening` tell what is spoken; `None` when the other end left before. May be abandoned: what
/// was read is then in `opening`.
pub(crate) async fn listen<S: AsyncRead + Unpin>(
    stream: &mut S,
    opening: &mut Vec<u8>,
) -> io::Result<Option<Speech>> {
    loop {
        if let Some(speech) = classify(opening) {
            return Ok(Some(speech));
        }
        let missing = OPENING_BYTES_MAX.saturating_sub(opening.len()) as u64;
        if (&mut *stream).take(missing).read_buf(opening).await? == 0 {
            return Ok(None);
        }
    }
}

/// A stream of which the first bytes were read already.
#[derive(Debug)]
pub(crate) struct Prefixed<S> {
    prefix: Vec<u8>,
    stream: S,
}

impl<S> Prefixed<S> {
    /// The stream with the bytes put back.
    pub(crate) fn new(prefix: Vec<u8>, stream: S) -> Self {
        Self { prefix, stream }
    }

    /// What was read and not taken yet, and the stream.
    pub(crate) fn into_parts(self) -> (Vec<u8>, S) {
        (self.prefix, self.stream)
    }
}

impl<S> Prefixed<Prefixed<S>> {
    /// Both prefixes as one: what was put back last comes first.
    pub(crate) fn flatten(mut self) -> Prefixed<S> {
        self.prefix.extend(self.stream.prefix);
        Prefixed::new(self.prefix, self.stream.stream)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prefixed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.prefix.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.prefix.len().min(buffer.remaining());
        buffer.put_slice(&self.prefix[..length]);
        self.prefix = self.prefix.split_off(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prefixed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use tokio::io::AsyncWriteExt;

    #[test]
    fn the_first_bytes_decide() {
        assert_eq!(classify(b""), None);
        assert_eq!(classify(b"\x16\x03\x01"), Some(Speech::Tls));
        assert_eq!(classify(b"GET / HTTP/1.1\r\n"), Some(Speech::Http));
        assert_eq!(classify(b"WEBIRC x"), Some(Speech::Gateway));
        assert_eq!(classify(b"webirc "), Some(Speech::Gateway));
        for undecided in [
            &b"G"[..],
            b"PO",
            b"P",
            b"OPTIONS",
            b"DELETE",
            b"w",
            b"WEBIRC",
        ] {
            assert_eq!(classify(undecided), None, "{undecided:?}");
        }
        for irc in [
            &b"CAP LS 302\r\n"[..],
            b"NICK",
            b"PASS",
            b"PONG",
            b"WHO",
            b"WEBIRC\r\n",
            b"get / HTTP",
            b"\r\n",
            b"GETX",
            b"\xff",
        ] {
            assert_eq!(classify(irc), Some(Speech::Irc), "{irc:?}");
        }
    }

    #[tokio::test]
    async fn what_was_read_is_not_lost() {
        let (mut client, mut server) = tokio::io::duplex(1);
        let sender = async {
            client.write_all(b"POST /x HTTP/1.1\r\n\r\n").await.unwrap();
            client.shutdown().await.unwrap();
        };
        let receiver = async {
            let mut opening = Vec::new();
            assert_eq!(
                listen(&mut server, &mut opening).await.unwrap(),
                Some(Speech::Http)
            );
            let mut text = String::new();
            Prefixed::new(opening, server)
                .read_to_string(&mut text)
                .await
                .unwrap();
            assert_eq!(text, "POST /x HTTP/1.1\r\n\r\n");
        };
        tokio::join!(sender, receiver);
    }

    #[tokio::test]
    async fn who_leaves_without_a_word_speaks_nothing() {
        let (client, mut server) = tokio::io::duplex(1);
        drop(client);
        assert_eq!(listen(&mut server, &mut Vec::new()).await.unwrap(), None);
    }
}
