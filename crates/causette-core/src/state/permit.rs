//! What is being uploaded, and what was lately. Passing: a start knows only what the server tells it of again.

use crate::file::{Permit, PermitKey};
use crate::id::AccountId;
use causette_proto::Timestamp;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// The uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Permits {
    held: FxHashMap<PermitKey, Permit>,
    /// What arrived lately: when, of whom, and how many bytes.
    arrived: FxHashMap<AccountId, VecDeque<(Timestamp, u64)>>,
}

impl Permits {
    pub(crate) fn insert(&mut self, permit: Permit) {
        self.held.insert(permit.key, permit);
    }

    pub(crate) fn take(&mut self, key: PermitKey) -> Option<Permit> {
        self.held.remove(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// How many an account has under way.
    pub(crate) fn of(&self, account: AccountId) -> usize {
        self.of_account(account).count()
    }

    /// Bytes that are kept free for what an account has under way.
    pub(crate) fn bytes_of(&self, account: AccountId) -> u64 {
        self.of_account(account).map(|permit| permit.bytes).sum()
    }

    fn of_account(&self, account: AccountId) -> impl Iterator<Item = &Permit> {
        self.held
            .values()
            .filter(move |permit| permit.owner == account)
    }

    /// Those that were given before a moment.
    pub(crate) fn given_before(&self, moment: Timestamp) -> Vec<PermitKey> {
        let old = self.held.values().filter(|permit| permit.since < moment);
        let mut keys: Vec<PermitKey> = old.map(|permit| permit.key).collect();
        keys.sort_unstable();
        keys
    }

    /// Notes that bytes of an account have arrived, and forgets what counts no more.
    pub(crate) fn note(
        &mut self,
        account: AccountId,
        now: Timestamp,
        bytes: u64,
        since: Timestamp,
    ) {
        let arrived = self.arrived.entry(account).or_default();
        arrived.retain(|(at, _)| *at >= since);
        arrived.push_back((now, bytes));
    }

    /// Bytes of an account that have arrived since a moment.
    pub(crate) fn uploaded_since(&self, account: AccountId, since: Timestamp) -> u64 {
        let arrived = self.arrived.get(&account).into_iter().flatten();
        arrived
            .filter(|(at, _)| *at >= since)
            .map(|(_, bytes)| bytes)
            .sum()
    }

    /// Forgets who has uploaded nothing since a moment.
    pub(crate) fn forget_before(&mut self, since: Timestamp) {
        self.arrived.retain(|_, arrived| {
            arrived.retain(|(at, _)| *at >= since);
            !arrived.is_empty()
        });
    }
}
