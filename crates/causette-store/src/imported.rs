//! What an import asks of the record before it adds to it: what was taken over before is not taken twice.

use crate::engine::values;
use crate::error::StoreError;
use crate::history::Reader;
use crate::register::members::Members;
use causette_core::file::Digest;
use causette_core::id::Msgid;
use std::collections::{HashMap, HashSet};

impl Reader {
    /// Those of some messages that are on record, also where they were taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn known_messages<'a>(
        &mut self,
        msgids: impl Iterator<Item = &'a Msgid>,
    ) -> Result<HashSet<&'a Msgid>, StoreError> {
        let moment = self.reading.moment()?;
        let mut known = HashSet::new();
        let mut select = moment.prepare("SELECT 1 FROM message WHERE msgid = ?")?;
        for msgid in msgids {
            if select.first(values![msgid], |_| Ok(()))?.is_some() {
                known.insert(msgid);
            }
        }
        Ok(known)
    }

    /// The files that are nobody's own and lie in no folder of the server's, by what is in them and how they are called; and whether they
    /// still are. Such are made by an import alone.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn files_of_nobody(&mut self) -> Result<HashMap<(Digest, String), bool>, StoreError> {
        let moment = self.reading.moment()?;
        let mut files = HashMap::new();
        let select = "SELECT sha256, name, removed FROM file WHERE owner IS NULL AND path IS NULL";
        moment.each(select, &[], |row| {
            if let Some(sha256) = Digest::parse(row.text(0)?) {
                let is_there = row.maybe_int(2)?.is_none();
                let there = files.entry((sha256, row.text(1)?.to_owned()));
                *there.or_insert(false) |= is_there;
            }
            Ok(())
        })?;
        Ok(files)
    }

    /// Every value that a setting of some account ever had, as far as the register still tells: also of accounts that are no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn values_ever_set(&mut self, setting: &str) -> Result<HashSet<String>, StoreError> {
        let moment = self.reading.moment()?;
        let mut values = HashSet::new();
        let select = "SELECT p.meta FROM register_entry e JOIN register_payload p ON p.seq = e.seq
             WHERE e.type = 'compte.reglage' AND p.meta IS NOT NULL";
        moment.each(select, &[], |row| {
            let members = Members::parse(row.text(0)?);
            if let Some(members) = members
                && members.get("nom") == Some(setting)
            {
                values.extend(members.get("valeur").map(str::to_owned));
            }
            Ok(())
        })?;
        Ok(values)
    }
}
