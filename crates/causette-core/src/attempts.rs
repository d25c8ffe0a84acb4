//! Sign-ins and sign-ups, remembered by address and by name, so that guessing is slow.
//!
//! A stranger is answered the same whether the name exists: names are counted as they are tried. An attempt is charged when
//! its check begins and given back when it was right, so that nobody escapes the count by leaving early.
//! Time here is the server's uptime, which no clock sets back.

use crate::input::{Asker, Peer};
use crate::limits;
use causette_proto::{Casemap, CompactString, Timestamp};
use core::net::IpAddr;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// The failures that are remembered.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    casemap: Casemap,
    failures: FxHashMap<Origin, Failures>,
    /// The checks that run now, by who asked for them; the answer ends them, also when the session is gone.
    checks: FxHashMap<Asker, [Origin; 2]>,
    /// How many checks run for each origin.
    running: FxHashMap<Origin, usize>,
    sign_ups: FxHashMap<Origin, Bucket>,
    refusals: FxHashMap<Origin, Bucket>,
}

/// Where an attempt came from, or what it aimed at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Origin {
    /// An IPv4 address, or the /64 of an IPv6 address: one customer's network.
    Address(u128),
    /// An account's name, tried from anywhere.
    Name(CompactString),
}

/// Who tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) address: IpAddr,
    /// Whether they may try as often as they like.
    pub(crate) exempt: bool,
}

impl Caller {
    /// What stands in the place of a name where no name is guessed at: the attempt is counted for the address alone.
    pub(crate) fn nameless(self) -> CompactString {
        CompactString::from(format!("*{}", self.address))
    }
}

impl From<&Peer> for Caller {
    fn from(peer: &Peer) -> Self {
        Self {
            address: peer.address,
            exempt: peer.exempt,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u32,
    refilled: Timestamp,
}

impl Origin {
    fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
        })
    }
}

impl Attempts {
    /// No attempt yet, at names that fold by a mapping.
    pub(crate) fn new(casemap: Casemap) -> Self {
        Self {
            casemap,
            ..Self::default()
        }
    }

    /// Seconds that a sign-in from this address to this name must still wait; 0 for none.
    pub(crate) fn wait(&self, address: IpAddr, name: &str, now: Timestamp) -> i64 {
        let origins = [
            Origin::address(address),
            Origin::Name(self.casemap.fold(name)),
        ];
        origins
            .iter()
            .filter_map(|origin| self.failures.get(origin))
            .map(|failures| failures.wait(now))
            .max()
            .unwrap_or(0)
    }

    /// Begins a check, charged as a failure until it ends well. Refused where as many run for this address or name as may.
    pub(crate) fn begin(
        &mut self,
        asker: impl Into<Asker>,
        from: impl Into<Caller>,
        name: &str,
        now: Timestamp,
    ) -> bool {
        let from = from.into();
        if !self.resume(asker, from, name) {
            return false;
        }
        if !from.exempt {
            for origin in self.origins(from, name) {
                self.charge(&origin, now);
            }
        }
        true
    }

    /// Begins a check that is charged already: the second one of the same attempt. Refused where as many run as may.
    pub(crate) fn resume(
        &mut self,
        asker: impl Into<Asker>,
        from: impl Into<Caller>,
        name: &str,
    ) -> bool {
        let from = from.into();
        let origins = self.origins(from, name);
        let counted = if from.exempt {
            &origins[1..]
        } else {
            &origins[..]
        };
        let full = |origin: &Origin| {
            self.running
                .get(origin)
                .is_some_and(|running| *running >= limits::CHECKS_PER_ORIGIN)
        };
        if counted.iter().any(full) {
            return false;
        }
        for origin in counted {
            *self.running.entry(origin.clone()).or_default() += 1;
        }
        self.checks.insert(asker.into(), origins);
        true
    }

