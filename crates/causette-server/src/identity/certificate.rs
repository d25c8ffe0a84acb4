//! The server's certificate: given and read from its files, or made and kept in the data folder.
//!
//! People know a server by its key. So a key that is there is never replaced: a certificate that is missing, or near its end, is
//! made anew from it.

mod pair;

pub(crate) use pair::{out_of_reach, place_of};

use crate::config::{CertificateFiles, Unusable};
use crate::engine::now;
use crate::identity::client_certificate::AnyOrNone;
use crate::identity::fingerprint::sha256;
use crate::identity::{trust, validity};
use causette_proto::{CompactString, Timestamp};
use causette_text::Language;
use pair::Pair;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ClientHello, NoClientAuth, ParsedCertificate};
use rustls::{Error, ServerConfig};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// The certificate's file in the data folder, where it is self-signed.
pub(crate) const CERTIFICATE: &str = "certificate.pem";
/// Its private key's file.
pub(crate) const KEY: &str = "key.pem";

/// Seconds before the end of a certificate of ours from which on it is made anew: thirty days.
const RENEWED_BEFORE: i64 = 30 * 24 * 3600;

/// HTTP in a client's hello.
pub(crate) const HTTP: &[u8] = b"http/1.1";

/// The server's certificate, and how TLS is spoken with it.
pub(crate) struct Certificate {
    /// For clients that are asked for a certificate of their own.
    asking: Arc<ServerConfig>,
    /// For browsers, which would ask their user to choose one: they sign in otherwise.
    silent: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
    /// The name for which clients may trust it.
    server: CompactString,
    trusted: AtomicBool,
    /// Which warning about its end was told last.
    pub(crate) warned: AtomicU8,
    /// The SHA-256 of the certificate in hexadecimal, by which people recognise it.
    pub(crate) fingerprint: String,
    /// The SHA-256 of its public key (SPKI) in hexadecimal: the same after the certificate is renewed for the same key.
    pub(crate) public_key: String,
    /// Whether we made the certificate ourselves, so that no client trusts it by itself.
    pub(crate) self_signed: bool,
    /// The moment behind which clients refuse it.
    pub(crate) end: Timestamp,
}

impl Certificate {
    /// Reads the certificate that is given, or the one in the data folder, which is made when there is none.
    ///
    /// # Errors
    /// Names the key of the configuration and the file, what is wrong with it, and what to do.
    pub(crate) fn load(
        files: Option<&CertificateFiles>,
        data_dir: &Path,
        server: &str,
        language: Language,
    ) -> Result<Self, Unusable> {
        let pair = match files {
            Some(files) => Pair::given(files, language)?,
            None => Pair::ours(data_dir, language),
        };
        if files.is_none() {
            pair.make_if_missing(server)?;
        }
        let mut chain = pair.chain()?;
        let key = pair.key()?;
        if files.is_none() && ends_soon(&chain) {
            match pair.make(server, Some(&key)) {
                Ok(()) => chain = pair.chain()?,
                // It is as good as it was, and the next start, reload or hour tries again.
                Err(error) if !ends_before(&chain, now()) => {
                    tracing::error!(event = "tls.not_renewed", error = %error, "the certificate could not be made anew");
                }
                Err(error) => return Err(error),
            }
        }
        let own = chain.first().ok_or_else(|| pair.no_certificate())?;
        let parsed =
            ParsedCertificate::try_from(own).map_err(|error| pair.bad_certificate(&error))?;
        // Clients judge for themselves, and those that know us by the key do not look at the end at all.
        let end = validity::end(own).unwrap_or(Timestamp::MAX);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let any = Arc::new(AnyOrNone(provider.clone()));
        let context = |verifier| {
            context(&provider, verifier, &chain, &key).map_err(|error| pair.bad_key(error))
        };
        Ok(Self {
            asking: context(any)?,
            silent: context(Arc::new(NoClientAuth))?,
            fingerprint: sha256(own),
            public_key: sha256(&parsed.subject_public_key_info()),
            self_signed: files.is_none(),
            end,
            server: server.into(),
            trusted: AtomicBool::new(false),
            warned: AtomicU8::new(0),
            chain,
        })
    }

    /// Takes the place of another, or of none, and judges whether clients trust it. Where it is the same as before, people
    /// have been told already what is known of it: each warning is for once.
    pub(crate) fn follow(&self, before: Option<&Self>) {
        let same = before.filter(|before| before.fingerprint == self.fingerprint);
        if let Some(before) = same {
            let warned = before.warned.load(Ordering::Relaxed);
            self.warned.store(warned, Ordering::Relaxed);
            self.trusted.store(before.trusted(), Ordering::Relaxed);
        }
        if !self.judge() && !self.self_signed && same.is_none() {
            trust::tell(false, &self.server);
        }
    }

    /// Whether clients trust it for the server's name by themselves, as it was judged last.
    pub(crate) fn trusted(&self) -> bool {
        self.trusted.load(Ordering::Relaxed)
    }

