//! The sanctions that hold, and the ways to find those of somebody.
//!
//! Whoever comes or speaks is looked up in hashes: by account, and by address once for each length that a range has. Only the masks of a
//! kind and a place are tried one by one.

pub(crate) mod suspect;

use self::suspect::{Pattern, Suspect};
use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SanctionId};
use crate::sanction::{Sanction, SanctionKind, Whom};
use causette_proto::{Casemap, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// All that hold.
#[derive(Debug, Default)]
pub(crate) struct Sanctions {
    held: BTreeMap<SanctionId, Sanction>,
    /// Those that end by themselves, the soonest first.
    ends: BTreeSet<(Timestamp, SanctionId)>,
    /// Those of each account, wherever they hold.
    accounts: FxHashMap<AccountId, BTreeSet<SanctionId>>,
    /// Those of a kind and a place; `None` for the server.
    places: FxHashMap<(SanctionKind, Option<RoomId>), Place>,
    /// The greatest number that one ever had.
    last: u64,
}

/// The sanctions of a kind and a place, by whom they are for.
#[derive(Debug, Default)]
struct Place {
    accounts: FxHashMap<AccountId, SanctionId>,
    networks: FxHashMap<Cidr, SanctionId>,
    /// How many networks there are of each length.
    lengths: BTreeMap<u32, usize>,
    masks: BTreeMap<SanctionId, Pattern>,
}

impl Sanctions {
    /// Those that the store remembers.
    pub(crate) fn restored(rows: Vec<Sanction>, last: u64, casemap: Casemap) -> Self {
        let mut sanctions = Self {
            last,
            ..Self::default()
        };
        for row in rows {
            sanctions.insert(row, casemap);
        }
        sanctions
    }

    /// The number of the next one.
    pub(crate) fn next_id(&self) -> SanctionId {
        SanctionId(self.last + 1)
    }

    /// The greatest number that one ever had; 0 for none.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    /// How many of them are for a mask.
    pub(crate) fn masks(&self) -> usize {
        self.places.values().map(|place| place.masks.len()).sum()
    }

    pub(crate) fn get(&self, id: SanctionId) -> Option<&Sanction> {
        self.held.get(&id)
    }

    /// All, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Sanction> {
        self.held.values()
    }

    /// Those that are for an account by its name, in the order of their numbers.
    pub(crate) fn of_account(&self, account: AccountId) -> impl Iterator<Item = &Sanction> {
        let found = self.accounts.get(&account).into_iter().flatten();
        found.filter_map(|id| self.held.get(id))
    }

    /// The one of a kind and a place that is for just this one.
    pub(crate) fn same(
        &self,
        kind: SanctionKind,
        room: Option<RoomId>,
        whom: &Whom,
        casemap: Casemap,
    ) -> Option<&Sanction> {
        let place = self.places.get(&(kind, room))?;
        let found = match whom {
            Whom::Account(account) => place.accounts.get(account),
            Whom::Network(network) => place.networks.get(network),
            Whom::Mask(wanted) => place.masks.keys().find(|id| {
                let held = self.held.get(id).map(|held| &held.whom);
                matches!(held, Some(Whom::Mask(mask)) if casemap.same(mask, wanted))
            }),
        };
        self.held.get(found?)
    }

    /// Whether somebody could be kept out of the server.
    fn keep_out_of_the_server(&self) -> bool {
        self.places.contains_key(&(SanctionKind::Ban, None))
    }

    /// The ban of the server that holds for somebody.
    fn ban_of_the_server(&self, suspect: &Suspect) -> Option<&Sanction> {
        let place = self.places.get(&(SanctionKind::Ban, None))?;
        self.in_place(place, suspect)
    }

    /// One of a place that holds for somebody. Not for those who are beyond the role of whoever decided it, unless it names their account.
    fn in_place(&self, place: &Place, suspect: &Suspect) -> Option<&Sanction> {
        let binds = |id: SanctionId| {
            let held = self.held.get(&id);
            held.is_some_and(|held| held.binds(suspect.role))
        };
        self.held.get(&place.on(suspect, binds)?)
    }

    /// The first of those whose time is over, in the order in which it ended: so many at most.
    pub(crate) fn over(&self, now: Timestamp, max: usize) -> Vec<SanctionId> {
        let over = self.ends.iter().take_while(|(end, _)| *end <= now);
        over.take(max).map(|(_, id)| *id).collect()
    }

    pub(super) fn insert(&mut self, sanction: Sanction, casemap: Casemap) {
        self.last = self.last.max(sanction.id.0);
        if let Some(until) = sanction.until {
            self.ends.insert((until, sanction.id));
        }
        if let Whom::Account(account) = sanction.whom {
            self.accounts
                .entry(account)
                .or_default()
                .insert(sanction.id);
        }
        let place = self.places.entry((sanction.kind, sanction.room));
        place.or_default().insert(&sanction, casemap);
        self.held.insert(sanction.id, sanction);
    }

    pub(super) fn remove(&mut self, id: SanctionId) {
        let Some(sanction) = self.held.remove(&id) else {
            return;
        };
        if let Some(until) = sanction.until {
            self.ends.remove(&(until, id));
        }
        if let Whom::Account(account) = sanction.whom
            && let Some(held) = self.accounts.get_mut(&account)
        {
            held.remove(&id);
            if held.is_empty() {
                self.accounts.remove(&account);
            }
        }
        let key = (sanction.kind, sanction.room);
        if let Some(place) = self.places.get_mut(&key) {
            place.remove(&sanction);
            if place.is_empty() {
                self.places.remove(&key);
            }
        }
    }

    /// Forgets those of an account that is no more.
    pub(super) fn forget_account(&mut self, account: AccountId) {
        for id in self.accounts.get(&account).cloned().into_iter().flatten() {
            self.remove(id);
        }
    }

    /// Forgets those that held in a room that is no more.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        for kind in SanctionKind::ALL {
            let place = self.places.get(&(kind, Some(room)));
            for id in place.map(Place::ids).into_iter().flatten() {
                self.remove(id);
            }
        }
    }
}

