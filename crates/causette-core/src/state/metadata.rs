//! What people say of themselves and of channels under keys, and which keys a connection follows.

use crate::id::{AccountId, RoomId, UserId};
use crate::limits::{METADATA_RESUME_SECONDS, METADATA_RESUMES};
use crate::metadata::{Metadatum, Whose};
use crate::state::State;
use causette_proto::{CompactString, Timestamp};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What is said under keys, in the order of the keys.
pub(crate) type Values = BTreeMap<CompactString, CompactString>;

/// All that is said. Of whom nothing is said, there is nothing.
#[derive(Debug, Default)]
pub(crate) struct Metadata(FxHashMap<Whose, Values>);

/// What a connection wants to know, and what it has said of its person before that was there.
#[derive(Debug, Default)]
pub(crate) struct Following {
    /// The keys that it follows. Bounded by [`MetadataLimits::subs`](crate::limits::MetadataLimits::subs).
    pub(crate) keys: BTreeSet<CompactString>,
    /// What is to be said of its person once that is there; empty values take away. Bounded by
    /// [`MetadataLimits::keys`](crate::limits::MetadataLimits::keys).
    pub(crate) early: Values,
    /// How far long answers have come, and when, by the steady time; the latest last. Bounded by
    /// [`METADATA_RESUMES`].
    resumes: Vec<(Scope, Place, Timestamp)>,
}

/// What an answer about the keys that one follows is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One person.
    Person(UserId),
    /// A channel and those who are in it.
    Room(RoomId),
    /// All that one is told of.
    All,
}

/// A place in such an answer: channels come first, then people, each in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// At a channel.
    Room(RoomId),
    /// At a person.
    Person(UserId),
}

impl Following {
    /// How far a long answer has come that goes on now.
    pub(crate) fn resumed(&self, scope: Scope, now: Timestamp) -> Option<Place> {
        let mut resumes = self.resumes.iter();
        let (_, place, then) = resumes.find(|(held, ..)| *held == scope)?;
        let until = then.plus_seconds(METADATA_RESUME_SECONDS);
        (now < until).then_some(*place)
    }

    /// A long answer has come so far, or to its end.
    pub(crate) fn note(&mut self, scope: Scope, until: Option<Place>, now: Timestamp) {
        self.resumes.retain(|(held, ..)| *held != scope);
        if let Some(place) = until {
            if self.resumes.len() >= METADATA_RESUMES {
                self.resumes.remove(0);
            }
            self.resumes.push((scope, place, now));
        }
    }

    /// Follows nothing any more.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.resumes.clear();
    }
}

impl Metadata {
    /// What is said, in no order.
    pub(crate) fn rows(&self) -> Vec<Metadatum> {
        let held = self.0.iter().flat_map(|(whose, values)| {
            values.iter().map(|(key, value)| Metadatum {
                whose: *whose,
                key: key.clone(),
                value: value.clone(),
            })
        });
        held.collect()
    }

    /// Of whom and what something is said.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Whose> {
        self.0.keys()
    }

    /// Whether nothing is said of anybody.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said of somebody or something, where there is anything.
    pub(crate) fn of(&self, whose: Whose) -> Option<&Values> {
        self.0.get(&whose)
    }

    /// Lets something be said, or nothing any more.
    pub(crate) fn set(&mut self, said: &Metadatum) {
        if !said.value.is_empty() {
            let values = self.0.entry(said.whose).or_default();
            values.insert(said.key.clone(), said.value.clone());
        } else if let Some(values) = self.0.get_mut(&said.whose) {
            values.remove(&said.key);
            if values.is_empty() {
                self.0.remove(&said.whose);
            }
        }
    }

    /// Somebody or something is no more.
    pub(crate) fn forget(&mut self, whose: Whose) {
        self.0.remove(&whose);
    }
}

impl State {
    /// As whom a person says something of themselves.
    pub(crate) fn whose(&self, user: UserId) -> Whose {
        let account = AccountId(user.0);
        if self.accounts.contains_key(&account) {
            Whose::Account(account)
        } else {
            Whose::Guest(user)
        }
    }

    /// What is said under keys.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// What is said of a person, or of a channel, under some of the keys.
    pub(crate) fn said_at(&self, place: Place) -> Option<&Values> {
        self.metadata.of(match place {
            Place::Room(room) => Whose::Room(room),
            Place::Person(user) => self.whose(user),
        })
    }
}
