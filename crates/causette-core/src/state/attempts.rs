//! Sign-ins and sign-ups, remembered by address and by name, so that guessing is slow.
//!
//! A stranger is answered the same whether the name exists: names are counted as they are tried. What costs a hash waits for
//! its turn, so that many who come at once are served one after the other and nobody is refused for coming with them; and
//! only so many run at a time that the count of failures cannot be outrun. A check is charged when it has failed, also where
//! its session has left meanwhile.
//! Time here is the server's uptime, which no clock sets back.

use crate::id::AccountId;
use crate::input::{Asker, Peer};
use crate::limits;
use crate::output::Ask;
use crate::state::fair_queue::FairQueue;
use causette_proto::{Casemap, CompactString, Timestamp};
use core::net::IpAddr;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// The failures that are remembered.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    casemap: Casemap,
    failures: FxHashMap<AttemptKey, Failures>,
    /// What waits for its turn.
    waiting: FairQueue<AttemptKey, Waiting>,
    /// Whether something may have its turn that had not before.
    moved: bool,
    /// How many were turned away, because too much waited or their turn did not come in time.
    turned_away: u64,
    /// The checks that run now, by who asked for them; the answer ends them, also when the session is gone.
    checks: FxHashMap<Asker, Check>,
    /// How many of them are computed at the moment.
    computing: usize,
    /// How many of those are computed for each origin.
    running: FxHashMap<AttemptKey, usize>,
    sign_ups: FxHashMap<AttemptKey, Bucket>,
    refusals: FxHashMap<AttemptKey, Bucket>,
    warnings: FxHashMap<AttemptKey, Bucket>,
}

/// Where an attempt came from, or what it aimed at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum AttemptKey {
    /// An IPv4 address, or the /64 of an IPv6 address: one customer's network.
    Address(u128),
    /// An account's name, tried from anywhere.
    Name(CompactString),
}

/// What a question costs, and whether it is a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A password, or the proof of one, is checked: costs a hash, and may be a guess.
    Check,
    /// A password is hashed, and nothing is guessed at: it is new, or another check of the same password follows.
    Hash,
    /// Something is looked up that nobody can guess: costs next to nothing.
    LookUp,
}

/// A question that waits for its turn.
#[derive(Debug)]
struct Waiting {
    asker: Asker,
    ask: Ask,
    check: Check,
    until: Timestamp,
}

/// A question under way.
#[derive(Debug)]
struct Check {
    /// The address, and the names behind it.
    origins: Vec<AttemptKey>,
    exempt: bool,
    work: Work,
    /// From where exactly.
    address: IpAddr,
    /// Whose password is checked, where there is such an account.
    account: Option<AccountId>,
}

impl Check {
    /// For whom it is counted: who is exempt is counted for the names alone.
    fn counted(&self) -> &[AttemptKey] {
        &self.origins[usize::from(self.exempt)..]
    }
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
        CompactString::from(format!("\0{}", self.address))
    }

    /// What stands in the place of a name where the server's password is guessed at: everybody knows the same.
    pub(crate) fn server_password(self) -> CompactString {
        CompactString::from(format!("\0server {}", self.address))
    }

    /// What stands in the place of a name where the code is guessed at that makes the first owner.
    pub(crate) fn owner_code(self) -> CompactString {
        CompactString::from(format!("\0owner {}", self.address))
    }
}

/// What an attempt aims at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aim<'a> {
    /// The name of an account, or what stands in its place.
    pub(crate) name: &'a str,
    /// Another name that the same words may be a guess at. It is counted as well, so that nobody learns by what is counted
    /// which of the two was meant.
    pub(crate) beside: Option<&'a str>,
}

impl<'a> From<&'a str> for Aim<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, beside: None }
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

impl AttemptKey {
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

