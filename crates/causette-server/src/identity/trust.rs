//! Whether clients trust the certificate by themselves, and where they may be told to come with TLS only. One that only the
//! administrator's friends accept must never be promised to everybody: who believes the promise is locked out.

use crate::config::{Listener, ListenerKind, ListenerTls};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::net::SocketAddr;
use std::sync::Arc;

/// Whether who trusts the authorities that this machine trusts accepts the chain for the server's name today.
pub(crate) fn is_trusted_here(chain: &[CertificateDer<'_>], server: &str) -> bool {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(event = "tls.authorities", error = %error, "cannot read an authority's certificate");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    is_trusted(
        chain,
        server,
        roots,
        Arc::new(aws_lc_rs::default_provider()),
    )
}

/// Tells the log what was judged.
pub(crate) fn tell(trusted: bool, server: &str) {
    if trusted {
        tracing::info!(
            event = "tls.trusted",
            trusted,
            server,
            "clients trust the certificate, and are told to come with TLS only"
        );
    } else {
        tracing::info!(
            event = "tls.trusted",
            trusted,
            server,
            "no authority that this machine knows vouches for the certificate and this name today"
        );
    }
}

fn is_trusted(
    chain: &[CertificateDer<'_>],
    server: &str,
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> bool {
    let (Some((own, others)), Ok(name)) = (chain.split_first(), ServerName::try_from(server))
    else {
        return false;
    };
    // Without any authority there is no verifier.
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .is_ok_and(|verifier| {
            let verified = verifier.verify_server_cert(own, others, &name, &[], UnixTime::now());
            verified.is_ok()
        })
}

/// The port at which everybody speaks IRC over TLS: preferably one that speaks HTTP too, because the icon is there. Where only
/// proxies connect, people come to a port that we do not know.
pub(crate) fn public_port(listeners: &[Listener], addresses: &[SocketAddr]) -> Option<u16> {
    let of = |kind| {
        let mut doors = listeners.iter().zip(addresses);
        let door = doors.find(|(listener, _)| {
            listener.kind == kind && listener.tls != ListenerTls::Never && !listener.proxy_protocol
        });
        door.map(|(_, address)| address.port())
    };
    of(ListenerKind::Any).or_else(|| of(ListenerKind::Irc))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    /// An authority, and certificates of it for names.
    struct Authority {
        root: CertificateDer<'static>,
        issuer: Issuer<'static, KeyPair>,
    }

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let key = KeyPair::generate().unwrap();
            let root = params.self_signed(&key).unwrap().der().clone();
            Self {
                root,
                issuer: Issuer::new(params, key),
            }
        }

        fn certificate(&self, name: &str, until: i32) -> CertificateDer<'static> {
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
            let key = KeyPair::generate().unwrap();
            let made = params.signed_by(&key, &self.issuer).unwrap();
            made.der().clone()
        }

        fn roots(&self) -> RootCertStore {
            let mut roots = RootCertStore::empty();
            roots.add(self.root.clone()).unwrap();
            roots
        }
    }

    fn trusts(roots: RootCertStore, certificate: &CertificateDer<'static>, server: &str) -> bool {
        let provider = Arc::new(aws_lc_rs::default_provider());
        is_trusted(std::slice::from_ref(certificate), server, roots, provider)
    }

    #[test]
    fn a_certificate_is_trusted_for_its_name_and_time_by_who_knows_its_authority() {
        let (authority, other) = (Authority::new(), Authority::new());
        let certificate = authority.certificate("chat.example.org", 2120);
        let trusts = |roots, server| trusts(roots, &certificate, server);
        assert!(trusts(authority.roots(), "chat.example.org"));
        assert!(!trusts(authority.roots(), "other.example.org"));
        assert!(!trusts(authority.roots(), "no name"));
        assert!(!trusts(other.roots(), "chat.example.org"));
        assert!(!trusts(RootCertStore::empty(), "chat.example.org"));
    }

    #[test]
    fn what_is_out_of_date_or_empty_is_not_trusted() {
        let authority = Authority::new();
        let old = authority.certificate("chat.example.org", 2021);
        assert!(!trusts(authority.roots(), &old, "chat.example.org"));
        let provider = Arc::new(aws_lc_rs::default_provider());
        assert!(!is_trusted(
            &[],
            "chat.example.org",
            authority.roots(),
            provider
        ));
    }

    #[test]
    fn people_are_sent_where_everybody_may_come_with_tls() {
        let listener = |kind, tls, proxy_protocol| Listener {
            kind,
            tls,
            proxy_protocol,
            ..Listener::by_default()
        };
        let (any, irc) = (ListenerKind::Any, ListenerKind::Irc);
        let listeners = [
            listener(any, ListenerTls::Never, false),
            listener(ListenerKind::Http, ListenerTls::Always, false),
            listener(any, ListenerTls::Always, true),
            listener(irc, ListenerTls::Always, false),
            listener(any, ListenerTls::Auto, false),
        ];
        let addresses: Vec<SocketAddr> = (1..=5)
            .map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
            .collect();
        assert_eq!(public_port(&listeners, &addresses), Some(5));
        assert_eq!(public_port(&listeners[..4], &addresses), Some(4));
        assert_eq!(public_port(&listeners[..3], &addresses), None);
    }
}
