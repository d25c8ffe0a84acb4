//! What entries tell of connections.

use super::members::Members;
use causette_core::id::{AccountId, SessionId};
use std::net::IpAddr;

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
