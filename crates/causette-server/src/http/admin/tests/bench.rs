//! The real router before the real core, without sockets; what is recorded is in a store of its own.

use crate::admin::Office;
use crate::config::Config;
use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::countdown::StopOrder;
use crate::engine::Arrival;
use crate::engine::ticket::Tickets;
pub(super) use crate::http::bench::Answered;
use crate::http::bench::{self, answer, coming, moment};
use crate::http::{Http, Site};
use crate::status::Status;
use causette_core::Core;
use causette_core::id::{AccountId, BatchId, TokenId};
use causette_core::input::{Answer, Asker, Input, ReadOutcome};
use causette_core::output::{Ask, Done, Entry, Output, Outputs, Undone};
use causette_core::record::{Fact, Record, Who};
use causette_core::right::{Role, Scopes};
use causette_core::secret::{Secret, Verifier};
use causette_core::settings::Settings;
use causette_core::snapshot::{AccountRow, Snapshot, TokenRow};
use causette_proto::Timestamp;
use causette_store::{Store, Writer};
use std::collections::HashMap;
use std::slice;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Semaphore, mpsc};

/// A token for everything of an owner, one that only reads, one that is over, one of a device, and one of a bot.
pub(super) const ALL: &str = "causette_all";
pub(super) const READ: &str = "causette_read";
pub(super) const OVER: &str = "causette_over";
pub(super) const DEVICE: &str = "causette_device";
pub(super) const BOT: &str = "causette_bot";

/// Everybody's password.
pub(super) const PASSWORD: &str = "correct-horse-battery";

const EVERY_SCOPE: &str = "read,people,moderation,accounts,rooms,server,files,register";

/// A server.
pub(super) struct Bench {
    http: Http,
    /// Where one doctor at a time looks.
    pub(super) examination: Arc<Semaphore>,
    /// What was entered.
    pub(super) facts: Arc<Mutex<Vec<Fact>>>,
}

fn account(id: u64, name: &str, role: Role, tokens: Vec<TokenRow>) -> AccountRow {
    AccountRow {
        role,
        waiting: name == "carol",
        last_token: tokens.len() as u64,
        tokens,
        ..bench::account(id, name)
    }
}

fn token(id: u64, scopes: Option<&str>, until: Option<i64>) -> TokenRow {
    TokenRow {
        id: TokenId(id),
        name: format!("token {id}").into(),
        created: Timestamp(1),
        last_used: None,
        last_address: None,
        scopes: scopes.map(|scopes| Scopes::read(scopes).unwrap()),
        until: until.map(Timestamp),
    }
}

/// The accounts, and whose each token is.
fn accounts(scopes: &str) -> (Vec<AccountRow>, HashMap<&'static str, Answer>) {
    let end = Some(2_000_000_000_000_000);
    let tokens = vec![
        token(1, Some(scopes), end),
        token(2, Some("read"), end),
        token(3, Some("read"), Some(2)),
        token(4, None, None),
    ];
    let mut rows = vec![
        account(1, "alice", Role::Owner, tokens),
        account(2, "bob", Role::User, Vec::new()),
        account(3, "carol", Role::User, Vec::new()),
        account(
            4,
            "robot",
            Role::Bot,
            vec![token(1, Some("moderation"), end)],
        ),
        account(5, "olga", Role::Owner, Vec::new()),
    ];
    rows.sort_by_key(|row| row.id.0);
    let of = |account, token| Answer::Token {
        account: AccountId(account),
        token: TokenId(token),
    };
    let whose = HashMap::from([
        (ALL, of(1, 1)),
        (READ, of(1, 2)),
        (OVER, of(1, 3)),
        (DEVICE, of(1, 4)),
        (BOT, of(4, 1)),
    ]);
    (rows, whose)
}

/// The core with what stands around it, as far as it is needed.
struct Machine {
    core: Core,
    elapsed: u64,
    whose: HashMap<&'static str, Answer>,
    visits: Arc<Tickets<Result<Done, Undone>>>,
    facts: Arc<Mutex<Vec<Fact>>>,
    writer: Writer,
    batch: u64,
}

impl Machine {
    fn take(&mut self, input: Input) {
        self.elapsed += 1_000;
        let mut out = Outputs::default();
        self.core.handle(moment(self.elapsed), input, &mut out);
        self.act_upon(out);
    }

    fn act_upon(&mut self, mut out: Outputs) {
        for output in out.take() {
            match output {
                Output::Record(record) => {
                    self.batch += 1;
                    let batch = BatchId(self.batch);
                    self.writer.append(batch, slice::from_ref(&record)).unwrap();
                    self.facts.lock().unwrap().push(record.fact);
                }
                Output::Ask { asker, ask } => self.answer(asker, ask),
                Output::Visited { ticket, mut result } => {
                    if let Ok(Done::Told(told)) = &mut result
                        && let Entry::Before(back) = told.entry
                    {
                        let entries = self.facts.lock().unwrap().len();
                        told.entry = Entry::Number((entries + 1 - back) as u64);
                    }
                    self.visits.tell(ticket, result);
                }
                Output::Read(read) => {
                    let (session, outcome) = (read.session, ReadOutcome::Pushed);
                    self.take(Input::ReadDone { session, outcome });
                }
                _ => {}
            }
        }
    }

