//! The client: one core without terminal or network, and its faces.
//!
//! # Layout, in reading order
//! - [`core`](mod@core): everything that a client knows and decides
//! - [`face`]: the screen, plain lines and verbs, each only drawing or printing; [`exit`] and [`ending`]: how a verb ends
//! - [`arrival`], `questions` and [`trusting`]: what is asked at the door, on [`lines`]
//! - [`transfer`]: files between this machine and the server
//! - [`driver`]: the core with its connection, its clock and its files: `transport`, [`trust`], [`address`], [`credentials`],
//!   [`drawer`], [`folder`] and [`last_server`]

pub mod address;
pub mod arrival;
pub mod core;
pub mod credentials;
pub mod drawer;
pub mod driver;
pub mod ending;
pub mod exit;
pub mod face;
pub mod folder;
pub mod last_server;
pub mod lines;
pub mod transfer;
pub mod transport;
pub mod trust;
pub mod trusting;

mod questions;
