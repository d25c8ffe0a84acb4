//! The sanctions that hold, and the ways to find those of somebody.
//!
//! Whoever comes or speaks is looked up in hashes: by account, and by address once for each length that a range has. Only the masks of a
//! kind and a place are tried one by one.

use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SanctionId, SessionId, UserId};
use crate::limits;
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::state::State;
use crate::state::list_mask::ACCOUNT_HOST;
use crate::state::session::Session;
use crate::state::user::User;
use causette_proto::{Casemap, CompactString, Mask, Timestamp, split};
use compact_str::format_compact;
use core::net::IpAddr;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// All that hold.
#[derive(Debug, Default)]
pub(crate) struct Sanctions {
    held: BTreeMap<SanctionId, Sanction>,
    /// Those that end by themselves, the soonest first.
    ends: BTreeSet<(Timestamp, SanctionId)>,
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

/// A mask, with what is literal at its ends: by that alone it is told of most people that they are not covered.
#[derive(Debug)]
pub(crate) struct Pattern {
    mask: Mask,
    head: CompactString,
    tail: CompactString,
}

impl Pattern {
    fn of(mask: &str, casemap: Casemap) -> Option<Self> {
        let mask = Mask::parse(mask, casemap).ok()?;
        let key = casemap.fold(mask.as_str());
        let wild = ['*', '?'];
        let head = key.find(wild).map_or(key.as_str(), |end| &key[..end]);
        let tail = key.rfind(wild).map_or("", |last| &key[last + 1..]);
        Some(Self {
            head: head.into(),
            tail: tail.into(),
            mask,
        })
    }

    fn matches(&self, source: &str) -> bool {
        let (source_bytes, head, tail) = (
            source.as_bytes(),
            self.head.as_bytes(),
            self.tail.as_bytes(),
        );
        let begins = source_bytes.get(..head.len());
        let ends = source_bytes.len().checked_sub(tail.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(head))
            && ends.is_some_and(|at| source_bytes[at..].eq_ignore_ascii_case(tail))
            && self.mask.matches(source)
    }
}

/// What is asked of the sanctions about somebody.
#[derive(Debug)]
pub(crate) struct Suspect {
    /// Their account, where they have signed in.
    account: Option<AccountId>,
    /// From where they come.
    addresses: Vec<IpAddr>,
    /// `nick!user@host` as others see it and as it would be by what is behind the host, folded; none where it is not known.
    sources: Vec<CompactString>,
}

impl Suspect {
    /// Whoever comes from an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self {
            account: None,
            addresses: vec![address],
            sources: Vec::new(),
        }
    }
}

/// Whom a sanction would be for, made ready to be compared with many.
pub(crate) enum Cover {
    Account(AccountId),
    Network(Cidr),
    Mask(Pattern),
}

impl Cover {
    pub(crate) fn of(whom: &Whom, casemap: Casemap) -> Option<Self> {
        Some(match whom {
            Whom::Account(account) => Self::Account(*account),
            Whom::Network(network) => Self::Network(*network),
            Whom::Mask(mask) => Self::Mask(Pattern::of(mask, casemap)?),
        })
    }

    pub(crate) fn covers(&self, suspect: &Suspect) -> bool {
        match self {
            Self::Account(account) => suspect.account == Some(*account),
            Self::Network(network) => {
                let mut addresses = suspect.addresses.iter();
                addresses.any(|address| network.contains(*address))
            }
            Self::Mask(mask) => suspect.sources.iter().any(|source| mask.matches(source)),
        }
    }

    /// Whether nobody could come whom it does not cover.
    pub(crate) fn is_everybody(&self) -> bool {
        match self {
            Self::Account(_) => false,
            Self::Network(network) => network.is_everything(),
            Self::Mask(pattern) => pattern
                .mask
                .as_str()
                .chars()
                .all(|char| "*?!@".contains(char)),
        }
    }
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

    /// Whether somebody in a place could be under a sanction of a kind: there are some there, or on the server.
    fn concern(&self, kind: SanctionKind, room: Option<RoomId>) -> bool {
        !self.places.is_empty() && self.of(kind, room).next().is_some()
    }

    /// Whether any of them is for a mask.
    fn know_masks(&self, kind: SanctionKind, room: Option<RoomId>) -> bool {
        self.of(kind, room).any(|place| !place.masks.is_empty())
    }

    /// The sanctions of a kind that hold in a place: those of the whole server, and besides those of a room.
    fn of(&self, kind: SanctionKind, room: Option<RoomId>) -> impl Iterator<Item = &Place> {
        let server = self.places.get(&(kind, None));
        let room = room.and_then(|room| self.places.get(&(kind, Some(room))));
        server.into_iter().chain(room)
    }

