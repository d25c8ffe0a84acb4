//! What may be done with the server as a whole, once, whichever door somebody comes by.

pub(crate) mod backup;
pub(crate) mod fingerprint;
pub(crate) mod invitation;
pub(crate) mod register;
pub(crate) mod reload;
pub(crate) mod sign_ups;
pub(crate) mod stop;
