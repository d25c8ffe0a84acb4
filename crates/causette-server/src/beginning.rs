//! What becomes of the database at a start: gone on with, made, or brought to the form of this version; and when to refuse.

use crate::config::{Config, Unusable};
use crate::engine::{now, recorder, timepiece};
use crate::identity::{certificate, cloak};
use crate::trouble;
use anyhow::bail;
use causette_core::limits::DATABASE_START_SECONDS;
use causette_core::snapshot::Snapshot;
use causette_store::{Beginning, Begun, Database, Outlook, Setting, Store, StoreError, Upgrade};
use causette_text::{Language, text, text_with};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The first pause before a server of databases that cannot be reached is asked again; each further one is twice as long, up to
/// [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Opens the database. To be called before the start makes any key: a server that has its keys and no database was one
/// before, and would let anybody take the names of its people.
///
/// # Errors
/// [`Unusable`] where the database is missing, damaged, one where a new one was meant, or none for this version; otherwise what the
/// disk refused. Both name the key of the configuration. Also where the system's clock shows a time before 1970.
pub(crate) fn open(config: &Config, data_dir: &Path) -> anyhow::Result<Store> {
    if timepiece::is_before_all() {
        bail!(text(config.start_language(), "start-clock"));
    }
    look(config)?;
    let database = config.database();
    let beginning = expected(config, data_dir);
    let begin = || Store::begin_telling(&database, beginning, tell_upgrade);
    let (store, begun) = patiently(&database, begin).map_err(|error| refused(&error, config))?;
    tell(&database, &begun);
    if let Some(file) = database.file() {
        tell_copies(file);
    }
    Ok(store)
}

/// What a start expects of the database.
fn expected(config: &Config, data_dir: &Path) -> Beginning {
    match (config.new, has_keys(data_dir)) {
        (true, _) => Beginning::New,
        (false, true) => Beginning::Existing,
        (false, false) => Beginning::Any,
    }
}

