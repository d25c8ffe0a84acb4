//! Where a server has its files, and who asks for them: the very host, port and trust of the connection on which people talk,
//! unless the server names another place.

use crate::address::{Address, Encryption};
use crate::core::locale::Locale;
use crate::core::transfer::FileRow;
use crate::trust::Fingerprint;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_proto::Secret;
use hyper::Uri;

/// Where the API ends that every address of it begins with.
const API: &str = "/api/v1";

/// As whom a request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Authorization {
    /// By the token of this device. <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>
    Token(Secret),
    /// By an account and its password. <https://www.rfc-editor.org/rfc/rfc7617>
    Password(String, Secret),
}

impl Authorization {
    /// The value of the header.
    pub(crate) fn value(&self) -> Secret {
        match self {
            Self::Token(token) => Secret::new(format!("Bearer {}", token.expose())),
            Self::Password(account, password) => {
                let pair = Secret::new(format!("{account}:{}", password.expose()));
                Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair.expose())))
            }
        }
    }
}

/// Of which kind a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of ours: uploads go on where they broke off.
    Causette,
    /// Another one, that takes a file in one request. <https://soju.im/FILEHOST>
    FileHost,
}

/// Where a server has its files.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The host and port.
    pub(crate) address: Address,
    /// The key that the person trusts there.
    pub(crate) trusted: Option<Fingerprint>,
    /// What stands before each path: the API of ours, or where another server takes files.
    pub(crate) base: String,
    /// Of which kind it is.
    pub(crate) kind: Kind,
    /// Where people find the files of a server of ours, as it names that to other programs.
    pub(crate) shown: Option<Address>,
    /// As whom one asks; nobody's token goes to a place that is not encrypted while the conversation is.
    pub(crate) authorization: Authorization,
    /// In which language one is answered.
    pub(crate) locale: Locale,
}

/// Where an address of the server's leads, seen from the connection on which people talk; `None` where nobody should go.
/// What is named by a path only is at the very same place.
pub(crate) fn place(server: &Address, named: &str) -> Option<(Address, String)> {
    if named.starts_with('/') {
        return Some((server.clone(), named.trim_end_matches('/').to_owned()));
    }
    let uri: Uri = named.parse().ok()?;
    let encryption = match uri.scheme_str()? {
        "https" => Encryption::Tls,
        // In clear only where the conversation is, too.
        "http" if server.encryption == Encryption::Clear => Encryption::Clear,
        _ => return None,
    };
    let host = uri.host()?.trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().unwrap_or(match encryption {
        Encryption::Tls => 443,
        Encryption::Clear => 80,
    });
    let is_same = host == server.host && port == server.port;
    let address = Address {
        fingerprint: server.fingerprint.filter(|_| is_same),
        channel: None,
        code: None,
        host,
        port,
        encryption,
    };
    Some((address, uri.path().trim_end_matches('/').to_owned()))
}

/// Whether a text is the whole address of something, and nothing else: it goes into messages and onto terminals.
pub(crate) fn is_whole(text: &str) -> bool {
    let mut schemes = ["https://", "http://"].iter();
    let has_scheme = schemes.any(|scheme| text.starts_with(scheme));
    has_scheme && text.chars().all(|letter| letter.is_ascii_graphic())
}

/// Whether two addresses are the same host and port. Ours speaks in clear and encrypted on one.
fn is_same_place(one: &Address, other: &Address) -> bool {
    one.host.eq_ignore_ascii_case(&other.host) && one.port == other.port
}

