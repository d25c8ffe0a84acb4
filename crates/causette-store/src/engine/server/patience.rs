//! How long a connection waits for its server: senders wait for who appends, and are to be told soon that nothing is recorded.

use super::flavour::Flavour;
use causette_core::limits::{
    DATABASE_ANSWER_SECONDS, DATABASE_APPEND_SECONDS, DATABASE_CHANGE_SECONDS,
    DATABASE_LOCK_SECONDS,
};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It appends, or keeps the lock of who does.
    Short,
    /// It reads, or changes rows while nobody waits.
    Long,
    /// It changes tables, however large.
    Longest,
}

impl Patience {
    /// Seconds in which the server has to answer.
    pub(super) fn answer(self) -> u64 {
        match self {
            Self::Short => DATABASE_APPEND_SECONDS,
            Self::Long => DATABASE_ANSWER_SECONDS,
            Self::Longest => DATABASE_CHANGE_SECONDS,
        }
    }

    /// What to set in each connection: that the server gives up a statement a moment before we do, how long it waits for a lock,
    /// that it keeps a connection which is idle and notices one that is dead, that a moment is one, and that nothing is cut or
    /// changed without a word.
    pub(super) fn session(self, flavour: Flavour) -> String {
        let (answer, lock) = (self.answer() - 1, DATABASE_LOCK_SECONDS);
        match flavour {
            Flavour::Postgres => format!(
                "SET lock_timeout = '{lock}s'; SET statement_timeout = '{answer}s';
                 SET idle_in_transaction_session_timeout = '120s'; SET idle_session_timeout = 0;
                 SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
                 SET client_min_messages = warning; SET standard_conforming_strings = on;
                 SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
            ),
            Flavour::MariaDb | Flavour::MySql => {
                let patience = match flavour {
                    Flavour::MariaDb => format!("max_statement_time = {answer}"),
                    _ => format!("max_execution_time = {answer}000"),
                };
                format!(
                    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT,ERROR_FOR_DIVISION_BY_ZERO',
                     {patience}, innodb_lock_wait_timeout = {lock}, lock_wait_timeout = {lock}, autocommit = 1,
                     net_read_timeout = 60, net_write_timeout = 60, wait_timeout = 31536000;
                     SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                )
            }
        }
    }
}
