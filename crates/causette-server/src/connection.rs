//! One accepted connection: finds out what it speaks, whether it may, and leads it there.

use crate::cloak::Cloak;
use crate::config::{Listener, ListenerKind, ListenerTls};
use crate::engine::{Arrival, now};
use crate::http::{Entered, Http, Offer, Visitor};
use crate::live::Live;
use crate::session::{self, Manner, Session, Writing};
use crate::sniff::{self, Prefixed, Speech};
use crate::status::Status;
use crate::throttle::Throttle;
use crate::tls::{self, Tls};
use causette_core::id::{IdSequence, SessionId};
use causette_core::input::{Peer, Transport};
use causette_core::limits::HANDSHAKE_SECONDS;
use causette_core::text::text;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

const HANDSHAKE: Duration = Duration::from_secs(HANDSHAKE_SECONDS);

/// What connections have in common.
pub(crate) struct Lobby {
    /// What the administrator decided.
    pub(crate) live: Arc<Live>,
    /// Speaks TLS.
    pub(crate) tls: Arc<Tls>,
    /// Hides addresses.
    pub(crate) cloak: Cloak,
    /// Speaks HTTP.
    pub(crate) http: Http,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// Names sessions.
    pub(crate) ids: SessionIds,
    /// Counts sessions.
    pub(crate) status: Arc<Status>,
}

/// The ids of sessions, unique across restarts. Only odd ones: the even ones are the core's, so that a guest, who has the
/// number of a session, never meets an account.
pub(crate) struct SessionIds(Mutex<IdSequence>);

impl SessionIds {
    /// Ids greater than every one that was given before.
    pub(crate) fn after(last: u64) -> Self {
        Self(Mutex::new(IdSequence::after(last)))
    }

    /// The next one.
    pub(crate) fn next(&self) -> SessionId {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now();
        loop {
            let id = ids.next(now);
            if id % 2 == 1 {
                return SessionId(id);
            }
        }
    }
}

/// Where a connection comes from and where it came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The other end.
    pub(crate) peer: SocketAddr,
    /// Our port.
    pub(crate) local_port: u16,
    /// Whether limits and throttles do not concern it.
    pub(crate) exempt: bool,
}

impl Origin {
    fn visitor(&self) -> Visitor {
        Visitor {
            address: self.peer.ip(),
        }
    }

    fn is_loopback(&self) -> bool {
        self.peer.ip().is_loopback()
    }
}

/// The address without the IPv6 form that IPv4 has on a listener of both.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    let ip: IpAddr = address.ip().to_canonical();
    SocketAddr::new(ip, address.port())
}

impl Lobby {
    /// A connection in clear, as the core is told.
    pub(crate) fn peer(&self, origin: &Origin) -> Peer {
        Peer {
            address: origin.peer.ip(),
            port: origin.peer.port(),
            local_port: origin.local_port,
            transport: Transport::Irc,
            tls: None,
            certificate: None,
            cloak: self.cloak.of(origin.peer.ip()),
            exempt: origin.exempt,
        }
    }

    /// Serves one connection until its end.
    pub(crate) async fn serve(&self, mut stream: TcpStream, listener: &Listener, origin: Origin) {
        let mut opening = Vec::new();
        let speech = match listener.tls {
            ListenerTls::Always => Some(Speech::Tls),
            _ => overhear(&mut stream, &mut opening).await,
        };
        let plain = listener.allow_plaintext || origin.is_loopback();
        match speech {
            None => {}
            Some(Speech::Tls) if listener.tls == ListenerTls::Never => {}
            // These are boxed so that the many plain sessions do not carry the size of the others.
            Some(Speech::Tls) => {
                Box::pin(self.serve_tls(Prefixed::new(opening, stream), listener, origin)).await
            }
            Some(Speech::Http) => {
                let Some(offer) = offer(listener.kind) else {
                    return;
                };
                let stream = Prefixed::new(opening, stream);
                if !plain {
                    return Box::pin(self.http.redirect(stream)).await;
                }
                // What answers requests is gone before the session begins.
                let entered = Box::pin(self.http.serve(stream, origin.visitor(), offer)).await;
                if let Some(Entered { stream, carriage }) = entered {
                    let (opening, mut stream) = stream.flatten().into_parts();
                    let peer = Peer {
                        transport: Transport::Ws,
                        ..self.peer(&origin)
                    };
                    let (reader, writer) = stream.split();
                    self.converse(peer, opening, reader, writer, Writing::Frames(carriage))
                        .await;
                }
            }
            Some(Speech::Irc) if !speaks_irc(listener.kind) => {}
            Some(Speech::Irc) if !plain => Box::pin(self.refuse_plain(stream)).await,
            Some(Speech::Irc) => {
                let (reader, writer) = stream.split();
                let peer = self.peer(&origin);
                self.converse(peer, opening, reader, writer, Writing::Vectored)
                    .await;
            }
        }
    }

