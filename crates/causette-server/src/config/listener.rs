//! Where connections are accepted: one `[[listener]]`.

use super::reader::Section;
use super::set;
use std::net::{Ipv6Addr, SocketAddr};

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

/// Reads one.
pub(super) fn read(mut section: Section<'_>) -> Listener {
    let mut listener = Listener::by_default();
    if let Some(address) = section.string("address") {
        match address.parse() {
            Ok(address) => listener.address = address,
            Err(_) => section.mistake("address", "rule-address"),
        }
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
