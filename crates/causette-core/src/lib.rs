//! The rules of the chat.
//!
//! [`Core::handle`] takes one [`Input`](input::Input) and appends what must happen to the [`Outputs`](output::Outputs). It
//! owns all live state as plain data and knows no clock, no network, no disk and no randomness: time and random bits are
//! arguments, so the same inputs always give the same outputs.
//!
//! # Layout, in reading order
//! - [`input`], [`output`]: the closed lists of what can happen and what can result
//! - [`record`], [`event`], [`history`], [`snapshot`]: the facts that are recorded, and how the store gives them back
//! - [`id`], [`secret`], [`limits`], [`settings`]: identities, secrets, every bound, the part of the configuration that rules

pub mod event;
pub mod history;
pub mod id;
pub mod input;
pub mod limits;
pub mod line;
pub mod output;
pub mod record;
pub mod secret;
pub mod settings;
pub mod snapshot;
