//! What an entry commits to, as canonical JSON: its metadata and content together with the columns that say where, when and as
//! what it is kept. Those stand in the tables already and are put together here again, so that none of them can be altered.
//!
//! - Metadata: `{"categorie":…,"contenu":…,"meta":{…},"numero":…,"rang":seq,"salon":"room","temps":µs,"type":…}`; `numero` is the
//!   entry's own number and `contenu` the commitment to its content, so that neither goes with another entry; `rang` and `salon`
//!   where it is a row of one room, and where several share it `lieux` instead, the SHA-256 over its places.
//! - Content of an event: `{"compte":…,"source":…,"tags":…,"texte":…}`.
//!
//! Entries of earlier versions commit to the metadata alone and to `{"tags":…,"texte":…}`. What else was found of them when the
//! database came to this version is in [`found`]: a digest of it for each is kept in their payloads, and one over all digests
//! is in the entry with which binding began.

use super::canonical::Object;
use super::entry::{Commitment, hexadecimal_text};
use aws_lc_rs::digest::{Context, SHA256};
use causette_proto::Timestamp;

/// Where what an entry tells of is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In no room.
    Nowhere,
    /// In a room, at a place.
    Place { room: i64, seq: i64 },
    /// In several; the SHA-256 over the places.
    Places([u8; 32]),
}

/// The SHA-256 over places, each as a line `room:seq`, in the order of rooms and places.
pub(crate) fn places(places: &mut [(i64, i64)]) -> Kept {
    places.sort_unstable();
    let mut context = Context::new(&SHA256);
    for (room, seq) in places {
        context.update(format!("{room}:{seq}\n").as_bytes());
    }
    Kept::Places(finish(context))
}

/// What stands in the columns of an entry, and is bound to its metadata.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    pub(crate) seq: i64,
    pub(crate) category: u8,
    pub(crate) kind: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) content: Option<Commitment>,
}

/// The metadata with what is bound to it.
pub(crate) fn meta(columns: &Columns<'_>, kept: Kept, meta: &str) -> String {
    let category = format!("C{}", columns.category);
    let mut object = Object::new().text("categorie", &category);
    if let Some(content) = columns.content {
        object = object.text("contenu", &hexadecimal_text(&content.0));
    }
    if let Kept::Places(places) = kept {
        object = object.text("lieux", &hexadecimal_text(&places));
    }
    object = object.json("meta", meta).integer("numero", columns.seq);
    if let Kept::Place { room, seq } = kept {
        object = object.integer("rang", seq).text("salon", &room.to_string());
    }
    let object = object.integer("temps", columns.time.0);
    object.text("type", columns.kind).finish()
}

/// What an event says, and who says it as they were shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) account: Option<&'a str>,
    pub(crate) source: &'a str,
    pub(crate) tags: &'a str,
    pub(crate) text: &'a str,
}

impl Content<'_> {
    pub(crate) fn json(&self) -> String {
        Object::new()
            .nullable("compte", self.account)
            .text("source", self.source)
            .text("tags", self.tags)
            .text("texte", self.text)
            .finish()
    }

    /// The same as entries of earlier versions commit to it.
    pub(crate) fn earlier_json(&self) -> String {
        Object::new()
            .text("tags", self.tags)
            .text("texte", self.text)
            .finish()
    }
}

/// What is found of an entry of an earlier version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) category: u8,
    pub(crate) kind: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) row: Option<FoundRow<'a>>,
}

/// What is found of its row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundRow<'a> {
    pub(crate) room: i64,
    pub(crate) seq: i64,
    pub(crate) time: Timestamp,
    pub(crate) msgid: &'a str,
    pub(crate) kind: i64,
    pub(crate) class: i64,
    pub(crate) author: u64,
    pub(crate) reach: &'a str,
    pub(crate) redacted: Option<i64>,
    pub(crate) content: Content<'a>,
}

/// The digest of what is found, by a salt of the entry.
pub(crate) fn found(salt: &[u8], found: &Found<'_>) -> [u8; 32] {
    let mut object = Object::new();
    if let Some(row) = found.row {
        object = object.text("auteur", &row.author.to_string());
    }
    object = object.text("categorie", &format!("C{}", found.category));
    if let Some(row) = found.row {
        object = object
            .integer("classe", row.class)
            .json("contenu", &row.content.json())
            .text("msgid", row.msgid)
            .integer("nature", row.kind)
            .text("portee", row.reach)
            .integer("rang", row.seq)
            .nullable("retrait", row.redacted.map(|at| at.to_string()).as_deref())
            .text("salon", &row.room.to_string());
    }
    object = object.integer("temps", found.time.0);
    if let Some(row) = found.row {
        object = object.integer("temps_message", row.time.0);
    }
    let json = object.text("type", found.kind).finish();
    Commitment::new(salt, &json).0
}

/// One digest over many, in their order.
#[derive(Clone)]
pub(crate) struct Digests(Context);

impl Digests {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(crate) fn add(&mut self, digest: &[u8]) {
        self.0.update(digest);
    }

    /// In lower-case hexadecimal.
    pub(crate) fn text(self) -> String {
        hexadecimal_text(&finish(self.0))
    }
}

fn finish(context: Context) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bound_stands_beside_the_metadata() {
        let columns = Columns {
            seq: 4,
            category: 5,
            kind: "message.creation",
            time: Timestamp(9),
            content: Some(Commitment([0xab; 32])),
        };
        let kept = Kept::Place { room: 7, seq: 3 };
        let content = "ab".repeat(32);
        assert_eq!(
            meta(&columns, kept, r#"{"acteur":"guest:5"}"#),
            format!(
                r#"{{"categorie":"C5","contenu":"{content}","meta":{{"acteur":"guest:5"}},"numero":4,"rang":3,"salon":"7","temps":9,"type":"message.creation"}}"#
            )
        );
        let kept = places(&mut [(8, 1), (7, 3)]);
        // SHA-256 of "7:3\n8:1\n".
        let digest = "0b4a99f12d39bdc3dd13683d40ee26437499d6254b58c312864404932af38c5d";
        let columns = Columns {
            content: None,
            ..columns
        };
        assert!(
            meta(&columns, kept, "{}")
                .starts_with(&format!(r#"{{"categorie":"C5","lieux":"{digest}"#))
        );
        let content = Content {
            account: None,
            source: "a!a@h",
            tags: "",
            text: "tea",
        };
        assert_eq!(
            content.json(),
            r#"{"compte":null,"source":"a!a@h","tags":"","texte":"tea"}"#
        );
        assert_eq!(content.earlier_json(), r#"{"tags":"","texte":"tea"}"#);
    }
}
