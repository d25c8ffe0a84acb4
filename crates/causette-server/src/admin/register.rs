//! The register as those read it who run the server: each question is entered, then answered page by page, by connections to
//! the database that are nobody else's.
//!
//! - [`asked`]: what somebody asks, and whether it can be
//! - [`shelf`]: pages, a few at a time
//! - [`entered`]: whose a message is that somebody else has entered
//! - [`writing`]: a page as people read it; [`csv`] and [`data`] as programs do

mod asked;
mod csv;
mod data;
mod entered;
mod shelf;
mod telling;
mod writing;

pub(crate) use asked::{Asked, Form, Raw};
pub(crate) use shelf::Shelf;