    /// Judges that now. A change is told in the log.
    pub(crate) fn judge(&self) -> bool {
        if self.self_signed {
            return false;
        }
        let trusted = trust::is_trusted_here(&self.chain, &self.server);
        if self.trusted.swap(trusted, Ordering::Relaxed) != trusted {
            trust::tell(trusted, &self.server);
        }
        trusted
    }

    /// Whether it is one of ours and has to be made anew.
    pub(crate) fn must_be_renewed(&self) -> bool {
        self.self_signed && ends_soon(&self.chain)
    }

    /// How to speak to who says this hello. Browsers name HTTP in it, and clients of IRC name nothing or `irc`.
    pub(crate) fn context(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
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

fn ends_soon(chain: &[CertificateDer<'_>]) -> bool {
    ends_before(chain, now().plus_seconds(RENEWED_BEFORE))
}

fn ends_before(chain: &[CertificateDer<'_>], moment: Timestamp) -> bool {
    let end = chain.first().and_then(|own| validity::end(own));
    end.is_some_and(|end| end < moment)
}

/// How TLS is spoken. Each has tickets of its own, so that nobody takes up a conversation of the other kind.
fn context(
    provider: &Arc<CryptoProvider>,
    verifier: Arc<dyn ClientCertVerifier>,
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, Error> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain.to_vec(), key.clone_key())?;
    config.alpn_protocols = vec![b"irc".to_vec(), HTTP.to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::pair::place;
    use super::*;
    use crate::data_dir::tests::Folder;
    use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    /// The one in a folder, ours.
    pub(crate) fn ours(folder: &Folder) -> Certificate {
        Certificate::load(None, &folder.0, "chat.example.org", Language::En).unwrap()
    }

    /// Writes a certificate that ends in so many days, with a new key, under the names of ours.
    pub(crate) fn write(folder: &Folder, days: i64) {
        let mut params = CertificateParams::new(vec!["chat.example.org".to_owned()]).unwrap();
        let end = now().plus_seconds(days * 24 * 3600).seconds();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after =
            rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(end.unsigned_abs());
        let key = KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        fs::write(folder.0.join(KEY), key.serialize_pem()).unwrap();
        fs::write(folder.0.join(CERTIFICATE), made.pem()).unwrap();
    }

    /// The same files, as if they had been given.
    pub(crate) fn files(folder: &Folder) -> CertificateFiles {
        CertificateFiles {
            certificate: folder.0.join(CERTIFICATE),
            key: folder.0.join(KEY),
        }
    }

    fn refusal(files: Option<&CertificateFiles>, folder: &Folder, language: Language) -> String {
        let loaded = Certificate::load(files, &folder.0, "chat.example.org", language);
        loaded.err().unwrap().to_string()
    }

    #[test]
    fn the_certificate_is_made_once_and_for_its_owner_only() {
        let folder = Folder::new();
        let first = ours(&folder);
        let second = ours(&folder);
        assert_eq!(first.fingerprint, second.fingerprint);
        assert_eq!(first.fingerprint.len(), 64);
        assert_eq!(first.public_key, second.public_key);
        let key = KeyPair::from_pem(&fs::read_to_string(folder.0.join(KEY)).unwrap()).unwrap();
        assert_eq!(first.public_key, sha256(&key.subject_public_key_info()));
        assert!(first.self_signed && !first.trusted());
        for file in [CERTIFICATE, KEY] {
            let metadata = fs::metadata(folder.0.join(file)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_missing_certificate_is_made_from_the_key_that_is_there() {
        let folder = Folder::new();
        let first = ours(&folder);
        let key = fs::read(folder.0.join(KEY)).unwrap();
        fs::remove_file(folder.0.join(CERTIFICATE)).unwrap();
        let second = ours(&folder);
        assert_eq!(second.public_key, first.public_key);
        assert_eq!(fs::read(folder.0.join(KEY)).unwrap(), key);
        assert_eq!(ours(&folder).fingerprint, second.fingerprint);
    }

    #[test]
    fn no_key_is_made_beside_a_certificate_and_none_over_one_that_is_damaged() {
        let folder = Folder::new();
        let first = ours(&folder);
        let key = fs::read(folder.0.join(KEY)).unwrap();
        fs::remove_file(folder.0.join(KEY)).unwrap();
        let told = refusal(None, &folder, Language::En);
        assert!(told.contains("key.pem") && told.contains("copy"), "{told}");
        assert!(!folder.0.join(KEY).exists());
        fs::remove_file(folder.0.join(CERTIFICATE)).unwrap();
        fs::write(folder.0.join(KEY), "").unwrap();
        let told = refusal(None, &folder, Language::Fr);
        assert!(told.contains("key.pem") && told.contains("clé"), "{told}");
        fs::write(folder.0.join(KEY), key).unwrap();
        assert_eq!(ours(&folder).public_key, first.public_key);
    }

    #[test]
    fn one_of_ours_is_made_anew_from_its_key_before_it_ends() {
        for days in [-400, -1, 1, 29] {
            let folder = Folder::new();
            write(&folder, days);
            let key = fs::read(folder.0.join(KEY)).unwrap();
            let renewed = ours(&folder);
            assert!(renewed.end.to_string().starts_with("2120-01-01"));
            assert_eq!(fs::read(folder.0.join(KEY)).unwrap(), key);
            assert_eq!(ours(&folder).fingerprint, renewed.fingerprint);
        }
        let folder = Folder::new();
        write(&folder, 31);
        let before = fs::read(folder.0.join(CERTIFICATE)).unwrap();
        let kept = ours(&folder);
        assert!(!kept.must_be_renewed());
        assert_eq!(fs::read(folder.0.join(CERTIFICATE)).unwrap(), before);
    }

    #[test]
    fn one_that_cannot_be_made_anew_yet_is_shown_as_long_as_it_is_valid() {
        for (days, valid) in [(-1, false), (1, true)] {
            let folder = Folder::new();
            write(&folder, days);
            // Nothing can be written under the name that a new one has while it is not whole.
            fs::create_dir(folder.0.join("certificate.new")).unwrap();
            let loaded = Certificate::load(None, &folder.0, "chat.example.org", Language::En);
            assert_eq!(loaded.is_ok(), valid, "{days}");
            assert!(loaded.is_err() || loaded.unwrap().must_be_renewed());
        }
    }

    #[test]
    fn what_was_told_of_a_certificate_is_not_told_again_when_it_is_read_again() {
        let folder = Folder::new();
        write(&folder, 10);
        let given = files(&folder);
        let load = || {
            let loaded =
                Certificate::load(Some(&given), &folder.0, "chat.example.org", Language::En);
            loaded.unwrap()
        };
        let before = load();
        before.follow(None);
        before.warned.store(1, Ordering::Relaxed);
        let warned = || {
            let after = load();
            after.follow(Some(&before));
            after.warned.load(Ordering::Relaxed)
        };
        assert_eq!(warned(), 1);
        write(&folder, 10);
        assert_eq!(warned(), 0, "another one");
    }

    #[test]
    fn one_that_was_given_is_never_written() {
        let folder = Folder::new();
        write(&folder, 2);
        let before = fs::read(folder.0.join(CERTIFICATE)).unwrap();
        let given = files(&folder);
        let loaded =
            Certificate::load(Some(&given), &folder.0, "chat.example.org", Language::En).unwrap();
        assert!(!loaded.must_be_renewed() && !loaded.self_signed);
        assert_eq!(fs::read(folder.0.join(CERTIFICATE)).unwrap(), before);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_key_its_name_and_what_to_do() {
        let folder = Folder::new();
        let given = files(&folder);
        let (certificate, key) = (&given.certificate, &given.key);
        let told = |words: &[&str]| {
            for language in Language::ALL {
                let told = refusal(Some(&given), &folder, language);
                for word in words {
                    assert!(told.contains(word), "{told} lacks {word}");
                }
            }
        };
        told(&["tls.certificate", "certificate.pem", "tls.key"]);
        fs::write(certificate, "nothing").unwrap();
        told(&["tls.certificate", "certificate.pem", "BEGIN CERTIFICATE"]);
        fs::write(
            certificate,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        fs::write(key, "nothing").unwrap();
        told(&["tls.key", "key.pem", "BEGIN PRIVATE KEY"]);
        fs::write(
            key,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        )
        .unwrap();
        told(&["tls.key", "key.pem", "openssl pkey"]);
        write(&folder, 90);
        let good = fs::read(key).unwrap();
        fs::write(
            certificate,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        told(&["tls.certificate", "certificate.pem"]);
        write(&folder, 90);
        fs::write(key, good).unwrap();
        told(&["tls.key", "key.pem", "certificate.pem"]);
        fs::remove_file(key).unwrap();
        fs::create_dir(key).unwrap();
        told(&["tls.key", "key.pem"]);
    }

    #[test]
    fn a_credential_is_a_name_in_the_folder_of_the_service() {
        let folder = Some(OsString::from("/run/credentials/causette.service"));
        let path = Path::new("credential:fullchain.pem");
        let expected = Path::new("/run/credentials/causette.service/fullchain.pem");
        assert_eq!(place(path, folder.clone()).as_deref(), Some(expected));
        assert_eq!(place(path, None), None);
        let path = Path::new("tls/fullchain.pem");
        assert_eq!(place(path, folder).as_deref(), Some(path));
        let given = CertificateFiles {
            certificate: "credential:fullchain.pem".into(),
            key: "credential:privkey.pem".into(),
        };
        let told = refusal(Some(&given), &Folder::new(), Language::En);
        assert!(
            told.contains("LoadCredential=fullchain.pem:") || told.contains("LoadCredential="),
            "{told}"
        );
    }
}
