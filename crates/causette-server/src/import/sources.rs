//! The files and tables in which the older programs left what they kept.

use super::dump::Dump;
use super::exchanged;
use super::old::{Old, Place};
use super::plan::known_names;
use super::program_a::{self, Kind, USERS};
use super::program_b;
use super::report::Problem;
use super::served;
use crate::config::Config;
use crate::engine::now;
use crate::trouble;
use anyhow::anyhow;
use aws_lc_rs::digest::{SHA256, digest};
use causette_core::snapshot::Snapshot;
use causette_core::{limits, plain};
use causette_proto::Timestamp;
use causette_store::{Database, Foreign, ForeignError};
use causette_text::{Language, text_with};
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Bytes of a file that is read at most.
pub(super) const FILE_BYTES: u64 = 2 << 30;

/// An older program, and where it left what it kept.
#[derive(Clone, Debug)]
pub enum Program {
    /// The one with an SQLite file and two text files.
    A(OfA),
    /// The one with a MySQL database.
    B(OfB),
}

/// What program A left.
#[derive(Clone, Debug, Default)]
pub struct OfA {
    /// The SQLite file of the accounts.
    pub database: Option<PathBuf>,
    /// Files of what people said.
    pub chats: Vec<PathBuf>,
    /// Files of what happened.
    pub logs: Vec<PathBuf>,
    /// Folders of the files that they exchanged.
    pub folders: Vec<PathBuf>,
}

/// What program B left.
#[derive(Clone, Debug, Default)]
pub struct OfB {
    /// SQL dumps of its tables.
    pub dumps: Vec<PathBuf>,
    /// The database in which they are.
    pub tables: Option<Database>,
}

impl Program {
    /// The letter that stands for it in the record.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::A(_) => "a",
            Self::B(_) => "b",
        }
    }
}

/// Reads everything.
///
/// # Errors
/// Says what cannot be read at all, and what to do.
pub(super) fn read(config: &Config, program: &Program, snapshot: &Snapshot) -> anyhow::Result<Old> {
    let reading = Reading {
        language: config.settings.language,
        zone: TimeZone::system(),
        now: now(),
        file_bytes: match config.settings.files.file_bytes {
            // Whoever runs the server may, where nobody else does.
            0 => limits::FILE_BYTES,
            bytes => bytes,
        },
    };
    match program {
        Program::A(of) => reading.of_a(of, snapshot),
        Program::B(of) => reading.of_b(of),
    }
}

struct Reading {
    language: Language,
    zone: TimeZone,
    now: Timestamp,
    /// Bytes of the largest file of those that people exchanged.
    file_bytes: u64,
}

impl Reading {
    fn of_a(&self, of: &OfA, snapshot: &Snapshot) -> anyhow::Result<Old> {
        let mut old = Old::default();
        if let Some(path) = &of.database {
            // Its bytes first: while it is open, the file is SQLite's.
            let sha256 = self.bytes(path)?.1;
            old.digests.push((named(path), sha256));
            let foreign = Foreign::open(path).map_err(|error| self.foreign(path, &error))?;
            let rows = foreign.rows(USERS.0, &USERS.1, FILE_BYTES, &mut |_| {});
            let rows = rows.map_err(|error| self.foreign(path, &error))?;
            program_a::accounts(&named(path), rows, &mut old);
        }
        let mut names: HashSet<String> = known_names("a", snapshot).into_keys().collect();
        names.extend(old.accounts.iter().map(|account| account.name.clone()));
        names.remove("");
        let chats = of.chats.iter().map(|path| (path, Kind::Chat));
        let logs = of.logs.iter().map(|path| (path, Kind::Log));
        for (path, kind) in chats.chain(logs) {
            let (bytes, sha256, written) = self.bytes(path)?;
            old.digests.push((named(path), sha256));
            let file = (&*named(path), &*bytes, kind);
            let times = (written, self.now);
            program_a::lines(file, (&names, &self.zone), times, &mut old);
        }
        let reading = exchanged::Reading {
            max: self.file_bytes,
            language: self.language,
            now: self.now,
        };
        for folder in &of.folders {
            exchanged::read(folder, &reading, &mut old).map_err(|error| {
                let told = trouble::of_io(&error, self.language);
                self.refused("import-unread", folder, &[("error", &told)])
            })?;
        }
        Ok(old)
    }

