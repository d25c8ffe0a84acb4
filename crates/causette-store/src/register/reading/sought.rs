//! What somebody looks for in the register. The tags of people and rooms, the types and the times stand in the entries
//! themselves: by them most are passed over, and what they tell of is read of the others only.

use super::listed::Origin;
use super::seek;
use super::whole::Whole;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::plan::known::month_of;
use crate::register::{Subject, Tag};
use aws_lc_rs::hmac;
use causette_core::cidr::Cidr;
use causette_proto::{Casemap, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;

/// What is asked of the register. Everything that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Who did it, or to whom it was done: the name of an account, or `account:N` or `guest:N`.
    pub account: Option<String>,
    /// From where.
    pub address: Option<Cidr>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// How its type begins.
    pub kind: String,
    /// In which room: its name, or `room:N`.
    pub room: Option<String>,
    /// Words that stand in it, in any order and any case.
    pub text: String,
}

/// What a question names and never was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An account.
    Account(String),
    /// A room.
    Room(String),
}

/// What is looked for, once it is known whom and what it means.
pub struct Sought {
    /// The first entry that may be meant.
    pub(super) first: u64,
    /// Behind the last one.
    pub(super) end: u64,
    from: Timestamp,
    to: Timestamp,
    kind: String,
    people: Vec<Subject>,
    rooms: Vec<Subject>,
    address: Option<Cidr>,
    words: Vec<String>,
    pub(super) keys: Keys,
}

/// Those whom an entry may name in its metadata alone.
const OTHERS: [&str; 8] = [
    "expulse",
    "invite",
    "compte",
    "fondateur",
    "ecrit_par",
    "proprietaire",
    "lien_de",
    "acteur",
];

/// The types of entries that do.
const WITH_OTHERS: [&str; 7] = [
    "salon.expulsion",
    "salon.invitation",
    "salon.acces",
    "salon.enregistrement",
    "message.retenue",
    "fichier.depot",
    "fichier.lecture",
];

/// The types of what may be shown as somebody's whom another moved.
const MOVED: [&str; 6] = [
    "salon.entree",
    "salon.sortie",
    "salon.mode",
    "salon.sujet",
    "pseudo.change",
    "utilisateur.depart",
];

/// Whether an entry that is about a message may be shown as somebody's whom its tags do not name: who let a held message pass has
/// acted, and its author is told in the metadata alone.
const IS_FOR_OTHERS: &str = r#"e.type IN ('message.creation', 'message.suppression') AND EXISTS (
    SELECT 1 FROM register_payload p WHERE p.seq = e.seq AND p.meta LIKE '%"auteur":%')"#;

/// The types of what may be in several rooms at once.
const SHARED: [&str; 2] = ["pseudo.change", "salon.sortie"];

/// The types that name a room beside whom they are about.
const WITH_ROOM: [&str; 1] = ["sanction.prononce"];

impl Sought {
    pub(super) fn of(
        moment: &Moment<'_>,
        eras: &Eras,
        question: Question,
        casemap: Casemap,
    ) -> Result<Result<Self, Unknown>, Fault> {
        let people = match &question.account {
            None => Vec::new(),
            Some(name) => match people(moment, name, casemap)? {
                found if found.is_empty() => return Ok(Err(Unknown::Account(name.clone()))),
                found => found,
            },
        };
        let rooms = match &question.room {
            None => Vec::new(),
            Some(name) => match rooms(moment, name, casemap)? {
                found if found.is_empty() => return Ok(Err(Unknown::Room(name.clone()))),
                found => found,
            },
        };
        let (from, to) = (
            question.from.unwrap_or(Timestamp(i64::MIN)),
            question.to.unwrap_or(Timestamp(i64::MAX)),
        );
        let (first, end) = ends(moment, eras, question.from, question.to)?;
        let words = question.text.split_whitespace();
        Ok(Ok(Self {
            first,
            end,
            from,
            to,
            kind: question.kind,
            people,
            rooms,
            address: question.address,
            words: words.map(str::to_lowercase).collect(),
            keys: Keys::default(),
        }))
    }

