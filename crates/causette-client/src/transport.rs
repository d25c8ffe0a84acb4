//! One connection to a server: opened, encrypted, cut into lines.

use crate::address::{Address, Encryption};
use crate::core::locale::Locale;
use crate::trust::{Fingerprint, Judge, Verdict};
use causette_proto::limits::{LINE_BYTES_MAX, TAGS_BYTES_MAX};
use causette_proto::{Frame, LineCodec, Message};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long opening a connection may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Lines that wait to be written at most: the throttle of a server may hold a client back for a while.
pub(crate) const LINES_WAITING: usize = 1_024;

/// Messages that were read and wait to be handled: when a face is slow, the network waits.
pub(crate) const MESSAGES_WAITING: usize = 1_024;

/// Bytes that are read at once.
const READ_BYTES: usize = 16 * 1_024;

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answers there, or the connection broke.
    Unreachable(String),
    /// The key is not known, and nobody vouches for it.
    Unknown(Fingerprint),
    /// The key is not the one that was trusted or asked for.
    Changed(Fingerprint),
}

/// What protects a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    #[default]
    Clear,
    /// TLS, of this version.
    Tls(&'static str),
}

/// What a connection tells, with the number of the connection.
#[derive(Debug)]
pub(crate) enum News {
    Opened(Protection, Option<Fingerprint>),
    Line(Message),
    Closed(Failure),
}

/// Opens a connection and serves it until it ends or nobody wants to send any more.
pub(crate) async fn run(
    number: u64,
    address: Address,
    locale: Locale,
    trusted: Option<Fingerprint>,
    mut lines: mpsc::Receiver<Message>,
    news: mpsc::Sender<(u64, News)>,
) {
    let failure = match timeout(PATIENCE, open(&address, &locale, trusted)).await {
        Ok(Ok((stream, protection, key))) => {
            // Whoever does not listen any more has no use for the connection either.
            if news
                .send((number, News::Opened(protection, key)))
                .await
                .is_err()
            {
                return;
            }
            let (reader, writer) = tokio::io::split(stream);
            tokio::select! {
                failure = read(number, reader, &locale, &news) => failure,
                failure = write(writer, &locale, &mut lines) => match failure {
                    Some(failure) => failure,
                    None => return,
                },
            }
        }
        Ok(Err(failure)) => failure,
        Err(_) => Failure::Unreachable(locale.text("client-timed-out")),
    };
    let _ = news.send((number, News::Closed(failure))).await;
}

/// A stream of either kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Why nobody answers: in words of ours where it is one of the usual reasons, else in those of the system.
fn words_of(error: &std::io::Error, locale: &Locale) -> String {
    use std::io::ErrorKind;
    let key = match error.kind() {
        ErrorKind::ConnectionRefused => "client-refused",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "client-out-of-reach",
        ErrorKind::TimedOut => "client-timed-out",
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
            "client-closed"
        }
        _ => return error.to_string(),
    };
    locale.text(key)
}

/// Why no address of a name is known: that there is no such name is one reason of several, and the system tells them apart by
/// its words only.
fn words_of_lookup(error: &std::io::Error, locale: &Locale) -> String {
    const NO_SUCH_NAME: [&str; 3] = ["not known", "does not resolve", "No address associated"];
    let words = error.to_string();
    if NO_SUCH_NAME.iter().any(|part| words.contains(part)) {
        locale.text("client-name-unknown")
    } else {
        words_of(error, locale)
    }
}

