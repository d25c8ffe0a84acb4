//! The rules of the chat.
//!
//! [`Core::handle`] takes one [`Input`](input::Input) and appends what must happen to the [`Outputs`](output::Outputs). It
//! owns all live state as plain data and knows no clock, no network, no disk and no randomness: time and random bits are
//! arguments, so the same inputs always give the same outputs.
//!
//! # Layout, by floors: a module uses what is on its own floor or below
//! - [`core`](mod@core): the one entrance, who goes on with an answer, and what happens while nothing can be recorded
//! - [`commands`], with the table of commands and one file for each verb; start here to see what a command does. `service`: NickServ
//!   and ChanServ; `ask`: what the administrator's socket and HTTP ask for
//! - `reply`: what a command answers to its own session, in words that `causette-text` knows; [`isupport`]: what 005 announces
//! - `account`, `discipline`, `person`, `room`, `server`: what may be done, whichever door somebody comes by
//! - `turn`: one input being handled; `actor`: who asks
//! - `state`: what is true now, what facts change of it and who sees that
//! - [`input`], [`order`], [`output`], [`report`]: the closed lists of what can happen, what those who run the server ask for, and what can result; [`record`], [`event`], [`history`], [`snapshot`]: the
//!   facts that are recorded, and how the store gives them back; `page`: the past in lines; [`line`](mod@line): what many read; `fitting`: how
//!   long what people write may be
//! - [`id`], [`former`], [`reserved`], [`secret`], [`limits`], [`modes`], [`settings`], [`right`], [`sanction`], [`mod@file`], [`filter`], [`invitation`], [`cidr`], [`client_tags`], `denied`, `ctcp`: identities, the
//!   names of who is gone, the names that are kept, secrets, every bound, the modes, the part of the configuration that rules, who may do
//!   what, what keeps somebody out or silent, ranges of addresses, which tags are not passed on, from where one signs in, why something is not done, what programs ask each other

pub mod cidr;
pub mod client_tags;
pub mod commands;
pub mod core;
pub mod event;
pub mod file;
pub mod filter;
pub mod former;
pub mod history;
pub mod id;
pub mod imported;
pub mod input;
pub mod invitation;
pub mod isupport;
pub mod limits;
pub mod line;
pub mod login;
pub mod modes;
pub mod order;
pub mod output;
pub mod record;
pub mod report;
pub mod reserved;
pub mod right;
pub mod sanction;
pub mod secret;
pub mod settings;
pub mod snapshot;

mod account;
mod actor;
mod ask;
mod ctcp;
mod denied;
mod discipline;
mod files;
mod fitting;
mod page;
mod person;
mod reply;
mod room;
mod server;
mod service;
mod state;
mod turn;

pub use crate::core::{Core, Counts};
pub use crate::fitting::{BODY_BYTES, in_pieces, plain, text_bytes};
