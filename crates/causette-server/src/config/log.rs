//! What is logged, how and where: `[log]`.

use super::reader::{Choice, Section};
use super::set;
use std::path::PathBuf;
use tracing::level_filters::LevelFilter;

/// The levels by their names in the configuration.
const LEVELS: [Choice<'static, LevelFilter>; 6] = [
    ("off", Ok(LevelFilter::OFF)),
    ("error", Ok(LevelFilter::ERROR)),
    ("warn", Ok(LevelFilter::WARN)),
    ("info", Ok(LevelFilter::INFO)),
    ("debug", Ok(LevelFilter::DEBUG)),
    ("trace", Ok(LevelFilter::TRACE)),
];

/// The modules in which something is logged, and those around them, which may have levels of their own.
const MODULES: [&str; 41] = [
    "causette",
    "causette_server",
    "causette_server::admin",
    "causette_server::admin::register",
    "causette_server::admin::register::shelf",
    "causette_server::aside",
    "causette_server::backup",
    "causette_server::backup::schedule",
    "causette_server::backup::schedule::kept",
    "causette_server::beginning",
    "causette_server::config",
    "causette_server::config::reload",
    "causette_server::engine",
    "causette_server::engine::answers",
    "causette_server::engine::lookup",
    "causette_server::engine::recorder",
    "causette_server::fault",
    "causette_server::files",
    "causette_server::files::chores",
    "causette_server::files::offered",
    "causette_server::files::removed",
    "causette_server::files::sweep",
    "causette_server::http",
    "causette_server::http::files",
    "causette_server::http::files::arriving",
    "causette_server::http::files::body",
    "causette_server::http::files::download",
    "causette_server::identity",
    "causette_server::identity::certificate",
    "causette_server::identity::certificate::pair",
    "causette_server::identity::cloak",
    "causette_server::identity::trust",
    "causette_server::identity::vigil",
    "causette_server::log",
    "causette_server::net",
    "causette_server::net::admission",
    "causette_server::net::listen",
    "causette_server::net::shortage",
    "causette_server::server",
    "causette_server::shutdown",
    "causette_server::signals",
];

/// What is logged, how and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// From which level on.
    pub levels: Levels,
    /// In which form; `None` is the journal's where the journal reads standard error, and text elsewhere.
    pub format: Option<LogFormat>,
    /// The file that the log goes to.
    pub file: Option<PathBuf>,
    /// Whether a terminal on standard error shows it too, where it goes to a file: not where a console has the terminal.
    pub on_terminal: bool,
}

/// From which level on is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// What is so where nothing else is said.
    pub default: LevelFilter,
    /// What is so in a module and those inside of it.
    pub modules: Vec<(String, LevelFilter)>,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
    /// With the priority in front that sd-daemon(3) describes, and without the time, which the journal notes itself.
    Journald,
}

impl LogFormat {
    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "journald" => Some(Self::Journald),
            _ => None,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            levels: Levels {
                default: LevelFilter::INFO,
                modules: Vec::new(),
            },
            format: None,
            file: None,
            on_terminal: true,
        }
    }
}

