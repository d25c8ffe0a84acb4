//! What may be done with accounts, once, whichever door somebody comes by: signing up and in, what an owner changes, devices.

pub(crate) mod about;
pub(crate) mod admission;
pub(crate) mod approval;
pub(crate) mod certificate;
pub(crate) mod claim;
pub(crate) mod connection;
pub(crate) mod device;
pub(crate) mod email;
pub(crate) mod first_owner;
pub(crate) mod forgotten;
pub(crate) mod listed;
pub(crate) mod login;
pub(crate) mod naming;
pub(crate) mod operator;
pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod program;
pub(crate) mod removal;
pub(crate) mod rename;
pub(crate) mod role;
pub(crate) mod scram;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod target;
pub(crate) mod trial;
