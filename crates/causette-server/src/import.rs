//! What the two older programs kept is taken over: people with their passwords, and what they said, as history with its own times.
//!
//! It runs where no server does, on the same record and by the same facts, so that whatever holds of what was said here holds of what was
//! said there. What was taken over before is found again, and nothing is there twice.
//!
//! - `program_a`, `program_b`: what the two wrote; `dump`, `date`, `text`: in which forms; `served`: tables on a server; `old`: what was
//!   read
//! - `exchanged`: the files that people exchanged
//! - `name`, `plan`, `parts`: what will be done; `entering`, `record`: the facts of it
//! - `report`: what came of it

mod date;
mod dump;
mod entering;
mod exchanged;
mod name;
mod old;
mod parts;
mod plan;
mod program_a;
mod program_b;
mod record;
mod report;
mod served;
mod sources;
mod text;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod anything;

pub use report::{Listed, Problem, Report, Totals};
pub use served::place;
pub use sources::{OfA, OfB, Program};

use crate::admin::system_user;
use crate::beginning;
use crate::config::Config;
use crate::data_dir::{DataDir, is_held};
use crate::engine::now;
use crate::files::FILES;
use crate::files::depot::Depot;
use crate::identity::cloak::{self, Cloak};
use crate::trouble;
use anyhow::anyhow;
use aws_lc_rs::hmac;
use causette_core::id::Msgid;
use causette_core::imported::Imported;
use causette_core::snapshot::Snapshot;
use causette_proto::ChannelName;
use causette_store::{Reader, Store, StoreError};
use causette_text::{Language, text, text_with};
use entering::Entering;
use old::Old;
use plan::{Given, Plan};
use record::{Clerk, Desk};
use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt as _;

/// For what the key of the messages' names is derived.
const PURPOSE: &str = "messages of older programs";

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// From where.
    pub program: Program,
    /// The room in which it becomes history. Without one what was said to everyone is in the first room that everybody lands in, and
    /// what was said to those who run the server is in the conversation with them.
    pub room: Option<String>,
    /// Whether it is only looked at, and nothing changed.
    pub dry_run: bool,
    /// The language of the server, in which what has to be said in history is said.
    pub house: Language,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many accounts are made, of so many.
    Accounts(usize, usize),
    /// So many messages are history, of so many.
    Messages(usize, usize),
    /// So many files are made, of so many.
    Files(usize, usize),
}

/// Takes over what an older program kept. Blocks.
///
/// # Errors
/// In the person's language what is in the way, and what to do: then nothing is changed, or what was committed before stays and the same
/// import goes on behind it.
pub fn run(
    config: &Config,
    wanted: &Wanted,
    mut tell: impl FnMut(Progress),
) -> anyhow::Result<Report> {
    let language = config.settings.language;
    if !wanted.dry_run && is_held(&config.data_dir) {
        let folder = config.data_dir.display().to_string();
        return Err(anyhow!(text_with(
            language,
            "import-running",
            &[("folder", &folder)]
        )));
    }
    if !wanted.dry_run {
        check_owner(config)?;
    }
    let room = room(config, wanted)?;
    let seen = look(config, wanted)?;
    let snapshot = seen.as_ref().map(|seen| seen.snapshot.clone());
    let snapshot = snapshot.unwrap_or_default();
    check_room(config, wanted, &room, &snapshot)?;
    if let Some(mut seen) = seen {
        let plan = seen.plan(config, wanted)?;
        if !wanted.dry_run && plan.is_empty() {
            // Whether it may be done at all is not to depend on how much there is to do.
            hold(config)?;
        }
        if wanted.dry_run || plan.is_empty() {
            return Ok(report(plan, wanted));
        }
    } else if wanted.dry_run {
        let plan = Seen::nothing().plan(config, wanted)?;
        return Ok(report(plan, wanted));
    } else {
        // What cannot be read is told before anything is made.
        sources::read(config, &wanted.program, &Snapshot::default())?;
    }
    enter(config, wanted, room, &mut tell)
}

/// What somebody else makes in the data folder, the server may not be able to open.
fn check_owner(config: &Config) -> anyhow::Result<()> {
    let Ok(found) = std::fs::metadata(&config.data_dir) else {
        return Ok(());
    };
    if found.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let folder = config.data_dir.display().to_string();
    let user = system_user::name(found.uid());
    let variables = [("folder", folder.as_str()), ("user", &user)];
    let language = config.settings.language;
    Err(anyhow!(text_with(
        language,
        "import-other-user",
        &variables
    )))
}

