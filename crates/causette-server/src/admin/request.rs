//! What is said over the administrator's socket: requests, and what came of them.

use causette_core::output::{Entry, Told};
use serde::{Deserialize, Serialize};

/// What the administrator asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", deny_unknown_fields)]
pub enum Request {
    /// Makes an account.
    #[serde(rename = "account.create")]
    CreateAccount {
        /// Its name.
        name: String,
        /// Its password.
        password: Password,
    },
    /// Gives somebody who has forgotten their password another one, or a code that works once.
    #[serde(rename = "account.password")]
    ResetPassword {
        /// The account's name.
        name: String,
        /// The new password; the server makes a code where there is none.
        password: Option<Password>,
    },
    /// Stops the server.
    #[serde(rename = "stop")]
    Stop {
        /// Why, for the people and the register; the server has a default.
        reason: Option<String>,
    },
    /// Tells how the server is.
    #[serde(rename = "status")]
    Status,
    /// Reads the configuration again, and waits for what comes of it.
    #[serde(rename = "reload")]
    Reload,
    /// Tells the fingerprints by which clients know the server.
    #[serde(rename = "fingerprint")]
    Fingerprint,
    /// Makes a link that invites people.
    #[serde(rename = "invite")]
    Invite {
        /// Where people come to, `HOST` or `HOST:PORT`; the server has a default.
        address: Option<String>,
        /// The room that they enter, which must exist; the server has a default.
        room: Option<String>,
    },
    /// Enters a backup that was made, in the register.
    #[serde(rename = "backup")]
    EnterBackup {
        /// The file.
        file: String,
        /// Its length.
        bytes: u64,
        /// Its SHA-256, in lower-case hexadecimal.
        sha256: String,
    },
}

impl Request {
    /// The field that holds control characters, where one does. They would end a line of IRC, or mean something to the
    /// terminal of whoever reads the register.
    pub(super) fn with_controls(&self) -> Option<&'static str> {
        let fields: &[(&'static str, Option<&str>)] = match self {
            Self::CreateAccount { name, .. } | Self::ResetPassword { name, .. } => {
                &[("name", Some(name))]
            }
            Self::Stop { reason } => &[("reason", reason.as_deref())],
            Self::Invite { address, room } => {
                &[("address", address.as_deref()), ("room", room.as_deref())]
            }
            Self::EnterBackup { file, sha256, .. } => {
                &[("file", Some(file)), ("sha256", Some(sha256))]
            }
            Self::Status | Self::Reload | Self::Fingerprint => &[],
        };
        let has = |text: &str| text.contains(char::is_control);
        let found = fields.iter().find(|(_, text)| text.is_some_and(has));
        found.map(|(field, _)| *field)
    }
}

/// A password on its way to the server: never printed, wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// What the core says came of an order, or why nothing did.
pub(crate) type Obeyed = Result<Told, String>;

/// What came of a request.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Whether it was done.
    pub ok: bool,
    /// What to tell the administrator, in the server's language.
    pub text: String,
    /// The number of its entry in the register, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Why it was not done, where a script must tell that from other reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
}

/// A kind of reason for which something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The administrator has to change the configuration first.
    Configuration,
}

impl Reply {
    /// It was not done.
    pub(super) fn refusal(text: String) -> Self {
        Err::<String, _>(text).into()
    }
}

impl From<Result<String, String>> for Reply {
    fn from(result: Result<String, String>) -> Self {
        let ok = result.is_ok();
        let (Ok(text) | Err(text)) = result;
        Self {
            ok,
            text,
            entry: None,
            kind: None,
        }
    }
}

impl From<Obeyed> for Reply {
    fn from(result: Obeyed) -> Self {
        let entry = match result {
            Ok(Told {
                entry: Entry::Number(number),
                ..
            }) => Some(number),
            _ => None,
        };
        Self {
            entry,
            ..result.map(|told| told.text).into()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn requests_read_as_they_are_written() {
        let text = r#"{"verb":"account.create","name":"alice","password":"hunter2hunter2"}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), text);
        assert!(!format!("{request:?}").contains("hunter2"));
        assert!(matches!(
            serde_json::from_str(r#"{"verb":"stop"}"#),
            Ok(Request::Stop { reason: None })
        ));
        assert!(matches!(
            serde_json::from_str(r#"{"verb":"status"}"#),
            Ok(Request::Status)
        ));
        assert!(serde_json::from_str::<Request>(r#"{"verb":"format.disk"}"#).is_err());
        assert!(serde_json::from_str::<Request>(r#"{"verb":"stop","resaon":"x"}"#).is_err());
    }

    #[test]
    fn a_reply_says_whether_it_was_done() {
        let reply: Reply = Ok::<_, String>("done".to_owned()).into();
        assert!(reply.ok && reply.text == "done" && reply.entry.is_none());
        let reply: Reply = Err::<String, _>("not done".to_owned()).into();
        assert!(!reply.ok && reply.text == "not done");
        let (text, entry) = ("done".to_owned(), Entry::Number(7));
        let reply: Reply = Ok::<_, String>(Told { text, entry }).into();
        assert!(reply.ok && reply.text == "done" && reply.entry == Some(7));
    }
}
