//! Tests of the core as a whole: conversations written down, and the seeded simulator, both in the same small world.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod memory;
mod simulate;
mod transcript;
mod world;
