//! Who is looked for among the sanctions, and whom one covers.

use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::limits;
use crate::right::Role;
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::state::State;
use crate::state::list_mask::ACCOUNT_HOST;
use crate::state::sanction::Place;
use crate::state::session::Session;
use crate::state::user::User;
use causette_proto::{Casemap, CompactString, Mask, split};
use compact_str::format_compact;
use core::net::IpAddr;

/// What is asked of the sanctions about somebody.
#[derive(Debug)]
pub(crate) struct Suspect {
    /// Their account, where they have signed in.
    pub(super) account: Option<AccountId>,
    /// What they are on the server.
    pub(super) role: Role,
    /// From where they come.
    pub(super) addresses: Vec<IpAddr>,
    /// `nick!user@host` as others see it and as it would be by what is behind the host, folded; none where it is not known.
    pub(super) sources: Vec<CompactString>,
}

impl Suspect {
    /// Whoever comes from an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self {
            account: None,
            role: Role::Guest,
            addresses: vec![address],
            sources: Vec::new(),
        }
    }

    pub(crate) fn role(&self) -> Role {
        self.role
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

    /// Whether it could hit anybody at all, wherever they come from or whatever they are called: a wide range, or a mask without a letter or
    /// digit that must stand there.
    pub(crate) fn is_too_wide(&self) -> bool {
        match self {
            Self::Account(_) => false,
            Self::Network(network) => network.is_wide(),
            Self::Mask(pattern) => !pattern.mask.as_str().chars().any(char::is_alphanumeric),
        }
    }
}

/// A mask, with what is literal at its ends: by that alone it is told of most people that they are not covered.
#[derive(Debug)]
pub(crate) struct Pattern {
    mask: Mask,
    head: CompactString,
    tail: CompactString,
}

