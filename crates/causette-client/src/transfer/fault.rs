//! Why a file does not get on: what passes by itself, and what stays.

use crate::core::locale::Locale;
use crate::core::transfer::{Fault, Setback};
use crate::transport::Failure;
use hyper::StatusCode;
use serde::Deserialize;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Why a step was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// It passes by itself: it is tried again.
    Passing(Setback),
    /// The server says no, in this way; whoever asked knows whether it stays.
    Answer {
        status: StatusCode,
        code: String,
        text: String,
    },
    /// It stays.
    Staying(Setback),
}

impl Halt {
    pub(crate) fn lost(text: impl Into<String>) -> Self {
        Self::Passing(Setback {
            kind: Fault::Network,
            text: text.into(),
        })
    }

    pub(crate) fn staying(kind: Fault, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Staying(Setback { kind, text })
    }

    /// What the person is told, whether it stays or not.
    pub(crate) fn setback(self) -> Setback {
        match self {
            Self::Passing(setback) | Self::Staying(setback) => setback,
            Self::Answer { status, text, .. } => Setback {
                kind: kind_of(status),
                text,
            },
        }
    }

    /// The same, where an answer that may be another one later is tried again.
    pub(crate) fn settled(self) -> Self {
        match self {
            Self::Answer { status, text, .. } => {
                let kind = kind_of(status);
                let setback = Setback { kind, text };
                if passes(status) {
                    Self::Passing(setback)
                } else {
                    Self::Staying(setback)
                }
            }
            other => other,
        }
    }
}

/// Whether the same question may be answered otherwise in a while. A server whose disk is full says so for long.
fn passes(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        408 | 409 | 423 | 425 | 429 | 500 | 502..=504
    )
}

fn kind_of(status: StatusCode) -> Fault {
    match status.as_u16() {
        401 => Fault::Credentials,
        404 | 410 => Fault::NotFound,
        _ if passes(status) => Fault::Network,
        _ => Fault::Refused,
    }
}

/// The connection could not be opened.
pub(crate) fn of_failure(failure: Failure, server: &str, locale: &Locale) -> Halt {
    let key = match failure {
        Failure::Unreachable(text) if text.is_empty() => {
            return Halt::lost(locale.text("client-closed"));
        }
        Failure::Unreachable(text) => return Halt::lost(text),
        Failure::Unknown(_) => "client-not-trusted",
        Failure::Changed(_) => "client-key-changed",
    };
    Halt::staying(Fault::Trust, locale.text_with(key, &[("server", server)]))
}

/// What the body of a refusal says. <https://www.rfc-editor.org/rfc/rfc9457>
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    title: String,
}

/// What a server says by a status and a body. Its words are shown on a terminal.
pub(crate) fn of_answer(status: StatusCode, body: &[u8], locale: &Locale) -> Halt {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let said = match (problem.detail.is_empty(), problem.title.is_empty()) {
        (false, _) => problem.detail,
        (true, false) => problem.title,
        (true, true) => {
            let status = status.as_u16().to_string();
            locale.text_with("client-file-answer", &[("status", &status)])
        }
    };
    Halt::Answer {
        status,
        code: problem.code,
        text: crate::core::disarm::clean(&said),
    }
}

/// Something on this machine, about a file of it.
pub(crate) fn of_io(error: &Error, path: &Path, locale: &Locale) -> Halt {
    let (kind, key) = match error.kind() {
        ErrorKind::NotFound => (Fault::NotFound, "client-file-none"),
        ErrorKind::PermissionDenied => (Fault::Here, "client-file-forbidden"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (Fault::Here, "client-file-disk-full"),
        ErrorKind::ReadOnlyFilesystem => (Fault::Here, "client-file-read-only"),
        ErrorKind::IsADirectory => (Fault::Usage, "client-file-folder"),
        _ => (Fault::Here, "client-file-trouble"),
    };
    let (path, error) = (path.display().to_string(), error.to_string());
    let variables = [("path", path.as_str()), ("error", error.as_str())];
    Halt::staying(kind, locale.text_with(key, &variables))
}

/// The same of a folder in which something was to be put.
pub(crate) fn of_folder(error: &Error, path: &Path, locale: &Locale) -> Halt {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let path = path.display().to_string();
            let text = locale.text_with("client-folder-none", &[("path", &path)]);
            Halt::staying(Fault::NotFound, text)
        }
        _ => of_io(error, path, locale),
    }
}
