//! The names behind ids: accounts, rooms, conversations and steps of the clock, against the entries that made them.

use super::administered;
use super::findings::Findings;
use super::found::{Found, Payload};
use super::renamed;
use super::untold;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::register::finding::{Finding, Kind, RowName};
use crate::register::members::Members;
use crate::register::words;
use causette_core::id::{Room, UserId};
use causette_proto::Timestamp;
use std::collections::HashMap;

/// What the register has told of so far, and what the tables had when the verification began.
pub(super) struct Names {
    eras: Eras,
    tables: [u64; KINDS],
    told: [u64; KINDS],
    /// Of which an entry that tells of one was erased: nobody knows any more of which.
    erased: [bool; KINDS],
    /// The people of conversations that were looked at lately.
    people: HashMap<i64, Option<(u64, u64)>>,
}

const KINDS: usize = 14;
pub(super) const ACCOUNTS: usize = 0;
pub(super) const DROPPED: usize = 1;
pub(super) const CHANNELS: usize = 2;
pub(super) const CLOSED: usize = 3;
pub(super) const CONVERSATIONS: usize = 4;
pub(super) const PARTICIPANTS: usize = 5;
pub(super) const STEPS: usize = 6;
pub(super) const SHARED: usize = 7;
pub(super) const SANCTIONS: usize = 8;
pub(super) const INVITATIONS: usize = 9;
pub(super) const FILTERS: usize = 10;
pub(super) const HELD: usize = 11;
pub(super) const ALERTS: usize = 12;
pub(super) const FILES: usize = 13;

