//! A server moves into another database: what `causette migrate` does, where none runs.

use crate::beginning;
use crate::config::{Config, database_rule, look_at_tls, secret_in};
use crate::data_dir::{DataDir, is_held};
use crate::files::FILES;
use causette_store::moving::{self, Manner};
use causette_store::{Access, Database, Store, StoreError};
use causette_text::{Language, text_with};
use std::path::{Path, PathBuf};

pub use causette_store::moving::{Difference, Moved, Moving, TableMoved};

/// Where the contents of files lie, which are in no database.
pub fn contents_folder(config: &Config) -> PathBuf {
    config.data_dir.join(FILES)
}

/// One of the two databases, as somebody names it.
#[derive(Clone, Debug)]
pub struct Named {
    /// By which option.
    pub option: &'static str,
    /// Its URL, in the form that `database.url` has.
    pub url: String,
    /// The option for the file with the password, and that file.
    pub password_file: (&'static str, Option<PathBuf>),
    /// The variable of the environment that has the password, where neither URL nor file has it.
    pub variable: &'static str,
    /// The option for the file with the authority of the server's certificate, and that file.
    pub ca_file: (&'static str, Option<PathBuf>),
}

/// One of the two databases.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is.
    pub database: Database,
    /// By what it was named: what a text says of `database.url` is about that.
    names: [&'static str; 4],
}

/// Why a server was not moved: in the person's language, what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmoved {
    /// What was named is no database, or its password cannot be read.
    Misnamed(String),
    /// A file that TLS needs cannot be used.
    Unusable(String),
    /// Something is in the way.
    Refused(String),
    /// Whoever asked for it wants it no more. What was brought stays, for the next attempt.
    GivenUp,
}

impl Place {
    /// The database that somebody names. A file is relative to the data folder.
    ///
    /// # Errors
    /// What is wrong with the name, or with the file of the password.
    pub fn named(named: &Named, config: &Config) -> Result<Self, Unmoved> {
        let language = config.settings.language;
        let mut access = Access {
            password: None,
            ca_file: named.ca_file.1.clone(),
        };
        if let Some(file) = &named.password_file.1 {
            let password = secret_in(named.password_file.0, file, language)
                .map_err(|error| Unmoved::Misnamed(error.to_string()))?;
            access.password = Some(password.to_string());
        } else if let Ok(password) = std::env::var(named.variable) {
            access.password = Some(password).filter(|password| !password.is_empty());
        }
        let database = Database::parse(&named.url, &access).map_err(|wrong| {
            let rule = database_rule(&wrong).message(language);
            let variables = [("option", named.option), ("rule", &*rule)];
            Unmoved::Misnamed(text_with(language, "migrate-misnamed", &variables))
        })?;
        look_at_tls(&database, [named.option, named.ca_file.0], language)
            .map_err(|error| Unmoved::Unusable(error.to_string()))?;
        Ok(Self {
            database: database.within(&config.data_dir),
            names: [
                named.option,
                named.password_file.0,
                named.ca_file.0,
                named.variable,
            ],
        })
    }

    /// The one that the configuration names.
    pub fn configured(config: &Config) -> Self {
        Self {
            database: config.database(),
            names: NAMES,
        }
    }

