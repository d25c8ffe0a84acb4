//! What stands in an invitation: where people come to, and by which key they know the server.

use crate::config::PORT;
use crate::identity::certificate::Certificate;

/// Names of this machine and of its own network, which mean nothing elsewhere.
const PRIVATE_ENDINGS: [&str; 8] = [
    "local",
    "localhost",
    "localdomain",
    "internal",
    "lan",
    "home",
    "invalid",
    "test",
];

/// Where the server is.
pub(crate) struct Destination<'a> {
    /// `server.name`.
    pub(crate) server: &'a str,
    /// What the machine calls itself.
    pub(crate) machine: &'a str,
    /// The port that people come to.
    pub(crate) port: u16,
}

impl Destination<'_> {
    /// The address that people are sent to, `HOST` or `HOST:PORT`: the one that the administrator wrote, or the best that is
    /// known. The port is left out where it is the one that clients try by themselves. `None` where what was written is no
    /// address.
    pub(crate) fn address(&self, written: Option<&str>) -> Option<String> {
        let (host, port) = match written {
            Some(written) => split(written)?,
            None if is_public(self.server) => (self.server, None),
            None => (self.machine, None),
        };
        let port = port.unwrap_or(self.port);
        if port == PORT {
            Some(host.to_owned())
        } else {
            Some(format!("{host}:{port}"))
        }
    }

    /// The SHA-256 of the key that clients cannot know otherwise; `None` where they trust the certificate for that address.
    pub(crate) fn public_key(&self, address: &str, certificate: &Certificate) -> Option<String> {
        let named = split(address).is_some_and(|(host, _)| host.eq_ignore_ascii_case(self.server));
        let known = certificate.trusted() && named;
        (!known).then(|| certificate.public_key.clone())
    }
}

/// Host and port of an address. An IPv6 address stands in brackets.
fn split(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !address.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (address, None),
    };
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let valid = match inner {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    (valid && port != Some(0)).then_some((host, port))
}

/// Whether the text can be the name of a host, or an IPv4 address.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (1..=253).contains(&text.len()) && text.bytes().all(allowed)
}

/// Whether a name may be known everywhere: it has a dot, is no number, and is none of a network's own.
fn is_public(name: &str) -> bool {
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    let private = |other: &&str| ending.eq_ignore_ascii_case(other);
    let number = ending.bytes().all(|byte| byte.is_ascii_digit());
    is_name(name) && !number && !PRIVATE_ENDINGS.iter().any(private)
}

/// What the machine calls itself.
pub(crate) fn machine() -> String {
    let name = rustix::system::uname();
    match name.nodename().to_str() {
        Ok(name) if is_name(name) => name.to_owned(),
        _ => "localhost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(server: &str, port: u16, written: Option<&str>) -> Option<String> {
        let machine = "salon";
        let place = Destination {
            server,
            machine,
            port,
        };
        place.address(written)
    }

    #[test]
    fn people_are_sent_to_the_best_name_that_is_known() {
        let of = |server| address(server, 52020, None);
        assert_eq!(of("chat.example.org").as_deref(), Some("chat.example.org"));
        for private in ["causette.local", "irc", "192.0.2.7", "chat.lan"] {
            assert_eq!(of(private).as_deref(), Some("salon"), "{private}");
        }
        let elsewhere = address("chat.example.org", 6697, None);
        assert_eq!(elsewhere.as_deref(), Some("chat.example.org:6697"));
    }

    #[test]
    fn what_the_administrator_writes_is_an_address_or_refused() {
        let of = |written| address("causette.local", 6697, Some(written));
        assert_eq!(of("192.0.2.7").as_deref(), Some("192.0.2.7:6697"));
        assert_eq!(of("chat.lan:52020").as_deref(), Some("chat.lan"));
        assert_eq!(of("[2001:db8::7]").as_deref(), Some("[2001:db8::7]:6697"));
        assert_eq!(of("[2001:db8::7]:9").as_deref(), Some("[2001:db8::7]:9"));
        for wrong in [
            "",
            "a b",
            "chat.lan:",
            "chat.lan:0",
            "2001:db8::7",
            "a/b",
            "[x]",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
