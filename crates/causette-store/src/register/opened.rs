//! What the register says of connections: from where each came, as whom it signed in, and whether it was closed. A start asks
//! it of those that a crash has left open, since their rows alone are bound by nothing.

use super::binding::{self, Columns, Kept};
use super::entry::Commitment;
use super::members::Members;
use super::words::{
    AUTHENTIFICATION_SUCCES, SESSION_FERMETURE, SESSION_OUVERTURE, SESSION_PRESENCE,
};
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use causette_core::id::{AccountId, SessionId};
use causette_proto::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;

/// What the entries tell of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// From where it came, and when its entry was made; `None` where no entry tells that it was opened.
    pub(crate) from: Option<(IpAddr, Timestamp)>,
    /// As whom it signed in last.
    pub(crate) account: Option<AccountId>,
    /// Whether it was closed.
    pub(crate) is_closed: bool,
    /// Whether somebody is at it, where its client has said whether; what it said last counts.
    attended: Option<bool>,
}

impl Opened {
    /// Whether nobody is at it.
    pub(crate) fn is_unattended(&self) -> bool {
        self.attended == Some(false)
    }
}

/// Reads the entries from the last back, until each of the sessions has the one that opened it.
pub(crate) fn read(
    moment: &Moment<'_>,
    sessions: impl Iterator<Item = SessionId>,
) -> Result<HashMap<SessionId, Opened>, Fault> {
    let mut opened: HashMap<_, _> = sessions.map(|id| (id, Opened::default())).collect();
    let mut left = opened.len();
    if left == 0 {
        return Ok(opened);
    }
    let words = [
        SESSION_OUVERTURE,
        SESSION_FERMETURE,
        AUTHENTIFICATION_SUCCES,
        SESSION_PRESENCE,
    ]
    .map(|word| word.text);
    moment
        .prepare(SELECT)?
        .each(values![words[0], words[1], words[2], words[3]], |row| {
            if let Some(members) = committed(row)?
                && let Some(opened) = session(&members).and_then(|id| opened.get_mut(&id))
                && opened.from.is_none()
            {
                let kind = row.text(1)?;
                if kind == words[0] {
                    let time = row.time(2)?;
                    opened.from = address(&members).map(|address| (address, time));
                    left -= usize::from(opened.from.is_some());
                } else if kind == words[1] {
                    opened.is_closed = true;
                } else if kind == words[3] {
                    let attended = members.get("presence") != Some("false");
                    opened.attended.get_or_insert(attended);
                } else if opened.account.is_none() {
                    opened.account = account(&members);
                }
            }
            Ok(left > 0)
        })?;
    Ok(opened)
}

const SELECT: &str =
    "SELECT e.seq, e.type, e.time, e.category, e.meta_commitment, p.meta, p.meta_salt, p.bound
     FROM register_entry e JOIN register_payload p ON p.seq = e.seq
     WHERE e.type IN (?, ?, ?, ?) AND e.content_commitment IS NULL ORDER BY e.seq DESC";

/// The metadata of an entry, where it is what the entry commits to.
fn committed(row: &Row<'_>) -> Result<Option<Members>, Fault> {
    let (Some(meta), Some(salt)) = (row.maybe_text(5)?, row.maybe_bytes(6)?) else {
        return Ok(None);
    };
    let columns = Columns {
        seq: row.int(0)?,
        category: u8::try_from(row.int(3)?).unwrap_or_default(),
        kind: row.text(1)?,
        time: row.time(2)?,
        content: None,
    };
    let is_earlier = row.maybe_bytes(7)?.is_some();
    let json = if is_earlier {
        meta.to_owned()
    } else {
        binding::meta(&columns, Kept::Nowhere, meta)
    };
    let is_committed = Commitment::new(salt, &json) == Commitment(row.array(4)?);
    Ok(is_committed.then(|| Members::parse(meta)).flatten())
}

/// The connection that an entry is about.
pub(super) fn session(members: &Members) -> Option<SessionId> {
    members.get("session")?.parse().ok().map(SessionId)
}

/// From where an opened connection came.
pub(super) fn address(members: &Members) -> Option<IpAddr> {
    members
        .get("acteur")?
        .strip_prefix("address:")?
        .parse()
        .ok()
}

/// Whose account somebody signed in to.
pub(super) fn account(members: &Members) -> Option<AccountId> {
    members.id("cible", "account").map(AccountId)
}
