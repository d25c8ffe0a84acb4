//! An entry as it is given to those who read the register.

use super::names::Names;
use super::whole::Whole;
use crate::engine::{Moment, values};
use crate::error::Fault;
use causette_proto::Timestamp;
use std::net::IpAddr;

/// An entry with what it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub seq: u64,
    /// When, as people were shown the time.
    pub time: Timestamp,
    /// Its category, 1 for `C1`.
    pub category: u8,
    /// Its type, as `message.creation`.
    pub kind: String,
    /// Who did it.
    pub actor: Named,
    /// To whom or to what, where there is something.
    pub target: Option<Named>,
    /// From where: the connection through which it happened.
    pub origin: Option<Origin>,
    /// In which rooms. A conversation is one.
    pub rooms: Vec<Named>,
    /// What was said.
    pub said: Option<Said>,
    /// The other metadata, as they are called in the register.
    pub meta: Vec<(String, String)>,
    /// Whether what it tells of is still there.
    pub keeping: Keeping,
    /// Where the message was taken back: people are not shown it any more.
    pub redacted: Option<Redacted>,
}

/// Somebody or something with its name, as that is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The server itself.
    Server,
    /// A user of the machine, at the server's console or socket.
    System(String),
    /// An account.
    Account {
        /// Its number.
        id: u64,
        /// Its name; `None` where there is no such account.
        name: Option<String>,
        /// Whether it was given up.
        is_gone: bool,
    },
    /// Somebody without one.
    Guest {
        /// Their number.
        id: u64,
        /// As they last called themselves in what was read.
        nick: Option<String>,
    },
    /// A room, or a conversation.
    Room {
        /// Its number.
        id: i64,
        /// Its name; of a conversation, those who have it.
        name: Option<String>,
    },
    /// An address.
    Address(IpAddr),
}

/// From where a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// Its port there; `None` where there was no connection of their own, as with a request by HTTP, and where an import knows none.
    pub port: Option<u16>,
    /// The port of the server; `None` of what an import entered.
    pub local_port: Option<u16>,
}

/// The content of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who said it as they were shown, as `nick!user@host`.
    pub source: String,
    /// Their account as it was called then.
    pub account: Option<String>,
    /// The text.
    pub text: String,
    /// The tags that came with it.
    pub tags: String,
}

/// Whether what an entry tells of is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is.
    Whole,
    /// It was erased.
    Erased {
        /// The entry that says so.
        by: u64,
    },
    /// It cannot be read, and no entry says that it was erased.
    Unreadable,
}

/// A message that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// When.
    pub at: Timestamp,
    /// By whom; `None` where the entry that says so is not found.
    pub by: Option<Named>,
    /// That entry.
    pub entry: Option<u64>,
}

/// What stands elsewhere in what is given out.
const TOLD_ALREADY: [&str; 7] = [
    "acteur",
    "cible",
    "ip",
    "port",
    "port_local",
    "session",
    "salon",
];

impl Listed {
    /// About how many bytes of text it has.
    pub(super) fn bytes(&self) -> usize {
        let said = self.said.as_ref();
        let said = said.map_or(0, |said| said.text.len() + said.tags.len());
        let meta: usize = self.meta.iter().map(|(_, value)| value.len()).sum();
        said + meta
    }
}

impl Origin {
    /// From where an entry says that it came: of a connection that was opened or refused, or of a request.
    pub(super) fn of(whole: &Whole) -> Option<Self> {
        let number = |key| whole.member(key)?.parse().ok().filter(|port| *port != 0);
        Some(Self {
            address: whole.member("ip")?.parse().ok()?,
            port: number("port"),
            local_port: number("port_local"),
        })
    }
}

