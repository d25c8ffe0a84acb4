//! One accepted connection: finds out what it speaks, whether it may, and leads it there.

use crate::config::live::Live;
use crate::config::{Listener, ListenerKind, ListenerTls};
use crate::engine::Arrival;
use crate::engine::timepiece::Timepiece;
use crate::http::{Http, Offer, Visitor};
use crate::identity::cloak::Cloak;
use crate::metrics::Spoken;
use crate::net::admission::{Caller, Denied};
use crate::net::listen::{AddressPlace, Addresses};
use crate::net::origin::{Origin, Relay};
use crate::net::refusal::Refusal;
use crate::net::session::{self, Manner, SessionHandle, Writing};
use crate::net::shortage::Resource;
use crate::net::sniff::{self, Prefixed, Speech};
use crate::net::throttle::Throttle;
use crate::net::tls::{self, Tls, Unshaken};
use crate::net::turnstile::Turnstile;
use crate::status::{Counted, Status};
use causette_core::id::{IdSequence, SessionId};
use causette_core::input::{Peer, Transport};
use causette_core::limits::HANDSHAKE_SECONDS;
use causette_proto::CompactString;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::AsyncRead;
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
    /// How fast they may come.
    pub(crate) turnstile: Turnstile,
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// Names sessions.
    pub(crate) ids: SessionIds,
    /// Counts sessions.
    pub(crate) status: Arc<Status>,
}

/// The ids of sessions, unique across restarts. Only odd ones: the even ones are the core's, so that a guest, who has the
/// number of a session, never meets an account.
pub(crate) struct SessionIds {
    last: Mutex<IdSequence>,
    timepiece: Timepiece,
}

impl SessionIds {
    /// Ids greater than every one that was given before.
    pub(crate) fn after(last: u64, timepiece: Timepiece) -> Self {
        Self {
            last: Mutex::new(IdSequence::after(last)),
            timepiece,
        }
    }

    /// The next one.
    pub(crate) fn next(&self) -> SessionId {
        let mut ids = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.timepiece.going();
        loop {
            let id = ids.next(now);
            if id % 2 == 1 {
                return SessionId(id);
            }
        }
    }
}

/// What was agreed with the one who speaks TLS with us.
pub(crate) struct Agreed {
    tls: CompactString,
    certificate: Option<CompactString>,
}

impl Agreed {
    /// On a stream whose handshake is over.
    pub(crate) fn of<S>(stream: &TlsStream<S>) -> Self {
        let connection = stream.get_ref().1;
        Self {
            tls: tls::describe(connection),
            certificate: tls::client_certificate(connection),
        }
    }
}

/// What lines go through.
pub(crate) enum Carrier {
    /// In clear.
    Plain(TcpStream),
    /// Over TLS.
    Tls(Box<TlsStream<Prefixed<TcpStream>>>),
}

/// Someone of whom is known who they are and what they speak.
struct Stranger {
    caller: Result<Caller, Denied>,
    agreed: Option<Agreed>,
    /// What they have said already.
    opening: Vec<u8>,
    line: Carrier,
    writing: Writing,
}

/// A session that has begun.
struct Talk {
    line: Carrier,
    opening: Vec<u8>,
    session: Arc<SessionHandle>,
    manner: Manner,
    place: Option<AddressPlace>,
}

