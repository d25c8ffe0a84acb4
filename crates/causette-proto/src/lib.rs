//! IRCv3 on the wire: bytes to messages and back.
//!
//! This crate knows how lines, messages, names, masks, modes, numerics and capabilities are spelled.
//! It does no input or output, reads no clock and keeps no state of the chat: what a message means
//! is decided in `causette-core`.
//!
//! Parsers never panic, whatever they are given, and everything that grows has a bound in [`limits`].

pub mod capability;
pub mod casemap;
pub mod codec;
pub mod confusable;
pub mod file_name;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod isupport;
pub mod limits;
pub mod mask;
pub mod message;
pub mod mode;
pub mod name;
pub mod numeric;
pub mod password;
pub mod percent;
#[cfg(test)]
mod properties;
pub mod sasl;
pub mod scram;
pub mod secret;
pub mod split;
pub mod tags;
pub mod time;

pub use capability::{Capabilities, Capability};
pub use casemap::Casemap;
pub use codec::{Frame, LineCodec};
pub use compact_str::CompactString;
pub use file_name::FileName;
pub use mask::Mask;
pub use message::{Message, ParseError};
pub use name::{AccountName, ChannelName, NameError, Nick, is_invisible};
pub use numeric::Numeric;
pub use percent::percent_encoded;
pub use secret::Secret;
pub use tags::Tags;
pub use time::Timestamp;
