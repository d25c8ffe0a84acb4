//! One accepted connection: finds out what it speaks, whether it may, and leads it there.

use crate::admission::{Caller, Denied};
use crate::cloak::Cloak;
use crate::config::{Listener, ListenerKind, ListenerTls};
use crate::engine::{Arrival, now};
use crate::http::{Http, Offer, Visitor};
use crate::listen::Addresses;
use crate::live::Live;
use crate::origin::{Origin, Relay};
use crate::refusal::Refusal;
use crate::session::{self, Manner, Session, Writing};
use crate::sniff::{self, Prefixed, Speech};
use crate::status::Status;
use crate::throttle::Throttle;
use crate::tls::{self, Tls};
use causette_core::id::{IdSequence, SessionId};
use causette_core::input::{Peer, Transport};
use causette_core::limits::HANDSHAKE_SECONDS;
use causette_proto::CompactString;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

/// How long a connection may take to say what it speaks, and each further step until it does.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(HANDSHAKE_SECONDS);

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
    /// The connections of each address.
    pub(crate) addresses: Arc<Addresses>,
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

/// What was agreed with the one who speaks TLS with us.
struct Agreed {
    tls: CompactString,
    certificate: Option<CompactString>,
}

impl Lobby {
    /// A connection as the core is told. What was agreed with who only speaks for somebody says nothing about that one.
    fn peer(&self, origin: &Origin, agreed: Option<Agreed>, writing: Writing) -> Peer {
        let (tls, certificate) = match (&origin.relay, agreed) {
            (None, Some(Agreed { tls, certificate })) => (Some(tls), certificate),
            (Some(Relay::Tls(tls)), _) => (Some(tls.clone()), None),
            (Some(Relay::Plain), _) | (None, None) => (None, None),
        };
        let transport = match (writing, tls.is_some()) {
            (Writing::Frames(_), false) => Transport::Ws,
            (Writing::Frames(_), true) => Transport::Wss,
            (_, false) => Transport::Irc,
            (_, true) => Transport::Ircs,
        };
        Peer {
            address: origin.address(),
            port: origin.peer.port(),
            local_port: origin.local_port,
            transport,
            tls,
            certificate,
            cloak: self.cloak.of(origin.address()),
            exempt: origin.exempt,
        }
    }

    /// Serves one connection until its end.
    pub(crate) async fn serve(
        &self,
        mut stream: TcpStream,
        listener: &Listener,
        caller: Result<Caller, Denied>,
    ) {
        let mut opening = Vec::new();
        let caller = match caller {
            Ok(proxy) if listener.proxy_protocol => {
                let introduced = self.introduced(&mut stream, &mut opening, proxy);
                match Box::pin(introduced).await {
                    Some(caller) => caller,
                    None => return,
                }
            }
            caller => caller,
        };
        match caller {
            Ok(caller) => self.hear(stream, opening, listener, caller).await,
            Err(denied) => Box::pin(self.turn_away(stream, denied)).await,
        }
    }

    /// Finds out what someone speaks.
    async fn hear(
        &self,
        mut stream: TcpStream,
        mut opening: Vec<u8>,
        listener: &Listener,
        caller: Caller,
    ) {
        let speech = match listener.tls {
            ListenerTls::Always => Some(Speech::Tls),
            _ => overhear(&mut stream, &mut opening).await,
        };
        let is_private = listener.allow_plaintext || caller.origin.is_private();
        match speech {
            None => {}
            Some(Speech::Tls) if listener.tls == ListenerTls::Never => {}
            // These are boxed so that the many plain sessions do not carry the size of the others.
            Some(Speech::Tls) => {
                Box::pin(self.serve_tls(Prefixed::new(opening, stream), listener, caller)).await
            }
            Some(Speech::Http) => {
                let Some(offer) = offer(listener.kind) else {
                    return;
                };
                let stream = Prefixed::new(opening, stream);
                // Of a trusted proxy each request says how its client speaks.
                if !is_private && !caller.origin.trusted {
                    return Box::pin(self.http.redirect(stream)).await;
                }
                // What answers requests is gone before the session begins.
                let visitor = visitor(&caller.origin, is_private, listener);
                let entered = Box::pin(self.http.serve(stream, visitor, offer)).await;
                if let Some(entered) = entered {
                    let (opening, mut stream) = entered.stream.flatten().into_parts();
                    let (reader, writer) = stream.split();
                    let caller = self.asking(caller, entered.asker);
                    let writing = Writing::Frames(entered.carriage);
                    self.converse(caller, None, opening, reader, writer, writing)
                        .await;
                }
            }
            Some(Speech::Irc | Speech::Gateway) if !speaks_irc(listener.kind) => {}
            Some(Speech::Irc | Speech::Gateway) if !is_private => {
                let denied = Denied {
                    origin: caller.origin,
                    refusal: Refusal::Plaintext,
                };
                Box::pin(self.turn_away(stream, denied)).await;
            }
            Some(speech) => {
                let caller = if speech == Speech::Gateway {
                    let secure = caller.origin.is_private();
                    let vouched = self.vouched(&mut stream, &mut opening, caller, secure, listener);
                    Box::pin(vouched).await
                } else {
                    Ok(caller)
                };
                let (reader, writer) = stream.split();
                let writing = Writing::Vectored;
                self.converse(caller, None, opening, reader, writer, writing)
                    .await;
            }
        }
    }

