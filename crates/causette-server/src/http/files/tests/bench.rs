//! Three people, a room, and what they ask for.

use crate::admin::Office;
use crate::config::Config;
use crate::config::live::Live;
use crate::data_dir::tests::Folder;
use crate::engine::Arrival;
use crate::engine::ticket::Tickets;
use crate::files::Files;
use crate::http::bench::{self, account, coming, moment};
pub(super) use crate::http::bench::{Answered, BEGINNING, answer};
use crate::http::{Http, Site};
use crate::status::Status;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_core::Core;
use causette_core::file::{AddressKey, Permit, Visibility};
use causette_core::id::AccountId;
use causette_core::input::{Answer, Asker, Input, ReadOutcome};
use causette_core::output::{Ask, Done, Output, Outputs, Undone};
use causette_core::record::Fact;
use causette_core::secret::Verifier;
use causette_core::settings::Settings;
use causette_core::snapshot::Snapshot;
use causette_proto::{FileName, Timestamp};
use causette_store::Store;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

const PASSWORD: &str = "correct horse battery";

pub(super) struct Bench {
    pub(super) folder: Folder,
    pub(super) files: Arc<Files>,
    http: Http,
    inbox: mpsc::Sender<Arrival>,
    facts: Arc<Mutex<Vec<Fact>>>,
}

impl Answered {
    /// The code of a refusal.
    pub(super) fn code(&self) -> String {
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// How somebody says who they are.
pub(super) fn of(name: &str) -> String {
    let pair = BASE64_STANDARD.encode(format!("{name}:{PASSWORD}"));
    format!("Basic {pair}")
}

/// By what addresses are signed.
pub(super) fn key() -> AddressKey {
    AddressKey::new([7; 32])
}

/// The core with what stands around it, as far as it is needed.
struct Machine {
    core: Core,
    elapsed: u64,
    visits: Arc<Tickets<Result<Done, Undone>>>,
    files: Arc<Files>,
    facts: Arc<Mutex<Vec<Fact>>>,
}

impl Machine {
    fn take(&mut self, input: Input) {
        self.elapsed += 1000;
        let mut out = Outputs::default();
        self.core.handle(moment(self.elapsed), input, &mut out);
        for output in out.take() {
            match output {
                Output::Record(record) => self.facts.lock().unwrap().push(record.fact),
                Output::Permitted(permit) => drop(self.files.admit(*permit)),
                Output::UploadCancelled(permit) => drop(self.files.withdraw(permit)),
                Output::Visited { ticket, result } => self.visits.tell(ticket, result),
                Output::Ask { asker, ask } => self.answer(asker, ask),
                Output::Read(read) => {
                    let (session, outcome) = (read.session, ReadOutcome::Pushed);
                    self.take(Input::ReadDone { session, outcome });
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self, asker: Asker, ask: Ask) {
        let answer = match ask {
            Ask::VerifyPassword { password, .. } => Answer::Verified(password.expose() == PASSWORD),
            Ask::HashPassword { .. } => Answer::Hashed(Verifier("$argon2id$".to_owned())),
            other => panic!("{other:?}"),
        };
        self.take(Input::Answer { asker, answer });
    }
}

impl Bench {
    /// Alice and bob are in #tea; carol is not.
    pub(super) fn new() -> Self {
        Self::with("")
    }

    /// The same, with something in the section `[files]`.
    pub(super) fn with(files: &str) -> Self {
        let text = format!(
            "[server]\nname = \"chat.example.org\"\n[accounts]\nrequired = false\n[flood]\nexempt = [\"127.0.0.0/8\"]\n[files]\nurl = \"https://files.example.org\"\n{files}"
        );
        let mut config = Config::parse(&text).unwrap();
        config.settings.files.key = key();
        let settings: Settings = config.settings.clone();
        let folder = Folder::new();
        let (opened, permits) = Files::open_folder(&folder.0).unwrap();
        let opened = Arc::new(opened);
        let (inbox, mut arrivals) = mpsc::channel(64);
        let store = Arc::new(Store::temporary().unwrap());
        let (office, ..) = Office::idle(inbox.clone(), store);
        let visits = Arc::new(Tickets::default());
        let facts = Arc::default();
        let site = Site {
            live: Arc::new(Live::new(config)),
            status: Arc::new(Status::new(Arc::default())),
            inbox: inbox.clone(),
            visits: visits.clone(),
            office: Arc::new(office),
            files: opened.clone(),
        };
        let names = ["alice", "bob", "carol"].into_iter().zip(1..);
        let snapshot = Snapshot {
            accounts: names.map(|(name, id)| account(id, name)).collect(),
            last_id: 100,
            ..Snapshot::default()
        };
        let mut machine = Machine {
            core: Core::new(settings, snapshot, 1),
            elapsed: 0,
            visits,
            files: opened.clone(),
            facts: Arc::clone(&facts),
        };
        machine.core.start(moment(0), &mut Outputs::default());
        machine.take(Input::Permits(permits));
        for (id, name) in [(101, "alice"), (102, "bob")] {
            let pass = format!("PASS :{name}:{PASSWORD}");
            let (nick, user) = (format!("NICK {name}"), format!("USER {name} 0 * :x"));
            for input in coming(id, &[&pass, &nick, &user, "JOIN #tea"]) {
                machine.take(input);
            }
        }
        tokio::spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                if let Arrival::Input(input) = arrival {
                    machine.take(input);
                }
            }
        });
        Self {
            folder,
            files: opened,
            http: Http::new(site),
            inbox,
            facts,
        }
    }

    /// The path of a link for one file of alice's, as `FileServ UPLOAD` gives one.
    pub(super) async fn link(&self, name: &str, bytes: u64) -> String {
        let key = crate::files::permit_key().unwrap();
        let permit = Permit {
            key,
            owner: AccountId(1),
            name: FileName::nearest(name),
            bytes,
            visibility: Visibility::Public,
            to: None,
            since: Timestamp(BEGINNING * 1_000_000),
        };
        self.files.admit(permit.clone());
        let told = Arrival::Input(Input::Permits(vec![permit]));
        self.inbox.send(told).await.unwrap();
        format!("/upload/{}", key.expose())
    }

    /// How many facts of a kind were entered.
    pub(super) fn count(&self, is_meant: impl Fn(&Fact) -> bool) -> usize {
        bench::count(&self.facts, is_meant)
    }

    /// A connection.
    pub(super) fn connect(&self) -> DuplexStream {
        bench::connect(&self.http)
    }

    /// The answer to a request: a method and a path, lines of the head, and a body, whose length is said.
    pub(super) async fn ask(&self, line: &str, lines: &[(&str, &str)], body: &[u8]) -> Answered {
        let mut client = self.connect();
        let head = head(line, lines, Some(body.len()));
        client.write_all(head.as_bytes()).await.unwrap();
        // Whoever is refused may not get rid of all of it.
        let _ = client.write_all(body).await;
        answer(&mut client).await
    }

    /// The bytes of all uploads and contents on the disk.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut folders = vec![self.folder.0.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => names.push(path.file_name().unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        names
    }
}

/// The head of a request.
pub(super) fn head(line: &str, lines: &[(&str, &str)], length: Option<usize>) -> String {
    let mut head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if let Some(length) = length.filter(|length| *length > 0) {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    for (name, value) in lines {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}
