//! Program B's tables where they are: on a server of MySQL or MariaDB.

use super::program_b::{Numbered, TABLES};
use super::sources::FILE_BYTES;
use crate::config::{look_at_tls, secret_in};
use anyhow::anyhow;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::plain;
use causette_store::{Access, Cell, Database, Foreign, ForeignError, NoDatabase};
use causette_text::{Language, text, text_with};
use std::fmt::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The variable of the environment that has the password, where neither URL nor file has it.
const VARIABLE: &str = "CAUSETTE_IMPORT_PASSWORD";

/// One of the two tables, as it was read.
pub(super) struct Served {
    /// What it is called in the report and in the register.
    pub(super) name: String,
    /// Of its rows, each written in hexadecimal on a line as the server writes it: whoever has the tables computes the same.
    pub(super) sha256: String,
    pub(super) rows: Vec<Numbered>,
}

/// Where the tables are. The password comes from the URL, else from the file, else from the environment; it is shown nowhere.
///
/// # Errors
/// In the person's language what is wrong with the URL or the file, and what to do.
pub fn place(
    url: &str,
    password_file: Option<&Path>,
    language: Language,
) -> anyhow::Result<Database> {
    let told = |key: &str, variables: &[(&str, &str)]| anyhow!(text_with(language, key, variables));
    let parsed = Database::parse(url, &Access::default()).map_err(|wrong| match wrong {
        NoDatabase::Scheme => told("import-url-scheme", &[]),
        NoDatabase::NotBuilt => told("import-url-built", &[]),
        NoDatabase::Url(error) => told("import-url-wrong", &[("error", &error)]),
        NoDatabase::Parameter(name) => told("import-url-parameter", &[("name", &name)]),
        NoDatabase::Escape(escape) => told("import-url-escape", &[("escape", &escape)]),
        NoDatabase::Unescaped => told("import-url-unescaped", &[]),
        NoDatabase::Nameless => told("import-url-nameless", &[]),
    })?;
    look_at_tls(&parsed, ["--url", "--url"], language).map_err(|error| anyhow!("{error}"))?;
    let password = match password_file {
        Some(file) => {
            Some(secret_in("--password-file", file, language).map_err(|error| anyhow!("{error}"))?)
        }
        None => std::env::var(VARIABLE).ok().map(Zeroizing::new),
    };
    Ok(match password.filter(|password| !password.is_empty()) {
        Some(password) => parsed.with_password(&password),
        None => parsed,
    })
}

/// Reads both tables.
pub(super) fn read(database: &Database, language: Language) -> anyhow::Result<[Served; 2]> {
    let told = |error: ForeignError| words(&error, database, language);
    let foreign = Foreign::connect(database).map_err(told)?;
    let whole = database.to_string();
    let name = whole
        .rsplit_once('/')
        .map_or(whole.as_str(), |(_, name)| name);
    let mut left = FILE_BYTES;
    let mut table = |place: usize| {
        let table = TABLES[place];
        // What `SELECT HEX(id), HEX(mdp), … | sha256sum` gives with the client of the server.
        let mut context = Context::new(&SHA256);
        let mut hexadecimal = |row: &[Cell]| {
            let cells: Vec<&[u8]> = row.iter().map(written).collect();
            context.update(&cells.join(&b'\t'));
            context.update(b"\n");
        };
        let rows = foreign
            .rows(table.name, table.columns, left, &mut hexadecimal)
            .map_err(told)?;
        left -= rows.iter().flatten().map(Cell::len).sum::<u64>().min(left);
        Ok::<_, anyhow::Error>(Served {
            name: format!("{}.{}", plain(name), table.name),
            sha256: hex(context),
            rows: numbered(rows),
        })
    };
    Ok([table(0)?, table(1)?])
}

fn numbered(rows: Vec<Vec<Cell>>) -> Vec<Numbered> {
    let cells = |row: Vec<Cell>| row.into_iter().map(Cell::into_bytes).collect();
    (1..).zip(rows.into_iter().map(cells)).collect()
}

/// How the client of the server writes what stands there.
fn written(cell: &Cell) -> &[u8] {
    match cell {
        Cell::Null => b"NULL",
        Cell::Bytes(bytes) => bytes,
    }
}

fn hex(context: Context) -> String {
    let digest = context.finish();
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a string never fails.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn words(error: &ForeignError, database: &Database, language: Language) -> anyhow::Error {
    let shown = database.to_string();
    let told = |key: &str, variables: &[(&str, &str)]| {
        let mut all = vec![("database", shown.as_str())];
        all.extend(variables);
        anyhow!(text_with(language, key, &all))
    };
    match error {
        ForeignError::NoMySql => anyhow!(text(language, "import-url-scheme")),
        ForeignError::Ours => told("import-url-ours", &[]),
        ForeignError::Unreachable(error) => told("import-url-unreachable", &[("error", error)]),
        ForeignError::NoTls(_) => told("import-url-no-tls", &[]),
        ForeignError::Untrusted(error) => told("import-url-untrusted", &[("error", error)]),
        ForeignError::Denied(error) => told("import-url-denied", &[("error", error)]),
        ForeignError::NoSuchDatabase(_) => told("import-url-no-such", &[]),
        ForeignError::NoTable(table) => told("import-url-no-table", &[("table", table)]),
        ForeignError::NoColumn { table, column } => told(
            "import-url-no-column",
            &[("table", table), ("column", column)],
        ),
        ForeignError::TooLarge => {
            let max = (FILE_BYTES >> 30).to_string();
            told("import-url-too-large", &[("max", &max)])
        }
        ForeignError::Missing(_)
        | ForeignError::NoDatabase(_)
        | ForeignError::Damaged(_)
        | ForeignError::Unread(_) => told("import-url-unread", &[("error", &error.to_string())]),
    }
}
