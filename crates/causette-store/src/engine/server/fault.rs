//! What each error of a server means.

use super::address::Address;
use crate::error::{Fault, Reason, StoreError};
use sqlx::mysql::MySqlDatabaseError;

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let (reason, may_pass) = meaning(&error);
        Self::Engine {
            text: told(&error),
            reason,
            may_pass,
        }
    }
}

/// Whether nothing more can be asked by the connection that gave an error.
pub(super) fn ends_the_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // Told to end, crashed, or not ready yet; and those of MySQL that mean the same.
            code.starts_with("57P")
                || code.starts_with("08")
                || matches!(&*code, "25P03" | "0A000")
                || matches!(number(&**error), 1053 | 1927 | 4031)
        }
        sqlx::Error::RowNotFound
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_) => false,
        // Nobody knows what else would come over it.
        _ => true,
    }
}

/// The number of an error of MySQL, 0 for one of PostgreSQL.
pub(super) fn number(error: &dyn sqlx::error::DatabaseError) -> u16 {
    error
        .try_downcast_ref::<MySqlDatabaseError>()
        .map_or(0, MySqlDatabaseError::number)
}

fn told(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => match number(&**error) {
            0 => format!(
                "{} (SQLSTATE {})",
                error.message(),
                error.code().unwrap_or_default()
            ),
            number => format!("{} (error {number})", error.message()),
        },
        other => other.to_string(),
    }
}

/// What the server found, and whether the same transaction may succeed later.
fn meaning(error: &sqlx::Error) -> (Reason, bool) {
    match error {
        sqlx::Error::Database(error) => match number(&**error) {
            0 => of_state(&error.code().unwrap_or_default()),
            number => of_number(number),
        },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => (Reason::Value, false),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::PoolClosed
        | sqlx::Error::PoolTimedOut => (Reason::Lost, true),
        _ => (Reason::Statement, false),
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn of_state(state: &str) -> (Reason, bool) {
    match state {
        // A disk that is full, and memory or connections that have run out.
        "53100" => (Reason::Full, true),
        _ if state.starts_with("53") => (Reason::Io, true),
        // What two transactions did at once, a lock that did not come, and a statement that took too long.
        "40001" | "40P01" | "55P03" | "57014" | "55006" => (Reason::Busy, true),
        // A connection that ends or cannot be had, a server that starts or stops, one that only reads for now.
        "25006" | "25P02" | "25P03" | "58000" | "58030" => (Reason::Io, true),
        _ if state.starts_with("57P") || state.starts_with("08") => (Reason::Lost, true),
        // The password or the rights were taken away; they may be given back.
        "28000" | "28P01" | "42501" => (Reason::Rights, true),
        // A table was changed while statements about it were prepared: another connection prepares them anew.
        "0A000" => (Reason::Busy, true),
        "XX001" | "XX002" => (Reason::Corrupt, false),
        _ if state.starts_with("22") => (Reason::Value, false),
        _ => (Reason::Statement, false),
    }
}

/// <https://mariadb.com/docs/server/reference/error-codes>
fn of_number(number: u16) -> (Reason, bool) {
    match number {
        // ER_DISK_FULL, ER_RECORD_FILE_FULL, ER_GET_ERRNO (28 is a full disk), ER_ERROR_ON_WRITE.
        1021 | 1114 | 1030 | 1026 => (Reason::Full, true),
        // ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT, ER_CHECKREAD, ER_NEED_REPREPARE.
        1205 | 1213 | 1317 | 1615 | 1969 | 1020 | 3024 => (Reason::Busy, true),
        // Too many connections, no memory, a server that stops or starts, one that only reads for now.
        1040 | 1203 | 1037 | 1038 | 1041 | 1077 | 1078 | 1152 | 1153 | 1290 | 1836 => {
            (Reason::Io, true)
        }
        // It ends, or the connection does.
        1053 | 1158..=1161 | 1927 | 4031 => (Reason::Lost, true),
        // The password or the rights were taken away; they may be given back.
        1044 | 1045 | 1142 | 1143 | 1227 => (Reason::Rights, true),
        // ER_CRASHED_ON_USAGE, ER_NOT_KEYFILE, ER_INDEX_CORRUPT, ER_TABLE_CORRUPT.
        1194 | 1195 | 1034 | 1712 | 1877 => (Reason::Corrupt, false),
        // A value that does not fit in its column.
        1264 | 1265 | 1366 | 1406 => (Reason::Value, false),
        _ => (Reason::Statement, false),
    }
}

/// What the library says of a server that speaks no TLS.
const WITHOUT_TLS: &str = "server does not support TLS";

/// Why there is no connection.
pub(super) fn of_connecting(error: &sqlx::Error, address: &Address) -> StoreError {
    let text = format!("{address}: {}", told(error));
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let number = number(&**error);
            if matches!(&*code, "28P01" | "28000" | "42501") || matches!(number, 1044 | 1045 | 1130)
            {
                StoreError::Denied(text)
            } else if code == "3D000" || number == 1049 {
                StoreError::NoSuchDatabase(text)
            } else {
                StoreError::Unreachable(text)
            }
        }
        // So does the library call a certificate that is good for another, or for nobody.
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            StoreError::Untrusted(text)
        }
        sqlx::Error::Tls(error) if error.to_string() == WITHOUT_TLS => {
            StoreError::NoTls(address.to_string())
        }
        sqlx::Error::Tls(_) => StoreError::Untrusted(text),
        _ => StoreError::Unreachable(text),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::Connection;
    use super::super::address;
    use super::super::patience::Patience;
    use crate::engine::database::Access;
    use crate::error::StoreError;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    /// A server of PostgreSQL answers `N` where it speaks no TLS; how the library tells that may change with its version.
    #[test]
    fn a_server_without_tls_is_told_from_one_that_is_not_trusted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            client.read_exact(&mut [0; 8]).unwrap();
            client.write_all(b"N").unwrap();
        });
        let url = format!("postgres://a@127.0.0.1:{port}/chat?sslmode=require");
        let address = address::parse(&url, &Access::default()).unwrap();
        let refused = Connection::open(&address, Patience::Short).err().unwrap();
        server.join().unwrap();
        assert!(matches!(refused, StoreError::NoTls(_)), "{refused}");
    }
}
