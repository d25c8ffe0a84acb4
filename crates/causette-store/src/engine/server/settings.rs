//! What a server is set to, as it says itself: what it does not keep, nobody is promised.

use super::Connection;
use super::address::Address;
use super::flavour::Flavour;
use crate::engine::settings::{Keeps, Setting};
use crate::error::{Fault, StoreError};
use std::collections::HashMap;

/// Bytes of the largest statement that a server of MySQL has to take: 128 rows of the longest messages, and room beside them.
const PACKET: u64 = 16 << 20;

/// A setting that is looked at.
struct Wanted {
    name: &'static str,
    needed: &'static str,
    is_met: fn(&str) -> bool,
    keeps: Keeps,
    is_needed: bool,
}

const fn needed(
    name: &'static str,
    needed: &'static str,
    keeps: Keeps,
    is_met: fn(&str) -> bool,
) -> Wanted {
    Wanted {
        name,
        needed,
        is_met,
        keeps,
        is_needed: true,
    }
}

const fn better(
    name: &'static str,
    needed: &'static str,
    keeps: Keeps,
    is_met: fn(&str) -> bool,
) -> Wanted {
    Wanted {
        is_needed: false,
        ..self::needed(name, needed, keeps, is_met)
    }
}

fn is_on(found: &str) -> bool {
    matches!(found, "on" | "ON" | "1")
}

fn is_off(found: &str) -> bool {
    matches!(found, "off" | "OFF" | "0")
}

/// <https://www.postgresql.org/docs/15/runtime-config-wal.html>
const POSTGRES: [Wanted; 6] = [
    needed("fsync", "on", Keeps::Commits, is_on),
    // Each of our connections sets it on where it is off; another value writes to this server's disk all the same.
    needed("synchronous_commit", "on", Keeps::Commits, |found| {
        !is_off(found)
    }),
    better("full_page_writes", "on", Keeps::Pages, is_on),
    better("data_checksums", "on", Keeps::Damage, is_on),
    needed("server_encoding", "UTF8", Keeps::Characters, |found| {
        found == "UTF8"
    }),
    needed("in_hot_standby", "off", Keeps::Writing, is_off),
];

/// <https://mariadb.com/docs/server/server-usage/storage-engines/innodb/innodb-system-variables>
const MYSQL: [Wanted; 7] = [
    // 3 is MariaDB's, and writes no less often.
    needed(
        "innodb_flush_log_at_trx_commit",
        "1",
        Keeps::Commits,
        |found| matches!(found, "1" | "3"),
    ),
    needed(
        "innodb_flush_method",
        "one that waits for the disk",
        Keeps::Commits,
        |found| !found.eq_ignore_ascii_case("nosync") && !found.eq_ignore_ascii_case("littlesync"),
    ),
    better("innodb_doublewrite", "ON", Keeps::Pages, |found| {
        !is_off(found) && !found.eq_ignore_ascii_case("DETECT_ONLY")
    }),
    needed(
        "max_allowed_packet",
        "16777216 or more",
        Keeps::Batches,
        |found| found.parse().is_ok_and(|bytes: u64| bytes >= PACKET),
    ),
    needed(
        "character_set_connection",
        "utf8mb4",
        Keeps::Characters,
        |found| found == "utf8mb4",
    ),
    needed("read_only", "OFF", Keeps::Writing, is_off),
    better(
        "innodb_checksum_algorithm",
        "crc32",
        Keeps::Damage,
        |found| !found.contains("none") && !found.contains("NONE"),
    ),
];

/// Of MySQL and MariaDB, where they keep a log for copies of the server.
const WITH_LOG: Wanted = better("sync_binlog", "1", Keeps::Copies, |found| found == "1");

/// What a server is set to.
pub(crate) fn look(address: &Address) -> Result<Vec<Setting>, StoreError> {
    Ok(read(&mut Connection::open(
        address,
        super::Patience::Long,
    )?)?)
}

/// Refuses a server that is set not to keep what is promised.
pub(super) fn rely(connection: &mut Connection, address: &Address) -> Result<(), StoreError> {
    match read(connection)?.into_iter().find(Setting::is_refused) {
        Some(setting) => Err(StoreError::Unsafe {
            database: address.to_string(),
            setting,
        }),
        None => Ok(()),
    }
}

fn read(connection: &mut Connection) -> Result<Vec<Setting>, Fault> {
    let flavour = connection.flavour();
    let select = match flavour {
        Flavour::Postgres => {
            "SELECT name, setting FROM pg_settings
             UNION ALL SELECT 'in_hot_standby', CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END"
        }
        Flavour::MariaDb | Flavour::MySql => "SHOW SESSION VARIABLES",
    };
    let rows = connection.ask(select, &[])?;
    let mut found = HashMap::new();
    for row in rows.iter() {
        if let (Some(name), Some(value)) = (row.maybe_text(0)?, row.maybe_text(1)?) {
            found.insert(name.to_owned(), value.to_owned());
        }
    }
    let version = Setting {
        name: "version",
        found: connection.version().to_owned(),
        needed: flavour.needed(),
        // Else there would be no connection.
        is_met: true,
        keeps: Keeps::Words,
        is_needed: true,
    };
    let wanted: Vec<Wanted> = match flavour {
        Flavour::Postgres => POSTGRES.into(),
        Flavour::MariaDb | Flavour::MySql => {
            let log = found.get("log_bin").is_some_and(|found| is_on(found));
            MYSQL.into_iter().chain(log.then_some(WITH_LOG)).collect()
        }
    };
    // What a server does not know, it is not set to.
    let settings = wanted.into_iter().filter_map(|wanted| {
        let found = found.get(wanted.name)?;
        Some(Setting {
            name: wanted.name,
            found: found.clone(),
            needed: wanted.needed,
            is_met: (wanted.is_met)(found),
            keeps: wanted.keeps,
            is_needed: wanted.is_needed,
        })
    });
    Ok(std::iter::once(version).chain(settings).collect())
}
