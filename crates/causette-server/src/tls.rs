//! The certificate, given or made at the first start, and what TLS is spoken with it.

use crate::config::CertificateFiles;
use anyhow::{Context as _, ensure};
use causette_proto::CompactString;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::Acceptor;
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// The certificate's file in the data folder, where it is self-signed.
const CERTIFICATE: &str = "certificate.pem";
/// Its private key's file.
const KEY: &str = "key.pem";

/// Speaks TLS with a certificate.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ServerConfig>,
    /// Room for the computations of handshakes.
    room: Arc<Semaphore>,
    /// The SHA-256 of the certificate in hexadecimal, by which people recognise it.
    pub(crate) fingerprint: String,
    /// Whether we made the certificate ourselves, so that no client trusts it by itself.
    pub(crate) self_signed: bool,
}

impl Tls {
    /// Reads the certificate that is given, or the one in the data folder, which is made when there is none. At most
    /// `handshakes` are computed at a time.
    ///
    /// # Errors
    /// Names the file and the key of the configuration that is wrong.
    pub(crate) fn load(
        files: Option<&CertificateFiles>,
        data_dir: &Path,
        server: &str,
        handshakes: usize,
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
        let fingerprint = fingerprint(&chain[0]);
        let key = PrivateKeyDer::from_pem_file(&key)
            .with_context(|| format!("tls.key: {}", key.display()))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("tls.key: not the key of tls.certificate")?;
        config.alpn_protocols = vec![b"irc".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Self {
            config: Arc::new(config),
            room: Arc::new(Semaphore::new(handshakes)),
            fingerprint,
            self_signed: files.is_none(),
        })
    }

    /// Makes a TLS stream of one on which a client says hello; `None` when that fails. The caller bounds how long it takes.
    ///
    /// Room is taken only to compute, once the client has said all of its hello: nobody keeps it by being slow. The
    /// computation runs beside the threads of the runtime, so that many who come back at once do not hold up those who talk.
    pub(crate) async fn accept<S>(&self, stream: S) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let hello = LazyConfigAcceptor::new(Acceptor::default(), stream);
        let hello = hello.await.ok()?;
        let room = self.room.clone().acquire_owned().await.ok()?;
        let config = self.config.clone();
        let computed = spawn_blocking(move || {
            let rest = hello.into_stream(config);
            drop(room);
            rest
        });
        computed.await.ok()?.await.ok()
    }
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
    write_private(key, &pair.serialize_pem())?;
    write_private(certificate, &made.pem())
}

/// Writes a file that only we may read. It is whole or not there, whenever the machine stops.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    });
    written.with_context(|| path.display().to_string())
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let digest = ::aws_lc_rs::digest::digest(&::aws_lc_rs::digest::SHA256, certificate);
    let mut text = String::with_capacity(64);
    for byte in digest.as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ClientConnection, RootCertStore};
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;

    #[test]
    fn the_certificate_is_made_once_and_for_its_owner_only() {
        let folder = crate::data_dir::tests::Folder::new();
        let first = Tls::load(None, &folder.0, "chat.example.org", 1).unwrap();
        let second = Tls::load(None, &folder.0, "chat.example.org", 1).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_eq!(first.fingerprint.len(), 64);
        assert!(first.self_signed);
        for file in [CERTIFICATE, KEY] {
            assert_eq!(
                fs::metadata(folder.0.join(file))
                    .unwrap()
                    .permissions()
                    .mode()
                    & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn a_missing_file_is_told_with_its_key() {
        let files = CertificateFiles {
            certificate: "/nowhere/a.pem".into(),
            key: "/nowhere/b.pem".into(),
        };
        let error = Tls::load(Some(&files), Path::new("/nowhere"), "a.b", 1)
            .err()
            .unwrap();
        assert!(
            format!("{error:#}").starts_with("tls.certificate: /nowhere/a.pem"),
            "{error:#}"
        );
    }

    #[tokio::test]
    async fn who_is_slow_to_shake_hands_keeps_nobody_out() {
        let folder = crate::data_dir::tests::Folder::new();
        let tls = Tls::load(None, &folder.0, "chat.example.org", 1).unwrap();
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(folder.0.join(CERTIFICATE)).unwrap();
        roots.add(certificate).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let config = Arc::new(config);
        let name = ServerName::try_from("localhost").unwrap();
        let mut hello = Vec::new();
        ClientConnection::new(config.clone(), name.clone())
            .unwrap()
            .write_tls(&mut hello)
            .unwrap();

        let mut slow = Vec::new();
        for part in [&hello[..1], &hello[..]] {
            let (mut client, server) = tokio::io::duplex(1 << 16);
            client.write_all(part).await.unwrap();
            let tls = tls.clone();
            let handshake = tokio::spawn(async move { tls.accept(server).await.is_some() });
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
        let (client, server) = tokio::join!(connector.connect(name, client), tls.accept(server));
        client.unwrap();
        assert!(server.is_some());
        for (client, handshake) in slow {
            assert!(!handshake.is_finished());
            drop(client);
            assert!(!handshake.await.unwrap());
        }
    }
}
