//! Where connections are accepted: one `[[listener]]`.

use super::reader::Section;
use super::rule::Rule;
use super::set;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The port that the server listens on by default.
pub const PORT: u16 = 52020;

/// Where connections are accepted, and what may be spoken there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The address. The default one gives way to IPv4 where there is no IPv6.
    pub address: SocketAddr,
    /// What may be spoken.
    pub kind: ListenerKind,
    /// Whether TLS is spoken.
    pub tls: ListenerTls,
    /// Whether plain text is served to others than this machine.
    pub allow_plaintext: bool,
    /// Whether only trusted proxies connect, each connection beginning with a PROXY header.
    pub proxy_protocol: bool,
}

/// What may be spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerKind {
    /// Whatever the first bytes say.
    Any,
    /// IRC only.
    Irc,
    /// HTTP only, and IRC over WebSocket.
    Http,
    /// IRC over WebSocket only.
    WebSocket,
}

/// Whether TLS is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerTls {
    /// Whatever the first bytes say.
    Auto,
    /// Always.
    Always,
    /// Never: a proxy in front does it.
    Never,
}

impl Listener {
    /// A listener on an address, everything else as it is by default.
    pub fn on(address: SocketAddr) -> Self {
        Self {
            address,
            kind: ListenerKind::Any,
            tls: ListenerTls::Auto,
            allow_plaintext: false,
            proxy_protocol: false,
        }
    }

    /// The listener where nothing is configured.
    pub fn by_default() -> Self {
        Self::on(SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT)))
    }
}

/// Whether the system lets only one of the two listen, because somebody could mean either. For port 0 it chooses another.
fn meet(one: SocketAddr, other: SocketAddr) -> bool {
    let covers = |all: SocketAddr, one: SocketAddr| match all.ip() {
        // It serves both families.
        IpAddr::V6(all) => all.is_unspecified(),
        IpAddr::V4(all) => all.is_unspecified() && one.is_ipv4(),
    };
    let same_port = one.port() == other.port() && one.port() != 0;
    same_port && (one == other || covers(one, other) || covers(other, one))
}

/// Reads one, which must not be in the way of those before it.
pub(super) fn read(mut section: Section<'_>, before: &[Listener]) -> Listener {
    let mut listener = Listener::by_default();
    if let Some(address) = section.string("address") {
        match address.parse() {
            Ok(address) => listener.address = address,
            Err(_) => {
                section.mistake("address", "rule-address");
                // It is in nobody's way.
                listener.address.set_port(0);
            }
        }
    }
    let taken = |other: &&Listener| meet(other.address, listener.address);
    if let Some(other) = before.iter().find(taken) {
        let rule = Rule::from("rule-address-free").with("other", other.address);
        section.mistake("address", rule);
    }
    let kinds = [
        ("any", Ok(ListenerKind::Any)),
        ("irc", Ok(ListenerKind::Irc)),
        ("http", Ok(ListenerKind::Http)),
        ("websocket", Ok(ListenerKind::WebSocket)),
    ];
    set(&mut listener.kind, section.choice("kind", &kinds));
    let tls = [
        ("auto", Ok(ListenerTls::Auto)),
        ("true", Ok(ListenerTls::Always)),
        ("false", Ok(ListenerTls::Never)),
    ];
    set(&mut listener.tls, section.choice("tls", &tls));
    set(
        &mut listener.allow_plaintext,
        section.boolean("allow_plaintext"),
    );
    set(
        &mut listener.proxy_protocol,
        section.boolean("proxy_protocol"),
    );
    section.finish();
    listener
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;
    use causette_text::Language;

    #[test]
    fn two_listeners_cannot_have_one_address() {
        let meet = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|address| address.parse().unwrap());
            assert_eq!(meet(one, other), meet(other, one));
            meet(one, other)
        };
        for (one, other) in [
            ("127.0.0.1:6667", "127.0.0.1:6667"),
            ("[::]:6667", "[::1]:6667"),
            ("[::]:6667", "192.0.2.7:6667"),
            ("0.0.0.0:6667", "127.0.0.1:6667"),
        ] {
            assert!(meet(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("127.0.0.1:6667", "127.0.0.1:6697"),
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("127.0.0.1:6667", "127.0.0.2:6667"),
            ("0.0.0.0:6667", "[::1]:6667"),
        ] {
            assert!(!meet(one, other), "{one} {other}");
        }
    }

    #[test]
    fn an_address_that_is_taken_is_told_with_its_line() {
        let text = "[[listener]]\naddress = \"127.0.0.1:7\"\n[[listener]]\nkind = \"irc\"\n\
                    address = \"127.0.0.1:7\"\n[[listener]]\n[[listener]]\n";
        let mistakes = Config::parse(text).unwrap_err();
        let told: Vec<_> = mistakes
            .iter()
            .map(|mistake| (mistake.line, mistake.message(Language::En)))
            .collect();
        assert!(told[0].0 == 5 && told[0].1.contains("127.0.0.1:7 is taken"));
        assert!(told[1].0 == 7 && told[1].1.contains("[::]:52020 is taken"));
    }
}
