//! The client without terminal, network and disk: plain data and plain functions, which tests play through.
//!
//! [`Client::handle`](client::Client::handle) takes one [`Input`](input::Input) and appends what is to be done to a list of
//! [`Output`](output::Output)s. Time and random bits are arguments.
//!
//! # Layout, in reading order
//! - [`input`], [`output`]: the closed lists of what can happen and what can result
//! - [`client`](mod@client): the one entrance; [`limits`]: every bound
//! - [`buffer`], [`timeline`], [`entry`]: what is known of a conversation
//! - [`connection`], `registration`, `signing_up`, `approval`, `ousted`, `away`, `device`, [`features`]: being there, entering, being put out, what the server can do
//! - `receive`, with `people`, `renaming`, `hearing`, `alert`, `history`, `page` and `asked`: what each line of the server means
//! - `saying`, [`packing`], `sending`, `order`, [`outbox`], `reading`: what the person says and has read; [`keepsake`]: what of it outlives a run
//! - [`command`], `words`, `doing`, [`pointing`], [`completion`]: what may be typed and what it does
//! - [`transfer`], `carrying`: files on their way, and what is told of them
//! - [`locale`], [`wording`], [`measure`]: in which words; [`disarm`]: and never in any that command a terminal; [`hush`]: nor tell a password

pub mod batch;
pub mod buffer;
pub mod client;
pub mod command;
pub mod completion;
pub mod connection;
pub mod disarm;
pub mod entry;
pub mod features;
pub mod hush;
pub mod input;
pub mod keepsake;
pub mod limits;
pub mod locale;
pub mod measure;
pub mod outbox;
pub mod output;
pub mod packing;
pub mod pointing;
pub mod profile;
pub mod timeline;
pub mod transfer;
pub mod wording;

mod alert;
mod approval;
mod asked;
mod away;
mod carrying;
mod device;
mod doing;
mod draw;
mod hearing;
mod history;
mod order;
mod ousted;
mod page;
mod people;
mod reading;
mod receive;
mod registration;
mod renaming;
mod request;
mod saying;
mod sending;
mod signing_up;
pub(crate) mod words;

pub use asked::is_unreadable;
pub use doing::ranked;
