//! The database servers that tests find: those of the environment, those that run on this machine, or throwaway ones.

use std::io::Write as _;

use anyhow::{Context, bail};
use causette_testbed::{Engine, Options, Server, Service, StartError, URLS_VARIABLE};

use crate::command::none;
use crate::step::{is_ci, missing};

/// Servers for tests; those that are ours are ended with this value or with this process, whichever ends first.
#[derive(Default)]
pub(crate) struct Engines {
    urls: Vec<String>,
    // Kept for their ends.
    servers: Vec<Server>,
    services: Vec<Service>,
}

impl Engines {
    /// One server of each engine that is installed.
    ///
    /// # Errors
    /// When an engine is there and cannot be started; with `CI=true` also when one is not there that Debian has.
    pub(crate) fn gather() -> anyhow::Result<Self> {
        let mut engines = Self::default();
        if let Some(urls) = named() {
            eprintln!("databases: those of {URLS_VARIABLE}");
            engines.urls = urls.split_whitespace().map(str::to_owned).collect();
            return Ok(engines);
        }
        for engine in Engine::ALL {
            engines.add(engine)?;
        }
        Ok(engines)
    }

    fn add(&mut self, engine: Engine) -> anyhow::Result<()> {
        // A developer's own server is left alone; where everything is for the tests, it is what they are about.
        if is_ci()
            && let Some(service) = Service::borrow(engine)
        {
            eprintln!(
                "{engine}: that of this machine, port {}",
                service.admin().port
            );
            self.urls.push(service.admin().to_string());
            self.services.push(service);
            return Ok(());
        }
        match Server::start(engine, &Options::default()) {
            Ok(server) => {
                eprintln!("{engine}: one of our own, port {}", server.admin().port);
                self.urls.push(server.admin().to_string());
                self.servers.push(server);
                Ok(())
            }
            Err(StartError::Missing(lacking)) if engine.is_required() || !is_ci() => {
                missing("databases", &lacking.to_string())
            }
            Err(StartError::Missing(lacking)) => {
                eprintln!("{lacking}; it is not required");
                Ok(())
            }
            Err(StartError::Failed(error)) => Err(error),
        }
    }

    /// The value of the variable by which tests find them.
    pub(crate) fn urls(&self) -> String {
        self.urls.join(" ")
    }
}

/// `cargo xtask engines`.
pub(crate) fn engines(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    if named().is_some() {
        bail!("{URLS_VARIABLE} names servers already; `unset` it to have throwaway ones");
    }
    let engines = Engines::gather()?;
    if engines.urls.is_empty() {
        bail!("no engine is installed");
    }
    let mut output = std::io::stdout();
    writeln!(output, "export {URLS_VARIABLE}='{}'", engines.urls()).context("standard output")?;
    eprintln!("They run until Ctrl+C, and what is in them goes with them.");
    loop {
        std::thread::park();
    }
}

/// What the environment names already.
fn named() -> Option<String> {
    let urls = std::env::var(URLS_VARIABLE).ok()?;
    (!urls.trim().is_empty()).then_some(urls)
}
