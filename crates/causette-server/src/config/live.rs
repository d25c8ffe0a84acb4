//! The configuration as it is at the moment. Reading it again puts another in its place; who has asked for it keeps what it
//! got.

use crate::config::Config;
use causette_core::file::AddressKey;
use causette_text::Language;
use std::sync::{Arc, PoisonError, RwLock};

/// The configuration in force.
#[derive(Debug)]
pub(crate) struct Live(RwLock<Arc<Config>>);

impl Live {
    /// The one of the start.
    pub(crate) fn new(config: Config) -> Self {
        Self(RwLock::new(Arc::new(config)))
    }

    /// What is in force now.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts another in force.
    pub(crate) fn replace(&self, config: Config) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// Fills in what nobody has said and only who listens knows: where people come to with TLS, and by what addresses are signed.
    pub(crate) fn settle(&self, port: Option<u16>, key: AddressKey) {
        let mut config = (*self.config()).clone();
        config.files.settle(&mut config.settings, port, key);
        self.replace(config);
    }

    /// The language of the server's texts.
    pub(crate) fn language(&self) -> Language {
        self.config().settings.language
    }
}
