//! The outside world: sockets, TLS, the engine and its pipe.

mod admin;
mod answers;
pub mod config;
mod data_dir;
mod delivery;
mod engine;
mod fault;
mod outbox;
pub mod password;
mod pipe;
mod reads;
mod recorder;
mod session;
mod sniff;
mod status;
mod throttle;
mod tls;
mod work;