    /// One of a kind that holds for somebody: of the whole server, or besides of a room.
    pub(crate) fn on(
        &self,
        kind: SanctionKind,
        room: Option<RoomId>,
        suspect: &Suspect,
    ) -> Option<&Sanction> {
        let found = self.of(kind, room).find_map(|place| place.on(suspect));
        self.held.get(&found?)
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
        let key = (sanction.kind, sanction.room);
        if let Some(place) = self.places.get_mut(&key) {
            place.remove(&sanction);
            if place.is_empty() {
                self.places.remove(&key);
            }
        }
    }

    /// Forgets those for which there is nobody, or no place, any more.
    pub(super) fn forget(&mut self, gone: impl Fn(&Sanction) -> bool) {
        if self.held.is_empty() {
            return;
        }
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

    fn on(&self, suspect: &Suspect) -> Option<SanctionId> {
        let of_account = || self.accounts.get(&suspect.account?).copied();
        let of_network = || {
            let mut addresses = suspect.addresses.iter();
            addresses.find_map(|address| {
                let mut lengths = self.lengths.keys();
                lengths.find_map(|bits| self.networks.get(&Cidr::around(*address, *bits)).copied())
            })
        };
        let of_mask = || {
            let covers = |mask: &Pattern| suspect.sources.iter().any(|source| mask.matches(source));
            let mut masks = self.masks.iter();
            masks.find_map(|(id, mask)| covers(mask).then_some(*id))
        };
        of_account().or_else(of_network).or_else(of_mask)
    }
}

impl State {
    /// The person of a nickname or, whatever nickname they go by, of an account.
    pub(crate) fn person_named(&self, name: &str) -> Option<&User> {
        self.users.get(&self.addressee(name)?).map(Box::as_ref)
    }

    /// The sanction of a kind that holds for a person on the server, or besides in a room.
    pub(crate) fn sanction_on(
        &self,
        kind: SanctionKind,
        room: Option<RoomId>,
        user: &User,
    ) -> Option<&Sanction> {
        // Where there is none, nothing is made ready to be compared with it: this is asked for every message.
        if !self.sanctions.concern(kind, room) {
            return None;
        }
        let masks = self.sanctions.know_masks(kind, room);
        let suspect = self.suspect(user, masks);
        self.sanctions.on(kind, room, &suspect)
    }

    /// The ban of the server that holds for a connection, by what is known of it: also before it is anybody's.
    pub(crate) fn ban_on_session(&self, session: &Session) -> Option<&Sanction> {
        if !self.sanctions.concern(SanctionKind::Ban, None) {
            return None;
        }
        let suspect = self.suspect_at(session);
        self.sanctions.on(SanctionKind::Ban, None, &suspect)
    }

    /// The ban of the server that would hold for whoever signs in to an account from an address.
    pub(crate) fn ban_on_account(&self, id: AccountId, address: IpAddr) -> Option<&Sanction> {
        if !self.sanctions.concern(SanctionKind::Ban, None) {
            return None;
        }
        let suspect = Suspect {
            account: Some(id),
            addresses: vec![address],
            sources: self.account_sources(id, &[address.to_string()]),
        };
        self.sanctions.on(SanctionKind::Ban, None, &suspect)
    }

    /// A person as sanctions are asked about them, connected or not.
    pub(crate) fn suspect(&self, user: &User, masks: bool) -> Suspect {
        let sessions = user.sessions.iter();
        let sessions = sessions.filter_map(|session| self.sessions.get(session));
        let hidden = user.hidden_hosts.iter().map(|host| user.folded_at(host));
        Suspect {
            account: user.account,
            addresses: sessions.map(|session| session.peer.address).collect(),
            sources: if masks {
                core::iter::once(user.folded().into())
                    .chain(hidden)
                    .collect()
            } else {
                Vec::new()
            },
        }
    }

    /// A connection as sanctions are asked about it.
    pub(crate) fn suspect_at(&self, session: &Session) -> Suspect {
        let peer = &session.peer;
        let hosts = [peer.cloak.to_string(), peer.address.to_string()];
        let user = session.user.and_then(|user| self.users.get(&user));
        let sources = match (user, session.account, &session.nick, &session.username) {
            (Some(user), ..) => {
                let hidden = hosts.iter().map(|host| user.folded_at(host));
                core::iter::once(user.folded().into())
                    .chain(hidden)
                    .collect()
            }
            (None, Some(account), ..) => self.account_sources(account, &hosts),
            (None, None, Some(nick), Some(username)) => {
                let source = |host| format_compact!("{nick}!{username}@{host}");
                let sources = hosts.iter().map(source);
                sources.map(|source| self.casemap.fold(&source)).collect()
            }
            _ => Vec::new(),
        };
        Suspect {
            account: session.account,
            addresses: vec![peer.address],
            sources,
        }
    }

