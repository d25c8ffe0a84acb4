//! What those who run the server decided, against the entries that tell of it: sanctions, invitations, filters, messages that wait, alerts;
//! and of files what never changes.

use super::files;
use super::found::Found;
use super::names::{Checked, Checking, Differs};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::register::members::Members;

/// A table of which each row is told of by one entry.
pub(super) struct Administered {
    table: &'static str,
    /// Its key, and the member of the entry that has it; `None` where the key is the entry's own number.
    key: (&'static str, Option<&'static str>),
    columns: &'static [(&'static str, Told)],
}

/// What an entry tells of a column.
#[derive(Clone, Copy)]
enum Told {
    /// A text, as it is in a member.
    Text(&'static str),
    /// The same; what it was before entries told of it.
    TextOr(&'static str, &'static str),
    /// A number, alike.
    Number(&'static str),
    /// Whether a member is this text.
    Is(&'static str, &'static str),
    /// The id of an account or a room that a member names.
    Id(&'static str, &'static str),
    /// The id of a person.
    Person(&'static str),
    /// The id of the account that a file is of: of who acts, where no other is named.
    Owner,
    /// The entry's own number.
    Entry,
    /// The entry's time on the clock that never goes back.
    Steady,
}

pub(super) const SANCTION: Administered = Administered {
    table: "sanction",
    key: ("id", Some("sanction")),
    columns: &[
        ("kind", Told::Text("genre")),
        ("account", Told::Id("cible", "account")),
        ("network", Told::Text("reseau")),
        ("mask", Told::Text("masque")),
        ("room", Told::Id("salon", "room")),
        ("reason", Told::Text("motif")),
        ("decided_by", Told::Text("par")),
        ("role", Told::TextOr("role", "admin")),
        ("since", Told::Number("depuis")),
        ("until", Told::Number("jusqua")),
        ("entry", Told::Entry),
    ],
};

pub(super) const INVITATION: Administered = Administered {
    table: "invitation",
    key: ("id", Some("invitation")),
    columns: &[
        ("hash", Told::Text("empreinte")),
        ("room", Told::Id("cible", "room")),
        ("uses", Told::Number("usages")),
        ("made_by", Told::Text("par")),
        ("since", Told::Number("depuis")),
        ("until", Told::Number("jusqua")),
        ("entry", Told::Entry),
    ],
};

pub(super) const FILTER: Administered = Administered {
    table: "word_filter",
    key: ("id", Some("filtre")),
    columns: &[
        ("pattern", Told::Text("mots")),
        ("action", Told::Text("effet")),
        ("room", Told::Id("cible", "room")),
        ("reason", Told::Text("motif")),
        ("decided_by", Told::Text("par")),
        ("since", Told::Number("depuis")),
        ("entry", Told::Entry),
    ],
};

pub(super) const HELD: Administered = Administered {
    table: "held_message",
    key: ("id", Some("retenue")),
    columns: &[
        ("room", Told::Id("cible", "room")),
        ("author", Told::Person("ecrit_par")),
        ("source", Told::Text("source")),
        ("account", Told::Text("compte_nom")),
        ("notice", Told::Is("nature", "NOTICE")),
        ("text", Told::Text("texte")),
        ("tags", Told::TextOr("etiquettes", "")),
        ("filter", Told::Number("filtre")),
        ("since", Told::Number("depuis")),
        ("entry", Told::Entry),
    ],
};

pub(super) const ALERT: Administered = Administered {
    table: "alert",
    key: ("entry", None),
    columns: &[("text", Told::Text("texte")), ("steady", Told::Steady)],
};

pub(super) const FILE: Administered = Administered {
    table: "file",
    key: ("id", Some("fichier")),
    columns: &[
        ("file_key", Told::Text("cle")),
        ("owner", Told::Owner),
        ("name", Told::Text("nom")),
        ("media_type", Told::Text("media")),
        ("size", Told::Number("octets")),
        ("sha256", Told::Text("empreinte")),
        ("says_beside", Told::Is("dit_plus", "true")),
        ("path", Told::Text("place")),
        ("since", Told::Number("depuis")),
        ("until", Told::Number("jusqua")),
        ("entry", Told::Entry),
    ],
};

impl Told {
    /// What the entry tells of the column, as text.
    fn by(self, found: &Found, members: &Members, steady: i64) -> Option<String> {
        let told = |key| members.get(key).map(str::to_owned);
        match self {
            Self::Text(key) | Self::Number(key) => told(key),
            Self::TextOr(key, before) => told(key).or_else(|| Some(before.to_owned())),
            Self::Is(key, text) => Some(u8::from(members.get(key) == Some(text)).to_string()),
            Self::Id(key, sort) => members.id::<i64>(key, sort).map(|id| id.to_string()),
            Self::Person(key) => members.person(key).map(|id| id.to_string()),
            Self::Owner => files::owner(members).map(|id| id.to_string()),
            Self::Entry => Some(found.entry.seq.to_string()),
            Self::Steady => Some(steady.to_string()),
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text(_) | Self::TextOr(..))
    }
}

/// Whether the row of something has all that its entry tells.
pub(super) fn check(
    moment: &Moment<'_>,
    of: &Administered,
    (found, members): (&Found, &Members),
    steady: i64,
) -> Checking {
    let id = match of.key.1 {
        Some(member) => members.get(member).and_then(|text| text.parse().ok()),
        None => Some(found.entry.seq.cast_signed()),
    };
    let names: Vec<&str> = of.columns.iter().map(|(name, _)| *name).collect();
    let (names, table, key) = (names.join(", "), of.table, of.key.0);
    let select = format!("SELECT {names} FROM {table} WHERE {key} = ?");
    let row = moment.first(&select, values![id], |row| {
        let columns = of.columns.iter().enumerate();
        let values = columns.map(|(place, (_, told))| {
            Ok::<_, Fault>(if told.is_text() {
                row.maybe_text(place)?.map(str::to_owned)
            } else {
                // An id is a number without a sign.
                row.maybe_int(place)?.map(|number| match told {
                    Told::Id(_, "account") | Told::Person(_) | Told::Owner => {
                        number.cast_unsigned().to_string()
                    }
                    _ => number.to_string(),
                })
            })
        });
        values.collect::<Result<Vec<_>, _>>()
    })?;
    let differs = match row {
        None => Differs::Missing,
        Some(values) => {
            let mut columns = of.columns.iter().zip(values);
            columns
                .find(|((_, told), is)| *is != told.by(found, members, steady))
                .map_or(Differs::Nowhere, |((column, _), _)| Differs::In(column))
        }
    };
    Ok(Checked::new(id.unwrap_or_default(), differs))
}
