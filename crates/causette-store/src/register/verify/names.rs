//! The names behind ids: accounts, rooms, conversations and steps of the clock, against the entries that made them.

use super::found::{Found, Payload};
use super::sanction;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::register::members::Members;
use crate::register::mismatch::Mismatch;
use crate::register::words;
use causette_core::id::{Room, UserId};
use causette_proto::Timestamp;
use std::collections::HashMap;

/// What the register has told of so far, and what the tables had when the verification began.
pub(super) struct Names {
    eras: Eras,
    tables: [u64; KINDS],
    told: [u64; KINDS],
    /// The people of conversations that were looked at lately.
    people: HashMap<i64, Option<(u64, u64)>>,
}

const KINDS: usize = 9;
const ACCOUNTS: usize = 0;
const DROPPED: usize = 1;
const CHANNELS: usize = 2;
const CLOSED: usize = 3;
const CONVERSATIONS: usize = 4;
const PARTICIPANTS: usize = 5;
const STEPS: usize = 6;
const SHARED: usize = 7;
const SANCTIONS: usize = 8;

/// What is counted, and how.
const TABLES: [(&str, &str); KINDS] = [
    ("account", "SELECT count(*) FROM account"),
    ("account (dropped)", "SELECT count(dropped) FROM account"),
    ("room (channels)", "SELECT count(name) FROM room"),
    ("room (closed channels)", "SELECT count(closed) FROM room"),
    (
        "room (conversations)",
        "SELECT count(*) FROM room WHERE name IS NULL",
    ),
    ("participant", "SELECT count(*) FROM participant"),
    ("clock_step", "SELECT count(*) FROM clock_step"),
    ("shared_event", "SELECT count(*) FROM shared_event"),
    ("sanction", "SELECT count(*) FROM sanction"),
];

impl Names {
    pub(super) fn begin(moment: &Moment<'_>, eras: Eras) -> Result<Self, Fault> {
        let mut tables = [0; KINDS];
        for (count, (_, select)) in tables.iter_mut().zip(TABLES) {
            *count = moment.only(select, &[], |row| row.id(0))?;
        }
        Ok(Self {
            eras,
            tables,
            told: [0; KINDS],
            people: HashMap::new(),
        })
    }

    /// Lets go of what was looked at lately.
    pub(super) fn forget(&mut self) {
        self.people.clear();
    }

    /// An entry has a row that several rooms share.
    pub(super) fn shared(&mut self) {
        self.told[SHARED] += 1;
    }

    /// What an entry of which nothing else is left tells by its type.
    pub(super) fn erased(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
    ) -> Result<(), Mismatch> {
        if let Some(counted) = counted(&found.entry.kind) {
            self.told[counted] += 1;
        }
        if let (Some(room @ ..=-1), Some(1)) = (payload.room, payload.seq) {
            self.begun(moment, room)?;
        }
        Ok(())
    }

    /// What an entry tells of, against the table of what it is about.
    pub(super) fn told(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
        members: &Members,
    ) -> Result<(), Mismatch> {
        if let Some(counted) = counted(&found.entry.kind) {
            self.told[counted] += 1;
            let told = match counted {
                ACCOUNTS => self.account(moment, found, members)?,
                DROPPED => dropped(moment, found, members)?,
                CHANNELS => self.channel(moment, found, members)?,
                CLOSED => closed(moment, found, members)?,
                SANCTIONS => sanction::check(moment, found, members)?,
                _ => self.step(moment, found, members)?,
            };
            if let Some((table, what)) = told {
                let entry = found.entry.seq;
                return Err(Mismatch::Told { entry, table, what });
            }
        }
        match (payload.room, payload.seq) {
            (Some(room @ ..=-1), Some(seq)) => {
                self.conversation(moment, found, (room, seq), members)
            }
            _ => Ok(()),
        }
    }

    fn account(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
        let id: Option<u64> = members.id("cible", "account");
        let select = "SELECT name, created FROM account WHERE id = ?";
        let row = moment.first(select, values![id], |row| {
            Ok((row.text(0)?.to_owned(), row.time(1)?))
        })?;
        Ok(match row {
            None => Some(("account", "account")),
            Some((name, _)) if members.get("nom") != Some(&name) => Some(("account", "name")),
            Some((_, created)) if created != self.steady(found) => Some(("account", "time")),
            Some(_) => None,
        })
    }

    fn channel(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
        let id: Option<i64> = members.id("cible", "room");
        let select = "SELECT name, permanent, created FROM room WHERE id = ?";
        let row = moment.first(select, values![id], |row| {
            let name = row.maybe_text(0)?.map(str::to_owned);
            Ok((name, row.int(1)?, row.time(2)?))
        })?;
        let Some((name, permanent, created)) = row else {
            return Ok(Some(("room", "room")));
        };
        let is_permanent = i64::from(members.get("permanent") == Some("true"));
        Ok(if members.get("nom") != name.as_deref() {
            Some(("room", "name"))
        } else if permanent != is_permanent {
            Some(("room", "permanence"))
        } else if created != self.steady(found) {
            Some(("room", "time"))
        } else {
            None
        })
    }

