//! The client with its connection, its clock and its files: what every face stands on.

mod errands;

use crate::address::Address;
use crate::core::client::{Client, Settings};
use crate::core::input::{Input, Intent, SecretKind, Way};
use crate::core::locale::Locale;
use crate::core::output::{Arrival, Fault, Output};
use crate::credentials::{self, Credential};
use crate::drawer::Drawer;
use crate::folder::Folder;
use crate::transfer::porter::Porter;
use crate::transport::{self, Failure, LINES_WAITING, MESSAGES_WAITING, News, Protection};
use crate::trust::{self, Fingerprint};
use causette_proto::{CompactString, Message, Secret, Timestamp};
use causette_text::Language;
use jiff::tz::TimeZone;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// How long drafts wait before they are written.
const DRAFTS_AFTER: Duration = Duration::from_secs(1);

/// How long the last words to a server may take to be written.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How a person is spoken to on this machine: in a language, at the hour of its time zone.
pub fn locale_here(language: Language) -> Locale {
    Locale::new(language, TimeZone::system())
}

/// The client with its connection.
#[derive(Debug)]
pub struct Driver {
    client: Client,
    address: Address,
    folder: Folder,
    /// Where drafts and unsent messages are kept.
    drawer: Option<Drawer>,
    /// The account and the token by which the client enters, if it does by one.
    token: Option<(CompactString, Secret)>,
    /// A key that is trusted for this run only.
    once: Option<Fingerprint>,
    number: u64,
    lines: Option<mpsc::Sender<Message>>,
    task: Option<tokio::task::JoinHandle<()>>,
    news: mpsc::Receiver<(u64, News)>,
    tell: mpsc::Sender<(u64, News)>,
    keep_at: Option<Instant>,
    protection: Protection,
    /// The key that the server has shown.
    key: Option<Fingerprint>,
    failure: Option<Failure>,
    trouble: Option<String>,
    /// Who carries files, once there is anything to be carried.
    porter: Option<Porter>,
    /// What the person was told at the door.
    greetings: Vec<String>,
}

impl Driver {
    /// A client for a server, with what was kept from before.
    ///
    /// # Errors
    /// What was kept cannot be read.
    pub fn new(address: Address, settings: Settings, folder: Folder) -> anyhow::Result<Self> {
        let (tell, news) = mpsc::channel(MESSAGES_WAITING);
        let mut client = Client::new(settings);
        let mut drawer = None;
        if client.settings().keeps
            && let Some((own, kept)) = Drawer::open(&folder, &file_name(&address))?
        {
            client.restore(kept);
            drawer = Some(own);
        }
        Ok(Self {
            client,
            address,
            folder,
            drawer,
            token: None,
            once: None,
            number: 0,
            lines: None,
            task: None,
            news,
            tell,
            keep_at: None,
            protection: Protection::default(),
            key: None,
            failure: None,
            trouble: None,
            porter: None,
            greetings: Vec::new(),
        })
    }

    /// What is known of the server.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Where the server is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Where this person's files are.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The language and time zone.
    pub fn locale(&self) -> &Locale {
        &self.client.settings().locale
    }

    /// What protects the connection.
    pub fn protection(&self) -> &Protection {
        &self.protection
    }

    /// The key of the server, over an encrypted connection.
    pub fn key(&self) -> Option<Fingerprint> {
        self.key
    }

    /// Why the last connection ended, or could not be opened.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// What could not be written to disk since the last call.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Remembers what the person is told at the door.
    pub(crate) fn greet(&mut self, text: String) {
        self.greetings.push(text);
    }