/// What is counted, and how.
const TABLES: [(&str, &str); KINDS] = [
    ("account", "SELECT count(*) FROM account"),
    ("account", "SELECT count(dropped) FROM account"),
    ("room", "SELECT count(name) FROM room"),
    ("room", "SELECT count(closed) FROM room"),
    ("room", "SELECT count(*) FROM room WHERE name IS NULL"),
    ("participant", "SELECT count(*) FROM participant"),
    ("clock_step", "SELECT count(*) FROM clock_step"),
    ("shared_event", "SELECT count(*) FROM shared_event"),
    ("sanction", "SELECT count(*) FROM sanction"),
    ("invitation", "SELECT count(*) FROM invitation"),
    ("word_filter", "SELECT count(*) FROM word_filter"),
    ("held_message", "SELECT count(*) FROM held_message"),
    ("alert", "SELECT count(*) FROM alert"),
    ("file", "SELECT count(*) FROM file"),
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
            erased: [false; KINDS],
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
    ) -> Result<(), Fault> {
        if let Some(counted) = counted(&found.entry.kind) {
            self.told[counted] += 1;
            self.erased[counted] = true;
        }
        if let (Some(room @ ..=-1), Some(1)) = (payload.room, payload.seq) {
            let (low, high) = self.people(moment, room)?.unwrap_or_default();
            self.told[CONVERSATIONS] += 1;
            self.told[PARTICIPANTS] += if low == high { 1 } else { 2 };
            self.erased[PARTICIPANTS] = true;
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
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        if found.entry.kind == words::COMPTE_RENOMMAGE.text {
            self.renamed(moment, found, members, (&renamed::ACCOUNT, findings))?;
        } else if found.entry.kind == words::SALON_RENOMMAGE.text {
            self.renamed(moment, found, members, (&renamed::ROOM, findings))?;
        }
        if let Some(counted) = counted(&found.entry.kind) {
            let checked = match counted {
                ACCOUNTS => self.account(moment, found, members)?,
                DROPPED => dropped(moment, found, members)?,
                CHANNELS => self.channel(moment, found, members)?,
                CLOSED => closed(moment, found, members)?,
                SANCTIONS => self.administered(moment, &administered::SANCTION, found, members)?,
                INVITATIONS => {
                    self.administered(moment, &administered::INVITATION, found, members)?
                }
                FILTERS => self.administered(moment, &administered::FILTER, found, members)?,
                HELD => self.administered(moment, &administered::HELD, found, members)?,
                ALERTS => self.administered(moment, &administered::ALERT, found, members)?,
                FILES => self.administered(moment, &administered::FILE, found, members)?,
                _ => self.step(moment, found, members)?,
            };
            let entry = found.entry.seq;
            let (table, row) = (TABLES[counted].0, RowName::Number(checked.row));
            self.told[counted] += u64::from(checked.counts);
            match checked.differs {
                Differs::Nowhere => {}
                Differs::Missing => {
                    let missing = Finding::new(Kind::RowMissing, table, row);
                    findings.tell_once(missing.by(entry));
                }
                Differs::In(column) => findings.altered(entry, (table, row), column),
            }
        }
        match (payload.room, payload.seq) {
            (Some(room @ ..=-1), Some(seq)) => {
                self.conversation(moment, found, (room, seq), members, findings)
            }
            _ => Ok(()),
        }
    }

    fn account(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
        let id: Option<u64> = members.id("cible", "account");
        let select = "SELECT name, created, renamed FROM account WHERE id = ?";
        let row = moment.first(select, values![id], |row| {
            // One that has another name now has that of a later entry.
            let name = match row.maybe_int(2)? {
                Some(_) => None,
                None => Some(row.text(0)?.to_owned()),
            };
            Ok((name, row.time(1)?))
        })?;
        let differs = match row {
            None => Differs::Missing,
            Some((Some(name), _)) if members.get("nom") != Some(&name) => Differs::In("name"),
            Some((_, created)) if created != self.steady(found) => Differs::In("created"),
            Some(_) => Differs::Nowhere,
        };
        Ok(Checked::new(id.unwrap_or_default().cast_signed(), differs))
    }

    fn channel(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
        let id: Option<i64> = members.id("cible", "room");
        let select = "SELECT name, permanent, created, renamed FROM room WHERE id = ?";
        let row = moment.first(select, values![id], |row| {
            let name = row.maybe_text(0)?.map(str::to_owned);
            let is_first = row.maybe_int(3)?.is_none();
            Ok((name, row.int(1)?, row.time(2)?, is_first))
        })?;
        let is_permanent = i64::from(members.get("permanent") == Some("true"));
        let is_named = row.as_ref().is_some_and(|(name, ..)| name.is_some());
        let differs = match row {
            None => Differs::Missing,
            Some((name, .., true)) if members.get("nom") != name.as_deref() => Differs::In("name"),
            Some((_, permanent, ..)) if permanent != is_permanent => Differs::In("permanent"),
            Some((_, _, created, _)) if created != self.steady(found) => Differs::In("created"),
            Some(_) => Differs::Nowhere,
        };
        Ok(Checked {
            // Without its name it is taken for a conversation.
            counts: is_named,
            ..Checked::new(id.unwrap_or_default(), differs)
        })
    }

    fn administered(
        &self,
        moment: &Moment<'_>,
        of: &administered::Administered,
        found: &Found,
        members: &Members,
    ) -> Checking {
        let steady = self.steady(found).0;
        administered::check(moment, of, (found, members), steady)
    }

    /// Another name that was given: whoever has it still has it by that entry.
    fn renamed(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        members: &Members,
        (of, findings): (&renamed::Renamed, &mut Findings),
    ) -> Result<(), Fault> {
        let entry = found.entry.seq;
        let Some(id) = members.id::<i64>("cible", of.sort) else {
            return Ok(());
        };
        let row = moment.first(of.select, values![id], |row| {
            Ok((row.maybe_text(0)?.map(str::to_owned), row.maybe_int(1)?))
        })?;
        let Some((name, by)) = row else {
            let missing = Finding::new(Kind::RowMissing, of.table, RowName::Number(id));
            findings.tell_once(missing.by(entry));
            return Ok(());
        };
        let column = match by {
            // It has had another since.
            Some(by) if by > entry.cast_signed() => None,
            Some(by) if by == entry.cast_signed() => {
                (name.as_deref() != members.get("nom")).then_some("name")
            }
            _ => Some("renamed"),
        };
        if let Some(column) = column {
            findings.altered(entry, (of.table, RowName::Number(id)), column);
        }
        Ok(())
    }

    fn step(&self, moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
        let entry = found.entry.seq.cast_signed();
        let select = "SELECT from_time, to_time, steady FROM clock_step WHERE entry = ?";
        let row = moment.first(select, values![entry], |row| {
            Ok([row.int(0)?, row.int(1)?, row.int(2)?])
        })?;
        let told = ["avant", "apres", "stable"].map(|key| members.get(key)?.parse::<i64>().ok());
        let columns = ["from_time", "to_time", "steady"];
        let differs = match row {
            None => Differs::Missing,
            Some(row) => (0..columns.len())
                .find(|column| Some(row[*column]) != told[*column])
                .map_or(Differs::Nowhere, |column| Differs::In(columns[column])),
        };
        Ok(Checked::new(entry, differs))
    }

    /// When an entry was made, by the steady time.
    pub(super) fn steady(&self, found: &Found) -> Timestamp {
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
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        let entry = found.entry.seq;
        let row = || RowName::Number(room);
        let select = "SELECT permanent, created FROM room WHERE id = ? AND name IS NULL";
        let Some(people) = self.people(moment, room)? else {
            let is_there = moment.first(select, values![room], |_| Ok(()))?.is_some();
            self.told[CONVERSATIONS] += u64::from(is_there && seq == 1);
            findings.tell_once(if is_there {
                let altered = Finding::new(Kind::ColumnAltered, "room", row());
                altered.column("room_key").by(entry)
            } else {
                Finding::new(Kind::RowMissing, "room", row()).by(entry)
            });
            return Ok(());
        };
        let spoken = members.author().zip(members.person("cible"));
        let spoken = spoken.map(|(actor, target)| (actor.min(target), actor.max(target)));
        // Where the server speaks, nobody knows to whom.
        let (low, high) = spoken.filter(|(low, _)| *low > 0).unwrap_or(people);
        if (low, high) != people {
            let altered = Finding::new(Kind::ColumnAltered, "room", row());
            findings.tell_once(altered.column("room_key").by(entry));
        }
        if seq != 1 {
            return Ok(());
        }
        self.told[CONVERSATIONS] += 1;
        let found_row =
            moment.only(select, values![room], |row| Ok((row.int(0)?, row.time(1)?)))?;
        let (permanent, created) = found_row;
        if permanent != 0 {
            findings.altered(entry, ("room", row()), "permanent");
        }
        if created != self.steady(found) {
            findings.altered(entry, ("room", row()), "created");
        }
        let people = [(low, high), (high, low)];
        for (person, peer) in &people[..if low == high { 1 } else { 2 }] {
            let select = "SELECT peer FROM participant WHERE person = ? AND room = ?";
            let found = moment.first(select, values![*person, room], |row| row.id(0))?;
            let person = *person;
            let row = RowName::Person { room, person };
            self.told[PARTICIPANTS] += u64::from(found.is_some());
            if found.is_none() {
                let missing = Finding::new(Kind::RowMissing, "participant", row);
                findings.tell(missing.by(entry));
            } else if found != Some(*peer) {
                findings.altered(entry, ("participant", row), "peer");
            }
        }
        Ok(())
    }

    fn people(&mut self, moment: &Moment<'_>, room: i64) -> Result<Option<(u64, u64)>, Fault> {
        if let Some(people) = self.people.get(&room) {
            return Ok(*people);
        }
        let people = people_of(moment, room)?;
        self.people.insert(room, people);
        Ok(people)
    }

    /// Whether the tables have as much as the register tells of, and what they have more.
    pub(super) fn finish(&self, moment: &Moment<'_>, findings: &mut Findings) -> Result<(), Fault> {
        for of in [renamed::ACCOUNT, renamed::ROOM] {
            renamed::untold(moment, &of, findings)?;
        }
        for (counted, (table, _)) in TABLES.into_iter().enumerate() {
            let (found, told) = (self.tables[counted], self.told[counted]);
            if found == told {
                continue;
            }
            let untold = if found > told && !self.erased[counted] {
                untold::rows(moment, counted)?
            } else {
                Vec::new()
            };
            let has_rows = !untold.is_empty();
            for (row, column) in untold {
                let finding = Finding::new(Kind::RowWithoutEntry, table, row);
                findings.tell_once(match column {
                    Some(column) => finding.column(column),
                    None => finding,
                });
            }
            let is_less = found < told;
            if is_less || !has_rows {
                let row = RowName::Count { found, told };
                findings.tell(Finding::new(Kind::Count, table, row));
            }
        }
        Ok(())
    }
}

