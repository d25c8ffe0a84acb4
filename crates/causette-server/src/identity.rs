//! Who somebody is: by what people and devices are known to the server, and the server to them.

pub(crate) mod certificate;
pub(crate) mod client_certificate;
pub(crate) mod cloak;
pub(crate) mod fingerprint;
pub(crate) mod invitation;
pub mod password;
pub(crate) mod scram;
pub(crate) mod token;
pub(crate) mod trust;
pub(crate) mod validity;
pub(crate) mod vigil;
