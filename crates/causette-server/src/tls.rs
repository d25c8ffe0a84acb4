//! The certificate, given or made at the first start, and what TLS is spoken with it.

use crate::client_certificate::AnyOrNone;
use crate::config::CertificateFiles;
use crate::data_dir::write_private;
use crate::fingerprint::sha256;
use crate::trust;
use anyhow::{Context as _, ensure};
use causette_core::limits::HANDSHAKE_ROOM_SECONDS;
use causette_proto::CompactString;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{Acceptor, ClientHello, NoClientAuth, ParsedCertificate};
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// The certificate's file in the data folder, where it is self-signed.
pub(crate) const CERTIFICATE: &str = "certificate.pem";
/// Its private key's file.
pub(crate) const KEY: &str = "key.pem";

/// HTTP in a client's hello.
const HTTP: &[u8] = b"http/1.1";

/// How long a handshake waits for room.
const ROOM: Duration = Duration::from_secs(HANDSHAKE_ROOM_SECONDS);

/// Why there is no TLS stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unshaken {
    /// The client said nothing that can be answered.
    Broken,
    /// Too many handshakes are computed.
    Busy,
}

/// Speaks TLS.
pub(crate) struct Tls {
    certificate: RwLock<Arc<Certificate>>,
    /// Room for the computations of handshakes.
    room: Arc<Semaphore>,
}

/// The server's certificate, and how TLS is spoken with it.
pub(crate) struct Certificate {
    /// For clients that are asked for a certificate of their own.
    asking: Arc<ServerConfig>,
    /// For browsers, which would ask their user to choose one: they sign in otherwise.
    silent: Arc<ServerConfig>,
    /// The SHA-256 of the certificate in hexadecimal, by which people recognise it.
    pub(crate) fingerprint: String,
    /// The SHA-256 of its public key (SPKI) in hexadecimal: the same after the certificate is renewed for the same key.
    pub(crate) public_key: String,
    /// Whether we made the certificate ourselves, so that no client trusts it by itself.
    pub(crate) self_signed: bool,
    /// Whether clients trust it for the server's name by themselves.
    pub(crate) trusted: bool,
}

impl Certificate {
    /// Reads the certificate that is given, or the one in the data folder, which is made when there is none.
    ///
    /// # Errors
    /// Names the file and the key of the configuration that is wrong.
    pub(crate) fn load(
        files: Option<&CertificateFiles>,
        data_dir: &Path,
        server: &str,
    ) -> anyhow::Result<Self> {
        let (certificate, key) = match files {
            Some(files) => (files.certificate.clone(), files.key.clone()),
            None => (data_dir.join(CERTIFICATE), data_dir.join(KEY)),
        };
        if files.is_none() && !certificate.exists() {
            make(&certificate, &key, server)?;
        }
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&certificate)
            .and_then(Iterator::collect)
            .with_context(|| format!("tls.certificate: {}", certificate.display()))?;
        ensure!(
            !chain.is_empty(),
            "tls.certificate: {}: no certificate in it",
            certificate.display()
        );
        let fingerprint = sha256(&chain[0]);
        let parsed = ParsedCertificate::try_from(&chain[0])
            .with_context(|| format!("tls.certificate: {}", certificate.display()))?;
        let public_key = sha256(&parsed.subject_public_key_info());
        let key = PrivateKeyDer::from_pem_file(&key)
            .with_context(|| format!("tls.key: {}", key.display()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let any = Arc::new(AnyOrNone(provider.clone()));
        Ok(Self {
            asking: context(&provider, any, &chain, &key)?,
            silent: context(&provider, Arc::new(NoClientAuth), &chain, &key)?,
            fingerprint,
            public_key,
            self_signed: files.is_none(),
            trusted: files.is_some() && trust::is_trusted_here(&chain, server, provider),
        })
    }

    /// How to speak to who says this hello. Browsers name HTTP in it, and clients of IRC name nothing or `irc`.
    fn context(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let is_http = |protocol: &[u8]| protocol == HTTP || protocol == b"h2";
        let browses = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.any(is_http));
        if browses {
            self.silent.clone()
        } else {
            self.asking.clone()
        }
    }
}

