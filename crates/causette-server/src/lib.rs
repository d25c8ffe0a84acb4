//! The outside world: sockets, TLS, the engine and its pipe.
//!
//! What may be said and what follows from it is for `causette-core`; how it is kept for `causette-store`. This crate moves
//! lines and outputs between them and the sockets, and bounds everything that waits.
//!
//! # Layout, in reading order
//! - [`config`]: what the administrator may decide
//! - `live`: what of it is in force; `reload`: how another comes to be
//! - `certificate`, `validity`, `vigil`: by what clients know the server, until when, and who looks after it
//! - `server`: what is opened at the start, and which thread runs what; `beginning`: with which database; `shutdown`: how it ends;
//!   `signals`, `notify`: what is between it and who started it
//! - `listen`, `connection`, `sniff`, `tls`, `trust`, `client_certificate`, `http`: from a socket to what it speaks
//! - `origin`, `proxy`, `gateway`, `admission`: where a connection comes from, and who may speak for others; `refusal`: who
//!   may not come in; `cloak`: what is seen of an address
//! - `session`, `throttle`, `outbox`, `websocket`: one session's lines, in and out
//! - `engine`, `pipe`, `recorder`, `delivery`: decide, record, deliver
//! - `answers`, `reads`, `work`: what must not hold up the engine; [`password`], `scram`: hashing
//! - `motd`: the message of the day; [`trouble`]: what the system refuses, in words
//! - [`admin`]: the administrator's door; [`log`], `status`, `metrics`, `resources`, `data_dir`, `fault`: the rest of running a server
//! - `fuzzing`: what must hold for any bytes, for the fuzz targets and the tests that replay their inputs

pub mod admin;
mod admission;
mod answers;
mod beginning;
mod certificate;
mod client_certificate;
mod cloak;
pub mod config;
mod connection;
mod data_dir;
mod delivery;
mod engine;
mod fault;
mod fingerprint;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod gateway;
mod http;
mod invitation;
mod listen;
mod live;
pub mod log;
mod metrics;
mod motd;
mod notify;
mod origin;
mod outbox;
pub mod password;
mod pipe;
mod proxy;
mod reads;
mod recorder;
mod refusal;
mod reload;
mod resources;
mod scram;
mod server;
mod session;
mod shortage;
mod shutdown;
mod signals;
mod sniff;
mod status;
mod system_user;
mod throttle;
mod ticket;
mod tls;
mod token;
pub mod trouble;
mod trust;
mod turnstile;
mod validity;
mod vigil;
mod websocket;
mod work;

pub use data_dir::wait_until_free;
pub use reload::Source;
pub use server::{Running, Server};
pub use shutdown::{failure_was_told, serve};
pub use signals::Signals;