    /// Seconds that such a sign-in of this caller must still wait; 0 for none.
    pub(crate) fn wait<'a>(
        &self,
        from: impl Into<Caller>,
        aim: impl Into<Aim<'a>>,
        now: Timestamp,
    ) -> i64 {
        let from = from.into();
        if from.exempt {
            return 0;
        }
        let origins = self.origins(from, aim.into());
        let waits = origins.iter().map(|origin| self.wait_of(origin, now));
        waits.max().unwrap_or(0)
    }

    fn wait_of(&self, origin: &AttemptKey, now: Timestamp) -> i64 {
        let failures = self.failures.get(origin);
        failures.map_or(0, |failures| failures.wait(now))
    }

    /// Whether one more question of this caller may wait for its turn; if not, it is counted as turned away.
    pub(crate) fn has_room(&mut self, from: impl Into<Caller>) -> bool {
        let from = from.into();
        let address = AttemptKey::address(from.address);
        let has_room = self.waiting.len() < limits::CHECKS_WAITING
            && (from.exempt || self.waiting.len_of(&address) < limits::CHECKS_WAITING_OF_ADDRESS);
        self.turned_away += u64::from(!has_room);
        has_room
    }

    /// Counts one who is turned away though they need no turn.
    pub(crate) fn turn_away(&mut self) {
        self.turned_away += 1;
    }

    /// Lets a question wait for its turn; says whether there was room for it.
    pub(crate) fn enqueue<'a>(
        &mut self,
        asker: impl Into<Asker>,
        from: impl Into<Caller>,
        aim: impl Into<Aim<'a>>,
        work: Work,
        ask: Ask,
        now: Timestamp,
    ) -> bool {
        let from = from.into();
        if !self.has_room(from) {
            return false;
        }
        let check = self.check(from, aim.into(), work);
        let (address, name) = (check.origins[0].clone(), check.origins[1].clone());
        let waiting = Waiting {
            asker: asker.into(),
            ask,
            check,
            until: now.plus_seconds(limits::CHECK_WAITING_SECONDS),
        };
        self.waiting.push(address, name, waiting);
        self.moved = true;
        true
    }

    /// Begins what needs no turn, because it costs next to nothing.
    pub(crate) fn begin(&mut self, asker: impl Into<Asker>, from: impl Into<Caller>, name: &str) {
        let check = self.check(from.into(), name.into(), Work::LookUp);
        self.checks.insert(asker.into(), check);
    }

    fn check(&self, from: Caller, aim: Aim<'_>, work: Work) -> Check {
        Check {
            origins: self.origins(from, aim),
            exempt: from.exempt,
            work,
            address: from.address,
            account: None,
        }
    }

    /// Whose password a check is of, and from where it is tried.
    pub(crate) fn aim_of(&self, asker: Asker) -> Option<(AccountId, IpAddr)> {
        let check = self.checks.get(&asker)?;
        Some((check.account?, check.address))
    }

    fn origins(&self, from: Caller, aim: Aim<'_>) -> Vec<AttemptKey> {
        let names = [Some(aim.name), aim.beside].into_iter().flatten();
        let names = names.map(|name| AttemptKey::Name(self.casemap.fold(name)));
        [AttemptKey::address(from.address)]
            .into_iter()
            .chain(names)
            .collect()
    }

    /// The next question that has its turn, to be asked at once.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<(Asker, Ask)> {
        if !self.moved {
            return None;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let next = if self.computing < limits::CHECKS_RUNNING {
            waiting.take(|_, _, waiting| self.may_run(&waiting.check, now))
        } else {
            None
        };
        self.waiting = waiting;
        let Some(Waiting {
            asker,
            ask,
            mut check,
            ..
        }) = next
        else {
            self.moved = false;
            return None;
        };
        self.computing += 1;
        for origin in check.counted() {
            *self.running.entry(origin.clone()).or_default() += 1;
        }
        check.account = match &ask {
            Ask::VerifyPassword { account, .. } | Ask::ScramFinish { account, .. } => *account,
            _ => None,
        };
        self.checks.insert(asker, check);
        Some((asker, ask))
    }

    /// Whether a question may be asked now. What runs may fail: as soon as it could be one failure too many, one check runs
    /// at a time, and only where nobody has to wait.
    fn may_run(&self, check: &Check, now: Timestamp) -> bool {
        check.counted().iter().all(|origin| {
            let running = self.running.get(origin).copied().unwrap_or(0);
            let failures = self.failures.get(origin);
            let failed = failures.map_or(0, |failures| failures.count_at(now));
            let unsure = failed as usize + running >= limits::SIGN_IN_FAILURES_FREE as usize;
            let is_guess = check.work == Work::Check && !check.exempt;
            running < limits::CHECKS_PER_ORIGIN
                && !(is_guess && (unsure && running > 0 || self.wait_of(origin, now) > 0))
        })
    }

    /// Ends what somebody asked for, if it runs, and charges what has failed.
    pub(crate) fn end(&mut self, asker: impl Into<Asker>, failed: bool, now: Timestamp) {
        let Some(check) = self.checks.remove(&asker.into()) else {
            return;
        };
        if check.work != Work::LookUp {
            self.computing -= 1;
            self.moved = true;
            for origin in check.counted() {
                if let Entry::Occupied(mut running) = self.running.entry(origin.clone()) {
                    *running.get_mut() -= 1;
                    if *running.get() == 0 {
                        running.remove();
                    }
                }
            }
        }
        if failed && !check.exempt && check.work != Work::Hash {
            self.charge_all(check, now);
        }
    }

    /// Charges what was found out to be wrong without a question.
    pub(crate) fn failed(&mut self, from: impl Into<Caller>, name: &str, now: Timestamp) {
        let check = self.check(from.into(), name.into(), Work::LookUp);
        if !check.exempt {
            self.charge_all(check, now);
        }
    }

    /// Nobody guesses what is only looked up: who goes on with what was taken back makes nobody else wait at their address,
    /// and is counted for the name alone, under which their refusals are noted ever more rarely.
    fn charge_all(&mut self, check: Check, now: Timestamp) {
        let first = usize::from(check.work == Work::LookUp);
        for origin in &check.origins[first..] {
            self.charge(origin, now);
        }
    }

    /// Who waits no longer, because their turn did not come in time.
    pub(crate) fn expired(&mut self, now: Timestamp) -> Vec<Asker> {
        // Who had to wait for the end of a delay may have their turn now.
        self.moved = self.waiting.len() > 0;
        let expired = self.waiting.extract(|waiting| waiting.until <= now);
        self.turned_away += expired.len() as u64;
        expired.into_iter().map(|waiting| waiting.asker).collect()
    }

    /// Forgets what waits for somebody who has left.
    pub(crate) fn leave(&mut self, asker: impl Into<Asker>, address: IpAddr) {
        let (asker, address) = (asker.into(), AttemptKey::address(address));
        self.waiting
            .remove(&address, |waiting| waiting.asker == asker);
    }

    /// How many wait for their turn, and how many were turned away since the start.
    pub(crate) fn crowd(&self) -> (usize, u64) {
        (self.waiting.len(), self.turned_away)
    }

    fn charge(&mut self, origin: &AttemptKey, now: Timestamp) {
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
        failures.count = failures.count_at(now) + 1;
        failures.last = now;
    }

    /// Forgets the failures of a name whose owner has signed in. Those of the address stay: it may be guessing at others.
    pub(crate) fn succeeded(&mut self, name: &str) {
        self.failures
            .remove(&AttemptKey::Name(self.casemap.fold(name)));
    }

    /// Takes one sign-up from this address, if it has one left.
    pub(crate) fn sign_up(&mut self, address: IpAddr, now: Timestamp) -> bool {
        let rate = (limits::REGISTER_BURST, limits::REGISTER_REFILL_SECONDS);
        take(&mut self.sign_ups, AttemptKey::address(address), rate, now)
    }

    /// Gives back what was taken for a sign-up that came to nothing without a fault of who signed up.
    pub(crate) fn not_signed_up(&mut self, address: IpAddr) {
        if let Some(bucket) = self.sign_ups.get_mut(&AttemptKey::address(address)) {
            bucket.left = (bucket.left + 1).min(limits::REGISTER_BURST);
        }
    }

    /// Takes one refusal at the door that is worth recording, if this address has one left: who is refused over and over
    /// must not fill the disk.
    pub(crate) fn refusal(&mut self, address: IpAddr, now: Timestamp) -> bool {
        let rate = (limits::REFUSALS_BURST, limits::REFUSALS_REFILL_SECONDS);
        take(&mut self.refusals, AttemptKey::address(address), rate, now)
    }

    /// Takes one warning of an account's connections, if it has one left: who knows its password and is refused must not bury them.
    pub(crate) fn warning(&mut self, name: &str, now: Timestamp) -> bool {
        let rate = (limits::LOGIN_WARNINGS, limits::LOGIN_WARNING_SECONDS);
        let account = AttemptKey::Name(self.casemap.fold(name));
        take(&mut self.warnings, account, rate, now)
    }
}

/// Takes one of what an origin has left. `rate` is how many it has at first, and the seconds in which one comes back.
fn take(
    buckets: &mut FxHashMap<AttemptKey, Bucket>,
    origin: AttemptKey,
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
    /// How many count still.
    fn count_at(self, now: Timestamp) -> u32 {
        if now.seconds() - self.last.seconds() > limits::SIGN_IN_FORGET_SECONDS {
            0
        } else {
            self.count
        }
    }

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
mod tests;