    fn origins(&self, from: Caller, name: &str) -> [Origin; 2] {
        [
            Origin::address(from.address),
            Origin::Name(self.casemap.fold(name)),
        ]
    }

    /// Ends the check that somebody asked for, if one runs. Where it came to no verdict, or to a good one, the charge is given back.
    pub(crate) fn end(&mut self, asker: impl Into<Asker>, failed: bool) {
        let Some(origins) = self.checks.remove(&asker.into()) else {
            return;
        };
        for origin in &origins {
            if let Entry::Occupied(mut running) = self.running.entry(origin.clone()) {
                *running.get_mut() -= 1;
                if *running.get() == 0 {
                    running.remove();
                }
            }
            if !failed && let Some(failures) = self.failures.get_mut(origin) {
                failures.count = failures.count.saturating_sub(1);
            }
        }
    }

    fn charge(&mut self, origin: &Origin, now: Timestamp) {
        if !self.failures.contains_key(origin)
            && self.failures.len() >= limits::SIGN_IN_FAILURES_REMEMBERED
        {
            self.failures.retain(|_, failures| failures.wait(now) > 0);
            if self.failures.len() >= limits::SIGN_IN_FAILURES_REMEMBERED {
                return;
            }
        }
        let failures = self.failures.entry(origin.clone()).or_insert(Failures {
            count: 0,
            last: now,
        });
        if now.seconds() - failures.last.seconds() > limits::SIGN_IN_FORGET_SECONDS {
            failures.count = 0;
        }
        failures.count += 1;
        failures.last = now;
    }

    /// Forgets the failures of a name whose owner has signed in. Those of the address stay: it may be guessing at others.
    pub(crate) fn succeeded(&mut self, name: &str) {
        self.failures.remove(&Origin::Name(self.casemap.fold(name)));
    }

    /// Takes one sign-up from this address, if it has one left.
    pub(crate) fn sign_up(&mut self, address: IpAddr, now: Timestamp) -> bool {
        let rate = (limits::REGISTER_BURST, limits::REGISTER_REFILL_SECONDS);
        take(&mut self.sign_ups, Origin::address(address), rate, now)
    }

    /// Takes one refusal at the door that is worth recording, if this address has one left: who is refused over and over
    /// must not fill the disk.
    pub(crate) fn refusal(&mut self, address: IpAddr, now: Timestamp) -> bool {
        let rate = (limits::REFUSALS_BURST, limits::REFUSALS_REFILL_SECONDS);
        take(&mut self.refusals, Origin::address(address), rate, now)
    }
}

/// Takes one of what an origin has left. `rate` is how many it has at first, and the seconds in which one comes back.
fn take(
    buckets: &mut FxHashMap<Origin, Bucket>,
    origin: Origin,
    rate: (u32, i64),
    now: Timestamp,
) -> bool {
    if buckets.len() >= limits::SIGN_IN_FAILURES_REMEMBERED && !buckets.contains_key(&origin) {
        buckets.retain(|_, bucket| bucket.refilled(rate, now).left < rate.0);
        if buckets.len() >= limits::SIGN_IN_FAILURES_REMEMBERED {
            return false;
        }
    }
    let bucket = buckets.entry(origin).or_insert(Bucket {
        left: rate.0,
        refilled: now,
    });
    *bucket = bucket.refilled(rate, now);
    let granted = bucket.left > 0;
    bucket.left = bucket.left.saturating_sub(1);
    granted
}

impl Failures {
    fn wait(self, now: Timestamp) -> i64 {
        let over = self.count.saturating_sub(limits::SIGN_IN_FAILURES_FREE - 1);
        if over == 0 {
            return 0;
        }
        let delay = limits::SIGN_IN_DELAY_SECONDS << (over - 1).min(16);
        let until = self.last.seconds() + delay.min(limits::SIGN_IN_DELAY_SECONDS_MAX);
        (until - now.seconds()).max(0)
    }
}

