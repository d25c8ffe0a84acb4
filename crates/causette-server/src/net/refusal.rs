//! What is told to who may not come in, and to the register.

use crate::config::{Listener, ListenerTls};
use crate::engine::Arrival;
use crate::http::Visitor;
use crate::net::admission::Denied;
use crate::net::connection::{Agreed, Carrier, Lobby, overhear};
use crate::net::origin::Origin;
use crate::net::session::{self, SessionHandle, Writing};
use crate::net::shortage::Resource;
use crate::net::sniff::{Prefixed, Speech};
use crate::net::websocket::{self, Code};
use crate::status::Status;
use causette_core::input::{Ending, Input, Peer};
use causette_proto::CompactString;
use causette_text::text;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long who is refused may take to get the one line that says why.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no place left for anybody.
    Full,
    /// Too many came in a short time, from their address or from all.
    TooFast,
    /// Their address has all its connections.
    TooMany,
    /// They speak in clear, and others could read along.
    Plaintext,
    /// Only proxies connect here, and they are none that is trusted.
    NoProxy,
    /// They speak for others and may not.
    NoGateway,
    /// They may, and do not say for whom.
    NoClient,
    /// They have said nothing in time.
    Silent,
}

impl Refusal {
    /// The text that they are told.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Full => "refused-full",
            Self::TooFast => "refused-too-fast",
            Self::TooMany => "refused-too-many-connections",
            Self::Plaintext => "refused-plaintext",
            Self::NoProxy => "refused-no-proxy",
            Self::NoGateway => "refused-no-gateway",
            Self::NoClient => "refused-no-client",
            Self::Silent => "refused-silent",
        }
    }

    /// What has run out, where something has.
    pub(crate) fn resource(self) -> Option<Resource> {
        match self {
            Self::Full => Some(Resource::Connections),
            Self::TooFast => Some(Resource::Arrivals),
            Self::TooMany
            | Self::Plaintext
            | Self::NoProxy
            | Self::NoGateway
            | Self::NoClient
            | Self::Silent => None,
        }
    }

    /// What the register keeps; nothing of who only forgot to switch TLS on, nor of those who come in masses: they would fill
    /// the disk, and are counted. Those who say nothing are entered together.
    fn reason(self) -> Option<&'static str> {
        match self {
            Self::TooMany => Some("too many connections from this address"),
            Self::Plaintext | Self::NoClient | Self::Full | Self::TooFast | Self::Silent => None,
            Self::NoProxy => Some("not a trusted proxy"),
            Self::NoGateway => Some("not a trusted gateway"),
        }
    }
}

/// How long who finds no place may take to say what they speak, and to be told.
const HEARING: Duration = Duration::from_secs(2);

/// What is to be counted of one who finds no place: once, before they are told, and nothing where they are answered all the
/// same.
#[derive(Clone)]
pub(crate) struct Reckoning {
    status: Arc<Status>,
    refusal: Refusal,
    open: Arc<AtomicBool>,
}

impl Reckoning {
    /// Of one of whom nothing is counted yet.
    pub(crate) fn of(status: Arc<Status>, refusal: Refusal) -> Self {
        let open = Arc::new(AtomicBool::new(true));
        Self {
            status,
            refusal,
            open,
        }
    }

    /// Why there is no place.
    pub(crate) fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// They have got what they asked for.
    pub(crate) fn answered(&self) {
        self.open.store(false, Ordering::Relaxed);
    }

    /// They have not, or will not.
    pub(crate) fn turned_away(&self) {
        if self.open.swap(false, Ordering::Relaxed)
            && let Some(resource) = self.refusal.resource()
        {
            self.status.metrics.shortages.turn_away(resource);
        }
    }
}

impl Lobby {
    /// Tells somebody in the way in which they speak that there is no place for them. Who asks by HTTP how the server is
    /// gets an answer all the same.
    pub(crate) async fn turn_away(&self, stream: TcpStream, listener: &Listener, denied: Denied) {
        let reckoning = Reckoning::of(self.status.clone(), denied.refusal);
        let telling = self.turn_away_slowly(stream, listener, denied.origin, &reckoning);
        // Who is slow to be told is not told.
        let _ = timeout(HEARING * 2, telling).await;
        reckoning.turned_away();
    }

