//! Who has come: for whom a proxy or a gateway speaks, and whether there is a place for them.

use crate::config::Listener;
use crate::http::Asker;
use crate::net::connection::{HANDSHAKE, Lobby};
use crate::net::gateway;
use crate::net::listen::AddressPlace;
use crate::net::origin::{Origin, Relay};
use crate::net::proxy::{self, Header};
use crate::net::refusal::Refusal;
use crate::net::shortage::Resource;
use causette_proto::CompactString;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::AsyncRead;
use tokio::time::timeout;

/// TLS that a gateway has ended, which does not say which.
const TLS_OF_GATEWAY: CompactString = CompactString::const_new("TLS (gateway)");

/// Someone who has come.
#[derive(Debug)]
pub(crate) struct Caller {
    /// From where.
    pub(crate) origin: Origin,
    /// Their place among the connections of their address. Who may speak for others has none until it speaks for itself.
    pub(crate) place: Option<AddressPlace>,
}

/// Someone who may not come in.
#[derive(Debug)]
pub(crate) struct Denied {
    /// From where.
    pub(crate) origin: Origin,
    /// Why not.
    pub(crate) refusal: Refusal,
}

impl Lobby {
    /// Someone from an address, unless it has all its connections.
    pub(crate) fn receive(&self, origin: Origin) -> Result<Caller, Denied> {
        let caller = Caller {
            origin,
            place: None,
        };
        if caller.origin.trusted {
            return Ok(caller);
        }
        let (origin, flood) = (&caller.origin, &self.live.config().flood);
        if !origin.exempt
            && !self
                .turnstile
                .admits(origin.address(), Instant::now(), flood)
        {
            return Err(Denied {
                origin: caller.origin,
                refusal: Refusal::TooFast,
            });
        }
        self.seated(caller)
    }

    /// Somebody for whom there is no place at all.
    pub(crate) fn full(&self, origin: Origin) -> Denied {
        let refusal = Refusal::Full;
        Denied { origin, refusal }
    }

    /// Counts one who is told so, where nothing is left.
    pub(crate) fn count_refused(&self, refusal: Refusal) {
        if let Some(resource) = refusal.resource() {
            self.turned_away(resource);
        }
    }

    /// Counts one who finds nothing left of something.
    pub(crate) fn turned_away(&self, resource: Resource) {
        self.status.metrics.shortages.turn_away(resource);
    }

    /// The same with a place, unless their address has all its connections.
    pub(crate) fn seated(&self, caller: Caller) -> Result<Caller, Denied> {
        if caller.place.is_some() {
            return Ok(caller);
        }
        let origin = caller.origin;
        let places = if origin.exempt {
            usize::MAX
        } else {
            self.live.config().settings.limits.sessions_per_ip
        };
        match self.addresses.enter(origin.address(), places) {
            None => Err(Denied {
                origin,
                refusal: Refusal::TooMany,
            }),
            place => Ok(Caller { origin, place }),
        }
    }

    /// The one for whom a proxy connects; `None` when it does not say in time.
    pub(crate) async fn introduced<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        opening: &mut Vec<u8>,
        proxy: Caller,
    ) -> Option<Result<Caller, Denied>> {
        if !proxy.origin.trusted {
            return Some(Err(Denied {
                origin: proxy.origin,
                refusal: Refusal::NoProxy,
            }));
        }
        let client = self.announced(stream, opening, &proxy.origin, HANDSHAKE);
        Some(match client.await? {
            None => Ok(proxy),
            Some(client) => self.receive(client),
        })
    }

    /// The client of a trusted proxy, which has none where it connects for itself. Nothing when it does not say within a time.
    pub(crate) async fn announced<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        opening: &mut Vec<u8>,
        proxy: &Origin,
        patience: Duration,
    ) -> Option<Option<Origin>> {
        let header = timeout(patience, proxy::read(stream, opening)).await;
        match header.ok().flatten() {
            Some(Header::Own) => Some(None),
            Some(Header::Client { address, tls }) => {
                let relay = tls.map(Relay::Tls);
                Some(Some(proxy.of_client(address, relay, &self.live.config())))
            }
            None => {
                tracing::warn!(
                    event = "proxy.no_header",
                    "a trusted proxy has connected without a PROXY header"
                );
                None
            }
        }
    }

    /// The one for whom a gateway connects (WEBIRC). It is believed about their TLS only where nobody can read along between
    /// it and us (`secure`).
    pub(crate) async fn vouched<S: AsyncRead + Unpin>(
        &self,
        stream: &mut S,
        opening: &mut Vec<u8>,
        gateway: Caller,
        secure: bool,
        listener: &Listener,
    ) -> Result<Caller, Denied> {
        let denied = |origin, refusal| Err(Denied { origin, refusal });
        if !gateway.origin.trusted {
            return denied(gateway.origin, Refusal::NoGateway);
        }
        let client = timeout(HANDSHAKE, gateway::read(stream, opening)).await;
        let Some(client) = client.ok().flatten() else {
            return denied(gateway.origin, Refusal::NoClient);
        };
        let relay = if client.secure && secure {
            Relay::Tls(TLS_OF_GATEWAY)
        } else {
            Relay::Plain
        };
        let caller = self.receive_client(&gateway.origin, client.address, Some(relay))?;
        if listener.allow_plaintext || caller.origin.is_private() {
            Ok(caller)
        } else {
            denied(caller.origin, Refusal::Plaintext)
        }
    }

    /// The one who asks over HTTP, who may be another than has connected.
    pub(crate) fn asking(&self, visitor: Caller, asker: Asker) -> Result<Caller, Denied> {
        match asker.relay {
            None => Ok(visitor),
            relay => {
                let client = SocketAddr::new(asker.address, asker.port);
                self.receive_client(&visitor.origin, client, relay)
            }
        }
    }

    fn receive_client(
        &self,
        speaker: &Origin,
        client: SocketAddr,
        relay: Option<Relay>,
    ) -> Result<Caller, Denied> {
        self.receive(speaker.of_client(client, relay, &self.live.config()))
    }
}