impl Site {
    /// The server that an address of a file names, where that is another one than this. A path alone names none.
    pub(crate) fn elsewhere<'a>(&self, wanted: &'a str) -> Option<&'a str> {
        let (begins, rest) = match wanted.split_once("://") {
            Some((scheme, rest)) => (scheme.len() + "://".len(), rest),
            // As browsers take it: `//host/files/…`.
            None if wanted.starts_with("//") => (2, &wanted[2..]),
            // Without what is before it, too; what has no path is a name.
            None if wanted.contains("/files/") && !wanted.starts_with('/') => (0, wanted),
            None => return None,
        };
        let length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let origin = &wanted[..begins + length];
        let whole = match (begins, self.address.encryption) {
            (0 | 2, Encryption::Tls) => format!("https://{}", &rest[..length]),
            (0 | 2, Encryption::Clear) => format!("http://{}", &rest[..length]),
            _ => origin.to_owned(),
        };
        let named = place(&self.address, &whole);
        let is_ours = named.is_some_and(|(named, _)| {
            let mut known = [Some(&self.address), self.shown.as_ref()]
                .into_iter()
                .flatten();
            known.any(|known| is_same_place(known, &named))
        });
        (!is_ours).then_some(origin)
    }

    /// The path of something in the API.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }

    /// The path of something beside the API, as the server names it.
    pub(crate) fn beside(&self, path: &str) -> String {
        let before = self.base.strip_suffix(API).unwrap_or_default();
        format!("{before}{path}")
    }

    /// Where people find a file: where the server says, else by the very connection on which people talk.
    pub(crate) fn address_of_file(&self, row: &FileRow) -> Option<String> {
        let said = row.address.as_deref().filter(|said| is_whole(said));
        said.map(str::to_owned).or_else(|| {
            let path = row.path.as_deref().filter(|path| !path.is_empty())?;
            Some(self.address_of(&self.beside(path)))
        })
    }

    /// Where people find what has that path.
    pub(crate) fn address_of(&self, path: &str) -> String {
        let (scheme, usual) = match self.address.encryption {
            Encryption::Tls => ("https", 443),
            Encryption::Clear => ("http", 80),
        };
        let key = self.address.key();
        let place = match key.strip_suffix(&format!(":{usual}")) {
            Some(host) if self.address.port == usual => host,
            _ => &key,
        };
        format!("{scheme}://{place}{path}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn seen(server: &str, named: &str) -> Option<String> {
        let server = Address::parse(server).unwrap();
        let (address, path) = place(&server, named)?;
        Some(format!("{} {:?} {path}", address.key(), address.encryption))
    }

    #[test]
    fn a_path_is_at_the_very_same_place_and_a_token_never_leaves_encryption() {
        let tls = "causette://chat.example.org:6697";
        for (server, named, led) in [
            (tls, "/api/v1", Some("chat.example.org:6697 Tls /api/v1")),
            (tls, "/api/v1/", Some("chat.example.org:6697 Tls /api/v1")),
            (
                tls,
                "https://files.example.org/x/api/v1",
                Some("files.example.org:443 Tls /x/api/v1"),
            ),
            (tls, "http://chat.example.org:6697/api/v1", None),
            (tls, "ftp://chat.example.org/", None),
            (tls, "files", None),
            (
                "127.0.0.1:1",
                "http://127.0.0.1:2/u",
                Some("127.0.0.1:2 Clear /u"),
            ),
        ] {
            assert_eq!(seen(server, named).as_deref(), led, "{named}");
        }
    }

    #[test]
    fn a_key_that_is_asked_for_at_one_place_is_not_at_another() {
        let hex = "ab".repeat(32);
        let server = Address::parse(&format!("causette://a:1/#sha256={hex}")).unwrap();
        let at = |named| place(&server, named).unwrap().0.fingerprint.is_some();
        assert!(at("/api/v1") && at("https://a:1/api/v1"));
        assert!(!at("https://a/api/v1") && !at("https://b:1/api/v1"));
    }

    fn site(server: &str, shown: Option<&str>) -> Site {
        let address = Address::parse(server).unwrap();
        Site {
            shown: shown.map(|named| place(&address, named).unwrap().0),
            address,
            trusted: None,
            base: API.to_owned(),
            kind: Kind::Causette,
            authorization: Authorization::Token(Secret::new("t")),
            locale: Locale::utc(causette_text::Language::En),
        }
    }

    #[test]
    fn people_find_a_file_where_the_server_says_else_where_they_are() {
        let site = site("causette://192.0.2.7:52020", None);
        let told = |path: Option<&str>, address: Option<&str>| {
            site.address_of_file(&FileRow {
                path: path.map(str::to_owned),
                address: address.map(str::to_owned),
                ..FileRow::default()
            })
        };
        let (path, said) = ("/files/k/x", "https://files.example.org/files/k/x");
        let here = "https://192.0.2.7:52020/files/k/x";
        assert_eq!(told(Some(path), Some(said)).as_deref(), Some(said));
        assert_eq!(told(Some(path), None).as_deref(), Some(here));
        for no_address in ["", "/files/k/x", "javascript:x", "https://a b/"] {
            assert_eq!(told(Some(path), Some(no_address)).as_deref(), Some(here));
        }
        assert_eq!((told(None, None), told(Some(""), None)), (None, None));
    }

    #[test]
    fn a_file_of_another_server_is_known_by_its_address() {
        let tls = site(
            "causette://Chat.example.org:6697",
            Some("https://files.example.org/upload"),
        );
        for ours in [
            "https://chat.example.org:6697/files/k/x",
            "HTTPS://files.example.org/files/k/x?t=y",
            "https://files.example.org:443/files/k/x",
            "files.example.org/files/k/x",
            "//files.example.org/files/k/x",
            "/files/k/x",
            "report.pdf",
            "12",
        ] {
            assert_eq!(tls.elsewhere(ours), None, "{ours}");
        }
        for (other, named) in [
            ("https://evil.example/files/k/x", "https://evil.example"),
            (
                "https://chat.example.org/files/k/x",
                "https://chat.example.org",
            ),
            (
                "http://files.example.org/files/k/x",
                "http://files.example.org",
            ),
            (
                "https://files.example.org@evil.example/files/k/x",
                "https://files.example.org@evil.example",
            ),
            (
                "https://evil.example?https://files.example.org/files/k/x",
                "https://evil.example",
            ),
            (
                "https://evil\\@files.example.org/files/k/x",
                "https://evil\\@files.example.org",
            ),
            ("//evil.example/files/k/x", "//evil.example"),
            ("evil.example/files/k/x", "evil.example"),
            (
                "ftp://files.example.org/files/k/x",
                "ftp://files.example.org",
            ),
            ("https:///files/k/x", "https://"),
        ] {
            assert_eq!(tls.elsewhere(other), Some(named), "{other}");
        }
        let clear = site("127.0.0.1:1", None);
        for ours in [
            "http://127.0.0.1:1/files/k/x",
            "https://127.0.0.1:1/files/k/x",
        ] {
            assert_eq!(clear.elsewhere(ours), None, "{ours}");
        }
        assert!(clear.elsewhere("http://127.0.0.1:2/files/k/x").is_some());
    }

    #[test]
    fn credentials_are_written_as_http_wants_them() {
        let token = Authorization::Token(Secret::new("t"));
        assert_eq!(token.value().expose(), "Bearer t");
        let password = Authorization::Password("Aladdin".to_owned(), Secret::new("open sesame"));
        let value = password.value();
        assert_eq!(value.expose(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(!format!("{password:?}").contains("sesame"));
    }
}
