//! The administrator's console: on the terminal of the server that runs there, and on another by its socket. Both are one, and
//! ask what every program may ask.

mod backup;
mod desk;
mod draft;

use super::super::{complain, configuration, data_dir, say, unheard};
use super::order::say_reply;
use anyhow::Context as _;
use backup::{Backup, News};
use causette_client::ending::Modes;
use causette_client::face::line::{LineTerminal, Typed};
use causette_server::Running;
use causette_server::admin::{Reply, Request, Stream, ask, watch};
use causette_server::config::{Config, Unusable};
use causette_text::{Language, text, text_with};
use clap::ArgMatches;
use desk::{Act, Desk, Seat, indent};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Events that wait to be shown; the server keeps the others for a while.
const EVENTS_WAITING: usize = 64;

/// Accounts whose names can be completed, at most.
const ACCOUNTS: u64 = 1_000;

/// Events that make it worth to ask anew whose names can be completed.
const MOVES: [&str; 3] = ["came", "left", "signed-in"];

/// Reads the configuration of the server anew, for a backup.
pub(crate) type Reading = Box<dyn Fn() -> Result<Config, Unusable> + Send>;

/// The console of the server that runs in this process.
pub(crate) struct Console {
    modes: Arc<Modes>,
    thread: Option<JoinHandle<()>>,
}

impl Console {
    /// Keeps the terminal as it is, before anything is drawn on it: it is given back whatever happens.
    pub(crate) fn prepare(language: Language) -> Self {
        let modes = Arc::new(Modes::now());
        let before = modes.clone();
        causette_server::at_fault(move |reason| {
            before.put_back();
            complain(
                &text_with(language, "console-fault", &[("reason", reason)]),
                language,
            );
        });
        Self {
            modes,
            thread: None,
        }
    }

    /// Opens it, when the server serves. Without a thread or a terminal there is none, and the server serves all the same.
    pub(crate) fn open(
        &mut self,
        running: &Running,
        log: &Path,
        language: Language,
        configuration: Reading,
    ) {
        let banner = banner(running, log, language);
        let data_dir = running.data_dir().to_owned();
        let thread = std::thread::Builder::new().name("console".to_owned());
        let run = move || {
            drop(talk(
                &data_dir,
                Seat::Serving,
                language,
                &banner,
                configuration,
            ))
        };
        self.thread = thread.spawn(run).ok();
    }

    /// The server has ended: the terminal is given back.
    pub(crate) fn close(self) {
        if let Some(thread) = self.thread {
            // It has seen the end of the server, or has panicked and said so.
            let _ = thread.join();
        }
        self.modes.put_back();
    }
}

/// Where the server is, and where its log goes.
fn banner(running: &Running, log: &Path, language: Language) -> String {
    let addresses: Vec<String> = running
        .addresses()
        .iter()
        .map(ToString::to_string)
        .collect();
    let variables = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("folder", &*running.data_dir().display().to_string()),
        ("log", &*log.display().to_string()),
        ("addresses", &*addresses.join(" ")),
        ("fingerprint", &*running.fingerprint()),
        ("key", &*running.public_key()),
    ];
    text_with(language, "console-banner", &variables)
}

/// The console of a server that runs elsewhere on this machine.
pub(super) fn attach(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let data_dir = data_dir(matches, language)?;
    let modes = Modes::now();
    let folder = data_dir.display().to_string();
    let banner = text_with(language, "console-attached", &[("folder", &folder)]);
    let asked = matches.clone();
    let reading = Box::new(move || configuration(&asked, language));
    let talked = talk(&data_dir, Seat::Attached, language, &banner, reading);
    modes.put_back();
    talked
}

/// `causette admin watch`: tells what happens, until the server has ended.
pub(super) fn tell_events(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let data_dir = data_dir(matches, language)?;
    let as_json = matches.get_flag("json");
    let unheard = |unanswered| unheard(&unanswered, &data_dir, language);
    let (reply, mut events) = watch(&data_dir, language).map_err(unheard)?;
    if !reply.ok || !as_json {
        say_reply(reply, as_json, language)?;
    }
    while let Some(event) = events.hear().map_err(unheard)? {
        let text = event["text"].as_str().unwrap_or_default();
        say(&if as_json {
            event.to_string()
        } else {
            text.to_owned()
        })?;
    }
    Ok(())
}

/// Talks with the person until they leave or the server has ended.
fn talk(
    data_dir: &Path,
    seat: Seat,
    language: Language,
    banner: &str,
    configuration: Reading,
) -> anyhow::Result<()> {
    let unheard = |unanswered| unheard(&unanswered, data_dir, language);
    let (reply, events) = watch(data_dir, language).map_err(unheard)?;
    if !reply.ok {
        return say_reply(reply, false, language);
    }
    let (tell, told) = mpsc::channel(EVENTS_WAITING);
    let watched = data_dir.to_owned();
    std::thread::Builder::new()
        .name("events".to_owned())
        .spawn(move || pass_on(&watched, language, events, &tell))
        .context("events")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let talked = runtime.block_on(async {
        // Who presses Ctrl+Z on the terminal of a server does not mean to hold everybody up.
        let suspended = (seat == Seat::Serving).then(|| signal(SignalKind::from_raw(SUSPEND)));
        let _suspended = suspended.transpose()?;
        let desk = Desk::new(seat, language);
        let terminal = LineTerminal::open(&desk.prompt())?;
        let data_dir = data_dir.to_owned();
        let mut console = Open {
            desk,
            terminal,
            data_dir,
            language,
            is_stale: true,
            configuration,
            backup: None,
        };
        console.terminal.print(banner);
        console.show_owner_code().await;
        let talked = console.talk(told).await;
        if let Some(backup) = console.backup {
            backup.give_up(seat).await;
        }
        talked
    });
    // A question that nobody waits for any more holds nothing up.
    runtime.shutdown_background();
    // The terminal is given back: what is said last stands below the line that was being typed, and is not lost with the editor.
    match talked? {
        Some(last) => say(&format!("\n{last}")),
        None => Ok(()),
    }
}