    /// What the person was told at the door, once.
    pub(crate) fn take_greetings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.greetings)
    }

    /// Trusts a key in this run.
    pub fn trust_once(&mut self, key: Fingerprint) {
        self.once = Some(key);
    }

    /// The token of this device, if the server gave one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn credential(&self) -> anyhow::Result<Option<Credential>> {
        credentials::find(&self.folder, &self.address.credential_key())
    }

    /// Does what the person wants; gives what a face has to know.
    pub fn intend(&mut self, intent: Intent) -> Vec<Output> {
        if let Intent::Enter(way) = &intent {
            self.token = match way {
                Way::SignIn {
                    account,
                    secret,
                    kind: SecretKind::Token,
                } => Some((account.clone(), secret.clone())),
                _ => None,
            };
        }
        self.handle(Input::Intent(intent))
    }

    /// Waits until something happens, and gives what a face has to know of it. May be dropped while it waits.
    pub async fn next(&mut self) -> Vec<Output> {
        let deadline = self
            .client
            .deadline()
            .map(|at| Instant::now() + at.since(now()));
        let alarm = deadline.into_iter().chain(self.keep_at).min();
        let input = tokio::select! {
            Some((number, news)) = self.news.recv() => {
                if number != self.number {
                    return Vec::new();
                }
                self.input_of(news)
            }
            input = errands::told(&mut self.porter) => input,
            () = wait(alarm) => {
                if self.keep_at.is_some_and(|at| at <= Instant::now()) {
                    self.keep();
                }
                Input::Tick
            }
        };
        let mut shown = self.handle(input);
        // What came with it is drawn with it.
        while let Ok((number, news)) = self.news.try_recv() {
            if number == self.number {
                let input = self.input_of(news);
                shown.extend(self.handle(input));
            }
            if shown.len() > MESSAGES_WAITING {
                break;
            }
        }
        while let Some(input) = errands::told_already(&mut self.porter) {
            shown.extend(self.handle(input));
        }
        shown
    }

    fn input_of(&mut self, news: News) -> Input {
        match news {
            News::Opened(protection, key) => {
                self.key = key;
                self.protection = protection;
                self.failure = None;
                Input::Opened
            }
            News::Line(message) => Input::Line(message),
            News::Closed(failure) => {
                self.lines = None;
                let reason = self.reason(&failure);
                self.failure = Some(failure);
                Input::Closed(reason)
            }
        }
    }

    fn reason(&self, failure: &Failure) -> String {
        let server = self.address.name();
        let locale = self.locale();
        match failure {
            Failure::Unreachable(reason) if reason.is_empty() => {
                // What the server said last is why.
                let said = &self.client.link().reason;
                if said.is_empty() {
                    locale.text("client-closed")
                } else {
                    said.clone()
                }
            }
            Failure::Unreachable(reason) => reason.clone(),
            Failure::Unknown(_) => locale.text_with("client-not-trusted", &[("server", &server)]),
            Failure::Changed(_) if self.address.fingerprint.is_some() => {
                locale.text_with("client-key-wrong", &[("server", &server)])
            }
            Failure::Changed(_) => locale.text_with("client-key-changed", &[("server", &server)]),
        }
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.client.handle(now(), input, &mut outputs);
        let mut shown = Vec::new();
        for output in outputs {
            match self.renewed(&output) {
                Some(way) => shown.extend(self.intend(Intent::Enter(way))),
                None => shown.extend(self.perform(output)),
            }
        }
        shown
    }

    /// The way in by the token that took the place of the one that is refused: this device was signed in anew, by another
    /// program, while the client ran.
    fn renewed(&self, output: &Output) -> Option<Way> {
        let Output::Arrival(Arrival::Refused(refused)) = output else {
            return None;
        };
        let (account, old) = self
            .token
            .as_ref()
            .filter(|_| refused.fault == Fault::Token)?;
        // What cannot be read is told when it is forgotten.
        let new = self.credential().ok()??;
        (new.account == *account && new.token != *old).then(|| Way::SignIn {
            account: new.account.into(),
            secret: new.token,
            kind: SecretKind::Token,
        })
    }

    /// Forgets the token by which the client entered: the server does not take it any more.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn forget_token(&self) -> anyhow::Result<()> {
        if let Some((_, token)) = &self.token {
            credentials::forget(&self.folder, &self.address.credential_key(), token)?;
        }
        Ok(())
    }

    /// Does what is to be done outside; gives back what is for the face.
    fn perform(&mut self, output: Output) -> Option<Output> {
        match output {
            Output::Connect => self.connect(),
            Output::Carry(order) => self.carry(order),
            Output::Arrival(arrival @ Arrival::Welcome { .. }) => {
                self.take_up();
                return Some(Output::Arrival(arrival));
            }
            Output::Send(message) => self.send(message),
            Output::Hangup => {
                self.lines = None;
                // Nothing else tells that the client itself has given the connection up.
                self.failure = Some(Failure::Unreachable(self.client.link().reason.clone()));
            }
            Output::Keep { at_once: true } => self.keep(),
            Output::Keep { at_once: false } => {
                self.keep_at
                    .get_or_insert_with(|| Instant::now() + DRAFTS_AFTER);
            }
            Output::KeepToken { account, id, token } => {
                let credential = Credential {
                    account: account.to_string(),
                    id: id.to_string(),
                    token: token.clone(),
                };
                if let Err(error) =
                    credentials::keep(&self.folder, &self.address.credential_key(), &credential)
                {
                    self.trouble = Some(format!("{error:#}"));
                }
                self.token = Some((account.clone(), token.clone()));
                return Some(Output::KeepToken { account, id, token });
            }
            other => return Some(other),
        }
        None
    }

    fn connect(&mut self) {
        self.number += 1;
        let (lines, waiting) = mpsc::channel(LINES_WAITING);
        self.lines = Some(lines);
        let trusted = match self.once {
            Some(key) => Some(key),
            None => trust::known(&self.folder, &self.address.key()).unwrap_or_else(|error| {
                // Without the file no key is known: the person is asked, and told why.
                self.trouble = Some(format!("{error:#}"));
                None
            }),
        };
        let serve = transport::run(
            self.number,
            self.address.clone(),
            self.locale().clone(),
            trusted,
            waiting,
            self.tell.clone(),
        );
        self.task = Some(tokio::spawn(serve));
    }

    fn send(&mut self, message: Message) {
        if let Some(lines) = &self.lines
            && lines.try_send(message).is_err()
        {
            // So much waits only when nothing is written any more: the connection is dead.
            self.lines = None;
        }
    }

    /// Writes what outlives the client.
    fn keep(&mut self) {
        self.keep_at = None;
        let Some(drawer) = &self.drawer else {
            return;
        };
        if let Err(error) = drawer.write(&self.folder, &self.client.keepsake()) {
            self.trouble = Some(format!("{error:#}"));
        }
    }

    /// Leaves the server at once, and lets the last words reach it.
    pub async fn leave(mut self) {
        drop(self.intend(Intent::Quit(String::new())));
        self.finish().await;
    }

    /// Writes what outlives the client, and lets the last words reach the server.
    pub async fn finish(mut self) {
        if self.keep_at.is_some() {
            self.keep();
        }
        if let Some(porter) = self.porter.take() {
            porter.dismiss().await;
        }
        self.lines = None;
        if let Some(task) = self.task.take() {
            // The server may have closed already.
            let _ = tokio::time::timeout(LAST_WORDS, task).await;
        }
    }
}

/// A name of a file for a server.
pub(crate) fn file_name(address: &Address) -> String {
    let safe = |character: char| {
        let is_safe = character.is_alphanumeric() || ".-".contains(character);
        if is_safe { character } else { '_' }
    };
    address.key().chars().map(safe).collect()
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// The present.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
