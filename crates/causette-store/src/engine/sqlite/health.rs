//! Whether a database can be read and is whole, as far as that is found in a bounded time.

use crate::engine::Moment;
use crate::engine::health::{Health, Pages};
use crate::engine::sqlite::connection;
use crate::error::{Fault, StoreError};
use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often a look that has lasted for long enough is told so.
const AGAIN: Duration = Duration::from_millis(1);

/// Looks at a database of the present version, for so long at most. What it reads for holds the log from being moved: it is
/// not to be long.
pub(crate) fn look(location: &Path, patience: Duration) -> Result<Health, StoreError> {
    let mut connection = connection::open_read_only(location)?;
    let pages = pages(&connection, patience)?;
    let moment = Moment::own(connection.transaction()?);
    Ok(Health::of(&moment, pages)?)
}

/// <https://www.sqlite.org/pragma.html#pragma_quick_check>
fn pages(connection: &Connection, patience: Duration) -> Result<Pages, StoreError> {
    let interrupt = connection.get_interrupt_handle();
    let (done, over) = mpsc::sync_channel::<()>(1);
    let watch = thread::spawn(move || {
        let mut patience = patience;
        // One that comes before the statement has begun is lost: it is told again until it has ended.
        while over.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            interrupt.interrupt();
            patience = AGAIN;
        }
    });
    let checked = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    drop(done);
    // It has ended, or ends now.
    let _ = watch.join();
    match checked {
        Ok(told) if told == "ok" => Ok(Pages::Whole),
        Ok(told) => Ok(Pages::Damaged(told)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(Pages::Unfinished)
        }
        Err(error) => match StoreError::from(Fault::from(error)) {
            StoreError::Corrupt(told) => Ok(Pages::Damaged(told)),
            error => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;

    #[test]
    fn a_database_is_looked_at_for_as_long_as_there_is_patience() {
        let store = Store::temporary().unwrap();
        let health = look(store.file().unwrap(), Duration::from_secs(60)).unwrap();
        let whole = Health {
            pages: Pages::Whole,
            last_time: None,
            owners: 0,
            registration: None,
        };
        assert_eq!(health, whole);
        connection::open(store.file().unwrap())
            .unwrap()
            .execute_batch(
                "CREATE TABLE filler (a TEXT) STRICT;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
                 INSERT INTO filler SELECT hex(randomblob(32)) FROM n;",
            )
            .unwrap();
        // Whoever is to interrupt it may be late on a machine that has much to do.
        let mut looks = (0..100).map(|_| look(store.file().unwrap(), Duration::ZERO).unwrap());
        assert!(looks.any(|health| health.pages == Pages::Unfinished));
    }

    #[test]
    fn a_page_that_was_overwritten_is_found() {
        let store = Store::temporary().unwrap();
        let connection = connection::open(store.file().unwrap()).unwrap();
        connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        drop(connection);
        let mut bytes = std::fs::read(store.file().unwrap()).unwrap();
        let page = bytes.len() / 2 / 4096 * 4096;
        bytes[page..page + 4096].fill(0xa5);
        std::fs::write(store.file().unwrap(), bytes).unwrap();
        let health = look(store.file().unwrap(), Duration::from_secs(60));
        let found = matches!(
            &health,
            Ok(Health {
                pages: Pages::Damaged(_),
                ..
            }) | Err(StoreError::Corrupt(_))
        );
        assert!(found, "{health:?}");
    }
}
