//! Who fetches which file, so that the many requests of one fetching are entered once. Passing: a start knows nothing of it.

use crate::id::{AccountId, FileId};
use causette_proto::Timestamp;
use core::net::IpAddr;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Fetchings that are remembered; of more the oldest are forgotten, and entered again.
const REMEMBERED: usize = 10_000;

/// Who fetches: by which account, by the address that was signed for whom, from where.
type Fetcher = (Option<AccountId>, Option<AccountId>, IpAddr);

/// Which file, and who.
type Fetch = (FileId, Fetcher);

/// The fetchings that go on.
#[derive(Debug, Default)]
pub(crate) struct Fetches {
    begun: FxHashMap<Fetch, Timestamp>,
    order: VecDeque<(Timestamp, Fetch)>,
}

impl Fetches {
    /// Whether somebody begins to fetch a file now, who has not since a moment.
    pub(crate) fn begins(&mut self, fetch: Fetch, now: Timestamp, since: Timestamp) -> bool {
        while let Some((at, oldest)) = self.order.front()
            && (*at < since || self.order.len() >= REMEMBERED)
        {
            self.begun.remove(oldest);
            self.order.pop_front();
        }
        if self.begun.contains_key(&fetch) {
            return false;
        }
        self.begun.insert(fetch, now);
        self.order.push_back((now, fetch));
        true
    }
}