    async fn turn_away_slowly(
        &self,
        mut stream: TcpStream,
        listener: &Listener,
        mut origin: Origin,
        reckoning: &Reckoning,
    ) {
        let refusal = reckoning.refusal();
        let mut opening = Vec::new();
        if listener.proxy_protocol && origin.trusted {
            let client = self.announced(&mut stream, &mut opening, &origin, HEARING);
            match client.await {
                Some(client) => origin = client.unwrap_or(origin),
                None => return,
            }
        }
        let speech = match listener.tls {
            ListenerTls::Always => Some(Speech::Tls),
            _ => overhear(&mut stream, &mut opening, HEARING).await,
        };
        let visitor = |is_private| Visitor {
            address: origin.address(),
            port: origin.peer.port(),
            trusted: origin.trusted,
            is_private,
            allow_plaintext: listener.allow_plaintext,
        };
        let stream = match speech {
            Some(Speech::Tls) if listener.tls != ListenerTls::Never => {
                Prefixed::new(opening, stream)
            }
            Some(Speech::Http) => {
                let stream = Prefixed::new(opening, stream);
                let visitor = visitor(origin.is_private());
                return self.http.turn_away(stream, visitor, reckoning).await;
            }
            _ => {
                reckoning.turned_away();
                let peer = self.peer(&origin, None, Writing::Vectored);
                let line = Carrier::Plain(stream);
                return self.refuse(line, Writing::Vectored, peer, refusal).await;
            }
        };
        let Ok(stream) = self.tls.accept_refused(stream).await else {
            return;
        };
        let mut stream = Box::new(stream);
        let mut opening = Vec::new();
        match overhear(&mut stream, &mut opening, HEARING).await {
            Some(Speech::Http) => {
                let stream = Prefixed::new(opening, stream);
                self.http.turn_away(stream, visitor(true), reckoning).await;
            }
            _ => {
                reckoning.turned_away();
                let peer = self.peer(&origin, Some(Agreed::of(&stream)), Writing::Records);
                let line = Carrier::Tls(stream);
                self.refuse(line, Writing::Records, peer, refusal).await;
            }
        }
    }

    /// Tells somebody in clear, whatever they speak, for whom there is not even a place to be told.
    pub(crate) fn turn_away_at_once(&self, stream: TcpStream, refusal: Refusal) {
        let told = format!("ERROR :{}\r\n", text(self.live.language(), refusal.key()));
        // The buffer of a new connection is empty: it takes a line, or the other end has left.
        let _ = stream
            .into_std()
            .and_then(|mut stream| stream.write_all(told.as_bytes()));
    }

    /// Tells somebody why they may not come in, and the register too.
    pub(crate) async fn refuse(
        &self,
        line: Carrier,
        writing: Writing,
        peer: Peer,
        refusal: Refusal,
    ) {
        let told = format!("ERROR :{}\r\n", text(self.live.language(), refusal.key()));
        let mut bytes = Vec::new();
        if let Writing::Frames(carriage) = writing {
            websocket::encode(told.as_bytes(), carriage, &mut bytes);
            websocket::encode_close(Code::POLICY, &mut bytes);
        } else {
            bytes.extend(told.into_bytes());
        }
        if let Some(reason) = refusal.reason() {
            let refused = Input::Refused {
                peer,
                reason: CompactString::const_new(reason),
            };
            // Where the engine has ended nothing is recorded any more.
            let _ = self.inbox.send(Arrival::Input(refused)).await;
        } else if refusal == Refusal::Silent {
            self.came_and_went(peer).await;
        }
        // Who comes in masses gets no more of our time than the line takes.
        let lingers = !matches!(refusal, Refusal::TooMany | Refusal::TooFast);
        match line {
            Carrier::Plain(mut stream) => {
                let (mut reader, mut writer) = stream.split();
                tell(&mut reader, &mut writer, &bytes, lingers).await;
            }
            Carrier::Tls(stream) => {
                let (mut reader, mut writer) = tokio::io::split(stream);
                tell(&mut reader, &mut writer, &bytes, lingers).await;
            }
        }
    }

    /// Has one counted who has said nothing: the core enters those of an address together.
    async fn came_and_went(&self, peer: Peer) {
        let sendq_bytes = self.live.config().settings.limits.sendq_bytes;
        let session = Arc::new(SessionHandle::new(self.ids.next(), sendq_bytes));
        let closed = Input::Closed {
            session: session.id,
            reason: Ending::Left,
        };
        let opened = Arrival::Opened { session, peer };
        // Where the engine has ended nothing is recorded any more.
        if self.inbox.send(opened).await.is_ok() {
            let _ = self.inbox.send(Arrival::Input(closed)).await;
        }
    }
}

async fn tell<R, W>(reader: &mut R, writer: &mut W, bytes: &[u8], lingers: bool)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let told = async {
        writer.write_all(bytes).await?;
        writer.flush().await
    };
    // Who does not take even this line is refused all the same.
    if matches!(timeout(PATIENCE, told).await, Ok(Ok(()))) && lingers {
        session::linger(reader, writer).await;
    }
}
