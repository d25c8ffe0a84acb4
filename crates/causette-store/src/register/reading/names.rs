//! What those are called whom the register knows by their numbers.

use super::listed::Named;
use crate::engine::{Moment, values};
use crate::error::Fault;
use causette_core::id::UserId;
use causette_core::reserved::ADMINISTRATION;
use std::collections::HashMap;

/// Names that are remembered within one page and from one to the next; when there are more, all are forgotten.
const REMEMBERED: usize = 16_384;

/// The names that were read.
#[derive(Default)]
pub(super) struct Names(HashMap<String, Named>);

impl Names {
    /// Whom or what metadata mean, as `account:7`.
    pub(super) fn of(&mut self, moment: &Moment<'_>, subject: &str) -> Result<Named, Fault> {
        if let Some(named) = self.0.get(subject) {
            return Ok(named.clone());
        }
        let named = read(moment, subject)?;
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        // A guest's is learnt from what they say.
        if !matches!(named, Named::Guest { .. }) {
            self.0.insert(subject.to_owned(), named.clone());
        }
        Ok(named)
    }

    /// A guest has called themselves so.
    pub(super) fn heard(&mut self, id: u64, nick: &str) {
        let nick = Some(nick.to_owned());
        self.0
            .insert(format!("guest:{id}"), Named::Guest { id, nick });
    }

    /// Names may change: they are read again.
    pub(super) fn forget(&mut self) {
        self.0
            .retain(|_, named| matches!(named, Named::Guest { .. }));
    }
}

fn read(moment: &Moment<'_>, subject: &str) -> Result<Named, Fault> {
    let (sort, number) = subject.split_once(':').unwrap_or((subject, ""));
    let id = number.parse::<u64>().ok();
    Ok(match (sort, id) {
        ("account", Some(id)) => account(moment, id)?,
        ("guest", Some(id)) => Named::Guest {
            id,
            nick: administration(id),
        },
        ("room", _) => match number.parse() {
            Ok(id) => room(moment, id)?,
            Err(_) => Named::Server,
        },
        ("address", _) => match number.parse() {
            Ok(address) => Named::Address(address),
            Err(_) => Named::Server,
        },
        ("system", _) => Named::System(number.to_owned()),
        _ => Named::Server,
    })
}

/// Those who run the server have a name, and no account of that.
fn administration(id: u64) -> Option<String> {
    (id == UserId::ADMINISTRATION.0).then(|| ADMINISTRATION.to_owned())
}

fn account(moment: &Moment<'_>, id: u64) -> Result<Named, Fault> {
    let select = "SELECT name, dropped IS NOT NULL FROM account WHERE id = ?";
    let found = moment.first(select, values![id], |row| {
        Ok((row.text(0)?.to_owned(), row.flag(1)?))
    })?;
    let (name, is_gone) = match found {
        Some((name, is_gone)) => (Some(name), is_gone),
        None => (None, true),
    };
    Ok(Named::Account { id, name, is_gone })
}

/// A channel by its name; a conversation by those who have it.
fn room(moment: &Moment<'_>, id: i64) -> Result<Named, Fault> {
    let select = "SELECT name, room_key FROM room WHERE id = ?";
    let found = moment.first(select, values![id], |row| {
        let name = row.maybe_text(0)?.map(str::to_owned);
        Ok((name, row.maybe_text(1)?.map(str::to_owned)))
    })?;
    let (name, key) = found.unwrap_or_default();
    let people = key.as_deref().and_then(|key| key.strip_prefix("dm:"));
    let people = people.and_then(|people| people.split_once(':'));
    let name = match (name, people) {
        (Some(name), _) => Some(name),
        (None, Some((low, high))) => {
            let mut names = Vec::new();
            for person in [low, high] {
                let id = person.parse().unwrap_or_default();
                names.push(match account(moment, id)? {
                    Named::Account {
                        name: Some(name), ..
                    } => name,
                    _ => administration(id).unwrap_or_else(|| format!("guest:{id}")),
                });
            }
            Some(names.join(" · "))
        }
        (None, None) => None,
    };
    Ok(Named::Room { id, name })
}
