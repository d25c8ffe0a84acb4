//! The outside world: sockets, TLS, the engine and its pipe.
//!
//! What may be said and what follows from it is for `causette-core`; how it is kept for `causette-store`. This crate moves
//! lines and outputs between them and the sockets, and bounds everything that waits.
//!
//! # Layout, in reading order
//! - [`config`]: what the administrator may decide, what of it is in force (`live`), and how another comes to be (`reload`)
//! - `server`: what is opened at the start, and which thread runs what; `beginning`: with which database; `countdown`, `shutdown`: how it ends;
//!   `signals`, `notify`: what is between it and who started it
//! - `net`: from a socket to a session, whose lines go in and out; [`identity`]: who somebody is
//! - `engine`: decide, record, deliver, and what must not hold that up
//! - `http`: the pages and what programs ask; [`admin`]: the administrator's door
//! - `files`: the bytes of files, kept and on their way; `aside`: what takes its time and gives way to those who talk
//! - [`backup`]: from what it can be brought back
//! - [`import`]: what the two older programs kept is taken over
//! - [`moving`]: into another database
//! - [`audit`]: whether the record is what was recorded
//! - `motd`: the message of the day; [`trouble`]: what the system refuses, in words
//! - [`log`], `status`, `metrics`, `resources`, `data_dir`, `fault`: the rest of running a server
//! - `fuzzing`: what must hold for any bytes, for the fuzz targets and the tests that replay their inputs

pub mod admin;
mod aside;
pub mod audit;
pub mod backup;
mod beginning;
pub mod config;
mod countdown;
mod data_dir;
pub mod doctor;
mod engine;
mod fault;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod http;
pub mod identity;
pub mod import;
pub mod log;
mod metrics;
mod motd;
pub mod moving;
mod net;
mod notify;
mod resources;
mod server;
mod shutdown;
mod signals;
mod status;
mod ticks;
pub mod trouble;

pub use config::reload::Source;
pub use data_dir::wait_until_free;
pub use fault::at_fault;
pub use server::{Running, Server};
pub use shutdown::{failure_was_told, serve};
pub use signals::Signals;