/// Takes the data folder and the database, which another server may have by a folder of its own, and opens it.
fn hold(config: &Config) -> anyhow::Result<(DataDir, Store)> {
    let language = config.settings.language;
    let mut data_dir = DataDir::claim(&config.data_dir, language)?;
    if let Some(file) = config.database().file() {
        data_dir.hold_database(file, language)?;
    }
    let store = beginning::open(config, data_dir.path())?;
    Ok((data_dir, store.with_casemap(config.settings.casemap)))
}

/// Takes the data folder, and enters everything.
fn enter(
    config: &Config,
    wanted: &Wanted,
    room: ChannelName,
    tell: &mut dyn FnMut(Progress),
) -> anyhow::Result<Report> {
    let (data_dir, mut store) = hold(config)?;
    let cloak = Cloak::load(data_dir.path())?;
    let (snapshot, _) = beginning::take_up(&mut store, config)?;
    check_room(config, wanted, &room, &snapshot)?;
    let unread = |error: StoreError| told(config, &error);
    let mut seen = Seen {
        reader: Some(store.reader().map_err(unread)?),
        snapshot,
        key: cloak.derive(PURPOSE),
    };
    let (plan, digests) = seen.plan_with_digests(config, wanted)?;
    let snapshot = seen.snapshot;
    drop(seen.reader);
    if plan.is_empty() {
        return Ok(report(plan, wanted));
    }
    let folder = data_dir.path().join(FILES);
    let depot = Depot::open(&folder).map_err(|error| {
        let language = config.settings.language;
        let error = trouble::of_io(&error, language);
        let variables = [("error", &*error)];
        anyhow!(text_with(language, "import-not-written", &variables))
    })?;
    let mut entering = Entering {
        config,
        writer: store.writer().map_err(unread)?,
        batch: 0,
        clerk: clerk(config, wanted, room, &snapshot, &plan),
        total: Imported {
            program: wanted.program.name().into(),
            ended: false,
            digests: digests
                .into_iter()
                .map(|(file, sha256)| (file.into(), sha256.into()))
                .collect(),
            accounts: plan.totals.accounts,
            messages: plan.totals.messages,
            files: plan.totals.files,
        },
        depot,
        left_out: Vec::new(),
        tell,
    };
    entering.all(&plan)?;
    entering.writer.close().map_err(unread)?;
    drop(data_dir);
    let mut report = report(plan, wanted);
    report.totals.files = entering.total.files;
    report.problems.extend(entering.left_out);
    Ok(report)
}

fn clerk(
    config: &Config,
    wanted: &Wanted,
    room: ChannelName,
    snapshot: &Snapshot,
    plan: &Plan,
) -> Clerk {
    let given = plan.accounts.iter().map(|account| account.person.id.0);
    let desk = Desk {
        by: system_user::name(rustix::process::getuid().as_raw()).into(),
        program: wanted.program.name(),
        login: config.settings.login.clone(),
        server: config.settings.server.clone(),
        archive: archive(config, snapshot, &room),
        room,
        last_id: given.fold(snapshot.last_id, u64::max),
    };
    Clerk::new(snapshot, desk)
}

fn report(plan: Plan, wanted: &Wanted) -> Report {
    let files = plan.exchanged.iter().map(|file| Listed {
        name: file.name.as_str().to_owned(),
        bytes: file.old.bytes,
        sha256: file.old.sha256.to_string(),
        time: file.old.time.to_string(),
    });
    Report {
        files: files.collect(),
        problems: plan.problems,
        totals: plan.totals,
        dry_run: wanted.dry_run,
    }
}

/// What is wrong with the record.
fn told(config: &Config, error: &StoreError) -> anyhow::Error {
    let (database, language) = (config.database(), config.settings.language);
    anyhow!(beginning::words(
        error,
        &database,
        &config.data_dir,
        language
    ))
}

/// The room in which what was said to everyone becomes history.
fn room(config: &Config, wanted: &Wanted) -> anyhow::Result<ChannelName> {
    let settings = &config.settings;
    match &wanted.room {
        None => settings
            .auto_join
            .first()
            .cloned()
            .ok_or_else(|| anyhow!(text(settings.language, "import-room-none"))),
        Some(name) => {
            let parsed = ChannelName::parse(name, settings.limits.channel, settings.casemap);
            let variables = [("room", name.as_str())];
            parsed
                .map_err(|_| anyhow!(text_with(settings.language, "import-room-name", &variables)))
        }
    }
}

/// A room must be there already, or be kept open by the configuration: else the next start would close it, with nobody in it.
fn check_room(
    config: &Config,
    wanted: &Wanted,
    room: &ChannelName,
    snapshot: &Snapshot,
) -> anyhow::Result<()> {
    let settings = &config.settings;
    let is_open = snapshot.channels.iter().any(|row| row.name == *room);
    if wanted.room.is_none() || is_open || settings.auto_join.contains(room) {
        return Ok(());
    }
    let variables = [("room", room.as_str())];
    Err(anyhow!(text_with(
        settings.language,
        "import-room-unknown",
        &variables
    )))
}

