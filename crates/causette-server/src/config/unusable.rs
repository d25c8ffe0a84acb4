//! The error of a configuration that cannot be put in force, whatever part of the program found out.

use super::{Config, Mistakes};
use crate::backup;
use crate::beginning;
use crate::data_dir;
use crate::doctor::{self, Finding};
use crate::identity::certificate::{self, Certificate};
use crate::log;
use causette_text::{Language, text_with};
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A configuration that cannot be put in force, with each thing that is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    reasons: Vec<String>,
    hope: Hope,
}

/// Whether trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// The administrator has to change something first.
    Without,
    /// What is in the way may pass by itself: a full disk, too many open files.
    Passing,
}

impl Unusable {
    /// For one reason, which names its key, and which the administrator has to change.
    pub fn because(reason: impl fmt::Display) -> Self {
        Self {
            reasons: vec![reason.to_string()],
            hope: Hope::Without,
        }
    }

    /// For one reason that may pass by itself.
    pub fn for_now(reason: impl fmt::Display) -> Self {
        Self {
            hope: Hope::Passing,
            ..Self::because(reason)
        }
    }

    /// For what the system has refused. Only where the name of a file or its contents are wrong is it for the administrator
    /// to change: a disk that is full or fails, and files that run out, are no mistake in the configuration.
    pub fn refused(error: &io::Error, reason: impl fmt::Display) -> Self {
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidData => Self::because(reason),
            _ => Self::for_now(reason),
        }
    }

    /// For all that is wrong in a file.
    pub fn in_file(file: &Path, mistakes: &Mistakes, language: Language) -> Self {
        let file = file.display();
        let language = mistakes.language.unwrap_or(language);
        let told = |mistake: &super::ConfigError| format!("{file}: {}", mistake.message(language));
        Self {
            reasons: mistakes.iter().map(told).collect(),
            hope: Hope::Without,
        }
    }

    /// With what else is wrong.
    fn and(mut self, other: Self) -> Self {
        self.reasons.extend(other.reasons);
        if other.hope == Hope::Without {
            self.hope = other.hope;
        }
        self
    }

    /// What is in the way.
    pub fn reasons(&self) -> &[String] {
        &self.reasons
    }

    /// Whether trying again may help. Where it does not, the program ends with a status of its own (`EX_CONFIG`).
    pub fn may_pass(&self) -> bool {
        self.hope == Hope::Passing
    }

    /// The first of the reasons, and how many there are besides: what fits on a line.
    pub(crate) fn in_short(&self, language: Language) -> String {
        match &*self.reasons {
            [] => String::new(),
            [only] => only.clone(),
            [first, others @ ..] => {
                let others = others.len().to_string();
                let variables = [("first", first.as_str()), ("others", &others)];
                text_with(language, "config-more", &variables)
            }
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reasons.join("\n"))
    }
}

impl std::error::Error for Unusable {}

/// What [`check`] has to tell of a configuration that can be put in force.
#[derive(Debug)]
pub struct Checked {
    /// The files that keep something from being looked at: those that only the service is handed.
    pub unseen: Vec<PathBuf>,
    /// What a start would do with the database, where it could be asked.
    pub database: Option<String>,
    /// What could be better about the server of the database.
    pub hints: Vec<Finding>,
}

/// Looks for what a start would find wrong beside the text of the configuration, and changes nothing. The database is asked as a
/// start asks it; on a server, where its password is known.
///
/// # Errors
/// Names all keys that cannot be honoured here, in the language of who asked, else in that of the configuration.
pub fn check(mut config: Config) -> Result<Checked, Unusable> {
    let language = config.start_language();
    let certificate = certificate(&config);
    let password = match config.password_out_of_reach().map(Path::to_owned) {
        None => config.read_password(language).map(|()| None),
        file => Ok(file),
    };
    let files = config.look_at_database_files(language);
    let database = match (&password, &files) {
        (Ok(None), Ok(())) => beginning::ask(&config).map(Some),
        _ => Ok(None),
    };
    let looked = [
        data_dir::look(&config.data_dir, language).map(drop),
        config.read_files(language),
        certificate.as_ref().map(drop).map_err(Clone::clone),
        password.as_ref().map(drop).map_err(Clone::clone),
        files,
        beginning::look(&config),
        database.as_ref().map(drop).map_err(Clone::clone),
        log::look(&config.log, language),
        backup::look_for_schedule(&config),
    ];
    let wrong = looked.into_iter().filter_map(Result::err);
    match wrong.reduce(Unusable::and) {
        Some(wrong) => Err(wrong),
        None => {
            let database = database?;
            let settings = database.as_ref().map(|(_, settings)| &**settings);
            Ok(Checked {
                unseen: certificate?.into_iter().chain(password?).collect(),
                hints: doctor::hints_of_database(settings.unwrap_or_default()),
                database: database.map(|(outlook, _)| {
                    beginning::foretold(outlook.as_ref(), &config.database(), language)
                }),
            })
        }
    }
}

fn certificate(config: &Config) -> Result<Option<PathBuf>, Unusable> {
    let Some(files) = &config.certificate else {
        return Ok(None);
    };
    if let Some(file) = certificate::out_of_reach(files) {
        return Ok(Some(file.to_owned()));
    }
    let (server, language) = (&config.settings.server, config.start_language());
    Certificate::load(Some(files), &config.data_dir, server, language).map(|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_administrator_has_to_change_is_without_hope() {
        let passes = |number| {
            let error = io::Error::from_raw_os_error(number);
            Unusable::refused(&error, "server.motd").may_pass()
        };
        // EIO, ENFILE, EMFILE, ENOSPC, EROFS; then ENOENT, EACCES, ENOTDIR, EISDIR.
        assert!([5, 23, 24, 28, 30].into_iter().all(passes));
        assert!(![2, 13, 20, 21].into_iter().any(passes));
        let (full, wrong) = (Unusable::for_now("full"), Unusable::because("wrong"));
        for both in [full.clone().and(wrong.clone()), wrong.and(full)] {
            assert!(!both.may_pass() && both.reasons().len() == 2);
        }
    }
}
