//! The two files of a certificate: reading them, making them, and saying what is wrong with them.

use super::{CERTIFICATE, KEY};
use crate::config::{CertificateFiles, Unusable};
use crate::data_dir::write_private;
use crate::trouble;
use causette_text::{Language, text_with};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::Error;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a file's name begins with that is a credential of the service. <https://systemd.io/CREDENTIALS/>
const CREDENTIAL: &str = "credential:";

/// The two files of a certificate, and the language in which to say what is wrong with them.
pub(super) struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    /// The keys of the configuration that say where they are.
    names: [&'static str; 2],
    language: Language,
}

impl Pair {
    pub(super) fn given(files: &CertificateFiles, language: Language) -> Result<Self, Unusable> {
        let names = ["tls.certificate", "tls.key"];
        let place = |name, path: &Path| {
            place(path, credentials()).ok_or_else(|| {
                let variables = [("key", name), ("file", &*path.to_string_lossy())];
                Unusable::because(text_with(language, "tls-no-credentials", &variables))
            })
        };
        Ok(Self {
            certificate: place(names[0], &files.certificate)?,
            key: place(names[1], &files.key)?,
            names,
            language,
        })
    }

    pub(super) fn ours(data_dir: &Path, language: Language) -> Self {
        Self {
            certificate: data_dir.join(CERTIFICATE),
            key: data_dir.join(KEY),
            names: ["server.data_dir"; 2],
            language,
        }
    }

    /// The certificates in its file, the server's own first.
    pub(super) fn chain(&self) -> Result<Vec<CertificateDer<'static>>, Unusable> {
        let pem = self.read(&self.certificate, self.names[0])?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let chain = chain.map_err(|error| self.bad_certificate(&error))?;
        if chain.is_empty() {
            return Err(self.no_certificate());
        }
        Ok(chain)
    }

    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, Unusable> {
        let pem = self.read(&self.key, self.names[1])?;
        PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
            let text = String::from_utf8_lossy(&pem);
            let locked =
                text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains(",ENCRYPTED");
            let key = if locked {
                "tls-key-locked"
            } else {
                "tls-no-key"
            };
            self.trouble(key, self.names[1], &self.key, "")
        })
    }

    fn read(&self, file: &Path, name: &str) -> Result<Zeroizing<Vec<u8>>, Unusable> {
        let bytes = std::fs::read(file).map_err(|error| {
            let key = match error.kind() {
                ErrorKind::NotFound if self.is_ours() => "tls-own-key-missing",
                ErrorKind::NotFound => "tls-file-missing",
                ErrorKind::PermissionDenied => "tls-file-forbidden",
                _ => "tls-file-unreadable",
            };
            let told = trouble::of_io(&error, self.language);
            Unusable::refused(&error, self.words(key, name, file, &told))
        })?;
        Ok(Zeroizing::new(bytes))
    }

    fn is_ours(&self) -> bool {
        self.names[0] == self.names[1]
    }

    /// Makes what is missing: key and certificate, or the certificate alone for the key that is there. A certificate without
    /// its key stays as it is, because people know the server by that key.
    pub(super) fn make_if_missing(&self, server: &str) -> Result<(), Unusable> {
        let exists = |file: &Path| file.try_exists().map_err(|error| self.system(file, &error));
        match (exists(&self.certificate)?, exists(&self.key)?) {
            (true, _) => Ok(()),
            (false, true) => self.make(server, Some(&self.key()?)),
            (false, false) => self.make(server, None),
        }
    }

    /// Makes a certificate for the server's name and this machine, and a key where there is none. The key is written first: a
    /// certificate is never without one.
    ///
    /// People know the certificate by its fingerprint, so it must outlive the machine: its dates are far apart.
    pub(super) fn make(
        &self,
        server: &str,
        key: Option<&PrivateKeyDer<'_>>,
    ) -> Result<(), Unusable> {
        let unmade = |error: rcgen::Error| {
            Unusable::for_now(format_args!("cannot make a certificate: {error}"))
        };
        let names = [server, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).map_err(unmade)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, server);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2120, 1, 1);
        let pair = match key {
            Some(key) => KeyPair::try_from(key).map_err(|error| {
                self.trouble(
                    "tls-key-unusable",
                    self.names[1],
                    &self.key,
                    &error.to_string(),
                )
            })?,
            None => KeyPair::generate().map_err(unmade)?,
        };
        let made = params.self_signed(&pair).map_err(unmade)?;
        let write = |file: &Path, bytes: &[u8]| {
            write_private(file, bytes).map_err(|error| self.system(file, &error))
        };
        if key.is_none() {
            write(&self.key, Zeroizing::new(pair.serialize_pem()).as_bytes())?;
        }
        write(&self.certificate, made.pem().as_bytes())?;
        let same_key = key.is_some();
        tracing::info!(
            event = "tls.made",
            same_key,
            file = %self.certificate.display(),
            "a certificate was made"
        );
        Ok(())
    }

    pub(super) fn no_certificate(&self) -> Unusable {
        self.trouble("tls-no-certificate", self.names[0], &self.certificate, "")
    }

    pub(super) fn bad_certificate(&self, error: &dyn Display) -> Unusable {
        let error = error.to_string();
        self.trouble(
            "tls-bad-certificate",
            self.names[0],
            &self.certificate,
            &error,
        )
    }

    pub(super) fn bad_key(&self, error: Error) -> Unusable {
        let key = match error {
            Error::InconsistentKeys(_) => "tls-key-other",
            _ => "tls-key-unusable",
        };
        self.trouble(key, self.names[1], &self.key, &error.to_string())
    }

    /// The system does not let us have one of our own files.
    fn system(&self, file: &Path, error: &io::Error) -> Unusable {
        let told = trouble::of_io(error, self.language);
        let told = format_args!("{}: {}: {told}", self.names[0], file.display());
        Unusable::refused(error, told)
    }

    fn trouble(&self, key: &str, name: &str, file: &Path, error: &str) -> Unusable {
        Unusable::because(self.words(key, name, file, error))
    }

    fn words(&self, key: &str, name: &str, file: &Path, error: &str) -> String {
        let (file, certificate) = (file.to_string_lossy(), self.certificate.to_string_lossy());
        let variables = [
            ("key", name),
            ("file", &*file),
            ("certificate", &*certificate),
            ("error", error),
        ];
        text_with(self.language, key, &variables)
    }
}

/// The one of the files that is a credential of the service, where this process has none.
pub(crate) fn out_of_reach(files: &CertificateFiles) -> Option<&Path> {
    let mut files = [&*files.certificate, &*files.key].into_iter();
    files.find(|file| place(file, credentials()).is_none())
}

/// The folder of the service's credentials.
fn credentials() -> Option<OsString> {
    std::env::var_os("CREDENTIALS_DIRECTORY")
}

/// Where a file is; `None` for one that only the service is handed.
pub(crate) fn place_of(path: &Path) -> Option<PathBuf> {
    place(path, credentials())
}

/// Where a file is; `None` for a credential where the service has none. Credentials are named and not pathed because their
/// folder is another for each service, and nobody's to write into a configuration.
pub(super) fn place(path: &Path, credentials: Option<OsString>) -> Option<PathBuf> {
    match path.to_str().and_then(|path| path.strip_prefix(CREDENTIAL)) {
        Some(name) => Some(PathBuf::from(credentials?).join(name)),
        None => Some(path.to_owned()),
    }
}
