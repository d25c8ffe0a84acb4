//! Database servers for tests: throwaway ones, which live as long as the value that started them, and those that the
//! environment names.
//!
//! Most tests want a database and do not care whose: they ask [`urls_from_environment`], which `cargo xtask test` has filled, and
//! make one of their own on each server by [`AdminUrl::create_database`]. A test that kills its server, fills its disk or gives it
//! other settings starts one by [`Server::start`].
//!
//! Not here: any driver. What has to be asked is asked with the engines' own clients, `psql` and `mariadb`, so that a test never
//! believes the program that it tests. Linux only: it reads `/proc` and waits for processes that are not its children.

mod address;
mod database;
mod engine;
mod folder;
mod held;
pub mod phpmyadmin;
mod process;
mod server;
mod service;

pub use address::{AdminUrl, URLS_VARIABLE, urls_from_environment};
pub use database::Database;
pub use engine::{Engine, Missing};
pub use held::Held;
pub use phpmyadmin::PhpMyAdmin;
pub use server::{Options, Server, StartError, Tls};
pub use service::Service;

/// A random text of `2 * bytes` hexadecimal digits: for names that nothing else has, and for passwords.
fn random_hex(bytes: usize) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut random = vec![0; bytes];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
