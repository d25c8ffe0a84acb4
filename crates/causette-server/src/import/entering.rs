//! What is planned is entered, in batches that each are kept whole: whoever interrupts it loses the last one at most.

use super::Progress;
use super::exchanged::{self, NewFile};
use super::plan::{NewAccount, NewLine, Plan};
use super::record::Clerk;
use super::report::Problem;
use crate::config::{Argon2Cost, Config};
use crate::engine::now;
use crate::files::depot::Depot;
use crate::files::kind;
use crate::identity::password;
use crate::trouble;
use anyhow::anyhow;
use causette_core::file::{FileKey, PermitKey};
use causette_core::id::BatchId;
use causette_core::imported::Imported;
use causette_core::limits::HASHERS;
use causette_core::record::Record;
use causette_core::secret::Verifier;
use causette_store::Writer;
use causette_text::text_with;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::thread;

/// Lines in one transaction.
const LINES_AT_ONCE: usize = 10_000;

/// Bytes of their texts from which on no further line comes into it.
const BYTES_AT_ONCE: usize = 16 << 20;

/// Accounts in one transaction: their passwords are hashed before it, and whoever interrupts it has these hashed again.
const ACCOUNTS_AT_ONCE: usize = HASHERS;

/// Files in one transaction: their bytes are copied before it.
const FILES_AT_ONCE: usize = 100;

/// Enters what is planned.
pub(super) struct Entering<'a> {
    pub(super) config: &'a Config,
    pub(super) writer: Writer,
    pub(super) batch: u64,
    pub(super) clerk: Clerk,
    pub(super) total: Imported,
    /// Where the bytes of files are kept.
    pub(super) depot: Depot,
    /// Files that are no more what they were when they were looked at.
    pub(super) left_out: Vec<Problem>,
    pub(super) tell: &'a mut dyn FnMut(Progress),
}

impl Entering<'_> {
    pub(super) fn all(&mut self, plan: &Plan) -> anyhow::Result<()> {
        self.clerk.now(now());
        self.clerk.imported(self.total.clone());
        let (accounts, mut made) = (plan.accounts.len(), 0);
        for some in plan.accounts.chunks(ACCOUNTS_AT_ONCE) {
            let verifiers = hash_all(some, self.config)?;
            self.clerk.now(now());
            for (account, verifier) in some.iter().zip(verifiers) {
                self.clerk.account(account, verifier);
            }
            self.commit()?;
            made += some.len();
            (self.tell)(Progress::Accounts(made, accounts));
        }
        let messages = plan.files.iter().map(Vec::len).sum();
        let mut entered = 0;
        for some in plan.files.iter().flat_map(|file| batches(file)) {
            self.clerk.lines(some, now());
            self.commit()?;
            entered += some.len();
            (self.tell)(Progress::Messages(entered, messages));
        }
        self.files(&plan.exchanged)?;
        self.clerk.now(now());
        self.clerk.imported(Imported {
            ended: true,
            ..self.total.clone()
        });
        self.commit()
    }

    /// Makes files: first their bytes are kept, then they are entered.
    fn files(&mut self, files: &[NewFile]) -> anyhow::Result<()> {
        let mut entered = 0;
        for some in files.chunks(FILES_AT_ONCE) {
            self.clerk.now(now());
            for file in some {
                let kept = self.keep(file).map_err(|error| {
                    let language = self.config.settings.language;
                    self.not_written(&trouble::of_io(&error, language))
                })?;
                match kept {
                    Some(media_type) => self.clerk.file(file, FileKey(random()?), media_type),
                    None => {
                        self.total.files -= 1;
                        let changed = Problem::left_out(&file.old.place, "import-file-changed");
                        self.left_out.push(changed);
                    }
                }
            }
            self.commit()?;
            entered += some.len();
            (self.tell)(Progress::Files(entered, files.len()));
        }
        Ok(())
    }

    /// Keeps the bytes of a file and says what it is; `None` where it is no more what it was.
    fn keep(&self, file: &NewFile) -> io::Result<Option<&'static str>> {
        let Ok(mut from) = exchanged::open(&file.old.path) else {
            return Ok(None);
        };
        let arriving = self.depot.incoming(PermitKey(random()?));
        let mut to = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&arriving)?;
        let kept = exchanged::copy(&mut from, &mut to).and_then(|(sha256, _)| {
            if sha256 != file.old.sha256 {
                return Ok(None);
            }
            to.sync_all()?;
            self.depot.keep(&arriving, sha256)?;
            kind::of(&to).map(Some)
        });
        fs::remove_file(&arriving)?;
        kept
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        let records: Vec<Record> = self.clerk.take();
        let batch = BatchId(self.batch);
        self.batch += 1;
        let written = self.writer.append(batch, &records);
        written
            .map(drop)
            .map_err(|error| self.not_written(&error.to_string()))
    }

    fn not_written(&self, error: &str) -> anyhow::Error {
        let language = self.config.settings.language;
        anyhow!(text_with(
            language,
            "import-not-written",
            &[("error", error)]
        ))
    }
}

fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// The lines, as many at a time as come into one transaction.
fn batches(mut lines: &[NewLine]) -> impl Iterator<Item = &[NewLine]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = lines.iter().take(LINES_AT_ONCE).take_while(|line| {
            let before = bytes;
            bytes += line.text.len();
            before < BYTES_AT_ONCE
        });
        let (some, rest) = lines.split_at(fitting.count());
        lines = rest;
        (!some.is_empty()).then_some(some)
    })
}

/// What is kept of the passwords of some accounts, several at a time.
fn hash_all(accounts: &[NewAccount], config: &Config) -> anyhow::Result<Vec<Verifier>> {
    let (cost, scram) = (config.argon2, config.settings.scram);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let each = accounts.len().div_ceil(cores.min(HASHERS)).max(1);
    thread::scope(|scope| {
        let parts = accounts.chunks(each).map(|part| {
            scope.spawn(move || {
                let verifiers = part.iter().map(|account| verifier(account, cost, scram));
                verifiers.collect::<anyhow::Result<Vec<_>>>()
            })
        });
        // All are begun before the first is waited for.
        let parts: Vec<_> = parts.collect();
        let mut verifiers = Vec::with_capacity(accounts.len());
        for part in parts {
            let made = part.join();
            verifiers.extend(made.map_err(|_| anyhow!("a password could not be hashed"))??);
        }
        Ok(verifiers)
    })
}

fn verifier(account: &NewAccount, cost: Argon2Cost, scram: bool) -> anyhow::Result<Verifier> {
    match &account.password {
        Some(password) => password::keep(password, cost, scram),
        None => password::of_nobody(cost),
    }
}
