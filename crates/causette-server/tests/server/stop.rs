//! The stop, and what is left of a server behind it.

use crate::support::{Host, until};
use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;

/// Whether another server could have the folder.
fn is_free(host: &Host) -> bool {
    let lock = File::open(host.folder().join("lock")).unwrap();
    match flock(&lock, FlockOperation::NonBlockingLockShared) {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error, Errno::WOULDBLOCK);
            false
        }
    }
}

/// How many entries the register has.
fn entries(database: &Connection) -> i64 {
    let count = "SELECT count(*) FROM register_entry";
    database.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn the_folder_is_given_back_when_nothing_writes_there_any_more() {
    let mut host = Host::start("");
    assert!(!is_free(&host));
    host.stop().unwrap();
    assert!(is_free(&host));

    let mut host = Host::start("");
    let lock = Connection::open(host.folder().join("causette.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    // It has something to record and may not: its recorder tries on, and goes with the process.
    host.stop().unwrap_err();
    assert!(!is_free(&host));
    let before = entries(&lock);
    lock.execute_batch("ROLLBACK").unwrap();
    until(|| entries(&lock) > before);
    // It may have more to record, and without its folder it would end the process, and the other tests with it: the folder stays.
    std::mem::forget(host);
}