/// The room of what is for nobody to read in the chat: it is closed again at once, and found by who searches the register.
fn archive(config: &Config, snapshot: &Snapshot, room: &ChannelName) -> ChannelName {
    let settings = &config.settings;
    let (max, casemap) = (settings.limits.channel, settings.casemap);
    let is_free = |name: &ChannelName| {
        name != room
            && !settings.auto_join.contains(name)
            && settings.administration_room.as_ref() != Some(name)
            && !snapshot.channels.iter().any(|row| row.name == *name)
    };
    let numbered = (1_u64..).map(|number| match number {
        1 => "#import".to_owned(),
        number => format!("#import-{number}"),
    });
    let mut names = numbered.filter_map(|name| ChannelName::parse(&name, max, casemap).ok());
    names.find(is_free).unwrap_or_else(|| room.clone())
}

/// The record as it is before an import.
struct Seen {
    /// `None` where there is no record yet.
    reader: Option<Reader>,
    snapshot: Snapshot,
    key: hmac::Key,
}

/// Looks at the record and changes nothing; `None` where there is none yet, or one that a start brings to the form of this version first.
fn look(config: &Config, wanted: &Wanted) -> anyhow::Result<Option<Seen>> {
    let unread = |error: StoreError| told(config, &error);
    let store = match Store::look(config.database()) {
        Err(StoreError::Missing(_)) => return Ok(None),
        Err(StoreError::Older { .. }) if !wanted.dry_run => return Ok(None),
        store => store.map_err(unread)?,
    };
    let store = store.with_casemap(config.settings.casemap);
    let mut seen = Seen::nothing();
    if config.data_dir.join(cloak::KEY).exists() {
        seen.key = Cloak::load(&config.data_dir)?.derive(PURPOSE);
    }
    seen.snapshot = store.snapshot().map_err(unread)?;
    seen.reader = Some(store.reader().map_err(unread)?);
    Ok(Some(seen))
}

impl Seen {
    fn nothing() -> Self {
        Self {
            reader: None,
            snapshot: Snapshot::default(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &[]),
        }
    }

    fn plan(&mut self, config: &Config, wanted: &Wanted) -> anyhow::Result<Plan> {
        Ok(self.plan_with_digests(config, wanted)?.0)
    }

    /// What is to be done, and what was read for it.
    fn plan_with_digests(
        &mut self,
        config: &Config,
        wanted: &Wanted,
    ) -> anyhow::Result<(Plan, Vec<(String, String)>)> {
        let mut old: Old = sources::read(config, &wanted.program, &self.snapshot)?;
        let digests = std::mem::take(&mut old.digests);
        let files = std::mem::take(&mut old.exchanged);
        let unread = |error: StoreError| told(config, &error);
        let origins = match &mut self.reader {
            Some(reader) => reader.values_ever_set(plan::ORIGIN).map_err(unread)?,
            None => HashSet::new(),
        };
        let given = Given {
            program: wanted.program.name(),
            settings: &config.settings,
            snapshot: &self.snapshot,
            origins: &origins,
            key: &self.key,
            all_in_room: wanted.room.is_some(),
            no_password: text(wanted.house, "import-password-place"),
            now: now(),
        };
        let mut plan = plan::plan(old, &given);
        let mut known: HashSet<Msgid> = if let Some(reader) = &mut self.reader {
            let lines = plan.files.iter().flatten();
            let msgids = lines.map(|line| &line.msgid);
            let known = reader.known_messages(msgids).map_err(unread)?;
            known.into_iter().cloned().collect()
        } else {
            HashSet::new()
        };
        let known_files = match &mut self.reader {
            Some(reader) if !files.is_empty() => reader.files_of_nobody().map_err(unread)?,
            _ => HashMap::new(),
        };
        exchanged::plan(files, known_files, &self.snapshot, &mut plan);
        let before = plan.totals.messages;
        for lines in &mut plan.files {
            // What is read twice, from two files that overlap, is there once.
            lines.retain(|line| known.insert(line.msgid.clone()));
        }
        plan.totals.messages = plan.files.iter().map(|lines| lines.len() as u64).sum();
        plan.totals.messages_known = before - plan.totals.messages;
        Ok((plan, digests))
    }
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.accounts.is_empty()
            && self.files.iter().all(Vec::is_empty)
            && self.exchanged.is_empty()
    }
}

#[cfg(test)]
mod tests;