    fn step(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
        let select = "SELECT from_time, to_time, steady FROM clock_step WHERE entry = ?";
        let row = moment.first(select, values![found.entry.seq], |row| {
            Ok([row.int(0)?, row.int(1)?, row.int(2)?])
        })?;
        let told = ["avant", "apres", "stable"].map(|key| members.get(key)?.parse::<i64>().ok());
        let is_same = row.is_some_and(|row| row.map(Some) == told && row[1] == found.entry.time.0);
        Ok((!is_same).then_some(("clock_step", "times")))
    }

    fn steady(&self, found: &Found) -> Timestamp {
        let entry = &found.entry;
        self.eras.steady(entry.seq.cast_signed(), entry.time)
    }

    /// A message of a conversation: who speaks in it are its two people.
    fn conversation(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        (room, seq): (i64, i64),
        members: &Members,
    ) -> Result<(), Mismatch> {
        let told = |table, what| Mismatch::Told {
            entry: found.entry.seq,
            table,
            what,
        };
        let people = self.people(moment, room)?;
        let people = people.ok_or_else(|| told("room", "people"))?;
        if let (Some(actor @ 1..), Some(target)) = (members.author(), members.person("cible"))
            && (actor.min(target), actor.max(target)) != people
        {
            return Err(told("room", "people"));
        }
        if seq != 1 {
            return Ok(());
        }
        let (low, high) = self.begun(moment, room)?;
        let select = "SELECT permanent, created FROM room WHERE id = ?";
        let row = moment.only(select, values![room], |row| Ok((row.int(0)?, row.time(1)?)))?;
        if row != (0, self.steady(found)) {
            return Err(told("room", "time"));
        }
        for (person, peer) in [(low, high), (high, low)] {
            let select = "SELECT peer FROM participant WHERE person = ? AND room = ?";
            let found = moment.first(select, values![person, room], |row| row.id(0))?;
            if found != Some(peer) {
                return Err(told("participant", "people"));
            }
        }
        Ok(())
    }

    /// A conversation began. Returns who speaks in it.
    fn begun(&mut self, moment: &Moment<'_>, room: i64) -> Result<(u64, u64), Mismatch> {
        let people = self.people(moment, room)?;
        let (low, high) = people.unwrap_or_default();
        self.told[CONVERSATIONS] += 1;
        self.told[PARTICIPANTS] += if low == high { 1 } else { 2 };
        Ok((low, high))
    }

    fn people(&mut self, moment: &Moment<'_>, room: i64) -> Result<Option<(u64, u64)>, Fault> {
        if let Some(people) = self.people.get(&room) {
            return Ok(*people);
        }
        let select = "SELECT room_key FROM room WHERE id = ? AND name IS NULL";
        let key = moment.first(select, values![room], |row| {
            Ok(row.maybe_text(0)?.map(str::to_owned))
        })?;
        let people = key.flatten().and_then(|key| {
            let (low, high) = key.strip_prefix("dm:")?.split_once(':')?;
            let (low, high) = (low.parse().ok()?, high.parse().ok()?);
            // There is one way to write it.
            let written = Room::Direct(UserId(low), UserId(high)).to_string();
            (written == key && low <= high).then_some((low, high))
        });
        self.people.insert(room, people);
        Ok(people)
    }

    /// Whether the tables have as much as the register tells of.
    pub(super) fn finish(&self) -> Result<(), Mismatch> {
        for (place, (table, _)) in TABLES.into_iter().enumerate() {
            let (found, told) = (self.tables[place], self.told[place]);
            if found != told {
                return Err(Mismatch::Unrecorded { table, found, told });
            }
        }
        Ok(())
    }
}

/// The table and what of it is otherwise than an entry tells, if anything.
pub(super) type Checked = Result<Option<(&'static str, &'static str)>, Fault>;

fn counted(kind: &str) -> Option<usize> {
    [
        (words::COMPTE_CREATION, ACCOUNTS),
        (words::COMPTE_SUPPRESSION, DROPPED),
        (words::SALON_CREATION, CHANNELS),
        (words::SALON_FERMETURE, CLOSED),
        (words::HORLOGE_SAUT, STEPS),
        (words::SANCTION_PRONONCE, SANCTIONS),
    ]
    .into_iter()
    .find(|(word, _)| word.text == kind)
    .map(|(_, counted)| counted)
}

fn dropped(moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
    let id: Option<u64> = members.id("cible", "account");
    let select = "SELECT dropped FROM account WHERE id = ?";
    let row = moment.first(select, values![id], |row| row.maybe_int(0))?;
    let is_same = row.flatten() == Some(found.entry.time.0);
    Ok((!is_same).then_some(("account", "end")))
}

fn closed(moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
    let id: Option<i64> = members.id("cible", "room");
    let select = "SELECT closed FROM room WHERE id = ?";
    let row = moment.first(select, values![id], |row| row.maybe_int(0))?;
    let is_same = row.flatten() == Some(found.entry.time.0);
    Ok((!is_same).then_some(("room", "end")))
}
