//! TLS as it is spoken with the certificate in force: handshakes, and what is known of a connection.

use crate::identity::certificate::Certificate;
use crate::identity::fingerprint::sha256;
use causette_core::limits::HANDSHAKE_ROOM_SECONDS;
use causette_core::settings::Settings;
use causette_proto::CompactString;
use rustls::server::Acceptor;
use rustls::{ProtocolVersion, ServerConnection};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

/// How long a handshake waits for room.
const ROOM: Duration = Duration::from_secs(HANDSHAKE_ROOM_SECONDS);

/// Handshakes that are computed at a time with those who are let in no further than to be told why.
const REFUSED: usize = 1;

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
    /// Whether clients were told, since the start, to come with TLS for ever.
    promised: AtomicBool,
    /// Room for the computations of handshakes.
    room: Arc<Semaphore>,
    /// The same for those who are refused.
    refused: Arc<Semaphore>,
}

/// What clients may be told about coming with TLS only (STS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    /// The port at which they do, if they trust the certificate.
    pub(crate) public_port: Option<u16>,
    /// Whether an earlier promise is over.
    pub(crate) withdrawn: bool,
}

impl Promise {
    /// Writes it where the rules look for it.
    pub(crate) fn settle(self, settings: &mut Settings) {
        settings.public_port = self.public_port;
        settings.sts_withdrawn = self.withdrawn;
    }
}

impl Tls {
    /// Speaks it with a certificate; at most `handshakes` are computed at a time.
    pub(crate) fn new(certificate: Certificate, handshakes: usize) -> Self {
        Self {
            certificate: RwLock::new(Arc::new(certificate)),
            promised: AtomicBool::new(false),
            room: Arc::new(Semaphore::new(handshakes)),
            refused: Arc::new(Semaphore::new(REFUSED)),
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

    /// What clients may be told of it, where they come to `port` by TLS: those who trust it, to come in no other way; those
    /// who may have been told so before, that this is over. A certificate that was given may have been a trusted one before
    /// the last start too.
    pub(crate) fn promise(&self, port: Option<u16>) -> Promise {
        let certificate = self.certificate();
        let public_port = port.filter(|_| certificate.trusted());
        if public_port.is_some() {
            self.promised.store(true, Ordering::Relaxed);
        }
        let may_be_bound = !certificate.self_signed || self.promised.load(Ordering::Relaxed);
        Promise {
            public_port,
            withdrawn: public_port.is_none() && may_be_bound,
        }
    }

    /// Makes a TLS stream of one on which a client says hello. The caller bounds how long it takes.
    ///
    /// Room is taken only to compute, once the client has said all of its hello: nobody keeps it by being slow. The
    /// computation runs beside the threads of the runtime, so that many who come back at once do not hold up those who talk.
    pub(crate) async fn accept<S>(&self, stream: S) -> Result<TlsStream<S>, Unshaken>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let hello = hello(stream).await?;
        let room = timeout(ROOM, self.room.clone().acquire_owned());
        let room = room.await.ok().and_then(Result::ok);
        self.shake(hello, room.ok_or(Unshaken::Busy)?).await
    }

    /// The same for who is refused, only to tell them so. They take no room from those who are let in, and wait for none of
    /// their own: whoever comes in masses must cost little.
    pub(crate) async fn accept_refused<S>(&self, stream: S) -> Result<TlsStream<S>, Unshaken>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let hello = hello(stream).await?;
        let room = self.refused.clone().try_acquire_owned();
        self.shake(hello, room.map_err(|_| Unshaken::Busy)?).await
    }

    async fn shake<S>(
        &self,
        hello: StartHandshake<S>,
        room: OwnedSemaphorePermit,
    ) -> Result<TlsStream<S>, Unshaken>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
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

async fn hello<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
) -> Result<StartHandshake<S>, Unshaken> {
    let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
    hello.await.map_err(|_| Unshaken::Broken)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use crate::identity::certificate::tests::ours;
    use crate::identity::certificate::{CERTIFICATE, HTTP};
    use rcgen::{CertificateParams, KeyPair};
    use rustls::client::WantsClientCert;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use rustls::version::{TLS12, TLS13};
    use rustls::{
        ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, SupportedProtocolVersion,
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;

    /// A server with its folder, and what a client needs to trust it.
    struct Host {
        folder: Folder,
        tls: Arc<Tls>,
    }

    impl Host {
        fn new() -> Self {
            let folder = Folder::new();
            let certificate = ours(&folder);
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
    async fn who_is_refused_takes_no_room_of_others_and_waits_for_none() {
        let host = Host::new();
        let config = Arc::new(host.client(&TLS13).with_no_client_auth());
        let refused = async || {
            let (near, far) = tokio::io::duplex(1 << 16);
            let connector = TlsConnector::from(config.clone());
            let (_, server) = tokio::join!(
                connector.connect(name(), near),
                host.tls.accept_refused(far)
            );
            server.map(drop)
        };
        let others = host.tls.room.acquire().await.unwrap();
        assert_eq!(refused().await, Ok(()));
        let one = host.tls.refused.acquire().await.unwrap();
        assert_eq!(refused().await, Err(Unshaken::Busy));
        drop((others, one));
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
