//! The sanctions that hold, and the ways to find those of somebody.

use crate::id::{AccountId, RoomId, SanctionId};
use crate::sanction::{Sanction, SanctionKind, Whom};
use causette_proto::{Casemap, Mask, Timestamp};
use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};

/// All that hold.
#[derive(Debug, Default)]
pub(crate) struct Sanctions {
    held: BTreeMap<SanctionId, Held>,
    /// Those that end by themselves, the soonest first.
    ends: BTreeSet<(Timestamp, SanctionId)>,
    /// The greatest number that one ever had.
    last: u64,
}

/// A sanction, and its mask as it is compared.
#[derive(Debug)]
struct Held {
    sanction: Sanction,
    mask: Option<Mask>,
}

/// What is asked of the sanctions about somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect<'a> {
    /// Their account, where they have signed in.
    pub(crate) account: Option<AccountId>,
    /// From where they come.
    pub(crate) address: IpAddr,
    /// `nick!user@host` as others see it; `None` while it is not known.
    pub(crate) source: Option<&'a str>,
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

    pub(crate) fn get(&self, id: SanctionId) -> Option<&Sanction> {
        self.held.get(&id).map(|held| &held.sanction)
    }

    /// All, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Sanction> {
        self.held.values().map(|held| &held.sanction)
    }

    /// The first of a kind that holds for somebody: of the whole server, or besides of a room.
    pub(crate) fn on(
        &self,
        kind: SanctionKind,
        room: Option<RoomId>,
        suspect: Suspect<'_>,
    ) -> Option<&Sanction> {
        let held = self.held.values().find(|held| {
            held.sanction.kind == kind
                && (held.sanction.room.is_none() || held.sanction.room == room)
                && held.covers(suspect)
        });
        held.map(|held| &held.sanction)
    }

    /// Those whose time is over.
    pub(crate) fn over(&self, now: Timestamp) -> Vec<SanctionId> {
        let over = self.ends.iter().take_while(|(end, _)| *end <= now);
        over.map(|(_, id)| *id).collect()
    }

    pub(super) fn insert(&mut self, sanction: Sanction, casemap: Casemap) {
        self.last = self.last.max(sanction.id.0);
        if let Some(until) = sanction.until {
            self.ends.insert((until, sanction.id));
        }
        let mask = match &sanction.whom {
            Whom::Mask(mask) => Mask::parse(mask, casemap).ok(),
            Whom::Account(_) | Whom::Network(_) => None,
        };
        self.held.insert(sanction.id, Held { sanction, mask });
    }

    pub(super) fn remove(&mut self, id: SanctionId) {
        if let Some(Held { sanction, .. }) = self.held.remove(&id)
            && let Some(until) = sanction.until
        {
            self.ends.remove(&(until, id));
        }
    }

    /// Forgets those for which there is nobody, or no place, any more.
    pub(super) fn forget(&mut self, gone: impl Fn(&Sanction) -> bool) {
        let gone: Vec<SanctionId> = self
            .iter()
            .filter(|held| gone(held))
            .map(|held| held.id)
            .collect();
        for id in gone {
            self.remove(id);
        }
    }
}

impl Held {
    fn covers(&self, suspect: Suspect<'_>) -> bool {
        match &self.sanction.whom {
            Whom::Account(account) => suspect.account == Some(*account),
            Whom::Network(network) => network.contains(suspect.address),
            Whom::Mask(_) => match (&self.mask, suspect.source) {
                (Some(mask), Some(source)) => mask.matches(source),
                _ => false,
            },
        }
    }
}