    async fn serve_tls(&self, stream: Prefixed<TcpStream>, listener: &Listener, origin: Origin) {
        let handshake = self.tls.accept(stream);
        let Ok(Some(mut stream)) = timeout(HANDSHAKE, Box::pin(handshake)).await else {
            return;
        };
        let mut opening = Vec::new();
        let speech = match stream.get_ref().1.alpn_protocol() {
            Some(b"irc") => Some(Speech::Irc),
            _ => overhear(&mut stream, &mut opening).await,
        };
        let connection = stream.get_ref().1;
        let peer = Peer {
            transport: Transport::Ircs,
            tls: Some(tls::describe(connection)),
            certificate: tls::client_certificate(connection),
            ..self.peer(&origin)
        };
        match (speech, offer(listener.kind)) {
            (Some(Speech::Http), Some(offer)) => {
                let stream = Prefixed::new(opening, stream);
                let entered = Box::pin(self.http.serve(stream, origin.visitor(), offer)).await;
                if let Some(Entered { stream, carriage }) = entered {
                    let (opening, stream) = stream.flatten().into_parts();
                    let peer = Peer {
                        transport: Transport::Wss,
                        ..peer
                    };
                    self.converse_tls(peer, opening, stream, Writing::Frames(carriage))
                        .await;
                }
            }
            (Some(Speech::Irc), _) if speaks_irc(listener.kind) => {
                self.converse_tls(peer, opening, stream, Writing::Records)
                    .await;
            }
            _ => {}
        }
    }

    async fn converse_tls(
        &self,
        peer: Peer,
        opening: Vec<u8>,
        stream: TlsStream<Prefixed<TcpStream>>,
        writing: Writing,
    ) {
        let (reader, writer) = tokio::io::split(stream);
        self.converse(peer, opening, reader, writer, writing).await;
    }

    async fn converse<R, W>(
        &self,
        peer: Peer,
        opening: Vec<u8>,
        mut reader: R,
        mut writer: W,
        writing: Writing,
    ) where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let config = self.live.config();
        let session = Arc::new(Session::new(
            self.ids.next(),
            config.settings.limits.sendq_bytes,
        ));
        let counted = self.status.count(peer.transport);
        let flood = &config.flood;
        let throttle =
            (!peer.exempt).then(|| Throttle::new(Instant::now(), flood.rate, flood.burst));
        if self
            .inbox
            .send(Arrival::Opened {
                session: session.clone(),
                peer,
            })
            .await
            .is_ok()
        {
            let manner = Manner {
                writing,
                throttle,
                live: self.live.clone(),
                status: self.status.clone(),
            };
            // A session lasts longer than a configuration.
            drop(config);
            session::converse(
                &session,
                opening,
                &mut reader,
                &mut writer,
                manner,
                &self.inbox,
            )
            .await;
            // A stop waits for what is written, not for who is slow to leave.
            drop(counted);
            session::linger(&mut reader, &mut writer).await;
        }
    }

    /// Tells an IRC client from elsewhere that only TLS is spoken.
    async fn refuse_plain(&self, mut stream: TcpStream) {
        let (mut reader, mut writer) = stream.split();
        let reason = text(self.live.language(), "refused-plaintext");
        let line = format!("ERROR :{reason}\r\n");
        if let Ok(Ok(())) = timeout(HANDSHAKE, writer.write_all(line.as_bytes())).await {
            session::linger(&mut reader, &mut writer).await;
        }
    }
}

/// What HTTP is for on a listener; `None` where it is not spoken.
fn offer(kind: ListenerKind) -> Option<Offer> {
    match kind {
        ListenerKind::Any | ListenerKind::Http => Some(Offer::Everything),
        ListenerKind::WebSocket => Some(Offer::WebSocket),
        ListenerKind::Irc => None,
    }
}

fn speaks_irc(kind: ListenerKind) -> bool {
    matches!(kind, ListenerKind::Any | ListenerKind::Irc)
}

/// What is spoken. Who says nothing in time may be an IRC client that waits for the server.
async fn overhear<S: AsyncRead + Unpin>(stream: &mut S, opening: &mut Vec<u8>) -> Option<Speech> {
    match timeout(HANDSHAKE, sniff::listen(stream, opening)).await {
        Ok(Ok(speech)) => speech,
        Ok(Err(_)) => None,
        Err(_) => Some(Speech::Irc),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_grow_and_are_odd() {
        let ids = SessionIds::after(u64::MAX >> 1);
        let (first, second) = (ids.next(), ids.next());
        assert!(first < second);
        assert!(first.0 % 2 == 1 && second.0 % 2 == 1);
        assert!(first.0 > u64::MAX >> 1);
    }
}
