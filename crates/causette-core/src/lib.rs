//! The rules of the chat.
//!
//! [`Core::handle`] takes one [`Input`](input::Input) and appends what must happen to the [`Outputs`](output::Outputs). It
//! owns all live state as plain data and knows no clock, no network, no disk and no randomness: time and random bits are
//! arguments, so the same inputs always give the same outputs.
//!
//! # Layout, in reading order
//! - [`input`], [`output`]: the closed lists of what can happen and what can result
//! - [`record`], [`event`], [`history`], [`snapshot`]: the facts that are recorded, and how the store gives them back
//! - [`id`], [`former`], [`reserved`], [`secret`], [`limits`], [`modes`], [`isupport`], [`settings`]: identities, the names of who is gone, the names that are kept, secrets, every bound, the modes, what 005 announces, the part of the configuration that rules
//! - [`commands`]: the table of commands, one file for each verb; start here to see what a command does
//! - `state`, with `session`, `user`, `account` and `channel`: what is true now
//! - `privilege`, with `list_mask`: who may enter, speak and rule
//! - `effect`, with `audience`: what an event does to the state and who sees it
//! - `reply`: what a command answers to its own session; [`line`](mod@line): what many read; `fitting`: how long what people write may be; in which words, `causette-text` knows
//! - `identity`, `scram`, `trial`, `sign_up`, `own_account`, `device`, `visit`, `presence`, `auto_join`, `replay`, `departure`, `greeting`, `attempts`, `fair_queue`, `naming`, `likeness`, `monitor`, `whowas`: signing in, coming and going
//! - [`core`](mod@core): the one entrance, and what happens while nothing can be recorded

pub mod commands;
pub mod core;
pub mod event;
pub mod former;
pub mod history;
pub mod id;
pub mod input;
pub mod isupport;
pub mod limits;
pub mod line;
pub mod modes;
pub mod output;
pub mod record;
pub mod reserved;
pub mod secret;
pub mod settings;
pub mod snapshot;

mod account;
mod ask;
mod ctcp;
mod fitting;
mod page;
mod person;
mod reply;
mod room;
mod service;
mod state;
mod turn;

pub use crate::core::{Core, Counts};