/// How TLS is spoken. Each has tickets of its own, so that nobody takes up a conversation of the other kind.
fn context(
    provider: &Arc<CryptoProvider>,
    verifier: Arc<dyn ClientCertVerifier>,
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
) -> anyhow::Result<Arc<ServerConfig>> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain.to_vec(), key.clone_key())
        .context("tls.key: not the key of tls.certificate")?;
    config.alpn_protocols = vec![b"irc".to_vec(), HTTP.to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

impl Tls {
    /// Speaks it with a certificate; at most `handshakes` are computed at a time.
    pub(crate) fn new(certificate: Certificate, handshakes: usize) -> Self {
        Self {
            certificate: RwLock::new(Arc::new(certificate)),
            room: Arc::new(Semaphore::new(handshakes)),
        }
    }

    /// The certificate that new connections are shown.
    pub(crate) fn certificate(&self) -> Arc<Certificate> {
        self.certificate
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Shows new connections another one.
    pub(crate) fn show(&self, certificate: Certificate) {
        *self
            .certificate
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(certificate);
    }

    /// Makes a TLS stream of one on which a client says hello. The caller bounds how long it takes.
    ///
    /// Room is taken only to compute, once the client has said all of its hello: nobody keeps it by being slow. The
    /// computation runs beside the threads of the runtime, so that many who come back at once do not hold up those who talk.
    pub(crate) async fn accept<S>(&self, stream: S) -> Result<TlsStream<S>, Unshaken>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let hello = hello.await.map_err(|_| Unshaken::Broken)?;
        let room = timeout(ROOM, self.room.clone().acquire_owned());
        let room = room.await.ok().and_then(Result::ok);
        let room = room.ok_or(Unshaken::Busy)?;
        let context = self.certificate().context(&hello.client_hello());
        let computed = spawn_blocking(move || {
            let rest = hello.into_stream(context);
            drop(room);
            rest
        });
        let handshake = computed.await.map_err(|_| Unshaken::Broken)?;
        handshake.await.map_err(|_| Unshaken::Broken)
    }
}

/// The fingerprint of the certificate that the client has shown, and of which it has the key.
pub(crate) fn client_certificate(connection: &ServerConnection) -> Option<CompactString> {
    let shown = connection.peer_certificates()?.first()?;
    Some(sha256(shown).into())
}

/// Version and cipher suite of a connection, for the register.
pub(crate) fn describe(connection: &ServerConnection) -> CompactString {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLS",
    };
    let suite = connection
        .negotiated_cipher_suite()
        .and_then(|suite| suite.suite().as_str());
    CompactString::from(format!("{version} {}", suite.unwrap_or("unknown")))
}