/// What Ctrl+Z is told to a program as.
const SUSPEND: i32 = rustix::process::Signal::TSTP.as_raw();

/// Passes on what happens, until the server has ended or the console. A server that goes on has given up a console that did
/// not read for long: it is watched again.
fn pass_on(data_dir: &Path, language: Language, mut events: Stream, tell: &mpsc::Sender<Value>) {
    loop {
        while let Ok(Some(event)) = events.hear() {
            if tell.blocking_send(event).is_err() {
                return;
            }
        }
        match watch(data_dir, language) {
            Ok((reply, again)) if reply.ok => events = again,
            _ => return,
        }
    }
}

/// A console on its terminal.
struct Open {
    desk: Desk,
    terminal: LineTerminal,
    data_dir: PathBuf,
    language: Language,
    /// Whether others may have come since the names were asked for.
    is_stale: bool,
    configuration: Reading,
    /// The backup that is being made.
    backup: Option<Backup>,
}

impl Open {
    /// Gives back what remains to be said when it is over.
    async fn talk(&mut self, mut events: mpsc::Receiver<Value>) -> anyhow::Result<Option<String>> {
        self.refresh().await;
        loop {
            let typed = tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else {
                        return Ok(Some(text(self.language, "console-server-ended")));
                    };
                    self.is_stale |= MOVES.iter().any(|known| event["event"] == *known);
                    if let Some(line) = self.desk.happened(&event) {
                        self.terminal.print(&line);
                    }
                    continue;
                }
                news = backup::next(&mut self.backup) => {
                    let News { text, is_over } = news;
                    self.terminal.print(&indent(&text));
                    if is_over {
                        self.backup = None;
                    }
                    continue;
                }
                typed = self.terminal.next() => typed,
            };
            let acts = match typed {
                // An empty one is an answer too.
                Typed::Line(text) if text.is_empty() => self.desk.typed(""),
                Typed::Line(text) => text
                    .lines()
                    .flat_map(|line| self.desk.typed(line))
                    .collect(),
                Typed::Interrupt => self.desk.interrupted(),
                Typed::End if self.desk.ended() => break,
                Typed::End => {
                    let acts = self.desk.exit("");
                    self.act(acts).await;
                    // The terminal reads no more; it is taken anew for the answer.
                    self.terminal.reopen(&self.desk.prompt())?;
                    self.is_stale = true;
                    self.refresh().await;
                    continue;
                }
            };
            if !self.act(acts).await {
                break;
            }
            self.refresh().await;
            self.terminal.go_on();
        }
        Ok(None)
    }

    /// Does it all; whether the console goes on.
    async fn act(&mut self, acts: Vec<Act>) -> bool {
        for act in acts {
            match act {
                Act::Print(text) => self.terminal.print(&text),
                Act::Leave => return false,
                Act::Backup(file) => {
                    let told = self.begin_backup(file.as_deref());
                    self.terminal.print(&indent(&told));
                }
                Act::Ask(request) => match self.ask(&request).await {
                    Ok(reply) => {
                        for act in self.desk.answered(&request, &reply) {
                            if let Act::Print(text) = act {
                                self.terminal.print(&text);
                            }
                        }
                    }
                    Err(told) => self.terminal.print(&format!("  {told}")),
                },
            }
        }
        true
    }

    /// While nobody owns the server, whoever sits at its console may become its owner. It is shown here, and in no log.
    async fn show_owner_code(&mut self) {
        if let Ok(Reply { ok: true, text, .. }) = self.ask(&Request::new("owner.code")).await {
            self.terminal.print(&indent(&text));
        }
    }

    /// Begins a backup; what is told of it.
    fn begin_backup(&mut self, file: Option<&str>) -> String {
        if self.backup.is_some() {
            return text(self.language, "console-backup-busy");
        }
        let config = match (self.configuration)() {
            Ok(config) => config,
            Err(error) => return error.to_string(),
        };
        match Backup::begin(config, file, &self.data_dir, self.language) {
            Ok((backup, told)) => {
                self.backup = Some(backup);
                told
            }
            Err(told) => told,
        }
    }

    async fn ask(&self, request: &Request) -> Result<Reply, String> {
        let request = request.clone().answered_in(self.language);
        let data_dir = self.data_dir.clone();
        let asked = tokio::task::spawn_blocking(move || ask(&data_dir, &request)).await;
        let asked = asked.map_err(|_| text(self.language, "admin-unavailable"))?;
        asked.map_err(|unanswered| unanswered.message(&self.data_dir, self.language))
    }

    /// What stands before the line, and what can be completed in it.
    async fn refresh(&mut self) {
        self.terminal.set_prompt(&self.desk.prompt());
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let mut words = self.desk.commands();
        let accounts = Request::new("accounts").with("limit", ACCOUNTS);
        for (request, list, name) in [
            (Request::new("people"), "people", "nick"),
            (Request::new("rooms"), "rooms", "name"),
            (accounts, "accounts", "name"),
        ] {
            // Without an answer there is nothing to complete, and no more.
            let data = self.ask(&request).await.ok().and_then(|reply| reply.data);
            let named = data.as_ref().and_then(|data| data[list].as_array());
            let names = named
                .into_iter()
                .flatten()
                .filter_map(|one| one[name].as_str());
            words.extend(names.map(str::to_owned));
        }
        words.sort_unstable();
        words.dedup();
        self.terminal.set_words(words);
    }
}