    /// What is wrong with it.
    fn words(&self, error: &StoreError, config: &Config) -> String {
        let told = match error {
            StoreError::Missing(_) => {
                let database = self.database.to_string();
                let variables = [("database", database.as_str())];
                text_with(config.settings.language, "migrate-missing", &variables)
            }
            error => beginning::words(
                error,
                &self.database,
                &config.data_dir,
                config.settings.language,
            ),
        };
        let names = NAMES.iter().zip(self.names);
        names.fold(told, |told, (key, name)| told.replace(key, name))
    }
}

/// By what the configuration names a database, its password and who vouches for it.
const NAMES: [&str; 4] = [
    "database.url",
    "database.password_file",
    "database.ca_file",
    "CAUSETTE_DATABASE_PASSWORD",
];

/// Moves everything that is in one database into another, or goes on with that. No server may run on either meanwhile, and none is
/// let. `go_on` hears how far it has come, and whether it goes on. Blocks.
///
/// # Errors
/// Says what is in the way; the source is as it was, and what was brought stays, for the next attempt. What does not agree in
/// the end is no error.
pub fn migrate(
    config: &Config,
    from: &Place,
    to: &Place,
    verify: bool,
    go_on: impl FnMut(Moving) -> bool,
) -> Result<Moved, Unmoved> {
    let language = config.settings.language;
    // Before the folder is held, which is made where there is none.
    if from.database != to.database
        && let Err(error @ StoreError::Missing(_)) = Store::look(&from.database)
    {
        return Err(Unmoved::Refused(from.words(&error, config)));
    }
    let _data_dir = keep_out(config, [from, to])?;
    let manner = Manner {
        verify,
        ..Manner::default()
    };
    moving::run(&from.database, &to.database, manner, go_on).map_err(|error| {
        let refused = |key: &str, database: &str| {
            Unmoved::Refused(text_with(language, key, &[("database", database)]))
        };
        match error {
            moving::Unmoved::GivenUp => Unmoved::GivenUp,
            moving::Unmoved::Same(database) => refused("migrate-same", &database),
            moving::Unmoved::Occupied(database) => refused("migrate-occupied", &database),
            moving::Unmoved::AnotherSource(database) => refused("migrate-other", &database),
            moving::Unmoved::Served(database) => refused("migrate-served", &database),
            moving::Unmoved::From(error) => Unmoved::Refused(from.words(&error, config)),
            moving::Unmoved::To(error) => Unmoved::Refused(to.words(&error, config)),
        }
    })
}

/// Holds the data folder where one of the databases is in it or is the one that is configured, so that no server starts
/// meanwhile. Those on servers are held by a lock of their own.
fn keep_out(config: &Config, places: [&Place; 2]) -> Result<Option<DataDir>, Unmoved> {
    let language = config.settings.language;
    let folder_of = |place: &Place| place.database.file().and_then(Path::parent).map(real);
    let data_dir = real(&config.data_dir);
    let concerns = places.iter().any(|place| {
        place.database == config.database()
            || folder_of(place).is_some_and(|folder| folder.starts_with(&data_dir))
    });
    for folder in places.iter().filter_map(|place| folder_of(place)) {
        if folder != data_dir && is_held(&folder) {
            return Err(running(&folder, language));
        }
    }
    if !concerns {
        return Ok(None);
    }
    if is_held(&config.data_dir) {
        return Err(running(&config.data_dir, language));
    }
    DataDir::claim(&config.data_dir, language)
        .map(Some)
        .map_err(|error| Unmoved::Refused(error.to_string()))
}

fn running(folder: &Path, language: Language) -> Unmoved {
    let folder = folder.display().to_string();
    Unmoved::Refused(text_with(
        language,
        "migrate-running",
        &[("folder", &folder)],
    ))
}

/// A folder from the root on, as far as that can be found.
fn real(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder)
        .or_else(|_| std::path::absolute(folder))
        .unwrap_or_else(|_| folder.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn named(ca_file: Option<PathBuf>) -> Named {
        Named {
            option: "--to",
            url: "postgres://a@db.test/chat".to_owned(),
            password_file: ("--to-password-file", None),
            variable: "CAUSETTE_TO_PASSWORD",
            ca_file: ("--to-ca-file", ca_file),
        }
    }

    #[test]
    fn what_is_wrong_with_tls_names_the_options_and_no_key_of_the_configuration() {
        let config = Config::default();
        let missing = named(Some("/nowhere/ca.pem".into()));
        let Err(Unmoved::Unusable(told)) = Place::named(&missing, &config) else {
            panic!("a file that is not there is taken");
        };
        assert!(told.starts_with("--to-ca-file: /nowhere/ca.pem "), "{told}");
        let place = Place::named(&named(None), &config).unwrap();
        for error in [
            StoreError::Untrusted("UnknownIssuer".to_owned()),
            StoreError::NoTls("postgres://a@db.test/chat".to_owned()),
        ] {
            let told = place.words(&error, &config);
            assert!(told.starts_with("--to: "), "{told}");
            assert!(told.contains("--to-ca-file"), "{told}");
            assert!(!told.contains("database."), "{told}");
        }
    }
}