/// Makes a certificate for the server's name and this machine. The key is written first: a certificate is never without one.
///
/// People know the certificate by its fingerprint, so it must outlive the machine: its dates are far apart.
fn make(certificate: &Path, key: &Path, server: &str) -> anyhow::Result<()> {
    let names = [server, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names).context("cannot make a certificate")?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, server);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2120, 1, 1);
    let pair = KeyPair::generate().context("cannot make a key")?;
    let made = params
        .self_signed(&pair)
        .context("cannot make a certificate")?;
    write_private(key, pair.serialize_pem().as_bytes())?;
    write_private(certificate, made.pem().as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use rcgen::PublicKeyData as _;
    use rustls::client::WantsClientCert;
    use rustls::pki_types::ServerName;
    use rustls::version::{TLS12, TLS13};
    use rustls::{
        ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, SupportedProtocolVersion,
    };
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;

    #[test]
    fn the_certificate_is_made_once_and_for_its_owner_only() {
        let folder = Folder::new();
        let first = Certificate::load(None, &folder.0, "chat.example.org").unwrap();
        let second = Certificate::load(None, &folder.0, "chat.example.org").unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_eq!(first.fingerprint.len(), 64);
        assert_eq!(first.public_key, second.public_key);
        let key = KeyPair::from_pem(&fs::read_to_string(folder.0.join(KEY)).unwrap()).unwrap();
        assert_eq!(first.public_key, sha256(&key.subject_public_key_info()));
        assert!(first.self_signed && !first.trusted);
        for file in [CERTIFICATE, KEY] {
            let metadata = fs::metadata(folder.0.join(file)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_file_is_told_with_its_key() {
        let files = CertificateFiles {
            certificate: "/nowhere/a.pem".into(),
            key: "/nowhere/b.pem".into(),
        };
        let error = Certificate::load(Some(&files), Path::new("/nowhere"), "a.b")
            .err()
            .unwrap();
        assert!(
            format!("{error:#}").starts_with("tls.certificate: /nowhere/a.pem"),
            "{error:#}"
        );
    }

    /// A server with its folder, and what a client needs to trust it.
    struct Host {
        folder: Folder,
        tls: Arc<Tls>,
    }

    impl Host {
        fn new() -> Self {
            let folder = Folder::new();
            let certificate = Certificate::load(None, &folder.0, "chat.example.org").unwrap();
            let tls = Arc::new(Tls::new(certificate, 1));
            Self { folder, tls }
        }

        fn client(
            &self,
            version: &'static SupportedProtocolVersion,
        ) -> ConfigBuilder<ClientConfig, WantsClientCert> {
            let mut roots = RootCertStore::empty();
            let path = self.folder.0.join(CERTIFICATE);
            roots
                .add(CertificateDer::from_pem_file(path).unwrap())
                .unwrap();
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots)
        }

        /// The certificate that the server sees of a client, once both have shaken hands.
        async fn seen(&self, client: ClientConfig) -> Option<CompactString> {
            let (near, far) = tokio::io::duplex(1 << 16);
            let connector = TlsConnector::from(Arc::new(client));
            let (client, server) =
                tokio::join!(connector.connect(name(), near), self.tls.accept(far));
            let (mut client, mut server) = (client.unwrap(), server.unwrap());
            // Both directions work.
            client.write_all(b"a").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'a');
            server.write_all(b"b").await.unwrap();
            assert_eq!(client.read_u8().await.unwrap(), b'b');
            client_certificate(server.get_ref().1)
        }
    }

    fn name() -> ServerName<'static> {
        ServerName::try_from("localhost").unwrap()
    }

    #[tokio::test]
    async fn a_client_is_known_by_the_certificate_that_it_shows() {
        let host = Host::new();
        let pair = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["alice".to_owned()]).unwrap();
        let own = own.self_signed(&pair).unwrap();
        let expected = sha256(own.der());
        assert!(expected.len() == 64 && expected == expected.to_lowercase());
        for version in [&TLS12, &TLS13] {
            let with = || {
                let key = PrivateKeyDer::try_from(pair.serialize_der()).unwrap();
                host.client(version)
                    .with_client_auth_cert(vec![own.der().clone()], key)
                    .unwrap()
            };
            assert_eq!(host.seen(with()).await.as_deref(), Some(&*expected));
            let without = host.client(version).with_no_client_auth();
            assert_eq!(host.seen(without).await, None);
            let mut browser = with();
            browser.alpn_protocols = vec![b"h2".to_vec(), HTTP.to_vec()];
            assert_eq!(host.seen(browser).await, None, "a browser is not asked");
        }
    }

    #[tokio::test]
    async fn who_is_slow_to_shake_hands_keeps_nobody_out() {
        let host = Host::new();
        let config = Arc::new(host.client(&TLS13).with_no_client_auth());
        let mut hello = Vec::new();
        ClientConnection::new(config.clone(), name())
            .unwrap()
            .write_tls(&mut hello)
            .unwrap();

        let mut slow = Vec::new();
        for part in [&hello[..1], &hello[..]] {
            let (mut client, server) = tokio::io::duplex(1 << 16);
            client.write_all(part).await.unwrap();
            let tls = host.tls.clone();
            let handshake = tokio::spawn(async move { tls.accept(server).await.is_ok() });
            if part.len() == hello.len() {
                // The server's answer has begun: its handshake waits for the client.
                client.read_u8().await.unwrap();
            } else {
                tokio::task::yield_now().await;
            }
            slow.push((client, handshake));
        }
        let (client, server) = tokio::io::duplex(1 << 16);
        let connector = TlsConnector::from(config);
        let (client, server) =
            tokio::join!(connector.connect(name(), client), host.tls.accept(server));
        client.unwrap();
        assert!(server.is_ok());
        for (client, handshake) in slow {
            assert!(!handshake.is_finished());
            drop(client);
            assert!(!handshake.await.unwrap());
        }
    }
}
