//! What is being uploaded, and what was lately. Passing: a start knows only what the server tells it of again, and what it finds.

use crate::cidr::Cidr;
use crate::file::{Permit, PermitKey};
use crate::id::AccountId;
use crate::state::file::Files;
use causette_proto::Timestamp;
use core::cmp::Reverse;
use core::net::IpAddr;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Permits {
    held: FxHashMap<PermitKey, Held>,
    /// The greatest number that one of them ever had.
    last: u64,
    /// What arrived lately.
    arrived: FxHashMap<Sender, VecDeque<(Timestamp, u64)>>,
}

/// An upload, and from which network it was asked for, where that counts.
#[derive(Debug)]
struct Held {
    /// By which its owner calls it: its permit is a secret.
    number: u64,
    permit: Permit,
    network: Option<Cidr>,
}

/// Of whom bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    /// An account.
    Account(AccountId),
    /// An IPv4 address, or the /64 of an IPv6 address: one customer's network.
    Network(Cidr),
}

impl Sender {
    /// The network of an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        let is_single = address.to_canonical().is_ipv4();
        Self::Network(Cidr::around(address, if is_single { 128 } else { 64 }))
    }

    fn has(self, held: &Held) -> bool {
        match self {
            Self::Account(account) => held.permit.owner == account,
            Self::Network(network) => held.network == Some(network),
        }
    }
}

impl Permits {
    /// None, and what of the files that there are has come so lately that it counts. Of networks nothing is known.
    pub(crate) fn after(files: &Files, since: Timestamp) -> Self {
        let mut permits = Self::default();
        for file in files.oldest().filter(|file| file.since >= since) {
            if let Some(owner) = file.owner {
                permits.note(Sender::Account(owner), file.since, file.size, since);
            }
        }
        permits
    }

    /// Keeps one, asked for from a network where that counts.
    pub(crate) fn insert(&mut self, permit: Permit, from: Option<Sender>) {
        let network = match from {
            Some(Sender::Network(network)) => Some(network),
            _ => None,
        };
        self.last += 1;
        let held = Held {
            number: self.last,
            permit,
            network,
        };
        self.held.insert(held.permit.key, held);
    }

    /// Takes one out, with the network that it counts for.
    pub(crate) fn take(&mut self, key: PermitKey) -> Option<(Permit, Option<Sender>)> {
        let Held {
            permit, network, ..
        } = self.held.remove(&key)?;
        Some((permit, network.map(Sender::Network)))
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// How many an account has under way.
    pub(crate) fn of(&self, account: AccountId) -> usize {
        self.of_sender(Sender::Account(account)).count()
    }

    /// Those that an account has under way, each with its number, the newest first.
    pub(crate) fn numbered(&self, account: AccountId) -> Vec<(u64, &Permit)> {
        let held = self.of_sender(Sender::Account(account));
        let mut numbered: Vec<_> = held.map(|held| (held.number, &held.permit)).collect();
        numbered.sort_unstable_by_key(|(number, _)| Reverse(*number));
        numbered
    }

    /// Bytes that are kept free for what somebody has under way.
    pub(crate) fn bytes_of(&self, sender: Sender) -> u64 {
        self.of_sender(sender).map(|held| held.permit.bytes).sum()
    }

    fn of_sender(&self, sender: Sender) -> impl Iterator<Item = &Held> {
        self.held.values().filter(move |held| sender.has(held))
    }

    /// Those that were given before a moment.
    pub(crate) fn given_before(&self, moment: Timestamp) -> Vec<PermitKey> {
        let old = self.held.values().map(|held| &held.permit);
        let old = old.filter(|permit| permit.since < moment);
        let mut keys: Vec<PermitKey> = old.map(|permit| permit.key).collect();
        keys.sort_unstable();
        keys
    }

    /// Notes that bytes have arrived, and forgets what counts no more.
    pub(crate) fn note(&mut self, sender: Sender, now: Timestamp, bytes: u64, since: Timestamp) {
        let arrived = self.arrived.entry(sender).or_default();
        forget(arrived, since);
        arrived.push_back((now, bytes));
    }

    /// Bytes of somebody that have arrived since a moment, with what is on its way.
    pub(crate) fn uploaded_since(&self, sender: Sender, since: Timestamp) -> u64 {
        let arrived = self.arrived.get(&sender).into_iter().flatten();
        let lately = arrived.filter(|(at, _)| *at >= since);
        lately.map(|(_, bytes)| bytes).sum::<u64>() + self.bytes_of(sender)
    }

    /// Forgets who has uploaded nothing since a moment.
    pub(crate) fn forget_before(&mut self, since: Timestamp) {
        self.arrived.retain(|_, arrived| {
            forget(arrived, since);
            !arrived.is_empty()
        });
    }
}

/// Forgets what came before a moment. The oldest stand first.
fn forget(arrived: &mut VecDeque<(Timestamp, u64)>, since: Timestamp) {
    while arrived.front().is_some_and(|(at, _)| *at < since) {
        arrived.pop_front();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_customer_is_one_network() {
        let at = |address: &str| Sender::at(address.parse().unwrap());
        assert_eq!(at("192.0.2.1"), at("::ffff:192.0.2.1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::2:3"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
    }
}