impl Pattern {
    pub(super) fn of(mask: &str, casemap: Casemap) -> Option<Self> {
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

    pub(super) fn matches(&self, source: &str) -> bool {
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

impl State {
    /// The person of a nickname or, whatever nickname they go by, of an account.
    pub(crate) fn person_named(&self, name: &str) -> Option<&User> {
        self.users.get(&self.addressee(name)?).map(Box::as_ref)
    }

    /// The sanction of a kind that holds for a person on the server, or besides in one of these rooms.
    pub(crate) fn sanction_on(
        &self,
        kind: SanctionKind,
        rooms: impl IntoIterator<Item = RoomId>,
        user: &User,
    ) -> Option<&Sanction> {
        if self.sanctions.held.is_empty() {
            return None;
        }
        // Where there is none, nothing is made ready to be compared with it: this is asked for every message.
        let places = [None].into_iter().chain(rooms.into_iter().map(Some));
        let known = |place| self.sanctions.places.get(&(kind, place));
        let places: Vec<&Place> = places.filter_map(known).collect();
        if places.is_empty() {
            return None;
        }
        let masks = places.iter().any(|place| place.knows_masks());
        let suspect = self.suspect(user, masks);
        let mut places = places.into_iter();
        places.find_map(|place| self.sanctions.in_place(place, &suspect))
    }

    /// The ban of the server that holds for a connection, by what is known of it: also before it is anybody's.
    pub(crate) fn ban_on_session(&self, session: &Session) -> Option<&Sanction> {
        if !self.sanctions.keep_out_of_the_server() {
            return None;
        }
        let suspect = self.suspect_at(session);
        self.sanctions.ban_of_the_server(&suspect)
    }

    /// The ban of the server that would hold for whoever signs in to an account from an address.
    pub(crate) fn ban_on_account(&self, id: AccountId, address: IpAddr) -> Option<&Sanction> {
        if !self.sanctions.keep_out_of_the_server() {
            return None;
        }
        let suspect = Suspect {
            account: Some(id),
            role: self.role_of_account(id),
            addresses: vec![address],
            sources: self.account_sources(id, &[address.to_string()]),
        };
        self.sanctions.ban_of_the_server(&suspect)
    }

    /// The ban of the server that holds for a connection whoever may sign in by it: nobody whose role it does not bind has an account.
    pub(crate) fn ban_on_anybody(&self, session: &Session) -> Option<&Sanction> {
        let ban = self.ban_on_session(session)?;
        let mut officers = self.officers();
        officers
            .all(|officer| ban.binds(officer.role))
            .then_some(ban)
    }

    /// The ban of the server that would hold for whoever comes by a connection with a new account of a name.
    pub(crate) fn ban_on_newcomer(&self, session: &Session, name: &str) -> Option<&Sanction> {
        if !self.sanctions.keep_out_of_the_server() {
            return None;
        }
        let mut suspect = self.suspect_at(session);
        let hosts = [&*session.peer.cloak, &session.peer.address.to_string()].map(str::to_owned);
        let new = self.sources(name, self.casemap.fold(name).as_str(), name, &hosts);
        suspect.sources.extend(new);
        self.sanctions.ban_of_the_server(&suspect)
    }

    /// A person as sanctions are asked about them, connected or not.
    pub(crate) fn suspect(&self, user: &User, masks: bool) -> Suspect {
        let sessions = user.sessions.iter();
        let sessions = sessions.filter_map(|session| self.sessions.get(session));
        let hidden = user.hidden_hosts.iter().map(|host| user.folded_at(host));
        Suspect {
            account: user.account,
            role: self.role_of_user(user),
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
            role: match user {
                Some(user) => self.role_of_user(user),
                None => self.role_of_session(session.id),
            },
            addresses: vec![peer.address],
            sources,
        }
    }

    /// Whoever would come by an account, as far as that is known before they come.
    pub(crate) fn suspect_of(&self, id: AccountId) -> Suspect {
        Suspect {
            account: Some(id),
            role: self.role_of_account(id),
            addresses: Vec::new(),
            sources: self.account_sources(id, &[]),
        }
    }

    /// How others would see the person of an account, by its own host and by others.
    fn account_sources(&self, id: AccountId, hosts: &[String]) -> Vec<CompactString> {
        let Some(account) = self.accounts.get(&id) else {
            return Vec::new();
        };
        let nick = self.nick_of(UserId::from(id));
        let (name, key) = (account.name.as_str(), account.name.key());
        self.sources(&nick, key, name, hosts)
    }

    /// The same, of an account that need not be there.
    fn sources(&self, nick: &str, key: &str, name: &str, hosts: &[String]) -> Vec<CompactString> {
        let username = split::cut(key, limits::USERNAME_BYTES);
        let own = [ACCOUNT_HOST, name].concat();
        let source = |host: &String| format_compact!("{nick}!{username}@{host}");
        let sources = core::iter::once(&own).chain(hosts).map(source);
        sources.map(|source| self.casemap.fold(&source)).collect()
    }

    /// The connections for which a sanction holds, the oldest first.
    pub(crate) fn sessions_under(&self, sanction: &Sanction) -> Vec<SessionId> {
        let Some(cover) = Cover::of(&sanction.whom, self.casemap) else {
            return Vec::new();
        };
        let met = self.sessions.values().filter(|session| {
            let suspect = self.suspect_at(session);
            sanction.binds(suspect.role) && cover.covers(&suspect)
        });
        let mut met: Vec<SessionId> = met.map(|session| session.id).collect();
        met.sort_unstable();
        met
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn network(text: &str) -> Whom {
        Whom::Network(text.parse().unwrap())
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
    fn what_could_hit_anybody_is_known_by_its_form() {
        let wide = |whom: Whom| Cover::of(&whom, Casemap::Ascii).unwrap().is_too_wide();
        for range in [
            "0.0.0.0/0",
            "::/0",
            "0.0.0.0/1",
            "128.0.0.0/7",
            "::/1",
            "2000::/15",
            // All of IPv4 lies in these.
            "::/80",
        ] {
            assert!(wide(network(range)), "{range}");
        }
        for range in [
            "10.0.0.0/8",
            "2001::/16",
            "2001:db8::/32",
            "192.0.2.7",
            "::1",
        ] {
            assert!(!wide(network(range)), "{range}");
        }
        for mask in [
            "*", "*!*@*", "*!*@*.*", "?*!*@*", "*!*@*/*", "*!~*@*", "*:*",
        ] {
            assert!(wide(Whom::Mask(mask.into())), "{mask}");
        }
        for mask in ["a*", "*!*@*.example", "*!*@account/*", "é*!*@*"] {
            assert!(!wide(Whom::Mask(mask.into())), "{mask}");
        }
        assert!(!wide(Whom::Account(AccountId(2))));
    }
}
