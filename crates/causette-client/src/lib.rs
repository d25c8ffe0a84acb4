//! The client: one core without terminal or network, and its faces.
//!
//! [`Client::handle`](client::Client::handle) takes one [`Input`](input::Input) and appends what is to be done to a list of
//! [`Output`](output::Output)s. It knows no clock, no network, no disk and no randomness, so that everything a person can
//! live through is played in tests. The faces only draw.
//!
//! # Layout, in reading order
//! - [`input`], [`output`]: the closed lists of what can happen and what can result
//! - [`client`](mod@client): the one entrance; [`limits`]: every bound
//! - [`buffer`], [`timeline`], [`entry`]: what is known of a conversation
//! - [`connection`], `registration`, `device`, [`features`]: being there, entering, what the server can do
//! - `receive`, with `people`, `hearing`, `history` and `page`: what each line of the server means
//! - `saying`, `sending`, [`outbox`], `reading`: what the person says and has read
//! - [`command`], `doing`, `pointing`: what may be typed and what it does
//! - [`locale`], [`wording`]: in which words
//! - [`face`]: the screen, plain lines and verbs; [`completion`]: the word before the cursor; [`arrival`] and [`trusting`]: the questions at the door; [`exit`]: how a verb ends
//! - [`driver`], with `transport`, [`trust`], [`credentials`], [`folder`], [`last_server`] and [`keepsake`]: the outside world

pub mod address;
pub mod arrival;
pub mod batch;
pub mod buffer;
pub mod client;
pub mod command;
pub mod completion;
pub mod connection;
pub mod credentials;
pub mod disarm;
pub mod driver;
pub mod entry;
pub mod exit;
pub mod face;
pub mod features;
pub mod folder;
pub mod input;
pub mod keepsake;
pub mod last_server;
pub mod limits;
pub mod lines;
pub mod locale;
pub mod outbox;
pub mod output;
pub mod secret;
pub mod timeline;
pub mod transport;
pub mod trust;
pub mod trusting;
pub mod wording;

mod device;
mod doing;
mod draw;
mod hearing;
mod history;
mod page;
mod people;
mod pointing;
mod reading;
mod receive;
mod registration;
mod request;
mod saying;
mod sending;

pub use crate::doing::ranked;
