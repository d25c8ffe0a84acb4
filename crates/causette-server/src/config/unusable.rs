//! The error of a configuration that cannot be put in force, whatever part of the program found out.

use super::{Config, Mistakes};
use crate::certificate::Certificate;
use causette_text::{Language, text_with};
use std::fmt;
use std::path::Path;

/// A configuration that cannot be put in force, with each thing that the administrator has to change. Trying again does not
/// help, so the program ends with a status of its own (`EX_CONFIG`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(Vec<String>);

impl Unusable {
    /// For one reason, which names its key.
    pub fn because(reason: impl fmt::Display) -> Self {
        Self(vec![reason.to_string()])
    }

    /// For all that is wrong in a file.
    pub fn in_file(file: &Path, mistakes: &Mistakes, language: Language) -> Self {
        let file = file.display();
        let language = mistakes.language.unwrap_or(language);
        let told = |mistake: &super::ConfigError| format!("{file}: {}", mistake.message(language));
        Self(mistakes.iter().map(told).collect())
    }

    /// With what else is wrong.
    fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// What there is to change.
    pub fn reasons(&self) -> &[String] {
        &self.0
    }

    /// The first of the reasons, and how many there are besides: what fits on a line.
    pub(crate) fn in_short(&self, language: Language) -> String {
        match &*self.0 {
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
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Unusable {}

/// Looks for what a start would find wrong beside the text of the configuration, and changes nothing.
///
/// # Errors
/// Names all keys that cannot be honoured here.
pub fn check(mut config: Config, language: Language) -> Result<(), Unusable> {
    match (config.read_files(language), certificate(&config, language)) {
        (Err(files), Err(certificate)) => Err(files.and(certificate)),
        (files, certificate) => files.and(certificate),
    }
}

fn certificate(config: &Config, language: Language) -> Result<(), Unusable> {
    let Some(files) = &config.certificate else {
        return Ok(());
    };
    let server = &config.settings.server;
    Certificate::load(Some(files), &config.data_dir, server, language)
        .map(drop)
        .map_err(|error| Unusable::because(format_args!("{error:#}")))
}