    fn of_b(&self, of: &OfB) -> anyhow::Result<Old> {
        let mut old = Old::default();
        let mut conversations = Vec::new();
        let mut missing = program_b::TABLES.map(|table| table.name).to_vec();
        let mut last = None;
        for path in &of.dumps {
            let (bytes, sha256, written) = self.bytes(path)?;
            let file = named(path);
            old.digests.push((file.clone(), sha256));
            let dump = Dump::read(&bytes, &program_b::TABLES);
            if !dump.seen.contains(&true) {
                return Err(self.refused("import-no-tables", path, &[]));
            }
            let seen = dump.seen.iter().zip(program_b::TABLES);
            let seen = seen.filter_map(|(is_seen, table)| is_seen.then_some(table.name));
            let seen: Vec<&str> = seen.collect();
            missing.retain(|table| !seen.contains(table));
            last = Some(Place {
                file: file.clone(),
                line: dump.last_line,
            });
            let [accounts, lines] = program_b::of_dump(&file, dump, &mut old.problems);
            program_b::accounts(&file, accounts, &mut old);
            conversations.push((file, lines, written));
        }
        // One table may be in one dump, and the other in another.
        for (table, place) in missing.iter().zip(last.iter().cycle()) {
            let problem = Problem::left_out(place, "import-no-such-table");
            old.problems.push(problem.with("table", *table));
        }
        if let Some(database) = &of.tables {
            let [accounts, lines] = served::read(database, self.language)?;
            for table in [&accounts, &lines] {
                old.digests.push((table.name.clone(), table.sha256.clone()));
            }
            program_b::accounts(&accounts.name, accounts.rows, &mut old);
            conversations.push((lines.name, lines.rows, self.now));
        }
        for (file, lines, written) in conversations {
            let times = (&self.zone, written, self.now);
            program_b::lines(&file, lines, times, &mut old);
        }
        Ok(old)
    }

    /// The bytes of a file, its SHA-256, and when it was written last.
    fn bytes(&self, path: &Path) -> anyhow::Result<(Vec<u8>, String, Timestamp)> {
        let refused = |error: io::Error| {
            let told = trouble::of_io(&error, self.language);
            self.refused("import-unread", path, &[("error", &told)])
        };
        let found = fs::metadata(path).map_err(refused)?;
        if found.len() > FILE_BYTES {
            let max = (FILE_BYTES >> 30).to_string();
            return Err(self.refused("import-too-large", path, &[("max", &max)]));
        }
        let written = found.modified().map_err(refused)?;
        let written = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        let written = Timestamp(i64::try_from(written.as_micros()).unwrap_or(i64::MAX));
        let bytes = fs::read(path).map_err(refused)?;
        let sha256 = digest(&SHA256, &bytes);
        let hex: String = sha256
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok((bytes, hex, written))
    }

    fn foreign(&self, path: &Path, error: &ForeignError) -> anyhow::Error {
        match error {
            ForeignError::Missing(_) => {
                let told = trouble::of_io(&io::ErrorKind::NotFound.into(), self.language);
                self.refused("import-unread", path, &[("error", &told)])
            }
            ForeignError::NoDatabase(_) => self.refused("import-no-database", path, &[]),
            ForeignError::Damaged(error) => {
                self.refused("import-damaged", path, &[("error", error)])
            }
            ForeignError::NoTable(table) => {
                self.refused("import-no-table", path, &[("table", table)])
            }
            ForeignError::NoColumn { table, column } => {
                let variables = [("table", table.as_str()), ("column", column)];
                self.refused("import-no-column", path, &variables)
            }
            other => self.refused("import-unread", path, &[("error", &other.to_string())]),
        }
    }

    fn refused(&self, key: &str, path: &Path, variables: &[(&str, &str)]) -> anyhow::Error {
        let file = path.display().to_string();
        let mut all = vec![("file", file.as_str())];
        all.extend(variables);
        anyhow!(text_with(self.language, key, &all))
    }
}

/// What a file is called in the report and in the register.
fn named(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    plain(&name.to_string_lossy())
}
