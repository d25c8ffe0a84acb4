//! A database that is ready for use, and the doors to it.

use crate::engine::health::{Health, Pages};
use crate::engine::migrations::{self, Beginning, Begun, Upgrade};
use crate::engine::outlook::Outlook;
#[cfg(feature = "sql")]
use crate::engine::server::lock::Lock;
use crate::engine::settings::Setting;
use crate::engine::sqlite::backup::{self, Copied, Uncopied};
use crate::engine::sqlite::health;
use crate::engine::tally::{self, Tally};
use crate::engine::{Database, Reading};
use crate::error::StoreError;
use crate::history::Reader;
use crate::register::RegisterReader;
use crate::start::Started;
use crate::writer::Writer;
use crate::{moving, naming, snapshot, start};
use causette_core::snapshot::Snapshot;
use causette_proto::{Casemap, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The database of one server. At a start: [`Store::open`], [`Store::start`], [`Store::snapshot`], [`Store::writer`].
#[derive(Debug)]
pub struct Store {
    database: Database,
    /// Keeps others from serving the same database on a server.
    #[cfg(feature = "sql")]
    _lock: Option<Arc<Lock>>,
    casemap: Casemap,
    /// Keeps the folder of [`Store::temporary`] while anything uses it.
    temporary: Option<Arc<Temporary>>,
}

impl Store {
    /// Opens the database, makes its file (mode 0600) where there is none, and brings its tables to the present version.
    ///
    /// # Errors
    /// A database of a newer version or of another program is refused, unchanged; otherwise what the disk refused.
    pub fn open(database: impl Into<Database>) -> Result<Self, StoreError> {
        Self::begin(database, Beginning::Any).map(|(store, _)| store)
    }

    /// The same where the database is as expected, and what became of it.
    ///
    /// # Errors
    /// The same, [`StoreError::Missing`] and [`StoreError::Present`].
    pub fn begin(
        database: impl Into<Database>,
        beginning: Beginning,
    ) -> Result<(Self, Begun), StoreError> {
        Self::begin_telling(database, beginning, |_| {})
    }

    /// The same, and says how far an upgrade has come: that of a large database takes a while.
    ///
    /// # Errors
    /// The same.
    pub fn begin_telling(
        database: impl Into<Database>,
        beginning: Beginning,
        mut tell: impl FnMut(Upgrade),
    ) -> Result<(Self, Begun), StoreError> {
        let store = Self::of(database.into());
        #[cfg(feature = "sql")]
        let store = match &store.database {
            Database::Server(address) => {
                let lock = Lock::take(address)?;
                Self {
                    _lock: Some(lock),
                    ..store
                }
            }
            Database::File(_) => store,
        };
        let begun = migrations::migrate(&store.database, beginning, &mut tell)?;
        Ok((store, begun))
    }

    /// The database as it is, for a program that only reads it while a server may have it open: nothing is made, and no table
    /// changed.
    ///
    /// # Errors
    /// [`StoreError::Missing`], one of another version or another program; otherwise what the disk refused.
    pub fn look(database: impl Into<Database>) -> Result<Self, StoreError> {
        let store = Self::of(database.into());
        migrations::look(&store.database)?;
        Ok(store)
    }

    /// What a start would do with a database, asked as a start asks: nothing is changed, and a server may have it open.
    ///
    /// # Errors
    /// Those by which [`Store::begin`] refuses it, but that another serves it.
    pub fn foresee(database: &Database, beginning: Beginning) -> Result<Outlook, StoreError> {
        migrations::foresee(database, beginning)
    }

    /// What somebody has changed by hand, where that is why something could not be read or written.
    pub fn altered(database: &Database) -> Option<StoreError> {
        let found = migrations::check_shape(database).err();
        found.filter(|error| matches!(error, StoreError::Altered { .. }))
    }

    fn of(database: Database) -> Self {
        Self {
            database,
            #[cfg(feature = "sql")]
            _lock: None,
            casemap: Casemap::default(),
            temporary: None,
        }
    }

    /// The same, with names that fold by `casemap` from the next start on.
    #[must_use]
    pub fn with_casemap(self, casemap: Casemap) -> Self {
        Self { casemap, ..self }
    }

    /// A database in a folder of its own that is removed when the last of its store, writer and readers is dropped.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn temporary() -> Result<Self, StoreError> {
        let temporary = Temporary::new()?;
        let store = Self::open(temporary.location())?;
        Ok(Self {
            temporary: Some(Arc::new(temporary)),
            ..store
        })
    }

    /// Where the database is.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The file of the database.
    ///
    /// # Errors
    /// [`StoreError::OnServer`] where it is none.
    pub fn file(&self) -> Result<&Path, StoreError> {
        let file = self.database.file();
        file.ok_or_else(|| StoreError::OnServer(self.database.to_string()))
    }

    /// Makes the keys of names anew where they were made by another mapping, and closes the sessions that a crash left open:
    /// a register entry with reason `crash` for each, and their accounts were last seen when the last record was written.
    /// Called again it finds none. What it enters of them is what the register told of them before, not what their rows say
    /// now; it returns how many there were, and which rows disagree.
    ///
    /// `now` is when the server starts. Where the times on record lie after it, by more than
    /// [`CLOCK_STEP_SECONDS`](causette_core::limits::CLOCK_STEP_SECONDS), the clock was wrong before and is right now, or the other
    /// way round: a register entry says so, and what follows has the times of the present clock.
    ///
    /// # Errors
    /// Where two names are one under the mapping, which names both, and when the disk refuses; then nothing has been changed.
    pub fn start(&mut self, now: Timestamp) -> Result<Started, StoreError> {
        naming::refold(&self.database, self.casemap)?;
        start::settle(&self.database, now)
    }

    /// Copies everything, as it is now, into a file of SQLite that is not there yet, while others read and write. `go_on` hears how
    /// far it has come, and whether it goes on. Blocks.
    ///
    /// # Errors
    /// When `go_on` says no, when the log would grow too long meanwhile, and when the disk refuses; what there is of the copy
    /// then is the caller's to remove.
    pub fn copy_to(
        &self,
        target: &Path,
        go_on: impl FnMut(Copied) -> bool,
    ) -> Result<(), Uncopied> {
        match self.database.file() {
            Some(file) => backup::copy(file, target, go_on),
            None => moving::copy(&self.database, target, go_on),
        }
    }

    /// How many rows each table has, and the last entry of the register.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        tally::of(&self.database)
    }

    /// The same for a file of an earlier version too.
    ///
    /// # Errors
    /// When it cannot be read, or is none of this program.
    pub fn tally_of(location: &Path) -> Result<Tally, StoreError> {
        backup::tally(location)
    }

    /// Whether it can be read and is whole, as far as that is found in so much time: a server looks after its pages itself. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn health(&self, patience: Duration) -> Result<Health, StoreError> {
        match self.database.file() {
            Some(file) => health::look(file, patience),
            None => {
                let mut reading = Reading::open(&self.database)?;
                Ok(Health::of(&reading.moment()?, Pages::OnServer)?)
            }
        }
    }

    /// What the server of the database is set to, of what a record relies on; nothing for a file, which is set by this program.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        Self::settings_of(&self.database)
    }

    /// The same before there is anything in the database.
    ///
    /// # Errors
    /// The same.
    pub fn settings_of(database: &Database) -> Result<Vec<Setting>, StoreError> {
        match database {
            Database::File(_) => Ok(Vec::new()),
            #[cfg(feature = "sql")]
            Database::Server(address) => crate::engine::server::settings::look(address),
        }
    }

    /// The version of the tables that this program makes, and brings earlier ones to.
    pub fn schema() -> u32 {
        migrations::known()
    }

    /// Leaves a database that nobody else has open as one file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn fold(self) -> Result<(), StoreError> {
        backup::fold(self.file()?)
    }

    /// Everything that the core needs to know before the first connection.
    ///
    /// # Errors
    /// When the database cannot be read, or holds what this version did not write.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut reading = Reading::open(&self.database)?;
        Ok(snapshot::read(&reading.moment()?, self.casemap)?)
    }

    /// The one that appends. There must be only one at a time: it owns the numbering of the register.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        Writer::open(&self.database, self.temporary.clone())
    }

    /// One that reads. There may be any number, each on a thread of its own.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(&self.database, self.temporary.clone())
    }

    /// One that reads the register for people, by a connection of its own.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn register_reader(&self) -> Result<RegisterReader, StoreError> {
        RegisterReader::open(&self.database, self.casemap, self.temporary.clone())
    }
}

/// A folder for one database, removed when dropped.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(crate) fn new() -> Result<Self, StoreError> {
        let random = getrandom::u64().map_err(|error| StoreError::Io(error.to_string()))?;
        let folder = std::env::temp_dir().join(format!("causette-store-{random:016x}"));
        fs::create_dir(&folder)
            .map_err(|error| StoreError::Io(format!("{}: {error}", folder.display())))?;
        Ok(Self(folder))
    }

    pub(crate) fn location(&self) -> PathBuf {
        self.0.join("causette.db")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nobody can be told, and the system empties its temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}
