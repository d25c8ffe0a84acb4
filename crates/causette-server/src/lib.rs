//! The outside world: sockets, TLS, the engine and its pipe.

pub mod config;
pub mod password;
