//! Whether every alteration of what the register tells of is found, and whether databases of earlier versions come to this one
//! whole, whenever they are interrupted.

#![allow(clippy::unwrap_used, reason = "tests")]

mod alteration;
mod earlier;
mod migration;
#[path = "../conformance/scribe.rs"]
#[allow(dead_code, reason = "the other test has more use for it")]
mod scribe;
mod story;
mod verify;
