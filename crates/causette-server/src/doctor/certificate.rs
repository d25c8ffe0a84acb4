//! The certificate: until when it is good, who trusts it, and who else can read its key.

use super::{Finding, Patient, Shown, in_folder, shown};
use crate::config::Config;
use crate::identity::certificate::{CERTIFICATE, KEY, out_of_reach};
use crate::identity::{trust, validity};
use causette_proto::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const DAY: i64 = 24 * 3600;

/// Days before the end from which on it is told.
const DAYS: i64 = 14;

pub(super) fn examine(patient: &Patient, now: Timestamp) -> Vec<Finding> {
    let config = &patient.config;
    let files = files(config);
    let seen = match (&patient.running, &files) {
        (Some(running), _) => Some(running.certificate),
        (None, Some((certificate, _))) => read(config, certificate),
        (None, None) => None,
    };
    let mut findings = match seen {
        Some(seen) => vec![end(seen, now), trusted(seen, &config.settings.server)],
        None => vec![unseen(files.as_ref())],
    };
    if let Some((certificate, key)) = &files {
        match std::fs::metadata(key) {
            Ok(found) => findings.push(self::key(found.mode()).with("file", shown(key))),
            Err(_) if certificate.exists() => {
                findings.push(Finding::wrong("key", "doctor-key-none").with("file", shown(key)));
            }
            Err(_) => {}
        }
    }
    findings
}

/// There is none that can be read. A first start makes one, and again from the key that is left; what is damaged stops a start.
fn unseen(files: Option<&(PathBuf, PathBuf)>) -> Finding {
    match files {
        Some((certificate, _)) if certificate.exists() => {
            Finding::wrong("certificate", "doctor-certificate-damaged")
                .with("file", shown(certificate))
        }
        _ => Finding::hint("certificate", "doctor-certificate-none"),
    }
}

/// Certificate and key, where this process can look at them.
fn files(config: &Config) -> Option<(PathBuf, PathBuf)> {
    match &config.certificate {
        None => Some((in_folder(config, CERTIFICATE), in_folder(config, KEY))),
        Some(files) if out_of_reach(files).is_some() => None,
        Some(files) => Some((files.certificate.clone(), files.key.clone())),
    }
}

fn read(config: &Config, file: &Path) -> Option<Shown> {
    let chain = CertificateDer::pem_file_iter(file).ok()?;
    let chain: Vec<CertificateDer<'_>> = chain.collect::<Result<_, _>>().ok()?;
    let self_signed = config.certificate.is_none();
    Some(Shown {
        end: validity::end(chain.first()?).unwrap_or(Timestamp::MAX),
        self_signed,
        trusted: !self_signed && trust::is_trusted_here(&chain, &config.settings.server),
    })
}

/// Until when it is good. One of ours is made anew in time.
pub(super) fn end(seen: Shown, now: Timestamp) -> Finding {
    let days = (seen.end.seconds() - now.seconds()).div_euclid(DAY);
    let date = seen.end.to_string();
    match seen.end {
        end if end <= now => Finding::wrong("certificate", "doctor-certificate-ended"),
        _ if days < DAYS => Finding::hint("certificate", "doctor-certificate-ends"),
        _ => Finding::well("certificate", "doctor-certificate"),
    }
    .with("date", date.get(..10).unwrap_or(&date))
    .with("days", days)
}

/// Who trusts it.
pub(super) fn trusted(seen: Shown, server: &str) -> Finding {
    match (seen.self_signed, seen.trusted) {
        (true, _) => Finding::hint("trust", "doctor-trust-self"),
        (false, true) => Finding::well("trust", "doctor-trust"),
        (false, false) => Finding::wrong("trust", "doctor-trust-not"),
    }
    .with("server", server)
}

/// Who else can read the key.
pub(super) fn key(mode: u32) -> Finding {
    match mode & 0o077 {
        0 => Finding::well("key", "doctor-key"),
        // A group that reads keys is what some make.
        group if group & 0o007 == 0 && group & 0o020 == 0 => Finding::well("key", "doctor-key"),
        _ => Finding::wrong("key", "doctor-key-open"),
    }
    .with("mode", format!("{:03o}", mode & 0o777))
}