    /// The entries of a span that may be meant, by what stands in them.
    pub(super) fn candidates(
        &mut self,
        moment: &Moment<'_>,
        (from, before): (u64, u64),
    ) -> Result<Vec<u64>, Fault> {
        // Metadata are looked at only for whom it matters.
        let is_for_others = match self.people.is_empty() {
            true => "0",
            false => IS_FOR_OTHERS,
        };
        let select = format!(
            "SELECT e.seq, e.time, e.type, e.actor_tag, e.target_tag, {is_for_others}
             FROM register_entry e WHERE e.seq >= ? AND e.seq < ? ORDER BY e.seq"
        );
        let mut candidates = Vec::new();
        moment
            .prepare(&select)?
            .each(values![from, before], |row| {
                let (time, kind) = (row.time(1)?, row.text(2)?);
                if !(self.from..self.to).contains(&time) || !kind.starts_with(&self.kind) {
                    return Ok(true);
                }
                let tags = [row.maybe_array(3)?.map(Tag), row.maybe_array(4)?.map(Tag)];
                let tags: Vec<Tag> = tags.into_iter().flatten().collect();
                let mut may_name = |subjects: &[Subject], beside: &[&[&str]]| {
                    if subjects.is_empty() || beside.iter().any(|kinds| kinds.contains(&kind)) {
                        return Ok(true);
                    }
                    // Without the key of its month, only what it tells of says whom it names.
                    let named = self.keys.are_of(moment, time, subjects, &tags)?;
                    Ok::<_, Fault>(named.unwrap_or(true))
                };
                if (row.flag(5)? || may_name(&self.people, &[&WITH_OTHERS, &MOVED])?)
                    && may_name(&self.rooms, &[&SHARED, &WITH_ROOM])?
                {
                    candidates.push(row.id(0)?);
                }
                Ok(true)
            })?;
        Ok(candidates)
    }

    /// Whether an entry is one of those, by all that it tells of; but for from where it came.
    pub(super) fn means(&self, moment: &Moment<'_>, whole: &Whole) -> Result<bool, Fault> {
        let is_meant = (self.people.is_empty() || self.names_person(whole))
            && self.words.iter().all(|word| says(whole, word));
        Ok(is_meant && (self.rooms.is_empty() || self.is_in_room(moment, whole)?))
    }

    /// Whether it came from where is meant.
    pub(super) fn means_origin(&self, whole: &Whole, origin: Option<Origin>) -> bool {
        self.address
            .is_none_or(|range| came_from(whole, origin, range))
    }

    fn names_person(&self, whole: &Whole) -> bool {
        self.people.iter().any(|person| {
            let name = person.to_string();
            let named = OTHERS.iter().chain(&["cible"]);
            let mut named = named.filter_map(|key| whole.member(key));
            let number = person.person_number().to_string();
            let sent_to = whole.member("destinataires").unwrap_or_default();
            named.any(|named| named == name)
                || whole.member("auteur") == Some(&number)
                || sent_to.split(',').any(|sent_to| sent_to == name)
        })
    }

