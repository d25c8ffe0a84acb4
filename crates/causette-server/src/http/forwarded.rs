//! For whom a proxy asks: `X-Forwarded-For` and `X-Forwarded-Proto`, from those who may say so.
//! <https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For>

use super::Visitor;
use crate::config::Config;
use crate::net::origin::Relay;
use crate::net::proxy::TLS_OF_PROXY;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Version};
use std::net::{IpAddr, SocketAddr};

/// Who asks, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    /// The address.
    pub(crate) address: IpAddr,
    /// The port; 0 where the proxy that asks for it does not say.
    pub(crate) port: u16,
    /// How it speaks with the proxy that asks for it; `None` where no proxy does.
    pub(crate) relay: Option<Relay>,
    /// Whether somebody seems to ask for another who may not: the address is then that of a proxy.
    pub(super) unknown: bool,
}

/// What of a request says who asks.
pub(super) struct Head<'a> {
    pub(super) version: Version,
    pub(super) headers: &'a HeaderMap,
}

/// Who asks by a request.
pub(super) fn asker(head: &Head<'_>, visitor: Visitor, config: &Config) -> Asker {
    let headers = head.headers;
    let client = if visitor.trusted {
        client(headers, config)
    } else {
        None
    };
    let Some((address, port)) = client else {
        return Asker {
            address: visitor.address,
            port: visitor.port,
            relay: None,
            unknown: may_be_passed_on(head, visitor),
        };
    };
    let is_https = headers
        .get("x-forwarded-proto")
        .is_some_and(|scheme| scheme == "https");
    Asker {
        address,
        port,
        relay: Some(if is_https {
            Relay::Tls(TLS_OF_PROXY)
        } else {
            Relay::Plain
        }),
        unknown: false,
    }
}

/// Whether a request may be somebody else's, whom a proxy of this machine does not name. Most proxies by default add one of
/// these headers, or pass on the name that was asked for, or (nginx, for most of its history) speak HTTP/1.0; who asks on this machine
/// itself does nothing of it.
fn may_be_passed_on(head: &Head<'_>, visitor: Visitor) -> bool {
    let names = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];
    names.iter().any(|name| head.headers.contains_key(*name))
        || visitor.address.is_loopback()
            && (head.version < Version::HTTP_11 || !is_for_this_machine(head.headers))
}

/// Whether what is asked for has a name that every machine has for itself: `localhost`, or a loopback address.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost")
        || end(host).is_some_and(|(address, _)| address.is_loopback())
}

/// The last address in the list that is not a trusted proxy's: who is before it could have written anything.
fn client(headers: &HeaderMap, config: &Config) -> Option<(IpAddr, u16)> {
    let values: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut client = None;
    for value in values.into_iter().rev() {
        let Some((address, port)) = end(value) else {
            break;
        };
        client = Some((address, port));
        if !config.trusts(address) {
            break;
        }
    }
    client
}

/// An address, with or without a port; without one it is 0.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let (address, port): (IpAddr, u16) = match text.parse::<SocketAddr>() {
        Ok(end) => (end.ip(), end.port()),
        Err(_) => (text.parse().ok().or_else(bare)?, 0),
    };
    Some((address.to_canonical(), port))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    fn asked(trusted: bool, lines: &[(&'static str, &str)]) -> Asker {
        asked_in(Version::HTTP_11, trusted, "localhost:52020", lines)
    }

    fn asked_in(
        version: Version,
        trusted: bool,
        host: &str,
        lines: &[(&'static str, &str)],
    ) -> Asker {
        let config = Config::parse("[proxy]\ntrusted = [\"127.0.0.1\", \"10.0.0.0/8\"]").unwrap();
        let visitor = Visitor {
            address: "127.0.0.1".parse().unwrap(),
            port: 4711,
            trusted,
            is_private: true,
            allow_plaintext: false,
        };
        let mut headers = headers(lines);
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        let head = Head {
            version,
            headers: &headers,
        };
        asker(&head, visitor, &config)
    }

    #[test]
    fn the_last_address_that_is_no_proxy_s_counts() {
        for (value, expected, port) in [
            ("198.51.100.1", "198.51.100.1", 0),
            ("198.51.100.1:4712", "198.51.100.1", 4712),
            ("[2001:db8::1]:4712", "2001:db8::1", 4712),
            ("[2001:db8::1]", "2001:db8::1", 0),
            ("127.0.0.1, 198.51.100.1", "198.51.100.1", 0),
            ("192.0.2.1, 198.51.100.1, 10.0.0.1", "198.51.100.1", 0),
            ("unknown, 10.0.0.1", "10.0.0.1", 0),
            ("::ffff:198.51.100.1", "198.51.100.1", 0),
        ] {
            let asker = asked(true, &[("x-forwarded-for", value)]);
            assert_eq!(
                asker.address,
                expected.parse::<IpAddr>().unwrap(),
                "{value}"
            );
            assert_eq!(asker.port, port, "{value}");
            assert_eq!(asker.relay, Some(Relay::Plain));
            assert!(!asker.unknown);
        }
        let asker = asked(
            true,
            &[
                ("x-forwarded-for", "192.0.2.1"),
                ("x-forwarded-for", "198.51.100.1"),
                ("x-forwarded-proto", "https"),
            ],
        );
        assert_eq!(asker.address, "198.51.100.1".parse::<IpAddr>().unwrap());
        assert_eq!(asker.relay, Some(Relay::Tls(TLS_OF_PROXY)));
    }

    #[test]
    fn who_may_not_speak_for_others_is_not_believed() {
        let line = [("x-forwarded-for", "198.51.100.1")];
        let asker = asked(false, &line);
        assert!(asker.address.is_loopback() && asker.relay.is_none() && asker.unknown);
        assert_eq!(asker.port, 4711);
        assert!(!asked(false, &[]).unknown && !asked(true, &[]).unknown);
        assert!(asked(true, &[("x-forwarded-for", "nonsense")]).unknown);
    }

    #[test]
    fn who_asks_on_this_machine_is_told_from_a_proxy_that_names_nobody() {
        let unknown = |version, host, lines: &[_]| {
            let asked = |trusted| asked_in(version, trusted, host, lines).unknown;
            assert_eq!(asked(false), asked(true));
            asked(false)
        };
        for host in [
            "localhost",
            "LOCALHOST:52020",
            "127.0.0.1:52020",
            "127.0.0.1",
            "[::1]",
            "[::1]:52020",
        ] {
            assert!(!unknown(Version::HTTP_11, host, &[]), "{host}");
            // As nginx asks, unless it is told otherwise.
            assert!(unknown(Version::HTTP_10, host, &[]), "{host}");
        }
        // As most others ask.
        for host in [
            "chat.example.org",
            "chat.example.org:443",
            "198.51.100.1",
            "localhost.example.org",
            "",
        ] {
            assert!(unknown(Version::HTTP_11, host, &[]), "{host}");
        }
        for line in [
            ("x-real-ip", "198.51.100.1"),
            ("via", "1.1 proxy"),
            ("forwarded", "for=_x"),
        ] {
            assert!(unknown(Version::HTTP_11, "localhost", &[line]), "{line:?}");
        }
    }
}
