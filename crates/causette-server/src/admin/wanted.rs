//! What a request wants, once it is understood.

use super::register::Raw;
use causette_core::order::Order;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// What the core does.
    Order(Order),
    /// An invitation, of which the server knows what the core does not.
    Invite {
        /// Where people come to.
        address: Option<String>,
        /// The room that they enter.
        room: Option<String>,
        /// How many may sign up with it.
        uses: Option<u64>,
        /// For how many seconds.
        seconds: Option<u64>,
    },
    /// The fingerprints.
    Fingerprint,
    /// How the server is.
    Status,
    /// The configuration is read again.
    Reload,
    /// What happens is told, for as long as the connection lasts.
    Watch,
    /// The stop.
    Stop {
        /// Why; the server has a default.
        reason: Option<String>,
        /// In how many seconds.
        seconds: u64,
    },
    /// No stop.
    CancelStop,
    /// What the register says.
    Register(Box<Raw>),
    /// How everything is around the server, and what to do.
    Doctor,
}