/// The people of a conversation; `None` where its row is none of one.
pub(super) fn people_of(moment: &Moment<'_>, room: i64) -> Result<Option<(u64, u64)>, Fault> {
    let select = "SELECT room_key FROM room WHERE id = ? AND name IS NULL";
    let key = moment.first(select, values![room], |row| {
        Ok(row.maybe_text(0)?.map(str::to_owned))
    })?;
    Ok(key.flatten().and_then(|key| {
        let (low, high) = key.strip_prefix("dm:")?.split_once(':')?;
        let (low, high) = (low.parse().ok()?, high.parse().ok()?);
        // There is one way to write it.
        let written = Room::Direct(UserId(low), UserId(high)).to_string();
        (written == key && low <= high).then_some((low, high))
    }))
}

/// What was found of a row of which an entry tells.
pub(super) struct Checked {
    row: i64,
    /// Whether there is such a row among those that are counted.
    counts: bool,
    differs: Differs,
}

/// Where a row differs from what its entry tells.
pub(super) enum Differs {
    Nowhere,
    Missing,
    In(&'static str),
}

impl Checked {
    pub(super) fn new(row: i64, differs: Differs) -> Self {
        let counts = !matches!(differs, Differs::Missing);
        Self {
            row,
            counts,
            differs,
        }
    }
}

pub(super) type Checking = Result<Checked, Fault>;

fn counted(kind: &str) -> Option<usize> {
    [
        (words::COMPTE_CREATION, ACCOUNTS),
        (words::COMPTE_SUPPRESSION, DROPPED),
        (words::SALON_CREATION, CHANNELS),
        (words::SALON_FERMETURE, CLOSED),
        (words::HORLOGE_SAUT, STEPS),
        (words::SANCTION_PRONONCE, SANCTIONS),
        (words::ADMINISTRATION_INVITATION_CODE, INVITATIONS),
        (words::FILTRE_POSE, FILTERS),
        (words::MESSAGE_RETENUE, HELD),
        (words::ALERTE_EMISE, ALERTS),
        (words::FICHIER_DEPOT, FILES),
    ]
    .into_iter()
    .find(|(word, _)| word.text == kind)
    .map(|(_, counted)| counted)
}

fn dropped(moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
    let id: Option<u64> = members.id("cible", "account");
    let select = "SELECT dropped FROM account WHERE id = ?";
    let row = id.unwrap_or_default().cast_signed();
    ended(moment, found, (select, row), "dropped")
}

fn closed(moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
    let id: Option<i64> = members.id("cible", "room");
    let select = "SELECT closed FROM room WHERE id = ?";
    ended(moment, found, (select, id.unwrap_or_default()), "closed")
}

fn ended(
    moment: &Moment<'_>,
    found: &Found,
    (select, id): (&str, i64),
    column: &'static str,
) -> Checking {
    let row = moment.first(select, values![id], |row| row.maybe_int(0))?;
    let differs = match row {
        None => Differs::Missing,
        Some(Some(time)) if time == found.entry.time.0 => Differs::Nowhere,
        Some(_) => Differs::In(column),
    };
    Ok(Checked {
        counts: row.flatten().is_some(),
        ..Checked::new(id, differs)
    })
}