impl Lobby {
    /// A connection as the core is told. What was agreed with who only speaks for somebody says nothing about that one.
    pub(crate) fn peer(&self, origin: &Origin, agreed: Option<Agreed>, writing: Writing) -> Peer {
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
    pub(crate) async fn serve(&self, stream: TcpStream, listener: &Listener, caller: Caller) {
        // What leads to a session is gone before it begins: an idle one carries nothing of it.
        let mut counted = self.status.count();
        let meeting = Box::pin(self.meet(stream, listener, caller, &mut counted));
        let Some(talk) = meeting.await else {
            return;
        };
        let Talk {
            line,
            opening,
            session,
            manner,
            place,
        } = talk;
        let inbox = &self.inbox;
        match line {
            Carrier::Plain(mut stream) => {
                let (mut reader, mut writer) = stream.split();
                session::converse(&session, opening, &mut reader, &mut writer, manner, inbox).await;
                // A stop waits long for what is written, and less for who is slow to leave.
                let _leaving = counted.leave();
                session::linger(&mut reader, &mut writer).await;
            }
            Carrier::Tls(stream) => {
                let (mut reader, mut writer) = tokio::io::split(stream);
                session::converse(&session, opening, &mut reader, &mut writer, manner, inbox).await;
                let _leaving = counted.leave();
                session::linger(&mut reader, &mut writer).await;
            }
        }
        drop(place);
    }

    /// Everything before a session; `None` where there is none.
    async fn meet(
        &self,
        mut stream: TcpStream,
        listener: &Listener,
        caller: Caller,
        counted: &mut Counted,
    ) -> Option<Talk> {
        let mut opening = Vec::new();
        let caller = if listener.proxy_protocol {
            self.introduced(&mut stream, &mut opening, caller).await?
        } else {
            Ok(caller)
        };
        let guest = match caller {
            Ok(caller) => {
                self.hear(stream, opening, listener, caller, counted)
                    .await?
            }
            Err(denied) => Stranger {
                caller: Err(denied),
                agreed: None,
                opening,
                line: Carrier::Plain(stream),
                writing: Writing::Vectored,
            },
        };
        self.begin(guest, counted).await
    }

    /// Finds out what someone speaks, and answers requests of HTTP until they ask for WebSocket.
    async fn hear(
        &self,
        mut stream: TcpStream,
        mut opening: Vec<u8>,
        listener: &Listener,
        caller: Caller,
        counted: &mut Counted,
    ) -> Option<Stranger> {
        let speech = match listener.tls {
            ListenerTls::Always => Speech::Tls,
            _ => overhear(&mut stream, &mut opening, HANDSHAKE).await?,
        };
        let is_private = listener.allow_plaintext || caller.origin.is_private();
        let (caller, opening, stream, writing) = match speech {
            Speech::Tls if listener.tls == ListenerTls::Never => return None,
            Speech::Tls => {
                let stream = Prefixed::new(opening, stream);
                return self.hear_tls(stream, listener, caller, counted).await;
            }
            Speech::Http => {
                let offer = offer(listener.kind)?;
                counted.speaks(Spoken::Http);
                let stream = Prefixed::new(opening, stream);
                // Of a trusted proxy each request says how its client speaks.
                if !is_private && !caller.origin.trusted {
                    self.http.redirect(stream).await;
                    return None;
                }
                let visitor = visitor(&caller.origin, is_private, listener);
                let entered = self.http.serve(stream, visitor, offer).await?;
                let (opening, stream) = entered.stream.flatten().into_parts();
                let caller = self.asking(caller, entered.asker);
                (caller, opening, stream, Writing::Frames(entered.carriage))
            }
            Speech::Irc | Speech::Gateway | Speech::Nothing if !speaks_irc(listener.kind) => {
                return None;
            }
            Speech::Irc | Speech::Gateway | Speech::Nothing if !is_private => {
                let denied = Denied {
                    origin: caller.origin,
                    refusal: Refusal::Plaintext,
                };
                (Err(denied), opening, stream, Writing::Vectored)
            }
            Speech::Gateway => {
                let secure = caller.origin.is_private();
                let vouched = self.vouched(&mut stream, &mut opening, caller, secure, listener);
                (vouched.await, opening, stream, Writing::Vectored)
            }
            Speech::Irc => (Ok(caller), opening, stream, Writing::Vectored),
            Speech::Nothing => (Err(silent(caller)), opening, stream, Writing::Vectored),
        };
        Some(Stranger {
            caller,
            agreed: None,
            opening,
            line: Carrier::Plain(stream),
            writing,
        })
    }

    /// The same over TLS.
    async fn hear_tls(
        &self,
        stream: Prefixed<TcpStream>,
        listener: &Listener,
        caller: Caller,
        counted: &mut Counted,
    ) -> Option<Stranger> {
        let handshake = timeout(HANDSHAKE, self.tls.accept(stream));
        let stream = match handshake.await.ok()? {
            Ok(stream) => stream,
            Err(Unshaken::Busy) => {
                self.turned_away(Resource::Handshakes);
                return None;
            }
            Err(Unshaken::Broken) => return None,
        };
        let mut stream = Box::new(stream);
        let mut opening = Vec::new();
        let heard = overhear(&mut stream, &mut opening, HANDSHAKE).await?;
        let connection = stream.get_ref().1;
        let speech = match heard {
            // Who has agreed on IRC speaks it.
            Speech::Http if connection.alpn_protocol() == Some(b"irc") => Speech::Irc,
            heard => heard,
        };
        let agreed = Some(Agreed::of(&stream));
        let (caller, opening, stream, writing) = match speech {
            Speech::Http => {
                let offer = offer(listener.kind)?;
                counted.speaks(Spoken::Http);
                let stream = Prefixed::new(opening, stream);
                let visitor = visitor(&caller.origin, true, listener);
                let entered = self.http.serve(stream, visitor, offer).await?;
                let (opening, stream) = entered.stream.flatten().into_parts();
                let caller = self.asking(caller, entered.asker);
                (caller, opening, stream, Writing::Frames(entered.carriage))
            }
            Speech::Irc | Speech::Gateway | Speech::Nothing if !speaks_irc(listener.kind) => {
                return None;
            }
            Speech::Gateway => {
                let vouched = self.vouched(&mut stream, &mut opening, caller, true, listener);
                (vouched.await, opening, stream, Writing::Records)
            }
            Speech::Irc => (Ok(caller), opening, stream, Writing::Records),
            Speech::Nothing => (Err(silent(caller)), opening, stream, Writing::Records),
            Speech::Tls => return None,
        };
        Some(Stranger {
            caller,
            agreed,
            opening,
            line: Carrier::Tls(stream),
            writing,
        })
    }

    /// Begins a session, or says why there is none.
    async fn begin(&self, guest: Stranger, counted: &mut Counted) -> Option<Talk> {
        let Stranger {
            caller,
            agreed,
            opening,
            line,
            writing,
        } = guest;
        let Caller { origin, place } = match caller.and_then(|caller| self.seated(caller)) {
            Ok(caller) => caller,
            Err(Denied { origin, refusal }) => {
                self.count_refused(refusal);
                let peer = self.peer(&origin, agreed, writing);
                self.refuse(line, writing, peer, refusal).await;
                return None;
            }
        };
        let peer = self.peer(&origin, agreed, writing);
        let config = self.live.config();
        let sendq_bytes = config.settings.limits.sendq_bytes;
        let session = Arc::new(SessionHandle::new(self.ids.next(), sendq_bytes));
        counted.speaks(Spoken::Irc(peer.transport));
        let flood = &config.flood;
        let throttle =
            (!peer.exempt).then(|| Throttle::new(Instant::now(), flood.rate, flood.burst));
        let opened = Arrival::Opened {
            session: session.clone(),
            peer,
        };
        self.inbox.send(opened).await.ok()?;
        if let Some(notice) = self.status.coming.greeting(&config.settings) {
            session.outbox.push(notice.into());
        }
        Some(Talk {
            line,
            opening,
            session,
            manner: Manner {
                writing,
                throttle,
                live: self.live.clone(),
                status: self.status.clone(),
            },
            place,
        })
    }
}

/// Who has said nothing, and is told so.
fn silent(caller: Caller) -> Denied {
    Denied {
        origin: caller.origin,
        refusal: Refusal::Silent,
    }
}

/// Who has connected, as HTTP wants to know it.
fn visitor(origin: &Origin, is_private: bool, listener: &Listener) -> Visitor {
    Visitor {
        address: origin.address(),
        port: origin.peer.port(),
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

/// What is spoken. Who has begun in time and not come to what tells it apart may be somebody who types.
pub(crate) async fn overhear<S: AsyncRead + Unpin>(
    stream: &mut S,
    opening: &mut Vec<u8>,
    patience: Duration,
) -> Option<Speech> {
    match timeout(patience, sniff::listen(stream, opening)).await {
        Ok(Ok(speech)) => speech,
        Ok(Err(_)) => None,
        Err(_) if opening.is_empty() => Some(Speech::Nothing),
        Err(_) => Some(Speech::Irc),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn who_says_nothing_in_time_is_told_from_who_types_slowly() {
        let (mut stream, mut client) = tokio::io::duplex(16);
        let mut opening = Vec::new();
        let heard = overhear(&mut stream, &mut opening, Duration::ZERO).await;
        assert_eq!(heard, Some(Speech::Nothing));
        client.write_all(b"P").await.unwrap();
        let heard = overhear(&mut stream, &mut opening, Duration::ZERO).await;
        assert_eq!(heard, Some(Speech::Irc));
    }

    #[test]
    fn session_ids_grow_and_are_odd() {
        let ids = SessionIds::after(u64::MAX >> 1, Timepiece::start());
        let (first, second) = (ids.next(), ids.next());
        assert!(first < second);
        assert!(first.0 % 2 == 1 && second.0 % 2 == 1);
        assert!(first.0 > u64::MAX >> 1);
    }
}