impl LogSettings {
    /// Reads `[log]`.
    pub(super) fn read(&mut self, mut section: Section<'_>) {
        if section.holds_table("level") {
            let mut level = section.section("level");
            set(&mut self.levels.default, level.choice("default", &LEVELS));
            self.levels.modules = level.among(&MODULES, &LEVELS);
            level.finish();
        } else {
            set(&mut self.levels.default, section.choice("level", &LEVELS));
        }
        let formats = [
            ("text", Ok(LogFormat::Text)),
            ("json", Ok(LogFormat::Json)),
            ("journald", Ok(LogFormat::Journald)),
        ];
        self.format = section.choice("format", &formats);
        self.file = section.string("file").map(PathBuf::from);
        if self
            .file
            .as_ref()
            .is_some_and(|file| file.as_os_str().is_empty())
        {
            section.mistake("file", "rule-file");
        }
        section.finish();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::{Config, Problem};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn read(text: &str) -> LogSettings {
        Config::parse(text).unwrap().log
    }

    #[test]
    fn levels_are_for_all_or_for_modules_too() {
        assert_eq!(read(""), LogSettings::default());
        let levels = read("[log]\nlevel = \"warn\"").levels;
        assert_eq!(
            (levels.default, levels.modules),
            (LevelFilter::WARN, Vec::new())
        );
        let text = "[log]\nformat = \"json\"\nfile = \"a.log\"\n\
                    level = { causette_server = \"debug\", \"causette_server::config::reload\" = \"off\" }";
        let settings = read(text);
        assert_eq!(settings.levels.default, LevelFilter::INFO);
        let mut modules = settings.levels.modules;
        modules.sort();
        let expected = [
            ("causette_server".to_owned(), LevelFilter::DEBUG),
            (
                "causette_server::config::reload".to_owned(),
                LevelFilter::OFF,
            ),
        ];
        assert_eq!(modules, expected);
        assert_eq!(settings.format, Some(LogFormat::Json));
        assert_eq!(settings.file, Some(PathBuf::from("a.log")));
    }

    #[test]
    fn what_would_change_nothing_is_refused_with_its_line() {
        let text = "[log]\nformat = \"xml\"\nfile = \"\"\n[log.level]\ndefault = \"loud\"\n\
                    causete_server = \"debug\"\ncausette_server = \"\"\n\"Causette\" = \"info\"\n";
        let mistakes = Config::parse(text).unwrap_err();
        let found: Vec<(usize, &str)> = mistakes
            .iter()
            .map(|mistake| (mistake.line, mistake.key.as_str()))
            .collect();
        let expected = [
            (2, "log.format"),
            (3, "log.file"),
            (5, "log.level.default"),
            (6, "log.level.causete_server"),
            (7, "log.level.causette_server"),
            (8, "log.level.Causette"),
        ];
        assert_eq!(found, expected);
        let text = "[log.level]\n\"causette_server::engine::recordr\" = \"debug\"\n";
        let mistakes = Config::parse(text).unwrap_err();
        let nearest = Problem::Unknown("causette_server::engine::recorder");
        assert_eq!(mistakes.iter().next().unwrap().problem, nearest);
        let mistakes = Config::parse("[log]\nlevel = \"loud\"").unwrap_err();
        assert_eq!(mistakes.iter().next().unwrap().key, "log.level");
    }

    /// Finds the modules in a folder of sources in which something is logged, and those around them.
    fn find(folder: &Path, path: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_str().unwrap();
            let module = match name {
                "lib" | "main" | "mod" => path.to_owned(),
                _ => format!("{path}::{name}"),
            };
            if file.is_dir() {
                find(&file, &module, found);
            } else if logs(&std::fs::read_to_string(&file).unwrap_or_default()) {
                let around = module.match_indices("::").map(|(end, _)| &module[..end]);
                found.extend(around.map(str::to_owned));
                found.insert(module);
            }
        }
    }

    fn logs(source: &str) -> bool {
        let (code, _) = source.split_once("#[cfg(test)]").unwrap_or((source, ""));
        let mut calls = code.split("tracing::").skip(1);
        calls.any(|call| {
            let (name, _) = call.split_once('!').unwrap_or_default();
            ["error", "warn", "info", "debug", "trace"].contains(&name)
        })
    }

    #[test]
    fn levels_are_for_the_modules_in_which_something_is_logged() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        // What is said of this one counts for all whose names begin so.
        let mut found = BTreeSet::from(["causette".to_owned()]);
        for (folder, name) in [
            ("causette", "causette"),
            ("causette-server", "causette_server"),
            ("causette-store", "causette_store"),
            ("causette-core", "causette_core"),
        ] {
            find(&crates.join(folder).join("src"), name, &mut found);
        }
        assert_eq!(found.into_iter().collect::<Vec<_>>(), MODULES);
    }
}
