//! Who is looked for among the sanctions, and whom one covers.

use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::limits;
use crate::sanction::{Sanction, SanctionKind, Whom};
use crate::state::State;
use crate::state::list_mask::ACCOUNT_HOST;
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

    /// Whoever would come by an account, as far as that is known before they come.
    pub(crate) fn suspect_of(&self, id: AccountId) -> Suspect {
        Suspect {
            account: Some(id),
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
    fn what_covers_everybody_is_known_by_its_form() {
        let everybody = |whom: Whom| Cover::of(&whom, Casemap::Ascii).unwrap().is_everybody();
        assert!(everybody(network("0.0.0.0/0")) && everybody(network("::/0")));
        assert!(everybody(Whom::Mask("*".into())) && everybody(Whom::Mask("*!*@*".into())));
        assert!(!everybody(network("10.0.0.0/8")) && !everybody(Whom::Mask("a*".into())));
        assert!(!everybody(Whom::Account(AccountId(2))));
    }
}
