//! One that reads for people, and tells the log of a database that cannot be read: once when that begins and once when it is
//! over, however many ask meanwhile.

use causette_core::history::{PageQuery, ReplayQuery, TargetsQuery};
use causette_core::id::{AccountId, Msgid, Room, TokenId, UserId};
use causette_core::input::Found;
use causette_core::secret::Verifier;
use causette_store::{Page, Reader, Replay, StoreError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Since when the database cannot be read, as those know who share this.
#[derive(Debug, Default)]
pub(crate) struct Outage(Mutex<Option<Instant>>);

impl Outage {
    /// Notes what came of a reading.
    fn note<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &read {
            Ok(_) => {
                if let Some(since) = since.take() {
                    tracing::info!(
                        event = "store.readable",
                        since_ms = crate::log::millis(since.elapsed()),
                        "the database can be read again"
                    );
                }
            }
            Err(error) if is_of_all(error) => {
                if since.is_none() {
                    *since = Some(Instant::now());
                    tracing::error!(
                        event = "store.unreadable",
                        error = %error,
                        "the database cannot be read: who asks is told to try again later"
                    );
                }
            }
            Err(error) => {
                tracing::error!(event = "store.unread", error = %error, "something cannot be read");
            }
        }
        read
    }
}

/// Whether the next reading fails by the same: nothing is wrong with what is asked for.
fn is_of_all(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unreachable(_)
            | StoreError::Denied(_)
            | StoreError::NoSuchDatabase(_)
            | StoreError::Busy(_)
            | StoreError::Full(_)
            | StoreError::Io(_)
    )
}

/// One that reads, beside others.
pub(crate) struct Lookup {
    reader: Reader,
    outage: Arc<Outage>,
}

impl Lookup {
    pub(crate) fn new(reader: Reader, outage: Arc<Outage>) -> Self {
        Self { reader, outage }
    }

    /// What an account's password is compared with.
    pub(crate) fn verifier(&mut self, account: AccountId) -> Result<Option<Verifier>, StoreError> {
        self.outage.note(self.reader.verifier(account))
    }

    /// Whose a token is.
    pub(crate) fn find_token(
        &mut self,
        hash: &Verifier,
    ) -> Result<Option<(AccountId, TokenId)>, StoreError> {
        self.outage.note(self.reader.find_token(hash))
    }

    /// A message that somebody refers to.
    pub(crate) fn find_message(
        &mut self,
        room: Room,
        msgid: &Msgid,
    ) -> Result<Option<Found>, StoreError> {
        self.outage.note(self.reader.find_message(room, msgid))
    }

    /// A page of history.
    pub(crate) fn page(&mut self, query: &PageQuery) -> Result<Page, StoreError> {
        self.outage.note(self.reader.page(query))
    }

    /// Where something was said.
    pub(crate) fn targets(
        &mut self,
        query: &TargetsQuery,
    ) -> Result<Vec<causette_core::history::Target>, StoreError> {
        self.outage.note(self.reader.targets(query))
    }

    /// What is shown to who comes back.
    pub(crate) fn replay(
        &mut self,
        query: &ReplayQuery,
        user: UserId,
    ) -> Result<Replay, StoreError> {
        self.outage.note(self.reader.replay(query, user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_begins_and_ends_once() {
        let outage = Outage::default();
        let lost = || Err::<(), _>(StoreError::Unreachable("gone".to_owned()));
        let begun = |outage: &Outage| outage.0.lock().is_ok_and(|since| since.is_some());
        assert!(outage.note(lost()).is_err() && begun(&outage));
        let first = *outage.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(outage.note(lost()).is_err());
        let second = *outage.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(first, second, "it is the same one");
        assert!(outage.note(Ok(())).is_ok() && !begun(&outage));
        // One row that is damaged says nothing of the others.
        let damaged = Err::<(), _>(StoreError::Corrupt("a value".to_owned()));
        assert!(outage.note(damaged).is_err() && !begun(&outage));
    }
}
