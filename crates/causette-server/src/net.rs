//! The network: from a socket to a session whose lines go in and out.

pub(crate) mod admission;
pub(crate) mod connection;
pub(crate) mod gateway;
pub(crate) mod listen;
pub(crate) mod origin;
pub(crate) mod outbox;
pub(crate) mod proxy;
pub(crate) mod refusal;
pub(crate) mod session;
pub(crate) mod shortage;
pub(crate) mod sniff;
pub(crate) mod throttle;
pub(crate) mod tls;
pub(crate) mod turnstile;
pub(crate) mod websocket;