    fn is_in_room(&self, moment: &Moment<'_>, whole: &Whole) -> Result<bool, Fault> {
        for room in &self.rooms {
            let name = room.to_string();
            let mut named = ["cible", "salon"]
                .iter()
                .filter_map(|key| whole.member(key));
            if named.any(|named| named == name) {
                return Ok(true);
            }
            let Subject::Room(id) = room else { continue };
            if whole.is_shared {
                let select = "SELECT 1 FROM shared_place WHERE entry = ? AND room = ?";
                if moment
                    .first(select, values![whole.seq, *id], |_| Ok(()))?
                    .is_some()
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether something happened from an address of a range, or is about one.
fn came_from(whole: &Whole, origin: Option<Origin>, range: Cidr) -> bool {
    let subject = |key| whole.member(key)?.strip_prefix("address:");
    let named = [subject("acteur"), subject("cible"), whole.member("ip")];
    let mut named = named
        .into_iter()
        .flatten()
        .filter_map(|address| address.parse::<IpAddr>().ok());
    named.any(|address| range.contains(address))
        || origin.is_some_and(|origin| range.contains(origin.address))
}

/// Whether a word stands in it. Where what it tells of was erased, none does.
fn says(whole: &Whole, word: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(word);
    let said = whole.content.as_ref().is_some_and(|content| {
        holds(&content.text)
            || holds(&content.source)
            || content.account.as_deref().is_some_and(holds)
    });
    said || whole
        .meta
        .as_ref()
        .is_some_and(|meta| meta.iter().any(|(_, value)| holds(value)))
}

/// The first entry that may lie between two times, and the one behind the last.
fn ends(
    moment: &Moment<'_>,
    eras: &Eras,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<(u64, u64), Fault> {
    let end = super::end(moment)?;
    let spans = seek::spans(eras, end);
    let mut first = 0;
    if let Some(from) = from {
        first = end;
        for span in &spans {
            let found = seek::first_from(moment, *span, from)?;
            if found < span.1 {
                first = found;
                break;
            }
        }
    }
    let mut behind = u64::MAX;
    if let Some(to) = to {
        let last = spans.iter().rev();
        for (start, span_end) in last {
            let found = seek::first_from(moment, (*start, *span_end), to)?;
            // Behind the last entry there may be more soon.
            behind = if found < end { found } else { u64::MAX };
            if found > *start {
                break;
            }
        }
    }
    Ok((first, behind))
}

/// Whom a name means: the account that has it, and those that had it when they were given up.
fn people(moment: &Moment<'_>, name: &str, casemap: Casemap) -> Result<Vec<Subject>, Fault> {
    let number = |sort: &str| name.strip_prefix(sort)?.parse::<u64>().ok();
    if let Some(id) = number("account:") {
        return Ok(vec![Subject::Account(id)]);
    }
    if let Some(id) = number("guest:") {
        return Ok(vec![Subject::Guest(id)]);
    }
    let folded = casemap.fold(name);
    let select = "SELECT id FROM account WHERE folded = ? AND dropped IS NULL";
    let mut found = moment.all(select, values![&folded], |row| {
        Ok(Subject::Account(row.id(0)?))
    })?;
    let gone = "SELECT id, name FROM account WHERE dropped IS NOT NULL ORDER BY id";
    moment.each(gone, &[], |row| {
        if casemap.fold(row.text(1)?) == folded {
            found.push(Subject::Account(row.id(0)?));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Which rooms a name means: the one that has it, and those that had it when they were closed.
fn rooms(moment: &Moment<'_>, name: &str, casemap: Casemap) -> Result<Vec<Subject>, Fault> {
    if let Some(id) = name.strip_prefix("room:").and_then(|id| id.parse().ok()) {
        return Ok(vec![Subject::Room(id)]);
    }
    let folded = casemap.fold_channel(name);
    let select = "SELECT id FROM room WHERE room_key = ? AND id > 0";
    let mut found = moment.all(select, values![&folded], |row| {
        Ok(Subject::Room(row.int(0)?))
    })?;
    let closed =
        "SELECT id, name FROM room WHERE closed IS NOT NULL AND name IS NOT NULL ORDER BY id";
    moment.each(closed, &[], |row| {
        if casemap.fold_channel(row.text(1)?) == folded {
            found.push(Subject::Room(row.int(0)?));
        }
        Ok(())
    })?;
    Ok(found)
}

/// The keys of the tags, month by month, and the tags by them of those who are sought.
#[derive(Default)]
pub(super) struct Keys {
    /// The last day that was asked for, and its month.
    day: Option<(i64, String)>,
    months: HashMap<String, Option<hmac::Key>>,
    tags: HashMap<(String, Subject), Tag>,
}

/// Tags that are remembered; when there are more, all are forgotten.
const TAGS_REMEMBERED: usize = 65_536;

impl Keys {
    /// Whether one of some tags is that of one of some subjects at a time; `None` where the key of that month is gone.
    pub(super) fn are_of(
        &mut self,
        moment: &Moment<'_>,
        time: Timestamp,
        subjects: &[Subject],
        tags: &[Tag],
    ) -> Result<Option<bool>, Fault> {
        if tags.is_empty() {
            return Ok(Some(false));
        }
        let month = self.month(time);
        if !self.months.contains_key(&month) {
            let select = "SELECT secret FROM register_key WHERE month = ?";
            let secret = moment.first(select, values![&month], |row| row.array::<32>(0))?;
            let key = secret.map(|secret| hmac::Key::new(hmac::HMAC_SHA256, &secret));
            self.months.insert(month.clone(), key);
        }
        let Some(Some(key)) = self.months.get(&month) else {
            return Ok(None);
        };
        if self.tags.len() >= TAGS_REMEMBERED {
            self.tags.clear();
        }
        let is_named = subjects.iter().any(|subject| {
            let of = (month.clone(), subject.clone());
            let tag = self.tags.entry(of);
            let tag = tag.or_insert_with(|| Tag::new(key, &subject.to_string()));
            tags.contains(tag)
        });
        Ok(Some(is_named))
    }

    fn month(&mut self, time: Timestamp) -> String {
        const SECONDS_PER_DAY: i64 = 86_400;
        let day = time.seconds().div_euclid(SECONDS_PER_DAY);
        match &self.day {
            Some((known, month)) if *known == day => month.clone(),
            _ => {
                let month = month_of(time);
                self.day = Some((day, month.clone()));
                month
            }
        }
    }
}