    async fn serve_tls(&self, stream: Prefixed<TcpStream>, listener: &Listener, caller: Caller) {
        let handshake = self.tls.accept(stream);
        let Ok(Some(mut stream)) = timeout(HANDSHAKE, Box::pin(handshake)).await else {
            return;
        };
        let mut opening = Vec::new();
        let heard = overhear(&mut stream, &mut opening).await;
        let connection = stream.get_ref().1;
        let speech = match heard {
            // Who has agreed on IRC speaks it.
            Some(Speech::Http) if connection.alpn_protocol() == Some(b"irc") => Some(Speech::Irc),
            heard => heard,
        };
        let agreed = Some(Agreed {
            tls: tls::describe(connection),
            certificate: tls::client_certificate(connection),
        });
        match (speech, offer(listener.kind)) {
            (Some(Speech::Http), Some(offer)) => {
                let stream = Prefixed::new(opening, stream);
                let visitor = visitor(&caller.origin, true, listener);
                let entered = Box::pin(self.http.serve(stream, visitor, offer)).await;
                if let Some(entered) = entered {
                    let (opening, stream) = entered.stream.flatten().into_parts();
                    let caller = self.asking(caller, entered.asker);
                    let writing = Writing::Frames(entered.carriage);
                    self.converse_tls(caller, agreed, opening, stream, writing)
                        .await;
                }
            }
            (Some(speech @ (Speech::Irc | Speech::Gateway)), _) if speaks_irc(listener.kind) => {
                let caller = if speech == Speech::Gateway {
                    let vouched = self.vouched(&mut stream, &mut opening, caller, true, listener);
                    Box::pin(vouched).await
                } else {
                    Ok(caller)
                };
                self.converse_tls(caller, agreed, opening, stream, Writing::Records)
                    .await;
            }
            _ => {}
        }
    }

    async fn converse_tls(
        &self,
        caller: Result<Caller, Denied>,
        agreed: Option<Agreed>,
        opening: Vec<u8>,
        stream: TlsStream<Prefixed<TcpStream>>,
        writing: Writing,
    ) {
        let (reader, writer) = tokio::io::split(stream);
        self.converse(caller, agreed, opening, reader, writer, writing)
            .await;
    }

    /// Tells someone who has not spoken yet why they may not come in.
    async fn turn_away(&self, mut stream: TcpStream, denied: Denied) {
        let peer = self.peer(&denied.origin, None, Writing::Vectored);
        let (mut reader, mut writer) = stream.split();
        let writing = Writing::Vectored;
        self.refuse(&mut reader, &mut writer, writing, peer, denied.refusal)
            .await;
    }

    /// The session, from its beginning to its end, or why there is none.
    async fn converse<R, W>(
        &self,
        caller: Result<Caller, Denied>,
        agreed: Option<Agreed>,
        opening: Vec<u8>,
        mut reader: R,
        mut writer: W,
        writing: Writing,
    ) where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let Caller { origin, place } = match caller.and_then(|caller| self.seated(caller)) {
            Ok(caller) => caller,
            Err(Denied { origin, refusal }) => {
                let peer = self.peer(&origin, agreed, writing);
                let refuse = self.refuse(&mut reader, &mut writer, writing, peer, refusal);
                return Box::pin(refuse).await;
            }
        };
        let peer = self.peer(&origin, agreed, writing);
        // An idle session carries nothing that it does not need.
        drop(origin);
        let config = self.live.config();
        let session = Arc::new(Session::new(
            self.ids.next(),
            config.settings.limits.sendq_bytes,
        ));
        let counted = self.status.count(peer.transport);
        let flood = &config.flood;
        let throttle =
            (!peer.exempt).then(|| Throttle::new(Instant::now(), flood.rate, flood.burst));
        let opened = Arrival::Opened {
            session: session.clone(),
            peer,
        };
        if self.inbox.send(opened).await.is_err() {
            return;
        }
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
        drop(place);
    }
}

/// Who has connected, as HTTP wants to know it.
fn visitor(origin: &Origin, is_private: bool, listener: &Listener) -> Visitor {
    Visitor {
        address: origin.address(),
        trusted: origin.trusted,
        is_private,
        allow_plaintext: listener.allow_plaintext,
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
