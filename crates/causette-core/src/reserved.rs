//! The names that are kept for those who run the server and for its services, however somebody spells them.

use causette_proto::confusable::skeleton;
use causette_proto::{Casemap, CompactString};
use compact_str::format_compact;
use rustc_hash::FxHashSet;

/// Names under which people expect whoever runs the server, its programs or everyone at once: who had one could pass for
/// them. `accounts.reserved_names` puts others in their place.
const DEFAULT: [&str; 11] = [
    "root",
    "admin",
    "administrator",
    "operator",
    "moderator",
    "server",
    "system",
    "causette",
    "everyone",
    "here",
    "null",
];

/// Names that nobody takes: as nickname only whoever has an account of that very name goes by one, and such accounts are made
/// by operators and the administrator alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservedNames {
    /// What they look like.
    looks: FxHashSet<CompactString>,
}

impl ReservedNames {
    /// These names and no others.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            looks: names.into_iter().map(look).collect(),
        }
    }

    /// Whether a name is one of them, or could be taken for one.
    pub fn holds(&self, name: &str) -> bool {
        self.looks.contains(&look(name))
    }
}

impl Default for ReservedNames {
    fn default() -> Self {
        Self::of(DEFAULT)
    }
}

/// What a name looks like to somebody who does not expect to be deceived. Coarser than what keeps people's names apart, since
/// few names are kept and each of them is worth a disguise: in capitals `i` looks like `l`, and `m` not like `rn`.
pub(crate) fn look(name: &str) -> CompactString {
    let skeleton = skeleton(name).replace('l', "i");
    skeleton.replace("rn", "m").into()
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// NickServ keeps accounts.
    Accounts,
    /// ChanServ keeps channels.
    Channels,
    /// FileServ will keep files.
    Files,
}

/// Every service.
pub(crate) const SERVICES: [Service; 3] = [Service::Accounts, Service::Channels, Service::Files];

impl Service {
    /// Its nickname, which no person and no account may take.
    pub(crate) fn nick(self) -> &'static str {
        match self {
            Self::Accounts => "NickServ",
            Self::Channels => "ChanServ",
            Self::Files => "FileServ",
        }
    }

    /// It on the server of a name, as people see it: `nick!user@host`.
    pub(crate) fn source(self, server: &str) -> CompactString {
        format_compact!("{}!services@{server}", self.nick())
    }
}

/// Who is always there under a nickname, as people see them, on the server of a name: a service, or those who run it.
pub(crate) fn always_there(casemap: Casemap, server: &str, nick: &str) -> Option<CompactString> {
    if is_administration(casemap, nick) {
        return Some(administration(server));
    }
    service_named(casemap, nick).map(|service| service.source(server))
}

/// The name of those who run the server, as people converse with them. Nobody else goes by it, also where there is an account of
/// that name from before.
pub const ADMINISTRATION: &str = "Administration";

/// Those who run the server of a name, as people see them: `nick!user@host`.
pub(crate) fn administration(server: &str) -> CompactString {
    format_compact!("{ADMINISTRATION}!administration@{server}")
}

/// Whether a nickname is that of those who run the server.
pub(crate) fn is_administration(casemap: Casemap, nick: &str) -> bool {
    // Asked of every message: what is plain is not folded.
    let folded = (!nick.is_ascii()).then(|| casemap.fold(nick));
    ADMINISTRATION.eq_ignore_ascii_case(folded.as_deref().unwrap_or(nick))
}

/// Whether a nickname is that of a service or of those who run the server.
pub fn is_taken(casemap: Casemap, nick: &str) -> bool {
    service_named(casemap, nick).is_some() || is_administration(casemap, nick)
}

/// The service of a nickname.
pub(crate) fn service_named(casemap: Casemap, nick: &str) -> Option<Service> {
    // Asked of every message: what is plain is not folded.
    let folded = (!nick.is_ascii()).then(|| casemap.fold(nick));
    let nick = folded.as_deref().unwrap_or(nick);
    SERVICES
        .into_iter()
        .find(|service| service.nick().eq_ignore_ascii_case(nick))
}

/// Whether a name can be taken for a service's, or for that of those who run the server.
pub fn looks_taken(name: &str) -> bool {
    let seen = look(name);
    let services = SERVICES.into_iter().map(Service::nick);
    services
        .chain([ADMINISTRATION])
        .any(|taken| look(taken) == seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_name_is_kept_in_disguise_too() {
        let names = ReservedNames::default();
        for name in [
            "admin",
            "ADMIN",
            "Adm1n",
            "аdmin",
            "adrnin",
            "r00t",
            "ROOT",
            "nuII",
            "nu11",
            "ｒｏｏｔ",
            "everуone",
        ] {
            assert!(names.holds(name), "{name}");
        }
        for name in ["alice", "roots", "admin2", "rooted", "", "heres", "nul"] {
            assert!(!names.holds(name), "{name}");
        }
        let own = ReservedNames::of(["patron"]);
        assert!(own.holds("PATRON") && !own.holds("admin"));
        assert!(!ReservedNames::of([]).holds("root"));
        assert_eq!(look("N1ckServ"), look("NickServ"));
        for name in ["N1ckServ", "chanserv", "ADMINISTRATION", "Admlnistration"] {
            assert!(looks_taken(name), "{name}");
        }
        assert!(!looks_taken("administrations"));
        for casemap in [Casemap::Ascii, Casemap::Precis] {
            assert!(is_administration(casemap, "aDMINISTRATION"));
            assert!(!is_administration(casemap, "Administrat"));
        }
    }
}