impl Place {
    fn insert(&mut self, sanction: &Sanction, casemap: Casemap) {
        match &sanction.whom {
            Whom::Account(account) => {
                self.accounts.insert(*account, sanction.id);
            }
            Whom::Network(network) => {
                if self.networks.insert(*network, sanction.id).is_none() {
                    *self.lengths.entry(network.bits()).or_default() += 1;
                }
            }
            Whom::Mask(mask) => {
                if let Some(pattern) = Pattern::of(mask, casemap) {
                    self.masks.insert(sanction.id, pattern);
                }
            }
        }
    }

    fn remove(&mut self, sanction: &Sanction) {
        match &sanction.whom {
            Whom::Account(account) => {
                self.accounts.remove(account);
            }
            Whom::Network(network) => {
                let bits = network.bits();
                if self.networks.remove(network).is_some()
                    && let Some(count) = self.lengths.get_mut(&bits)
                {
                    *count -= 1;
                    if *count == 0 {
                        self.lengths.remove(&bits);
                    }
                }
            }
            Whom::Mask(_) => {
                self.masks.remove(&sanction.id);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.networks.is_empty() && self.masks.is_empty()
    }

    fn knows_masks(&self) -> bool {
        !self.masks.is_empty()
    }

    /// All of them.
    fn ids(&self) -> Vec<SanctionId> {
        let named = self.accounts.values().chain(self.networks.values());
        named.chain(self.masks.keys()).copied().collect()
    }

    /// The first that covers somebody, of those that bind them.
    fn on(&self, suspect: &Suspect, binds: impl Fn(SanctionId) -> bool) -> Option<SanctionId> {
        let of_account = || self.accounts.get(&suspect.account?).copied();
        let of_network = || {
            let mut addresses = suspect.addresses.iter();
            addresses.find_map(|address| {
                let mut lengths = self.lengths.keys();
                lengths.find_map(|bits| {
                    let found = self.networks.get(&Cidr::around(*address, *bits)).copied();
                    found.filter(|id| binds(*id))
                })
            })
        };
        let of_mask = || {
            let covers = |mask: &Pattern| suspect.sources.iter().any(|source| mask.matches(source));
            let mut masks = self.masks.iter();
            masks.find_map(|(id, mask)| (binds(*id) && covers(mask)).then_some(*id))
        };
        of_account().or_else(of_network).or_else(of_mask)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::right::Role;

    fn sanction(id: u64, whom: Whom) -> Sanction {
        Sanction {
            id: SanctionId(id),
            kind: SanctionKind::Ban,
            whom,
            room: None,
            reason: "why".into(),
            by: "boss".into(),
            role: Role::Admin,
            since: Timestamp(1),
            until: Some(Timestamp(1000 + id.cast_signed())),
        }
    }

    fn suspect(account: Option<u64>, address: &str, source: &str) -> Suspect {
        Suspect {
            account: account.map(AccountId),
            role: account.map_or(Role::Guest, |_| Role::User),
            addresses: vec![address.parse().unwrap()],
            sources: vec![source.into()],
        }
    }

    fn network(text: &str) -> Whom {
        Whom::Network(text.parse().unwrap())
    }

    fn found(sanctions: &Sanctions, room: Option<u64>, suspect: &Suspect) -> Option<u64> {
        let places = [None, room.map(RoomId)].map(|place| (SanctionKind::Ban, place));
        let mut places = places
            .iter()
            .filter_map(|place| sanctions.places.get(place));
        let found = places.find_map(|place| sanctions.in_place(place, suspect));
        found.map(|found| found.id.0)
    }

    #[test]
    fn each_way_to_be_covered_is_found_and_lost_again() {
        let mut sanctions = Sanctions::default();
        let casemap = Casemap::Ascii;
        for (id, whom) in [
            (1, Whom::Account(AccountId(2))),
            (2, network("192.0.2.7")),
            (3, network("198.51.100.0/24")),
            (4, network("2001:db8::/32")),
            (5, Whom::Mask("spam*!*@*".into())),
        ] {
            sanctions.insert(sanction(id, whom), casemap);
        }
        let room = Sanction {
            room: Some(RoomId(10)),
            ..sanction(6, network("203.0.113.0/25"))
        };
        sanctions.insert(room, casemap);
        let people = [
            (
                1,
                None,
                suspect(Some(2), "203.0.113.200", "bob!bob@account/bob"),
            ),
            (2, None, suspect(None, "192.0.2.7", "x!x@y")),
            (3, None, suspect(None, "198.51.100.99", "x!x@y")),
            (4, None, suspect(Some(4), "2001:db8:1::1", "x!x@y")),
            (5, None, suspect(None, "192.0.2.8", "spammer!x@y")),
            (6, Some(10), suspect(None, "203.0.113.1", "x!x@y")),
        ];
        for (id, room, person) in &people {
            assert_eq!(found(&sanctions, *room, person), Some(*id));
        }
        let (_, _, in_room) = &people[5];
        assert_eq!(found(&sanctions, None, in_room), None);
        assert_eq!(found(&sanctions, Some(12), in_room), None);
        assert_eq!(sanctions.over(Timestamp(1003), 9).len(), 3);
        for (id, room, person) in &people {
            sanctions.remove(SanctionId(*id));
            assert_eq!(found(&sanctions, *room, person), None);
        }
        assert!(sanctions.places.is_empty());
        assert_eq!((sanctions.len(), sanctions.last()), (0, 6));
        assert!(sanctions.over(Timestamp::MAX, 9).is_empty());
    }

    #[test]
    fn nobody_beyond_the_role_of_who_decided_is_bound_but_by_name() {
        let mut sanctions = Sanctions::default();
        let by_moderator = Sanction {
            role: Role::Moderator,
            ..sanction(1, network("192.0.2.0/24"))
        };
        sanctions.insert(by_moderator, Casemap::Ascii);
        let admin = Suspect {
            role: Role::Admin,
            ..suspect(Some(2), "192.0.2.7", "boss!boss@account/boss")
        };
        assert_eq!(found(&sanctions, None, &admin), None);
        // A narrower one of somebody whose role reaches them is found behind the wider one that does not bind.
        let by_owner = Sanction {
            role: Role::Owner,
            ..sanction(2, network("192.0.2.7"))
        };
        sanctions.insert(by_owner, Casemap::Ascii);
        assert_eq!(found(&sanctions, None, &admin), Some(2));
        sanctions.remove(SanctionId(2));
        let by_name = Sanction {
            role: Role::Moderator,
            ..sanction(3, Whom::Account(AccountId(2)))
        };
        sanctions.insert(by_name, Casemap::Ascii);
        assert_eq!(found(&sanctions, None, &admin), Some(3));
    }

    #[test]
    fn what_ends_with_an_account_or_a_room_is_found_without_the_rest() {
        let mut sanctions = Sanctions::default();
        let room = RoomId(10);
        for (id, whom, room) in [
            (1, Whom::Account(AccountId(2)), None),
            (2, Whom::Account(AccountId(2)), Some(room)),
            (3, Whom::Account(AccountId(4)), Some(room)),
            (4, network("192.0.2.0/24"), Some(room)),
            (5, Whom::Mask("spam*!*@*".into()), Some(room)),
            (6, network("192.0.2.0/24"), None),
        ] {
            let sanction = Sanction {
                room,
                ..sanction(id, whom)
            };
            sanctions.insert(sanction, Casemap::Ascii);
        }
        let of_two: Vec<u64> = sanctions
            .of_account(AccountId(2))
            .map(|held| held.id.0)
            .collect();
        assert_eq!(of_two, [1, 2]);
        let mask = Whom::Mask("SPAM*!*@*".into());
        let same = sanctions.same(SanctionKind::Ban, Some(room), &mask, Casemap::Ascii);
        assert_eq!(same.map(|held| held.id.0), Some(5));
        sanctions.forget_account(AccountId(2));
        assert_eq!(sanctions.len(), 4);
        sanctions.forget_room(room);
        assert_eq!((sanctions.len(), sanctions.masks()), (1, 0));
        assert_eq!(sanctions.iter().next().map(|held| held.id.0), Some(6));
        assert_eq!(sanctions.over(Timestamp::MAX, 9), [SanctionId(6)]);
    }
}
