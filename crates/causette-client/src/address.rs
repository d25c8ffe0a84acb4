//! Where a server is: what people write, and what invitations say.

use crate::trust::Fingerprint;
use causette_proto::{CompactString, Secret};
use std::fmt;
use std::net::IpAddr;

/// The port of a Causette server.
pub const PORT: u16 = 52_020;

/// Where a server is, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
    /// A channel to enter.
    pub channel: Option<CompactString>,
    /// The key that the server must have, where an invitation says.
    pub fingerprint: Option<Fingerprint>,
    /// The code by which one may sign up there, where an invitation has one. It is no part of what is written to be read again.
    pub code: Option<Secret>,
}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// By TLS.
    Tls,
    /// Not at all.
    Clear,
}

impl Address {
    /// Reads `chat.example.org`, `host:port`, `[::1]:port`, `ircs://host:port/#channel`, `irc://host`, and invitations like
    /// `causette://host:port/#channel?sha256=HEX&code=CODE`. A loopback address without a scheme is reached in clear: nobody is in
    /// between.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let (place, query) = split_before(rest, &['?']);
        let (authority, path) = split_before(place, &['/', '#']);
        let (host, port) = split_port(authority)?;
        let is_host = |character: char| character.is_alphanumeric() || "-.:_%".contains(character);
        if host.is_empty() || !host.chars().all(is_host) {
            return None;
        }
        let encryption = match scheme.as_deref() {
            Some("causette" | "ircs") => Encryption::Tls,
            Some("irc") => Encryption::Clear,
            Some(_) => return None,
            None if is_loopback(host) => Encryption::Clear,
            None => Encryption::Tls,
        };
        let default = match scheme.as_deref() {
            Some("ircs") => 6_697,
            Some("irc") => 6_667,
            _ => PORT,
        };
        let path = path.trim_start_matches('/');
        // An invitation may bear nothing but the key behind the `#`.
        let (channel, query) = match path.strip_prefix("#sha256=") {
            Some(hex) => ("", format!("sha256={hex}")),
            None => (path, query.to_owned()),
        };
        let item = |name: &str| {
            let mut items = query.split('&').filter_map(|item| item.split_once('='));
            let found = items.find(|(key, _)| *key == name);
            found.map(|(_, value)| value)
        };
        let fingerprint = match item("sha256") {
            Some(hex) => Some(Fingerprint::parse(hex)?),
            None => None,
        };
        Some(Self {
            host: host.to_owned(),
            port: port.unwrap_or(default),
            encryption,
            channel: (!channel.is_empty()).then(|| decode(channel).into()),
            fingerprint,
            code: item("code").map(decode).and_then(|code| code_of(&code)),
        })
    }

    /// Host and port, by which the server is known in files.
    pub fn key(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Under which name a token for the server is kept. One that came over an encrypted connection must never be sent over
    /// one that is not, whatever leads there.
    pub fn credential_key(&self) -> String {
        match self.encryption {
            Encryption::Clear => format!("irc://{}", self.key()),
            Encryption::Tls => self.key(),
        }
    }

    /// As people say it: without the port that every server of ours has.
    pub fn name(&self) -> String {
        if self.port == PORT {
            self.host.clone()
        } else {
            self.key()
        }
    }

    /// Whether nobody can be in between.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// As it is written to be read again.
impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.encryption {
            Encryption::Clear if !self.is_loopback() => write!(out, "irc://{}", self.key()),
            Encryption::Tls if self.is_loopback() => write!(out, "causette://{}", self.key()),
            _ if self.port == PORT && !self.host.contains(':') => out.write_str(&self.host),
            _ => out.write_str(&self.key()),
        }
    }
}

/// A code as people write it; `None` where there is none. A blank in it would be two words on the wire.
pub(crate) fn code_of(text: &str) -> Option<Secret> {
    let code: String = text.split_whitespace().collect();
    (!code.is_empty()).then(|| Secret::new(code))
}

