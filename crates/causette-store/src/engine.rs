//! The engine that keeps the tables: what carries a question to it, and what writes a plan.
//!
//! Questions and rows are in the words of the subset of SQL that all engines share; they stand beside what they are about, and
//! [`ask`] binds their values and reads their rows. What only SQLite has is in [`sqlite`], and nothing outside this folder
//! names its library. [`mod@write`] turns a plan into rows, [`migrations`] are the numbered steps that made the tables.

pub(crate) mod ask;
pub(crate) mod changing;
pub(crate) mod database;
pub(crate) mod dialect;
mod fault;
pub(crate) mod health;
pub(crate) mod insert;
pub(crate) mod migrations;
pub(crate) mod outlook;
pub(crate) mod reading;
pub(crate) mod recording;
#[cfg(feature = "sql")]
pub(crate) mod server;
pub(crate) mod settings;
pub(crate) mod shape;
pub(crate) mod sqlite;
pub(crate) mod tables;
pub(crate) mod tally;
pub(crate) mod views;
pub(crate) mod write;

pub(crate) use ask::{Moment, Row, Value, values};
pub(crate) use changing::Changing;
pub(crate) use database::Database;
pub(crate) use reading::{Reading, change};