    /// How others would see the person of an account, by its own host and by others.
    fn account_sources(&self, id: AccountId, hosts: &[String]) -> Vec<CompactString> {
        let Some(account) = self.accounts.get(&id) else {
            return Vec::new();
        };
        let nick = self.nick_of(UserId::from(id));
        let username = split::cut(account.name.key(), limits::USERNAME_BYTES);
        let own = [ACCOUNT_HOST, account.name.as_str()].concat();
        let source = |host: &String| format_compact!("{nick}!{username}@{host}");
        let sources = core::iter::once(&own).chain(hosts).map(source);
        sources.map(|source| self.casemap.fold(&source)).collect()
    }

    /// The connections that a cover meets, the oldest first.
    pub(crate) fn sessions_covered(&self, cover: &Cover) -> Vec<SessionId> {
        let sessions = self.sessions.values();
        let met = sessions.filter(|session| cover.covers(&self.suspect_at(session)));
        let mut met: Vec<SessionId> = met.map(|session| session.id).collect();
        met.sort_unstable();
        met
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn sanction(id: u64, whom: Whom) -> Sanction {
        Sanction {
            id: SanctionId(id),
            kind: SanctionKind::Ban,
            whom,
            room: None,
            reason: "why".into(),
            by: "boss".into(),
            since: Timestamp(1),
            until: Some(Timestamp(1000 + id.cast_signed())),
        }
    }

    fn suspect(account: Option<u64>, address: &str, source: &str) -> Suspect {
        Suspect {
            account: account.map(AccountId),
            addresses: vec![address.parse().unwrap()],
            sources: vec![source.into()],
        }
    }

    fn network(text: &str) -> Whom {
        Whom::Network(text.parse().unwrap())
    }

    fn found(sanctions: &Sanctions, room: Option<u64>, suspect: &Suspect) -> Option<u64> {
        let found = sanctions.on(SanctionKind::Ban, room.map(RoomId), suspect);
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
            assert!(
                sanctions
                    .on(SanctionKind::Mute, room.map(RoomId), person)
                    .is_none()
            );
        }
        let (_, _, in_room) = &people[5];
        assert_eq!(found(&sanctions, None, in_room), None);
        assert_eq!(found(&sanctions, Some(12), in_room), None);
        assert_eq!(sanctions.over(Timestamp(1003)).len(), 3);
        for (id, room, person) in &people {
            sanctions.remove(SanctionId(*id));
            assert_eq!(found(&sanctions, *room, person), None);
        }
        assert!(!sanctions.concern(SanctionKind::Ban, Some(RoomId(10))));
        assert_eq!((sanctions.len(), sanctions.last()), (0, 6));
        assert!(sanctions.over(Timestamp::MAX).is_empty());
    }

    #[test]
    fn the_ends_of_a_mask_change_nothing_of_what_it_covers() {
        let covers = |mask: &str, source: &str| {
            let pattern = Pattern::of(mask, Casemap::Ascii).unwrap();
            assert_eq!(
                pattern.matches(source),
                pattern.mask.matches(source),
                "{mask} {source}"
            );
            pattern.matches(source)
        };
        let source = "Alice!alice@account/alice";
        for mask in [
            "alice",
            "*ice",
            "a*!*@*",
            "*!*@account/*",
            "*@*/ALICE",
            "?lice!*@*",
            "alice!alice@account/alice",
        ] {
            assert!(covers(mask, source), "{mask}");
        }
        for mask in [
            "alic",
            "bob",
            "*!*@*.example",
            "alice!alice@account/alice?",
            "alice!alice@account/alice*e",
        ] {
            assert!(!covers(mask, source), "{mask}");
        }
        assert!(!covers("aé*!*@*é", "a!a@é") && covers("é*!*@*é", "éa!a@é"));
    }

    #[test]
    fn what_covers_everybody_is_known_by_its_form() {
        let everybody = |whom: Whom| Cover::of(&whom, Casemap::Ascii).unwrap().is_everybody();
        assert!(everybody(network("0.0.0.0/0")) && everybody(network("::/0")));
        assert!(everybody(Whom::Mask("*".into())) && everybody(Whom::Mask("*!*@*".into())));
        assert!(!everybody(network("10.0.0.0/8")) && !everybody(Whom::Mask("a*".into())));
        assert!(!everybody(Whom::Account(AccountId(2))));
    }
}
