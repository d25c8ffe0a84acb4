//! The whole server in this process, spoken to over loopback.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod operator;
mod orders;
mod page;
mod proxy;
mod reload;
mod secrets;
mod stop;
mod support;
mod websocket;
