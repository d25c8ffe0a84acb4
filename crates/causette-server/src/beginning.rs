//! What becomes of the database at a start: gone on with, made, or brought to the form of this version; and when to refuse.

use crate::config::{Config, Unusable};
use crate::{certificate, cloak};
use anyhow::Context as _;
use causette_store::{Beginning, Begun, Store, StoreError};
use causette_text::text_with;
use std::path::Path;

/// Opens the database. To be called before the start makes any key: a server that has its keys and no database was one
/// before, and would let anybody take the names of its people.
///
/// # Errors
/// [`Unusable`] where the database is missing, is one where a new one was meant, or none for this version; otherwise what the
/// disk refused. Both name the key of the configuration.
pub(crate) fn open(config: &Config, data_dir: &Path) -> anyhow::Result<Store> {
    let database = config.database_path();
    let beginning = match (config.new, has_keys(data_dir)) {
        (true, _) => Beginning::New,
        (false, true) => Beginning::Existing,
        (false, false) => Beginning::Any,
    };
    let refused = |text: &str, database: &Path| {
        let folder = data_dir.display().to_string();
        let database = database.display().to_string();
        let variables = [("database", database.as_str()), ("folder", folder.as_str())];
        Unusable::because(text_with(config.settings.language, text, &variables))
    };
    let (store, begun) = match Store::begin(&database, beginning) {
        Ok(begun) => begun,
        Err(StoreError::Missing(database)) => Err(refused("start-database-missing", &database))?,
        Err(StoreError::Present(database)) => Err(refused("start-database-present", &database))?,
        // Starting again changes nothing about these either.
        Err(
            error @ (StoreError::Newer { .. } | StoreError::Foreign(_) | StoreError::NoLog { .. }),
        ) => Err(Unusable::because(format_args!("database.url: {error}")))?,
        failed => failed.with_context(|| format!("database.url: {}", database.display()))?,
    };
    tell(&database, &begun);
    Ok(store)
}

fn has_keys(data_dir: &Path) -> bool {
    [cloak::KEY, certificate::KEY, certificate::CERTIFICATE]
        .iter()
        .any(|key| data_dir.join(key).exists())
}

fn tell(database: &Path, begun: &Begun) {
    let database = database.display();
    match begun {
        Begun::Unchanged => {}
        Begun::Made => tracing::info!(
            event = "store.made",
            database = %database,
            "made a new database"
        ),
        Begun::Migrated { from, to, copy } => tracing::warn!(
            event = "store.migrated",
            database = %database,
            from,
            to,
            copy = %copy.display(),
            "the database has the form of this version now; the copy has the one before"
        ),
    }
}