/// Begins, for some time again and again where the server of the database cannot be reached: when a machine starts, the two may
/// start at once. A signal to stop ends the process meanwhile.
fn patiently<T>(
    database: &Database,
    mut begin: impl FnMut() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let patience = Duration::from_secs(DATABASE_START_SECONDS);
    let (begun, mut pause) = (Instant::now(), PAUSE_MIN);
    loop {
        let reason = match begin() {
            Err(StoreError::Unreachable(reason)) if begun.elapsed() + pause < patience => reason,
            done => return done,
        };
        if pause == PAUSE_MIN {
            tracing::warn!(
                event = "store.waiting",
                database = %database,
                reason,
                seconds = DATABASE_START_SECONDS,
                "the database server cannot be reached: it is asked again for a while"
            );
        }
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Looks whether there can be a database where the configuration wants it, and changes nothing.
///
/// # Errors
/// Names the key and the file.
pub(crate) fn look(config: &Config) -> Result<(), Unusable> {
    let database = config.database();
    let Some(database) = database.file() else {
        return Ok(());
    };
    let looked = if database.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if database.parent() == Some(config.data_dir.as_path()) {
        // That folder is made where there is none.
        Ok(())
    } else {
        trouble::folder_of(database)
    };
    looked.map_err(|error| {
        let told = trouble::of_io(&error, config.start_language());
        let database = database.display();
        Unusable::refused(&error, format_args!("database.url: {database}: {told}"))
    })
}

/// Closes what a crash left open, and reads what is true. Says whether the record lies ahead of the clock, so that a step was
/// entered.
///
/// # Errors
/// As those of [`open`].
pub(crate) fn take_up(store: &mut Store, config: &Config) -> anyhow::Result<(Snapshot, bool)> {
    let unreadable = |error| refused(&error, config);
    let now = now();
    let started = store.start(now).map_err(unreadable)?;
    if started.closed > 0 {
        tracing::warn!(
            event = "store.crash_closed",
            sessions = started.closed,
            "the last run ended without a stop"
        );
    }
    if let Some(first) = started.altered.first() {
        tracing::error!(
            event = "store.session_altered",
            sessions = started.altered.len(),
            first = first.0,
            "rows of open connections are not what the register says of them: they were closed as it says, and those of which it tells nothing were left; verify the record (causette audit verify)"
        );
    }
    let snapshot = store.snapshot().map_err(unreadable)?;
    let stepped = snapshot.steps.last().copied().filter(|step| step.to == now);
    if let Some(step) = stepped {
        recorder::tell_step(step.from, step.to);
    }
    Ok((snapshot, stepped.is_some()))
}

/// Asks the database whether a start would take it, as a start does; gives what it would do, and what the server of the database
/// is set to. Changes nothing. Of a file that only the account of the service may read, nothing is known.
///
/// # Errors
/// As those of [`open`].
pub(crate) fn ask(config: &Config) -> Result<(Option<Outlook>, Vec<Setting>), Unusable> {
    // What is wrong with the place is told by itself.
    if look(config).is_err() {
        return Ok((None, Vec::new()));
    }
    let database = config.database();
    let outlook = match Store::foresee(&database, expected(config, &config.data_dir)) {
        Err(StoreError::Io(_)) if database.file().is_some_and(is_kept_from_us) => None,
        outlook => Some(outlook.map_err(|error| refused(&error, config))?),
    };
    let settings = Store::settings_of(&database).map_err(|error| refused(&error, config))?;
    Ok((outlook, settings))
}

fn is_kept_from_us(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::READ_OK) == Err(rustix::io::Errno::ACCESS)
}

/// What a start would do with the database, in the person's language.
pub(crate) fn foretold(
    outlook: Option<&Outlook>,
    database: &Database,
    language: Language,
) -> String {
    let database = database.to_string();
    let Some(outlook) = outlook else {
        return text_with(
            language,
            "check-database-unseen",
            &[("database", &database)],
        );
    };
    let key = match outlook.found {
        0 => "check-database-none",
        found if found < outlook.known => "check-database-older",
        _ if outlook.lacks_views => "check-database-views",
        _ => "check-database",
    };
    let (found, known) = (outlook.found.to_string(), outlook.known.to_string());
    let variables = [
        ("database", &*database),
        ("engine", &*outlook.engine),
        ("found", &*found),
        ("known", &*known),
    ];
    text_with(language, key, &variables)
}

/// What to say of a database that cannot be opened or read at the start.
fn refused(error: &StoreError, config: &Config) -> Unusable {
    let (database, language) = (config.database(), config.start_language());
    let altered = by_hand(error, &database);
    let error = altered.as_ref().unwrap_or(error);
    let told = words(error, &database, &config.data_dir, language);
    match error {
        // Starting again changes nothing about these.
        StoreError::Missing(_)
        | StoreError::Present(_)
        | StoreError::Newer { .. }
        | StoreError::Foreign(_)
        | StoreError::Moving(_)
        | StoreError::NoLog { .. }
        | StoreError::TooOld { .. }
        | StoreError::Denied(_)
        | StoreError::NoTls(_)
        | StoreError::Untrusted(_)
        | StoreError::NoSuchDatabase(_)
        | StoreError::OnServer(_)
        | StoreError::Unsafe { .. }
        | StoreError::Altered { .. }
        | StoreError::NoView { .. }
        | StoreError::NoSchema { .. }
        | StoreError::NoRights(_)
        | StoreError::SameName { .. }
        | StoreError::Corrupt(_) => Unusable::because(told),
        _ => Unusable::for_now(told),
    }
}

/// What somebody has changed by hand, where that may be why a statement was refused or a value is none.
fn by_hand(error: &StoreError, database: &Database) -> Option<StoreError> {
    matches!(error, StoreError::Statement(_) | StoreError::Corrupt(_))
        .then(|| Store::altered(database))
        .flatten()
}

/// What is wrong with the database, and what to do.
pub(crate) fn words(
    error: &StoreError,
    database: &Database,
    data_dir: &Path,
    language: Language,
) -> String {
    let altered = by_hand(error, database);
    let error = altered.as_ref().unwrap_or(error);
    let is_on_server = database.is_on_server();
    let (database, folder) = (database.to_string(), data_dir.display().to_string());
    let text = |key, variables: &[(&str, &str)]| {
        let mut all = vec![("database", &*database), ("folder", &*folder)];
        all.extend(variables);
        text_with(language, key, &all)
    };
    match error {
        StoreError::Missing(_) => text("start-database-missing", &[]),
        StoreError::Present(_) if is_on_server => text("start-database-present-there", &[]),
        StoreError::Present(_) => text("start-database-present", &[]),
        StoreError::Newer { found, known, .. } => {
            let (found, known) = (found.to_string(), known.to_string());
            text(
                "start-database-newer",
                &[("found", &found), ("known", &known)],
            )
        }
        StoreError::Older { found, known, .. } => {
            let (found, known) = (found.to_string(), known.to_string());
            text(
                "audit-database-older",
                &[("found", &found), ("known", &known)],
            )
        }
        StoreError::Foreign(_) if is_on_server => text("start-database-foreign-there", &[]),
        StoreError::Foreign(_) => text("start-database-foreign", &[]),
        StoreError::NoLog { .. } => text("start-database-no-log", &[]),
        StoreError::Corrupt(error) if is_on_server => {
            text("start-database-damaged-there", &[("error", error)])
        }
        StoreError::Corrupt(error) => text("start-database-damaged", &[("error", error)]),
        StoreError::Busy(error) => text("start-database-busy", &[("error", error)]),
        StoreError::Full(error) if is_on_server => {
            text("start-database-full-there", &[("error", error)])
        }
        StoreError::Full(error) => text("start-database-full", &[("error", error)]),
        StoreError::Io(error) if is_on_server => text("start-database-fails", &[("error", error)]),
        StoreError::Io(error) => text("start-database-unreadable", &[("error", error)]),
        StoreError::SameName {
            what,
            first,
            second,
        } => text(
            "start-database-same-name",
            &[("what", what), ("first", first), ("second", second)],
        ),
        StoreError::TooOld {
            version, needed, ..
        } => text(
            "start-database-too-old",
            &[("version", version), ("needed", needed)],
        ),
        StoreError::Served(_) => text("start-database-served", &[]),
        StoreError::Moving(_) => text("start-database-moving", &[]),
        StoreError::Unreachable(error) => text("start-database-unreachable", &[("error", error)]),
        StoreError::NoTls(_) => text("start-database-no-tls", &[]),
        StoreError::Untrusted(error) => text("start-database-untrusted", &[("error", error)]),
        StoreError::Denied(error) => text("start-database-denied", &[("error", error)]),
        StoreError::NoSuchDatabase(_) => text("start-database-no-such", &[]),
        StoreError::OnServer(_) => text("start-database-on-server", &[]),
        StoreError::Replaced(_) => text("start-database-replaced", &[]),
        StoreError::Statement(error) => text("start-database-statement", &[("error", error)]),
        StoreError::Unsafe { setting, .. } => text(
            "start-database-unsafe",
            &[
                ("name", setting.name),
                ("found", &setting.found),
                ("needed", setting.needed),
            ],
        ),
        StoreError::Altered {
            table, difference, ..
        } => text(
            "start-database-altered",
            &[("table", table), ("difference", difference)],
        ),
        StoreError::NoView { view, .. } => text("start-database-no-view", &[("view", view)]),
        StoreError::NoSchema { search_path, .. } => {
            text("start-database-no-schema", &[("path", search_path)])
        }
        StoreError::NoRights(error) => text("start-database-no-rights", &[("error", error)]),
    }
}

/// Entries after which an upgrade says again how far it has come: a few seconds of work.
const ENTRIES_TOLD: u64 = 100_000;

fn tell_upgrade(upgrade: Upgrade) {
    match upgrade {
        Upgrade::Copied => tracing::info!(
            event = "store.upgrading",
            "the database was copied, and is brought to the form of this version"
        ),
        Upgrade::Views => tracing::warn!(
            event = "store.views_made",
            "a view of the database was not there: it was made again"
        ),
        Upgrade::Entries(entries) if entries.is_multiple_of(ENTRIES_TOLD) => tracing::info!(
            event = "store.upgrading",
            entries,
            "the database is being brought to the form of this version"
        ),
        Upgrade::Entries(_) | Upgrade::Version(_) => {}
    }
}

/// Whether a folder has keys, so that it is no new server's.
pub(crate) fn has_keys(data_dir: &Path) -> bool {
    [cloak::KEY, certificate::KEY, certificate::CERTIFICATE]
        .iter()
        .any(|key| data_dir.join(key).exists())
}

fn tell(database: &Database, begun: &Begun) {
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
            copy = copy.as_ref().map(|copy| copy.display().to_string()),
            "the database has the form of this version now; the copy has the one before"
        ),
    }
}

/// Names the copies that upgrades have made beside the database: nobody else removes them.
fn tell_copies(database: &Path) {
    let Some(name) = database.file_name() else {
        return;
    };
    let begins = format!("{}.before-", name.to_string_lossy());
    let folder = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    let mut copies: Vec<String> = files
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|file| file.starts_with(&begins))
        .collect();
    copies.sort_unstable();
    if !copies.is_empty() {
        tracing::info!(
            event = "store.copies",
            copies = copies.join(" "),
            "copies from before upgrades lie beside the database; remove them when you will not go back"
        );
    }
}