impl Bucket {
    fn refilled(self, (burst, seconds): (u32, i64), now: Timestamp) -> Self {
        let due = (now.seconds() - self.refilled.seconds()) / seconds;
        if due <= 0 {
            return self;
        }
        let left = i64::from(self.left)
            .saturating_add(due)
            .min(i64::from(burst));
        Self {
            left: u32::try_from(left).unwrap_or(burst),
            refilled: now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    const HERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2));

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn peer(address: IpAddr) -> Peer {
        let transport = crate::input::Transport::Ircs;
        Peer {
            address,
            port: 1,
            local_port: 2,
            transport,
            tls: None,
            certificate: None,
            cloak: CompactString::default(),
            exempt: false,
        }
    }

    fn fail(attempts: &mut Attempts, from: IpAddr, name: &str, now: Timestamp) {
        assert!(attempts.begin(SessionId(1), &peer(from), name, now));
        attempts.end(SessionId(1), true);
    }

    #[test]
    fn the_delay_doubles_for_the_address_and_for_the_name() {
        let mut attempts = Attempts::default();
        for _ in 0..limits::SIGN_IN_FAILURES_FREE {
            assert_eq!(attempts.wait(HERE, "alice", at(0)), 0);
            fail(&mut attempts, HERE, "alice", at(0));
        }
        assert_eq!(attempts.wait(HERE, "bob", at(0)), 2, "the address waits");
        assert_eq!(attempts.wait(THERE, "ALICE", at(0)), 2, "the name waits");
        assert_eq!(attempts.wait(THERE, "bob", at(0)), 0, "others do not");
        fail(&mut attempts, HERE, "alice", at(2));
        assert_eq!(attempts.wait(HERE, "alice", at(2)), 4);
        attempts.succeeded("alice");
        assert_eq!(
            attempts.wait(THERE, "alice", at(2)),
            0,
            "the owner has come"
        );
        assert_eq!(
            attempts.wait(HERE, "alice", at(2)),
            4,
            "the address still waits"
        );
    }

    #[test]
    fn few_checks_run_at_a_time_and_leaving_early_saves_nothing() {
        let mut attempts = Attempts::default();
        let max = limits::CHECKS_PER_ORIGIN as u64;
        for session in 0..max {
            assert!(attempts.begin(SessionId(session), &peer(HERE), "nobody", at(0)));
        }
        assert!(
            !attempts.begin(SessionId(max), &peer(HERE), "another", at(0)),
            "the address is busy"
        );
        assert!(
            !attempts.begin(SessionId(max), &peer(THERE), "Nobody", at(0)),
            "the name is busy"
        );
        assert!(attempts.begin(SessionId(max), &peer(THERE), "another", at(0)));
        for session in 0..=max {
            attempts.end(SessionId(session), true);
        }
        fail(&mut attempts, HERE, "someone", at(0));
        assert!(attempts.wait(HERE, "anyone", at(0)) > 0);
        assert!(attempts.running.is_empty() && attempts.checks.is_empty());
    }

    #[test]
    fn a_check_that_ends_well_costs_nothing() {
        let mut attempts = Attempts::default();
        for _ in 0..20 {
            assert!(attempts.begin(SessionId(1), &peer(HERE), "alice", at(0)));
            attempts.end(SessionId(1), false);
        }
        assert_eq!(attempts.wait(HERE, "alice", at(0)), 0);
    }

    #[test]
    fn sign_ups_come_back_with_time() {
        let mut attempts = Attempts::default();
        for _ in 0..limits::REGISTER_BURST {
            assert!(attempts.sign_up(HERE, at(0)));
        }
        assert!(!attempts.sign_up(HERE, at(1)));
        assert!(attempts.sign_up(THERE, at(1)));
        assert!(attempts.sign_up(HERE, at(limits::REGISTER_REFILL_SECONDS)));
        assert!(!attempts.sign_up(HERE, at(limits::REGISTER_REFILL_SECONDS)));
    }
}
