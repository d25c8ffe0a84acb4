//! Whom the client takes for the server: certificates that an authority vouches for, and keys that the person trusted once.
//!
//! What is remembered is the public key, so that a certificate that is renewed on the same key alarms nobody.

use crate::folder::Folder;
use ::aws_lc_rs::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// SHA-256 of a public key in DER, as a certificate has it. <https://www.rfc-editor.org/rfc/rfc7469#section-2.4>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads 64 hexadecimal digits, with `sha256:` before them or colons and spaces between them if one likes.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("sha256:").unwrap_or(text);
        let digits: Vec<u8> = text
            .chars()
            .filter(|character| !matches!(character, ':' | ' '))
            .map(|character| {
                character
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect();
        (digits.len() == 64).then_some(())?;
        bytes.try_into().ok().map(Self)
    }

    fn of(key: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, key).as_ref());
        Self(bytes)
    }

    /// In groups of four digits, eight on a line, to be compared by eye.
    pub fn for_eyes(&self) -> Vec<String> {
        let digits: Vec<String> = self
            .0
            .chunks(2)
            .map(|pair| format!("{:02X}{:02X}", pair[0], pair[1]))
            .collect();
        digits
            .chunks(8)
            .map(|line| format!("{}  {}", line[..4].join(" "), line[4..].join(" ")))
            .collect()
    }
}

/// As 64 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// What came of looking at a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the server.
    Trusted,
    /// Nobody vouches for it, and it was never seen.
    Unknown(Fingerprint),
    /// It is not the key that was trusted, or asked for.
    Changed(Fingerprint),
}

/// Judges one server's certificate.
#[derive(Debug)]
pub struct Judge {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    expected: Option<Fingerprint>,
    seen: Mutex<Option<(Fingerprint, Verdict)>>,
}

impl Judge {
    /// A judge that trusts this machine's authorities, and a key besides.
    pub fn new(expected: Option<Fingerprint>) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        // Without any authority nobody is vouched for, and every key is asked about.
        let authorities =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                .build()
                .ok();
        Self {
            authorities,
            provider,
            expected,
            seen: Mutex::default(),
        }
    }

    /// The cryptography that it was made with.
    pub fn provider(&self) -> Arc<CryptoProvider> {
        self.provider.clone()
    }

    /// What came of it, if a certificate was seen.
    pub fn verdict(&self) -> Option<Verdict> {
        self.last().map(|(_, verdict)| verdict)
    }

    /// The key of the certificate that was seen.
    pub fn seen(&self) -> Option<Fingerprint> {
        self.last().map(|(key, _)| key)
    }

    fn last(&self) -> Option<(Fingerprint, Verdict)> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(
        &self,
        certificate: &CertificateDer<'_>,
        vouched: bool,
    ) -> Result<(Fingerprint, Verdict), rustls::Error> {
        let key = ParsedCertificate::try_from(certificate)?.subject_public_key_info();
        let seen = Fingerprint::of(key.as_ref());
        let verdict = match self.expected {
            Some(expected) if expected == seen => Verdict::Trusted,
            // Who has named a key means it, whatever an authority says of another one.
            Some(_) => Verdict::Changed(seen),
            None if vouched => Verdict::Trusted,
            None => Verdict::Unknown(seen),
        };
        Ok((seen, verdict))
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let vouched = self.authorities.as_ref().is_some_and(|authorities| {
            authorities
                .verify_server_cert(certificate, intermediates, name, ocsp, now)
                .is_ok()
        });
        let (key, verdict) = self.judge(certificate, vouched)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, verdict));
        match verdict {
            Verdict::Trusted => Ok(ServerCertVerified::assertion()),
            _ => Err(rustls::Error::InvalidCertificate(
                rustls::CertificateError::UnknownIssuer,
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The file of the keys that the person trusted: one server on a line, `host:port sha256:HEX`.
const FILE: &str = "known_servers";

/// The key of a server that the person trusted.
///
/// # Errors
/// The file cannot be read.
pub fn known(folder: &Folder, server: &str) -> anyhow::Result<Option<Fingerprint>> {
    let lines = folder.read(FILE)?.unwrap_or_default();
    let mut keys = lines
        .lines()
        .filter_map(|line| line.strip_prefix(server)?.strip_prefix(' '));
    Ok(keys.find_map(|key| Fingerprint::parse(key.trim())))
}

/// Trusts the key of a server from now on, in place of any other.
///
/// # Errors
/// The file cannot be written.
pub fn remember(folder: &Folder, server: &str, key: Fingerprint) -> anyhow::Result<()> {
    let before = folder.read(FILE)?.unwrap_or_default();
    let is_other = |line: &&str| line.split(' ').next() != Some(server);
    let mut lines: Vec<String> = before.lines().filter(is_other).map(str::to_owned).collect();
    lines.push(format!("{server} sha256:{key}"));
    folder.write(FILE, &format!("{}\n", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_it_is_shown() {
        let hex = "7f2a91c05d3e8b44a6e10f9c2277d5b8c1d066aa3b90e47f918e4c05f2b30a6d";
        let key = Fingerprint::parse(hex).unwrap();
        assert_eq!(key.to_string(), hex);
        assert_eq!(
            key.for_eyes(),
            [
                "7F2A 91C0 5D3E 8B44  A6E1 0F9C 2277 D5B8",
                "C1D0 66AA 3B90 E47F  918E 4C05 F2B3 0A6D"
            ]
        );
        assert_eq!(Fingerprint::parse(&key.for_eyes().join(" ")), Some(key));
        assert_eq!(Fingerprint::parse(&format!("sha256:{hex}")), Some(key));
        for wrong in ["", "7f", &hex[1..], &hex.replace('7', "x")] {
            assert_eq!(Fingerprint::parse(wrong), None);
        }
    }

    #[test]
    fn a_key_is_remembered_until_it_is_replaced() {
        let folder = Folder::for_test();
        let key = |byte: u8| Fingerprint([byte; 32]);
        assert_eq!(known(&folder, "a:1").unwrap(), None);
        remember(&folder, "a:1", key(1)).unwrap();
        remember(&folder, "a:10", key(2)).unwrap();
        remember(&folder, "a:1", key(3)).unwrap();
        assert_eq!(known(&folder, "a:1").unwrap(), Some(key(3)));
        assert_eq!(known(&folder, "a:10").unwrap(), Some(key(2)));
        assert_eq!(known(&folder, "a:100").unwrap(), None);
    }
}
