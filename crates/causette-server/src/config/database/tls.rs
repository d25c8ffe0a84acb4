//! The files that are read to speak TLS with the server of a database.

use crate::config::Unusable;
use crate::trouble;
use causette_store::{Database, TlsFile, TlsRole};
use causette_text::{Language, text_with};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, RootCertStore};
use std::io::ErrorKind;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of such a file at most: what all authorities of a machine have is a fifth of it.
const FILE_BYTES: u64 = 1 << 20;

/// Reads all of them, whether or not the server offers TLS: who names a file relies on it. `names` are what names the URL and
/// what names the authorities beside it.
///
/// # Errors
/// Says by what a file is named, and what is wrong with it.
pub(crate) fn look_at_tls(
    database: &Database,
    names: [&str; 2],
    language: Language,
) -> Result<(), Unusable> {
    let (mut chain, mut key) = (None, None);
    for file in database.tls_files() {
        let named = Named::new(file, names, language);
        let pem = named.read()?;
        match file.role {
            TlsRole::Authorities => named.authorities(&pem)?,
            TlsRole::Certificate => chain = Some((named.certificates(&pem)?, named)),
            TlsRole::Key => key = Some((named.key(&pem)?, named)),
        }
    }
    match (chain, key) {
        (None, None) => Ok(()),
        (Some((chain, certificate)), Some((key, named))) => {
            let provider = aws_lc_rs::default_provider();
            let pair = CertifiedKey::from_der(chain, key, &provider);
            pair.map(drop).map_err(|error| {
                let text = match error {
                    Error::InconsistentKeys(_) => "tls-key-other",
                    _ => "tls-key-unusable",
                };
                let certificate = certificate.path.to_string_lossy();
                let error = error.to_string();
                named.wrong(text, &[("certificate", &certificate), ("error", &error)])
            })
        }
        (Some((_, alone)), None) | (None, Some((_, alone))) => {
            Err(alone.wrong("database-tls-pair", &[]))
        }
    }
}

/// A file, and by what it is named.
struct Named<'a> {
    key: String,
    path: &'a Path,
    language: Language,
}

impl<'a> Named<'a> {
    fn new(file: &'a TlsFile, [url, authorities]: [&str; 2], language: Language) -> Self {
        let key = match &file.parameter {
            Some(parameter) => format!("{url} ({parameter})"),
            None => authorities.to_owned(),
        };
        Self {
            key,
            path: &file.path,
            language,
        }
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Unusable> {
        let read = std::fs::metadata(self.path).and_then(|found| {
            if found.is_dir() {
                Err(ErrorKind::IsADirectory.into())
            } else if found.len() > FILE_BYTES {
                Err(ErrorKind::FileTooLarge.into())
            } else if found.is_file() {
                std::fs::read(self.path)
            } else {
                // A device or a pipe would be read for ever, and has nothing for the next connection.
                Ok(Vec::new())
            }
        });
        read.map(Zeroizing::new).map_err(|error| {
            let told = trouble::of_io(&error, self.language);
            Unusable::because(self.words("tls-file-unreadable", &[("error", &told)]))
        })
    }

    fn certificates(&self, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Unusable> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.map_err(|error| self.damaged(&error.to_string()))?;
        match found.is_empty() {
            true => Err(self.wrong("database-no-certificate", &[])),
            false => Ok(found),
        }
    }

    fn authorities(&self, pem: &[u8]) -> Result<(), Unusable> {
        let mut store = RootCertStore::empty();
        for certificate in self.certificates(pem)? {
            let added = store.add(certificate);
            added.map_err(|error| self.damaged(&error.to_string()))?;
        }
        Ok(())
    }

    fn key(&self, pem: &[u8]) -> Result<PrivateKeyDer<'static>, Unusable> {
        PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            let text = String::from_utf8_lossy(pem);
            let is_locked =
                text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains(",ENCRYPTED");
            match is_locked {
                true => self.wrong("tls-key-locked", &[]),
                false => self.wrong("tls-no-key", &[]),
            }
        })
    }

    fn damaged(&self, error: &str) -> Unusable {
        self.wrong("tls-bad-certificate", &[("error", error)])
    }

    fn wrong(&self, text: &str, variables: &[(&str, &str)]) -> Unusable {
        Unusable::because(self.words(text, variables))
    }

    fn words(&self, text: &str, variables: &[(&str, &str)]) -> String {
        let file = self.path.to_string_lossy();
        let mut all = vec![("key", &*self.key), ("file", &*file)];
        all.extend(variables);
        text_with(self.language, text, &all)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use causette_store::Access;
    use rcgen::{CertificateParams, KeyPair};

    fn looked(url: &str, ca_file: Option<&Path>) -> Result<(), String> {
        let access = Access {
            password: None,
            ca_file: ca_file.map(Path::to_owned),
        };
        let database = Database::parse(url, &access).unwrap();
        let told = Language::ALL.map(|language| {
            look_at_tls(&database, ["database.url", "database.ca_file"], language)
                .map_err(|error| (error.may_pass(), error.to_string()))
        });
        let [en, fr] = told;
        if en.is_err() {
            assert_ne!(en, fr);
        }
        en.map_err(|(may_pass, told)| {
            assert!(!may_pass, "{told}");
            told
        })
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_what_names_it() {
        let folder = Folder::new();
        let write = |name: &str, text: &str| {
            let file = folder.0.join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        let pair = || {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec!["db.test".to_owned()]).unwrap();
            (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
        };
        let ((certificate, key), (_, other)) = (pair(), pair());
        let certificate = write("certificate.pem", &certificate);
        let (key, other) = (write("key.pem", &key), write("other.pem", &other));
        let senseless = write("senseless.pem", "a name\n");
        let damaged = write(
            "damaged.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        );
        let missing = folder.0.join("missing.pem");
        let url = "postgres://a@db.test/chat?sslmode=require";
        assert_eq!(looked(url, Some(&certificate)), Ok(()));
        for file in [&missing, &senseless, &damaged, &key, &folder.0] {
            let told = looked(url, Some(file)).unwrap_err();
            assert!(told.starts_with("database.ca_file: "), "{told}");
            assert!(told.contains(&*file.to_string_lossy()), "{told}");
        }
        let own = |certificate: &Path, key: &Path| {
            let (certificate, key) = (certificate.display(), key.display());
            let url = format!("mysql://a@db.test/chat?ssl-cert={certificate}&ssl-key={key}");
            looked(&url, None)
        };
        assert_eq!(own(&certificate, &key), Ok(()));
        for (certificate, key, named) in [
            (&missing, &key, "ssl-cert"),
            (&senseless, &key, "ssl-cert"),
            (&certificate, &missing, "ssl-key"),
            (&certificate, &senseless, "ssl-key"),
            (&certificate, &other, "ssl-key"),
        ] {
            let told = own(certificate, key).unwrap_err();
            let beginning = format!("database.url ({named}): ");
            assert!(told.starts_with(&beginning), "{told}");
        }
        let alone = format!("{url}&sslcert={}", certificate.display());
        let told = looked(&alone, None).unwrap_err();
        assert!(told.starts_with("database.url (sslcert): "), "{told}");
        let authorities = format!("{url}&sslrootcert={}", missing.display());
        let told = looked(&authorities, None).unwrap_err();
        assert!(told.starts_with("database.url (sslrootcert): "), "{told}");
    }
}
