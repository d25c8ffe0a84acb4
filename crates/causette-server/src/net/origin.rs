//! Where a connection comes from: its own address, or the one for which somebody speaks who may.

use crate::config::Config;
use causette_proto::CompactString;
use std::net::{IpAddr, SocketAddr};

/// Where a connection comes from and where it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The other end, or the client of the one who speaks for it.
    pub(crate) peer: SocketAddr,
    /// Our port.
    pub(crate) local_port: u16,
    /// Whether limits and throttles do not concern it.
    pub(crate) exempt: bool,
    /// Whether it may speak for others.
    pub(crate) trusted: bool,
    /// How the client speaks with the one who speaks for it, where that is not how we are spoken with.
    pub(crate) relay: Option<Relay>,
}

/// How a client speaks with the one who speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    /// In clear.
    Plain,
    /// Over TLS: version and cipher suite, as far as they are known.
    Tls(CompactString),
}

impl Origin {
    /// Of a connection that nobody has spoken for yet.
    pub(crate) fn new(peer: SocketAddr, local_port: u16, config: &Config) -> Self {
        let address = peer.ip().to_canonical();
        Self {
            peer: SocketAddr::new(address, peer.port()),
            local_port,
            exempt: config.flood.exempts(address),
            trusted: config.trusts(address),
            relay: None,
        }
    }

    /// Of the client of the one who speaks.
    pub(crate) fn of_client(
        &self,
        client: SocketAddr,
        relay: Option<Relay>,
        config: &Config,
    ) -> Self {
        Self {
            relay,
            ..Self::new(client, self.local_port, config)
        }
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.peer.ip().is_loopback()
    }

    /// Whether nobody on the way can read along though we are spoken with in clear.
    pub(crate) fn is_private(&self) -> bool {
        match self.relay {
            Some(Relay::Tls(_)) => true,
            Some(Relay::Plain) | None => self.is_loopback(),
        }
    }

    /// The address.
    pub(crate) fn address(&self) -> IpAddr {
        self.peer.ip()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn config() -> Config {
        Config::parse("[proxy]\ntrusted = [\"127.0.0.1\"]\n[flood]\nexempt = [\"192.0.2.0/24\"]")
            .unwrap()
    }

    #[test]
    fn a_client_has_its_own_rights_and_not_those_of_the_one_who_speaks_for_it() {
        let config = config();
        let proxy = Origin::new("[::ffff:127.0.0.1]:5".parse().unwrap(), 6667, &config);
        assert!(proxy.trusted && !proxy.exempt && proxy.is_private());
        assert_eq!(proxy.peer, "127.0.0.1:5".parse().unwrap());
        let client = |address: &str, relay| {
            proxy.of_client(SocketAddr::new(address.parse().unwrap(), 1), relay, &config)
        };
        let stranger = client("198.51.100.1", None);
        assert!(!stranger.trusted && !stranger.exempt && !stranger.is_private());
        assert_eq!(stranger.local_port, 6667);
        assert!(client("192.0.2.1", None).exempt);
        assert!(!client("198.51.100.1", Some(Relay::Plain)).is_private());
        assert!(client("198.51.100.1", Some(Relay::Tls("TLS".into()))).is_private());
    }
}
