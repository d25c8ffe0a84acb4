//! Rows that are shown one after the other as they come, however many there are.

use super::{Connection, Link, closed, passing};
use crate::engine::server::row::Row;
use crate::error::Fault;
use sqlx::AssertSqlSafe;
use std::future::poll_fn;
use std::time::Duration;
use tokio::time::timeout;

impl Connection {
    /// Asks MySQL or MariaDB by a text as it is, and shows each row as it comes. Every value in it is written out, as bytes. Each row may
    /// take as long as an answer; behind anything but the end, nothing more can be asked by this connection.
    pub(in crate::engine::server) fn each<E: From<Fault>>(
        &mut self,
        sql: String,
        mut show: impl FnMut(Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let seconds = self.patience.answer();
        let (Some(runtime), Link::MySql(link), false) =
            (&self.runtime, &mut self.link, self.is_lost)
        else {
            return Err(closed().into());
        };
        let asking = async {
            let mut rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch(link);
            loop {
                let next = poll_fn(|context| rows.as_mut().poll_next(context));
                match timeout(Duration::from_secs(seconds), next).await {
                    Ok(Some(Ok(row))) => show(Row::MySql(&row))?,
                    Ok(Some(Err(error))) => return Err(Fault::from(error).into()),
                    Ok(None) => return Ok(()),
                    Err(_) => {
                        let text = format!("the database server did not answer in {seconds} s");
                        return Err(passing(text).into());
                    }
                }
            }
        };
        let shown = runtime.block_on(asking);
        self.is_lost |= shown.is_err();
        shown
    }
}
