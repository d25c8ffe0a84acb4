//! The faces: each only draws what the client knows, and gives it what the person types.

pub mod line;
pub mod plain;
pub mod tui;
pub mod verb;

mod bar;
mod burst;
mod console;
mod paths;
mod typist;