/// An entry with the names that belong to it.
pub(super) fn of(
    moment: &Moment<'_>,
    names: &mut Names,
    whole: &Whole,
    origin: Option<Origin>,
) -> Result<Listed, Fault> {
    if let (Some(content), Some(guest)) = (&whole.content, guest(whole)) {
        let nick = content.source.split('!').next().unwrap_or_default();
        names.heard(guest, nick);
    }
    let actor = match whole.member("acteur") {
        Some(actor) => names.of(moment, actor)?,
        None => Named::Server,
    };
    let target = match whole.member("cible") {
        Some(target) => Some(names.of(moment, target)?),
        None => None,
    };
    let keeping = match (whole.erased, &whole.meta) {
        (Some(by), None) => Keeping::Erased { by },
        (_, Some(_)) => Keeping::Whole,
        (None, None) => Keeping::Unreadable,
    };
    let content = whole.content.as_ref();
    Ok(Listed {
        seq: whole.seq,
        time: whole.time,
        category: whole.category,
        kind: whole.kind.clone(),
        actor,
        rooms: rooms(moment, names, whole, target.as_ref())?,
        // A room is told once.
        target: target.filter(|target| !matches!(target, Named::Room { .. })),
        origin: origin.or_else(|| Origin::of(whole)),
        said: content.map(|content| Said {
            source: content.source.clone(),
            account: content.account.clone(),
            text: content.text.clone(),
            tags: content.tags.clone(),
        }),
        meta: meta(moment, names, whole)?,
        keeping,
        redacted: whole.redacted.map(|at| Redacted {
            at,
            by: None,
            entry: None,
        }),
    })
}

/// The guest who said it themselves.
fn guest(whole: &Whole) -> Option<u64> {
    if whole.member("auteur").is_some() {
        return None;
    }
    whole.member("acteur")?.strip_prefix("guest:")?.parse().ok()
}

fn rooms(
    moment: &Moment<'_>,
    names: &mut Names,
    whole: &Whole,
    target: Option<&Named>,
) -> Result<Vec<Named>, Fault> {
    let mut rooms = Vec::new();
    if let Some(room @ Named::Room { .. }) = target {
        rooms.push(room.clone());
    } else if let Some(room) = whole.member("salon") {
        rooms.push(names.of(moment, room)?);
    } else if let Some(room) = whole.room {
        rooms.push(names.of(moment, &format!("room:{room}"))?);
    }
    if whole.is_shared {
        let select = "SELECT room FROM shared_place WHERE entry = ? ORDER BY room";
        for room in moment.all(select, values![whole.seq], |row| row.int(0))? {
            rooms.push(names.of(moment, &format!("room:{room}"))?);
        }
    }
    Ok(rooms)
}

/// The metadata that are told nowhere else, with the names of whom they mean.
fn meta(
    moment: &Moment<'_>,
    names: &mut Names,
    whole: &Whole,
) -> Result<Vec<(String, String)>, Fault> {
    let mut told = Vec::new();
    let Some(meta) = &whole.meta else {
        return Ok(told);
    };
    for (key, value) in meta.iter() {
        if TOLD_ALREADY.contains(&key) {
            continue;
        }
        let is_person = value.starts_with("account:") || value.starts_with("guest:");
        let value = match names_people(key) && is_person {
            true => names.of(moment, value)?.to_string(),
            false => value.to_owned(),
        };
        told.push((key.to_owned(), value));
    }
    told.sort();
    Ok(told)
}

/// Whether a member of the metadata means somebody.
fn names_people(key: &str) -> bool {
    ["expulse", "invite", "compte", "fondateur", "ecrit_par"].contains(&key)
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server => f.write_str("-"),
            Self::System(name) => write!(f, "system:{name}"),
            Self::Account {
                name: Some(name), ..
            } => f.write_str(name),
            Self::Account { id, .. } => write!(f, "account:{id}"),
            Self::Guest {
                nick: Some(nick), ..
            } => f.write_str(nick),
            Self::Guest { id, .. } => write!(f, "guest:{id}"),
            Self::Room {
                name: Some(name), ..
            } => f.write_str(name),
            Self::Room { id, .. } => write!(f, "room:{id}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}
