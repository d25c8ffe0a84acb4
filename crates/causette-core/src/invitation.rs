//! Codes that let people sign up.

use crate::id::{InvitationId, RoomId};
use crate::secret::Verifier;
use causette_proto::{CompactString, Timestamp};

/// A code that lets people sign up, so often and for so long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its number.
    pub id: InvitationId,
    /// The SHA-256 of the code, in lower-case hexadecimal.
    pub hash: Verifier,
    /// The room that it leads to, if any.
    pub room: Option<RoomId>,
    /// How many may still sign up with it.
    pub uses: u32,
    /// Who made it, as they are named to those who run the server.
    pub by: CompactString,
    /// When, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
    /// When it ends, alike; `None` for never.
    pub until: Option<Timestamp>,
}
