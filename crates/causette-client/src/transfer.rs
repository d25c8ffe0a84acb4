//! Files between this machine and the server: carried by HTTP, over the transport and by the trust of the connection on which people
//! talk, and on from where they were, whatever breaks in between.
//!
//! # Layout, in reading order
//! - `porter`: who carries, on a thread of its own; `work`: what it has in hand; `job`: the same, on disk
//! - `carrier`: one job until it is done or cannot be, with `upload`, `download` and `filehost` as its ways
//! - `site`: where the files are, and who asks; `wire`: one question by HTTP; `listing`: what files there are; `fault`: why not
//! - `place`: where a file is put that is fetched; `pace`: how fast it comes

pub(crate) mod fault;
pub(crate) mod job;
pub(crate) mod listing;
pub(crate) mod place;
pub(crate) mod porter;
pub(crate) mod site;

mod carrier;
mod download;
mod filehost;
mod pace;
mod upload;
mod wire;
mod work;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
