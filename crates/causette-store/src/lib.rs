//! The record: what is kept on disk of accounts, rooms, messages and sessions, and the register of it all.
//!
//! The core decides what becomes true and describes it as a [`Record`](causette_core::record::Record). This crate turns
//! each into rows and a register entry, one transaction per batch, and gives them back: everything at start
//! ([`Store::snapshot`]), pages of history later ([`Reader`]). It blocks; threads belong to the server. It decides
//! nothing: who may read what was judged before.
//!
//! # Layout, in reading order
//! - `store`: opening a database; `start`: what that does to the record
//! - `writer`: a batch of records becomes one transaction: `recall` reads what is not remembered, `plan` makes rows of it
//!   without a database, `engine` writes them
//! - [`register`]: the entries and commitments beside every fact
//! - `snapshot`, `history`, `marker`, `token`: what is read back; `naming`: the keys of names
//! - `contents`: what must be there beside the database; `foreign`: tables of another program; `imported`: what was taken over from one before
//! - [`moving`]: from one database into another
//! - `engine`: the tables, and all that differs between SQL engines
//! - `error`: what can go wrong and what to do then

mod contents;
mod engine;
mod error;
mod foreign;
mod history;
mod imported;
mod marker;
mod metadata;
pub mod moving;
mod naming;
mod plan;
mod recall;
pub mod register;
mod snapshot;
mod start;
mod store;
mod token;
mod writer;

pub use contents::Content;
pub use engine::database::{Access, Database, NoDatabase, TlsFile, TlsRole};
pub use engine::health::{Health, Pages};
pub use engine::migrations::{Beginning, Begun, Upgrade};
pub use engine::outlook::Outlook;
pub use engine::recording::Closed;
pub use engine::settings::{Keeps, Setting};
pub use engine::sqlite::backup::{Copied, Uncopied};
pub use engine::sqlite::log::Grown;
pub use engine::tally::Tally;
pub use error::{AppendError, StoreError};
pub use foreign::{Cell, Foreign, ForeignError};
pub use history::{Page, Reader, Replay};
pub use start::Started;
pub use store::Store;
pub use writer::Writer;
