//! What is asked from elsewhere than a connection of IRC: by the administrator's socket, and by HTTP in the name of an account.

mod accounts;
pub(crate) mod administration;
pub(crate) mod fault;
mod files;
mod filters;
mod invitations;
mod names;
mod people;
pub(crate) mod permit;
mod programs;
mod ruled_files;
mod sanctions;
pub(crate) mod visit;
