//! Where pages of the register come from: few are read at a time, each on a thread that may wait, by a connection to the
//! database that goes with the question.

use super::asked::{Asked, Part};
use crate::admin::PATIENCE;
use crate::admin::request::{Kind, Reply};
use causette_core::limits::REGISTER_READERS;
use causette_store::register::{Portion, Question, RegisterReader, Sought, Unknown};
use causette_store::{Store, StoreError};
use causette_text::{Language, text, text_with};
use jiff::tz::TimeZone;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// What gives out pages of the register.
#[derive(Clone)]
pub(crate) struct Shelf {
    store: Arc<Store>,
    places: Arc<Semaphore>,
    /// The one in which people of this server read times.
    pub(crate) zone: TimeZone,
}

/// A question that is being answered.
pub(super) struct Open {
    reader: RegisterReader,
    sought: Sought,
}

impl Shelf {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            places: Arc::new(Semaphore::new(REGISTER_READERS)),
            zone: TimeZone::system(),
        }
    }

    /// Finds out whom and what a question means.
    ///
    /// # Errors
    /// What to answer instead.
    pub(super) async fn open(&self, question: Question, language: Language) -> Result<Open, Reply> {
        let store = self.store.clone();
        let opened = self.run(language, move || {
            let mut reader = store.register_reader()?;
            let understood = reader.understand(question)?;
            Ok(understood.map(|sought| Open { reader, sought }))
        });
        opened
            .await?
            .map_err(|unknown| Reply::refusal_of(Kind::Refused, told(&unknown, language)))
    }

    /// Reads the part that is asked for, of the entries before a number or of all; and tells behind which it has ended.
    ///
    /// # Errors
    /// What to answer instead.
    pub(super) async fn page(
        &self,
        mut open: Open,
        part: Part,
        before: Option<u64>,
        language: Language,
    ) -> Result<(Open, Portion, u64), Reply> {
        let read = self.run(language, move || {
            let Open { reader, sought } = &mut open;
            let before = match before {
                Some(before) => before,
                None => reader.end()?,
            };
            let portion = match part {
                Part::Last(last) => reader.last(sought, before, last)?,
                Part::From { entry, limit } => {
                    let limit = limit.map_or(usize::MAX, |limit| {
                        usize::try_from(limit).unwrap_or(usize::MAX)
                    });
                    reader.page(sought, (entry, before), limit)?
                }
            };
            Ok((open, portion, before))
        });
        read.await
    }

    /// Does it in its turn, where it may wait for the disk.
    async fn run<T: Send + 'static>(
        &self,
        language: Language,
        read: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Reply> {
        let busy = || Reply::refusal_of(Kind::Unavailable, text(language, "register-busy"));
        let place = timeout(PATIENCE, self.places.clone().acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(busy());
        };
        let reading = spawn_blocking(move || {
            let result = read();
            drop(place);
            result
        });
        match reading.await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(error)) => {
                tracing::warn!(event = "admin.register_unread", error = %error, "the register could not be read");
                let error = error.to_string();
                let told = text_with(language, "register-unread", &[("error", &error)]);
                Err(Reply::refusal_of(Kind::Unavailable, told))
            }
            Err(_) => Err(busy()),
        }
    }
}

impl Asked {
    /// What is left of the part that is asked for, behind a page of it; `None` where nothing is.
    pub(super) fn rest(&self, told: u64, next: Option<u64>) -> Option<Part> {
        let (Part::From { limit, .. }, Some(entry)) = (self.part, next) else {
            return None;
        };
        match limit.map(|limit| limit.saturating_sub(told)) {
            Some(0) => None,
            limit => Some(Part::From { entry, limit }),
        }
    }
}

fn told(unknown: &Unknown, language: Language) -> String {
    let (key, name) = match unknown {
        Unknown::Account(name) => ("register-no-account", name),
        Unknown::Room(name) => ("register-no-room", name),
    };
    text_with(language, key, &[("name", name)])
}
