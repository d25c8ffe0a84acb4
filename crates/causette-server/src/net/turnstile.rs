//! How fast connections may come, from one address and from all together: some at once, then a steady rate.

use crate::config::Flood;
use crate::net::listen::network;
use causette_core::limits::ADDRESSES_REMEMBERED;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What lets connections in one after the other.
#[derive(Debug, Default)]
pub(crate) struct Turnstile(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    /// Those of addresses that are not full.
    addresses: FxHashMap<IpAddr, Bucket>,
    all: Bucket,
}

/// What is left of a burst, kept as the moment at which it would be whole again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    whole_at: Option<Instant>,
}

impl Bucket {
    /// The bucket with one less, where it is not empty.
    fn less(self, now: Instant, rate: usize, burst: usize) -> Option<Self> {
        let parts = |count: usize| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let interval = Duration::from_secs(1) / parts(rate);
        let whole_at = self.whole_at.map_or(now, |at| at.max(now)) + interval;
        // A long interval times a large burst is as good as for ever.
        let most = interval.saturating_mul(parts(burst));
        (whole_at.duration_since(now) <= most).then_some(Self {
            whole_at: Some(whole_at),
        })
    }

    fn is_whole(self, now: Instant) -> bool {
        self.whole_at.is_none_or(|at| at <= now)
    }
}

impl Turnstile {
    /// Lets one more connection of an address in, or not. Who is not let in costs nothing of what is left to all.
    pub(crate) fn admits(&self, address: IpAddr, now: Instant, flood: &Flood) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { addresses, all } = &mut *buckets;
        if addresses.len() >= ADDRESSES_REMEMBERED {
            addresses.retain(|_, bucket| !bucket.is_whole(now));
        }
        let address = network(address);
        let known = addresses.get(&address).copied().unwrap_or_default();
        let Some(own) = known.less(now, flood.connection_rate, flood.connection_burst) else {
            return false;
        };
        let (rate, burst) = (flood.connection_rate_total, flood.connection_burst_total);
        let Some(common) = all.less(now, rate, burst) else {
            return false;
        };
        *all = common;
        // Where too many addresses come at once to be told apart, the rate of all together holds.
        if addresses.len() < ADDRESSES_REMEMBERED {
            addresses.insert(address, own);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn flood() -> Flood {
        Flood {
            connection_rate: 2,
            connection_burst: 3,
            connection_rate_total: 10,
            connection_burst_total: 5,
            ..Flood::default()
        }
    }

    fn admitted(turnstile: &Turnstile, address: &str, now: Instant) -> usize {
        let address = address.parse().unwrap();
        let tries = std::iter::repeat_with(|| turnstile.admits(address, now, &flood()));
        tries.take(20).filter(|admitted| *admitted).count()
    }

    #[test]
    fn an_address_has_a_burst_and_then_a_rate() {
        let turnstile = Turnstile::default();
        let start = Instant::now();
        assert_eq!(admitted(&turnstile, "192.0.2.1", start), 3);
        assert_eq!(admitted(&turnstile, "::ffff:192.0.2.1", start), 0);
        let later = start + Duration::from_millis(500);
        assert_eq!(admitted(&turnstile, "192.0.2.1", later), 1);
        let much_later = start + Duration::from_secs(60);
        assert_eq!(admitted(&turnstile, "192.0.2.1", much_later), 3);
    }

    #[test]
    fn all_together_have_theirs_and_who_is_refused_takes_nothing_of_it() {
        let turnstile = Turnstile::default();
        let now = Instant::now();
        // The /64 of one customer counts as one address.
        assert_eq!(admitted(&turnstile, "2001:db8::1", now), 3);
        assert_eq!(admitted(&turnstile, "2001:db8::2", now), 0);
        assert_eq!(admitted(&turnstile, "192.0.2.1", now), 2);
        assert_eq!(admitted(&turnstile, "192.0.2.2", now), 0);
        let later = now + Duration::from_millis(100);
        assert_eq!(admitted(&turnstile, "192.0.2.2", later), 1);
    }
}
