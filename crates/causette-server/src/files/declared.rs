//! What is noted of an upload, so that it goes on behind a restart.

use causette_core::file::{Digest, Permit, PermitKey, Visibility};
use causette_core::id::{AccountId, RoomId};
use causette_proto::{FileName, Timestamp};
use serde_json::{Value, json};

/// What who uploads has said beside what the permit says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The SHA-256 that all bytes must have.
    pub(crate) sha256: Option<Digest>,
    /// Whether exactly as many bytes come as the permit is for, and not at most.
    pub(crate) is_exact: bool,
    /// Whether it comes in one request, whose end is its end: who sends was told no address where it could be gone on with.
    pub(crate) is_at_once: bool,
    /// Since when by the wall clock, in seconds since 1970.
    pub(crate) since: i64,
    /// What else, word by word, to be told again to who asks.
    pub(crate) metadata: String,
}

/// What is noted of an upload, beside its bytes.
pub(super) fn noted(permit: &Permit, declared: &Declared) -> Value {
    json!({
        "owner": permit.owner.0,
        "name": permit.name.as_str(),
        "bytes": permit.bytes,
        "visibility": permit.visibility.name(),
        "room": permit.visibility.room().map(|room| room.0),
        "to": permit.to.map(|to| to.0),
        "since": permit.since.0,
        "sha256": declared.sha256.map(|sha256| sha256.to_string()),
        "exact": declared.is_exact,
        "at once": declared.is_at_once,
        "begun": declared.since,
        "metadata": declared.metadata,
    })
}

/// What was noted; `None` where it cannot be read.
pub(super) fn read(key: PermitKey, note: &str) -> Option<(Permit, Declared)> {
    let note: Value = serde_json::from_str(note).ok()?;
    let room = note["room"].as_u64().map(RoomId);
    let permit = Permit {
        key,
        owner: AccountId(note["owner"].as_u64()?),
        name: FileName::parse(note["name"].as_str()?)?,
        bytes: note["bytes"].as_u64()?,
        visibility: Visibility::of(note["visibility"].as_str()?, room)?,
        to: note["to"].as_u64().map(AccountId),
        since: Timestamp(note["since"].as_i64()?),
    };
    let declared = Declared {
        sha256: match &note["sha256"] {
            Value::String(text) => Some(Digest::parse(text)?),
            _ => None,
        },
        is_exact: note["exact"].as_bool().unwrap_or(false),
        is_at_once: note["at once"].as_bool().unwrap_or(false),
        since: note["begun"].as_i64().unwrap_or(0),
        metadata: note["metadata"].as_str().unwrap_or_default().to_owned(),
    };
    Some((permit, declared))
}
