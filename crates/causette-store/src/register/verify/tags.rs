//! The tags of entries, by the keys of their months.

use super::findings::Findings;
use super::found::Found;
use crate::engine::Moment;
use crate::error::Fault;
use crate::plan::known::month_of;
use crate::register::Tag;
use crate::register::finding::{Finding, Kind, RowName};
use crate::register::members::Members;
use aws_lc_rs::hmac;
use causette_proto::Timestamp;
use std::collections::{HashMap, HashSet};

/// The keys that there were when the verification began.
pub(super) struct Tags {
    keys: HashMap<String, hmac::Key>,
    /// The months of keys by which no tag was made so far.
    unused: HashSet<String>,
    /// The months of which it was told that they have none.
    missing: HashSet<String>,
}

impl Tags {
    pub(super) fn begin(moment: &Moment<'_>) -> Result<Self, Fault> {
        let mut keys = HashMap::new();
        moment.each("SELECT month, secret FROM register_key", &[], |row| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, row.maybe_bytes(1)?.unwrap_or_default());
            keys.insert(row.text(0)?.to_owned(), key);
            Ok(())
        })?;
        Ok(Self {
            unused: keys.keys().cloned().collect(),
            keys,
            missing: HashSet::new(),
        })
    }

    /// The tags of an entry are those of whom its metadata names.
    pub(super) fn verify(&mut self, found: &Found, members: &Members, findings: &mut Findings) {
        let entry = &found.entry;
        for (column, kept, member) in [
            ("actor_tag", entry.actor, "acteur"),
            ("target_tag", entry.target, "cible"),
        ] {
            let expected = match members.get(member) {
                Some(subject) => {
                    let month = month_of(entry.time);
                    self.unused.remove(&month);
                    let Some(key) = self.keys.get(&month) else {
                        self.is_missing(month, findings);
                        continue;
                    };
                    Some(Tag::new(key, subject))
                }
                None => None,
            };
            if kept != expected {
                findings.tell(Finding::of_entry(Kind::TagAltered, entry.seq).column(column));
            }
        }
    }

    /// An entry of this time had tags, whatever they were.
    pub(super) fn used(&mut self, time: Timestamp) {
        self.unused.remove(&month_of(time));
    }

    fn is_missing(&mut self, month: String, findings: &mut Findings) {
        if self.missing.insert(month.clone()) {
            let row = RowName::Month(month);
            findings.tell(Finding::new(Kind::KeyMissing, "register_key", row));
        }
    }

    pub(super) fn finish(self, findings: &mut Findings) {
        let mut unused: Vec<String> = self.unused.into_iter().collect();
        unused.sort_unstable();
        for month in unused {
            let row = RowName::Month(month);
            findings.tell(Finding::new(Kind::KeyUnused, "register_key", row));
        }
    }
}
