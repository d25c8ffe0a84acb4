//! What each error of the engine means.

use crate::error::{Fault, Reason, StoreError};
use rusqlite::ErrorCode;
use rusqlite::ffi;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        let reason = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Reason::Corrupt,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Reason::Busy,
                ErrorCode::DiskFull => Reason::Full,
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory => Reason::Io,
                _ => Reason::Statement,
            },
            rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Reason::Value,
            _ => Reason::Statement,
        };
        Self::Engine {
            text,
            reason,
            may_pass: error.sqlite_error().is_some_and(may_pass),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Fault::from(error).into()
    }
}

/// Whether the same transaction may succeed later. After a failed fsync the kernel may have dropped the pages that it could
/// not write, so trying again would only seem to succeed.
fn may_pass(failure: &ffi::Error) -> bool {
    match failure.extended_code {
        ffi::SQLITE_IOERR_FSYNC
        | ffi::SQLITE_IOERR_DIR_FSYNC
        | ffi::SQLITE_IOERR_CLOSE
        | ffi::SQLITE_IOERR_CORRUPTFS
        | ffi::SQLITE_IOERR_DATA => false,
        _ => matches!(
            failure.code,
            ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen
                | ErrorCode::OperationInterrupted
                | ErrorCode::FileLockingProtocolFailed
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::AppendError;

    fn append_error(code: i32) -> AppendError {
        let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        Fault::from(failure).into()
    }

    #[test]
    fn what_may_pass_is_retried_and_a_failed_fsync_never() {
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
        ] {
            assert!(
                matches!(append_error(code), AppendError::Retry(_)),
                "{code}"
            );
        }
        for code in [
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_NOTADB,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ] {
            assert!(
                matches!(append_error(code), AppendError::Fatal(_)),
                "{code}"
            );
        }
    }
}
