//! Whom a sanction is for, as it is written and shown.

use crate::account::target::named as account_named;
use crate::cidr::Cidr;
use crate::denied::{Denied, Why};
use crate::id::RoomId;
use crate::limits;
use crate::room::privilege;
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::state::State;
use crate::state::sanction::suspect::Cover;
use crate::state::user::User;
use causette_proto::{CompactString, Mask, split};
use core::net::IpAddr;

/// Whom somebody means, as they wrote it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim<'a> {
    /// A range of addresses, a mask, or a person. Somebody without an account is where they come from.
    Anybody(&'a str),
    /// An account, and nobody else: a guest may go by its name.
    Account(&'a str),
}

impl<'a> Aim<'a> {
    /// What was written.
    pub(crate) fn written(self) -> &'a str {
        match self {
            Self::Anybody(whom) | Self::Account(whom) => whom,
        }
    }
}

impl<'a> From<&'a str> for Aim<'a> {
    fn from(whom: &'a str) -> Self {
        Self::Anybody(whom)
    }
}

/// Reads whom somebody means.
pub(super) fn read(state: &State, aim: Aim<'_>) -> Result<Vec<Whom>, Denied> {
    let whom = match aim {
        Aim::Anybody(whom) => whom,
        Aim::Account(name) => return Ok(vec![Whom::Account(account_named(state, name)?.id)]),
    };
    if let Ok(network) = whom.parse::<Cidr>() {
        return Ok(vec![Whom::Network(network)]);
    }
    if whom.contains(['!', '@', '*', '?']) {
        let mask = Mask::parse(whom, state.casemap).ok();
        let mask = mask.filter(|mask| mask.as_str().len() <= limits::MASK_BYTES);
        let mask = mask.ok_or_else(|| {
            let whom = split::cut(whom, limits::WORD_BYTES);
            Denied::new(Why::BadTarget, "sanction-target", &[("whom", whom)])
        })?;
        return Ok(vec![Whom::Mask(mask.as_str().into())]);
    }
    if let Some(user) = state.user_named(whom) {
        return Ok(person(state, user));
    }
    let account = state.account_named(whom);
    let account = account.ok_or_else(|| privilege::no_such_nick(whom))?;
    Ok(vec![Whom::Account(account.id)])
}

/// What stands for somebody: their account, or where they come from.
pub(super) fn person(state: &State, user: &User) -> Vec<Whom> {
    if let Some(account) = user.account {
        return vec![Whom::Account(account)];
    }
    let sessions = user.sessions.iter();
    let sessions = sessions.filter_map(|session| state.sessions.get(session));
    let mut from: Vec<_> = sessions.map(|session| session.peer.address).collect();
    from.sort_unstable();
    from.dedup();
    // One customer has as many addresses of IPv6 as they like within their /64; an address of IPv4 counts all bits.
    let customer =
        |address: IpAddr| Cidr::around(address, if address.is_ipv4() { 128 } else { 64 });
    let mut from: Vec<Cidr> = from.into_iter().map(customer).collect();
    from.dedup();
    from.into_iter().map(Whom::Network).collect()
}

/// As people are shown it.
pub(super) fn named(state: &State, whom: &Whom) -> CompactString {
    match whom {
        Whom::Account(account) => match state.accounts().get(account) {
            Some(account) => account.name.as_str().into(),
            None => CompactString::const_new("*"),
        },
        Whom::Network(network) => network.to_string().into(),
        Whom::Mask(mask) => mask.clone(),
    }
}

/// Whether both mean the same.
pub(super) fn same(state: &State, one: &Whom, other: &Whom) -> bool {
    match (one, other) {
        (Whom::Mask(one), Whom::Mask(other)) => state.casemap.same(one, other),
        _ => one == other,
    }
}

/// The sanction of a kind and a place that is for just this one.
pub(super) fn held<'a>(
    state: &'a State,
    kind: SanctionKind,
    room: Option<RoomId>,
    whom: &Whom,
) -> Option<&'a Sanction> {
    state.sanctions().same(kind, room, whom, state.casemap)
}

/// Who would be covered.
pub(super) fn cover(state: &State, whom: &Whom) -> Option<Cover> {
    Cover::of(whom, state.casemap)
}

/// The refusal of somebody who is under no such sanction there.
pub(crate) fn none(whom: &str, room: Option<&str>) -> Denied {
    let whom = split::cut(whom, limits::WORD_BYTES);
    let variables = [("whom", whom), ("channel", room.unwrap_or("none"))];
    Denied::new(Why::NoSuchSanction, "sanction-none", &variables)
}