    fn keep(&mut self, record: &Record) {
        self.batch += 1;
        let (batch, records) = (BatchId(self.batch), slice::from_ref(record));
        self.writer.append(batch, records).unwrap();
    }

    /// Accounts that were there before the server started.
    fn keep_accounts(&mut self, rows: &[AccountRow]) {
        for row in rows {
            let time = Timestamp(1_600_000_000_000_000 + row.id.0.cast_signed());
            self.keep(&Record {
                time,
                steady: time,
                session: None,
                by: Who::Server,
                fact: Fact::AccountCreated {
                    account: row.id,
                    name: row.name.clone(),
                    verifier: Verifier("phc".to_owned()),
                    by_administrator: false,
                    invitation: None,
                    waiting: row.waiting,
                },
            });
        }
    }

    fn answer(&mut self, asker: Asker, ask: Ask) {
        let answer = match ask {
            Ask::FindToken { token } => {
                let whose = self.whose.get(token.expose()).cloned();
                whose.unwrap_or(Answer::Verified(false))
            }
            Ask::VerifyPassword { password, .. } => Answer::Verified(password.expose() == PASSWORD),
            Ask::HashPassword { .. } => Answer::Hashed(Verifier("$argon2id$".to_owned())),
            Ask::MakeToken => Answer::Made {
                token: Secret::new("causette_new"),
                verifier: Verifier("00ff".to_owned()),
            },
            Ask::MakeCode => Answer::Made {
                token: Secret::new("ABCDEFGHJKLMNPQRSTUVWXYZ"),
                verifier: Verifier("00ee".to_owned()),
            },
            other => panic!("{other:?}"),
        };
        self.take(Input::Answer { asker, answer });
    }
}

impl Bench {
    /// One with people: eve, a guest, and bob, who is in a room of his own.
    pub(super) fn new() -> Self {
        Self::with_scopes(EVERY_SCOPE)
    }

    /// The same, where [`ALL`] is good for these only.
    pub(super) fn with_scopes(scopes: &str) -> Self {
        let (rows, whose) = accounts(scopes);
        let snapshot = Snapshot {
            accounts: rows.clone(),
            last_id: 100,
            ..Snapshot::default()
        };
        let live = Arc::new(Live::new(
            Config::parse("[server]\nname = \"chat.example.org\"").unwrap(),
        ));
        let store = Arc::new(Store::temporary().unwrap());
        let (inbox, mut arrivals) = mpsc::channel(64);
        let (office, mut stops, mut reloads) = Office::idle(inbox.clone(), store.clone());
        let visits = Arc::new(Tickets::default());
        let facts = Arc::default();
        let site = Site {
            live,
            status: Arc::new(Status::new(Arc::default())),
            inbox,
            visits: visits.clone(),
            office: Arc::new(office),
            files: Arc::new(crate::files::Files::nowhere()),
        };
        let settings = Settings {
            accounts_required: false,
            ..Settings::default()
        };
        let mut machine = Machine {
            core: Core::new(settings, snapshot, 1),
            elapsed: 0,
            whose,
            visits,
            facts: Arc::clone(&facts),
            writer: store.writer().unwrap(),
            batch: 0,
        };
        machine.keep_accounts(&rows);
        let mut out = Outputs::default();
        machine.core.start(moment(0), &mut out);
        machine.act_upon(out);
        let eve = coming(101, &["NICK eve", "USER eve 0 * :Eve"]);
        let pass = format!("PASS bob:{PASSWORD}");
        let lines = [&pass, "NICK bob", "USER bob 0 * :Bob", "JOIN #tea"];
        for input in eve.into_iter().chain(coming(102, &lines)) {
            machine.take(input);
        }
        tokio::spawn(async move {
            while let Some(arrival) = arrivals.recv().await {
                if let Arrival::Input(input) = arrival {
                    machine.take(input);
                }
            }
        });
        // Whatever the office asks for is granted.
        tokio::spawn(async move {
            while let Some(order) = stops.recv().await {
                match order {
                    StopOrder::Stop { told, .. } => drop(told.map(|told| told.send(None))),
                    StopOrder::Cancel { told, .. } => drop(told.send(true)),
                }
            }
        });
        tokio::spawn(async move {
            while let Some(Requester::Administrator(_, told)) = reloads.recv().await {
                told.send(Ok(())).unwrap();
            }
        });
        Self {
            examination: site.office.examination.clone(),
            http: Http::new(site),
            facts,
        }
    }

    /// How many facts of a kind were entered.
    pub(super) fn count(&self, is_meant: impl Fn(&Fact) -> bool) -> usize {
        bench::count(&self.facts, is_meant)
    }

    /// The answer to a request with a token, by what the first line says without the version.
    pub(super) async fn ask(&self, token: &str, line: &str, body: Option<&str>) -> Answered {
        let token = match token {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let body = body.unwrap_or_default();
        let kind = match body {
            "" => String::new(),
            _ => format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ),
        };
        self.send(&format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\n{token}{kind}Connection: close\r\n\r\n{body}"
        ))
        .await
    }

    /// The answer to a request, as it is written.
    pub(super) async fn send(&self, request: &str) -> Answered {
        let mut client = bench::connect(&self.http);
        client.write_all(request.as_bytes()).await.unwrap();
        answer(&mut client).await
    }
}