/// Opens a connection to a server whose key is trusted.
pub(crate) async fn open(
    address: &Address,
    locale: &Locale,
    trusted: Option<Fingerprint>,
) -> Result<(Box<dyn Stream>, Protection, Option<Fingerprint>), Failure> {
    let unreachable = |error: std::io::Error| Failure::Unreachable(words_of(&error, locale));
    let places: Vec<_> = tokio::net::lookup_host((address.host.as_str(), address.port))
        .await
        .map_err(|error| Failure::Unreachable(words_of_lookup(&error, locale)))?
        .collect();
    let stream = TcpStream::connect(places.as_slice())
        .await
        .map_err(unreachable)?;
    // A line that is typed must not wait for the next one.
    stream.set_nodelay(true).map_err(unreachable)?;
    if address.encryption == Encryption::Clear {
        return Ok((Box::new(stream), Protection::Clear, None));
    }
    let judge = Arc::new(Judge::new(address.fingerprint.or(trusted)));
    let config = ClientConfig::builder_with_provider(judge.provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Unreachable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(judge.clone())
        .with_no_client_auth();
    let name = ServerName::try_from(address.host.clone())
        .map_err(|error| Failure::Unreachable(error.to_string()))?;
    let handshake = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    match (handshake, judge.verdict()) {
        (Ok(stream), _) => {
            let version = match stream.get_ref().1.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
                _ => "TLS 1.3",
            };
            Ok((Box::new(stream), Protection::Tls(version), judge.seen()))
        }
        (Err(_), Some(Verdict::Unknown(key))) => Err(Failure::Unknown(key)),
        (Err(_), Some(Verdict::Changed(key))) => Err(Failure::Changed(key)),
        (Err(error), _) => Err(unreachable(error)),
    }
}

async fn read(
    number: u64,
    mut reader: impl AsyncRead + Unpin,
    locale: &Locale,
    news: &mpsc::Sender<(u64, News)>,
) -> Failure {
    let mut codec = LineCodec::new(LINE_BYTES_MAX, TAGS_BYTES_MAX);
    let mut bytes = vec![0; READ_BYTES];
    loop {
        match reader.read(&mut bytes).await {
            Ok(0) => return Failure::Unreachable(String::new()),
            Ok(count) => codec.push(&bytes[..count]),
            Err(error) => return Failure::Unreachable(words_of(&error, locale)),
        }
        while let Some(frame) = codec.next() {
            let message = match frame {
                Frame::Line(line) => parse(line),
                Frame::TooLong(_) => None,
                Frame::Overflow => return Failure::Unreachable(String::new()),
            };
            if let Some(message) = message
                && news.send((number, News::Line(message))).await.is_err()
            {
                return Failure::Unreachable(String::new());
            }
        }
    }
}

/// A line; what is not UTF-8 in it is replaced, since old servers relay old encodings.
fn parse(line: &[u8]) -> Option<Message> {
    match std::str::from_utf8(line) {
        Ok(_) => Message::parse(line).ok(),
        Err(_) => Message::parse(String::from_utf8_lossy(line).as_bytes()).ok(),
    }
}

/// Writes what is to be sent; nothing is returned once nobody wants to send any more and all is written.
async fn write(
    mut writer: impl AsyncWrite + Unpin,
    locale: &Locale,
    lines: &mut mpsc::Receiver<Message>,
) -> Option<Failure> {
    let mut text = String::new();
    let failed = |error: std::io::Error| Some(Failure::Unreachable(words_of(&error, locale)));
    while let Some(first) = lines.recv().await {
        text.clear();
        let mut next = Some(first);
        while let Some(line) = next {
            line.format_into(&mut text);
            text.push_str("\r\n");
            next = lines.try_recv().ok();
        }
        if let Err(error) = writer.write_all(text.as_bytes()).await {
            return failed(error);
        }
        if let Err(error) = writer.flush().await {
            return failed(error);
        }
    }
    // The last words are said; how the other side takes it changes nothing.
    let _ = writer.shutdown().await;
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_text::Language;

    #[test]
    fn only_a_name_that_there_is_not_is_told_not_to_be() {
        let locale = Locale::utc(Language::En);
        let told = |words: &str| {
            let words = format!("failed to lookup address information: {words}");
            words_of_lookup(&std::io::Error::other(words), &locale)
        };
        let unknown = locale.text("client-name-unknown");
        for words in [
            "Name or service not known",
            "nodename nor servname provided, or not known",
            "Name does not resolve",
            "No address associated with hostname",
        ] {
            assert_eq!(told(words), unknown);
        }
        let busy = "Temporary failure in name resolution";
        assert!(told(busy).ends_with(busy));
    }
}
