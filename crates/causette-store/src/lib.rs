//! The record: what is kept on disk of accounts, rooms, messages and sessions, and the register of it all.
//!
//! The core decides what becomes true and describes it as a [`Record`](causette_core::record::Record). This crate turns
//! each into rows and a register entry, one transaction per batch, and gives them back: everything at start
//! ([`Store::snapshot`]), pages of history later ([`Reader`]). It blocks; threads belong to the server. It decides
//! nothing: who may read what was judged before.
//!
//! # Layout, in reading order
//! - `store`: opening a database; `connection`: how; `log`: its write-ahead log, beside other processes
//! - `migrations`: its tables; `copy`: what it was before they change; `dialect`: where SQL engines differ; `naming`: the keys of names
//! - `append`: a batch of records becomes one transaction; `account`, `consequence`, `conversation`, `marker`, `session`:
//!   the rows that follow from a fact
//! - [`register`]: the entries and commitments beside every fact
//! - `snapshot`, `history`: what is read back; `class`: who is shown which row
//! - `error`: what can go wrong and what to do then

mod account;
mod append;
mod class;
mod connection;
mod consequence;
mod conversation;
mod copy;
mod dialect;
mod error;
mod history;
mod log;
mod marker;
mod migrations;
mod naming;
pub mod register;
mod session;
mod snapshot;
mod store;
mod token;

pub use append::{Closed, Writer};
pub use error::{AppendError, StoreError};
pub use history::{Page, Reader, Replay};
pub use log::Grown;
pub use migrations::{Beginning, Begun};
pub use store::Store;