fn split_before<'a>(text: &'a str, marks: &[char]) -> (&'a str, &'a str) {
    match text.find(marks) {
        Some(index) if text[index..].starts_with('?') => (&text[..index], &text[index + 1..]),
        Some(index) => text.split_at(index),
        None => (text, ""),
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match port.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => port.is_empty().then_some((host, None)),
        };
    }
    match authority.rsplit_once(':') {
        // More than one colon is an address of IPv6 without brackets.
        Some((host, port)) if !host.contains(':') => Some((host, Some(port.parse().ok()?))),
        _ => Some((authority, None)),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// What stands for each `%XX`. <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>
pub(crate) fn decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| others.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn parse(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn what_people_write_is_understood() {
        for (text, key, encryption) in [
            (
                "chat.example.org",
                "chat.example.org:52020",
                Encryption::Tls,
            ),
            (
                " chat.example.org:6697 ",
                "chat.example.org:6697",
                Encryption::Tls,
            ),
            ("localhost", "localhost:52020", Encryption::Clear),
            ("127.0.0.1:6667", "127.0.0.1:6667", Encryption::Clear),
            ("[::1]:7000", "[::1]:7000", Encryption::Clear),
            ("::1", "[::1]:52020", Encryption::Clear),
            ("2001:db8::1", "[2001:db8::1]:52020", Encryption::Tls),
            (
                "irc://irc.example.org",
                "irc.example.org:6667",
                Encryption::Clear,
            ),
            (
                "ircs://irc.example.org",
                "irc.example.org:6697",
                Encryption::Tls,
            ),
            ("causette://localhost:7", "localhost:7", Encryption::Tls),
        ] {
            let address = parse(text);
            assert_eq!(
                (address.key().as_str(), address.encryption),
                (key, encryption),
                "{text}"
            );
            // What is written can be read again.
            assert_eq!(parse(&address.to_string()), address);
        }
    }

    #[test]
    fn an_invitation_says_all_that_is_needed() {
        let hex = "7f2a91c05d3e8b44a6e10f9c2277d5b8c1d066aa3b90e47f918e4c05f2b30a6d";
        let address = parse(&format!("causette://chat.local:6697/#general?sha256={hex}"));
        assert_eq!(address.key(), "chat.local:6697");
        assert_eq!(address.channel.as_deref(), Some("#general"));
        assert_eq!(address.fingerprint.unwrap().to_string(), hex);
        let code = "K7QM-2XHD-9RTP-4WJC";
        for link in [
            format!("causette://chat.local/#general?sha256={hex}&code={code}"),
            format!("causette://chat.local/?code={code}&sha256={hex}"),
            format!("causette://chat.local?code={code}"),
            format!("causette://chat.local#sha256={hex}&code={code}"),
        ] {
            let address = parse(&link);
            assert_eq!(address.code, Some(Secret::new(code)), "{link}");
            // Nothing that is kept or told has it.
            let told = format!("{address} {address:?} {} {}", address.key(), address.name());
            assert!(!told.contains("2XHD"), "{told}");
        }
        assert_eq!(parse("causette://chat.local?code=").code, None);
        let bare = parse(&format!("causette://chat.local#sha256={hex}"));
        assert_eq!(
            (bare.channel, bare.fingerprint.unwrap().to_string()),
            (None, hex.to_owned())
        );
        assert_eq!(
            parse("ircs://h/%23caf\u{e9}").channel.as_deref(),
            Some("#café")
        );
    }

    #[test]
    fn a_token_of_an_encrypted_connection_is_not_one_for_a_clear_one() {
        let of = |text: &str| parse(text).credential_key();
        assert_eq!(of("chat.example.org:7"), of("ircs://chat.example.org:7"));
        assert_ne!(of("chat.example.org:7"), of("irc://chat.example.org:7"));
        // On one's own machine too: another program may listen there after the server has ended.
        assert_ne!(of("localhost:7"), of("causette://localhost:7"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "http://x",
            "a b",
            "host:port",
            "host:99999",
            "[::1",
            "causette://h?sha256=12",
            "-s;rm",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
