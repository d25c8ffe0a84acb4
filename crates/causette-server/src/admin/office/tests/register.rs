//! The register over the socket: entered first, then told page by page.

use super::*;
use causette_core::event::{Event, Reach, Verb, What};
use causette_core::id::{AccountId, BatchId, Msgid, Room, RoomId, SessionId, UserId};
use causette_core::limits::{REGISTER_LAST, REGISTER_PAGE};
use causette_core::output::{Entry, Fault, Told, Undone};
use causette_core::record::{Fact, Record, Who};
use causette_core::report::Report;
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Casemap, ChannelName, Tags, Timestamp};
use causette_store::Writer;
use serde_json::{Value, json};
use tokio::io::BufReader;

/// Alice has said so many things.
struct Story {
    writer: Writer,
    batch: u64,
    time: i64,
}

impl Story {
    fn begin(store: &Store) -> Self {
        let mut story = Self {
            writer: store.writer().unwrap(),
            batch: 0,
            time: 1_795_316_400_000_000,
        };
        story.write(Fact::AccountCreated {
            account: AccountId(11),
            name: AccountName::parse("alice", 32, Casemap::Ascii).unwrap(),
            verifier: Verifier("phc".to_owned()),
            by_administrator: false,
            invitation: None,
            waiting: false,
        });
        story.write(Fact::RoomOpened {
            room: RoomId(101),
            name: ChannelName::parse("#tea", 64, Casemap::Ascii).unwrap(),
            permanent: false,
            modes: "+nt".into(),
        });
        story
    }

    fn write(&mut self, fact: Fact) {
        self.time += 1_000_000;
        self.batch += 1;
        let time = Timestamp(self.time);
        let (by, session) = match &fact {
            // Nothing tells from where that connection came.
            Fact::Event { .. } => (Who::Account(AccountId(11)), Some(SessionId(5))),
            _ => (Who::Server, None),
        };
        let record = Record {
            time,
            steady: time,
            session,
            by,
            fact,
        };
        let batch = BatchId(self.batch);
        self.writer.append(batch, &[record]).unwrap();
    }

    fn says(&mut self, text: &str) {
        let event = Event {
            msgid: Msgid(format!("m{}", self.batch).into()),
            time: Timestamp(self.time + 1_000_000),
            author: UserId(11),
            source: "alice!a@h".into(),
            account: Some(AccountName::parse("alice", 32, Casemap::Ascii).unwrap()),
            hidden: false,
            closed: false,
            what: What::Said {
                verb: Verb::Privmsg,
                text: text.into(),
                tags: Tags::new(),
                reach: Reach::Room,
            },
        };
        self.write(Fact::Event {
            rooms: vec![Room::Channel(RoomId(101))],
            event,
        });
    }
}

/// A bench with a story of so many messages, whose core enters readings.
async fn reading(messages: usize, ask: impl AsyncFnOnce(&Office) + 'static) -> Vec<String> {
    let Bench {
        store,
        office,
        mut arrivals,
        ..
    } = bench();
    let mut story = Story::begin(&store);
    for number in 0..messages {
        story.says(&format!("message {number}"));
    }
    let mut questions = Vec::new();
    let core = async {
        while let Some(Arrival::Input(Input::Admin { ticket, order, .. })) = arrivals.recv().await {
            let Order::EnterReading { question } = order else {
                panic!("{order:?}");
            };
            questions.push(question.to_string());
            let entry = store.register_reader().unwrap().end().unwrap();
            story.write(Fact::RegisterRead { question });
            let told = Told {
                report: Report::Done(String::new()),
                entry: Entry::Number(entry),
            };
            office.tickets.tell(ticket, Ok(told));
        }
    };
    tokio::select! {
        () = ask(&office) => {}
        () = core => panic!("nobody asks any more"),
    }
    questions
}

fn request() -> Request {
    Request::new("audit.read")
}

#[tokio::test]
async fn each_question_is_entered_and_then_answered() {
    let questions = reading(5, async |office| {
        let reply = asked(office, &request().with("last", 3)).await;
        assert!(reply.ok, "{reply:?}");
        assert_eq!(reply.entry, Some(7), "the reading is entered");
        let data = reply.data.unwrap();
        let entries = data["entries"].as_array().unwrap();
        let numbers: Vec<u64> = entries
            .iter()
            .map(|e| e["entry"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, [4, 5, 6], "and is not in its own answer");
        assert_eq!(entries[2]["content"]["text"], "message 4");
        assert_eq!(entries[2]["actor"]["name"], "alice");
        assert_eq!(entries[2]["rooms"][0]["name"], "#tea");
        assert!(reply.text.contains("message 4") && reply.text.contains("#tea"));
        // The next shows it.
        let reply = asked(office, &request().with("last", 1)).await;
        assert!(reply.text.contains("last=3"), "{}", reply.text);
    })
    .await;
    assert_eq!(questions, ["last=3", "last=1"]);
}

#[tokio::test]
async fn one_page_tells_behind_which_entry_to_go_on() {
    let questions = reading(5, async |office| {
        let first = request().with("kind", "message").with("limit", 2);
        let reply = asked(office, &first).await;
        let data = reply.data.unwrap();
        assert_eq!((&data["after"], &data["end"]), (&3.into(), &true.into()));
        assert!(reply.text.contains("--after 3"), "{}", reply.text);
        let second = first.clone().with("after", 3).with("limit", 100);
        let data = asked(office, &second).await.data.unwrap();
        let numbers: Vec<u64> = data["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["entry"].as_u64().unwrap())
            .collect();
        assert_eq!((numbers, &data["after"]), (vec![4, 5, 6], &Value::Null));
    })
    .await;
    assert_eq!(questions.len(), 2, "each page is a reading of its own");
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_entered_and_what_never_was_is() {
    let questions = reading(1, async |office| {
        for (request, part) in [
            (request().with("address", "here"), "here"),
            (request().with("from", "soon"), "soon"),
            (request().with("kind", "nonsense"), "nonsense"),
            (request().with("last", REGISTER_LAST as u64 + 1), "1000"),
            (request().with("account", "a b"), "account"),
        ] {
            let reply = asked(office, &request).await;
            assert_eq!(reply.kind, Some(Kind::Malformed), "{reply:?}");
            assert!(reply.text.contains(part), "{reply:?}");
        }
        let reply = asked(office, &request().with("account", "nobody")).await;
        assert_eq!((reply.ok, reply.kind), (false, Some(Kind::Refused)));
        let reply = asked(office, &request().with("room", "#nowhere")).await;
        assert!(reply.text.contains("#nowhere"), "{reply:?}");
    })
    .await;
    assert_eq!(questions, ["account=nobody", "room=#nowhere"]);
}

#[tokio::test]
async fn what_cannot_be_placed_is_told_at_the_end() {
    reading(2, async |office| {
        let from = request().with("address", "192.0.2.7");
        let all = from.clone().with("kind", "message");
        for form in ["table", "csv", "jsonl"] {
            let reply = asked(office, &all.clone().with("format", form)).await;
            let data = reply.data.unwrap();
            assert_eq!(
                (&data["unplaced"], &data["entries"]),
                (&2.into(), &json!([]))
            );
            let is_told = reply.text.contains("2 entries were left out");
            assert_eq!(is_told, form == "table", "{}", reply.text);
        }
        let told = pages(office, &all.clone().with("pages", true)).await;
        assert!(told[0].text.contains("Nothing of this sort"), "{told:?}");
        assert!(told[0].text.contains("2 entries were left out"), "{told:?}");
        let last = asked(office, &all.with("last", 3).answered_in(Language::Fr)).await;
        assert!(last.text.contains("2 inscriptions ont"), "{}", last.text);
        // Whoever does not ask from where is told of everything.
        let reply = asked(office, &request().with("kind", "message")).await;
        assert_eq!(reply.data.unwrap()["unplaced"], 0);
    })
    .await;
}

/// Reads all lines that are answered to a request over a connection, until one says that it is the last.
async fn pages(office: &Office, request: &Request) -> Vec<Reply> {
    let (here, there) = UnixStream::pair().unwrap();
    let mut line = serde_json::to_vec(request).unwrap();
    line.push(b'\n');
    let reading = async {
        let mut there = BufReader::new(there);
        there.get_mut().write_all(&line).await.unwrap();
        let mut pages = Vec::new();
        loop {
            let mut line = String::new();
            there.read_line(&mut line).await.unwrap();
            let page: Reply = serde_json::from_str(&line).unwrap();
            let is_last = !page.ok || page.data.as_ref().unwrap()["end"] == true;
            pages.push(page);
            if is_last {
                return pages;
            }
        }
    };
    let (conversed, pages) = tokio::join!(office.converse(here), reading);
    conversed.unwrap();
    pages
}

#[tokio::test]
async fn everything_is_told_in_pages() {
    let messages = REGISTER_PAGE + 50;
    let questions = reading(messages, async move |office| {
        let all = request().with("pages", true).with("kind", "message");
        let told = pages(office, &all.clone().with("format", "jsonl")).await;
        let entries: Vec<Value> = told
            .iter()
            .flat_map(|page| page.data.as_ref().unwrap()["entries"].as_array().unwrap())
            .cloned()
            .collect();
        assert_eq!((told.len(), entries.len()), (2, messages));
        assert_eq!(entries[messages - 1]["kind"], "message.creation");
        assert!(told.iter().all(|page| page.entry == told[0].entry));

        let told = pages(office, &all.clone().with("format", "csv")).await;
        let csv: String = told.iter().map(|page| page.text.as_str()).collect();
        assert!(csv.starts_with("date_time,type,ip,port,donnée\r\n"));
        assert_eq!(csv.matches("date_time").count(), 1);
        let first = csv.lines().nth(1).unwrap();
        assert!(first.ends_with(",client_alice,,,message 0"), "{first}");
        assert_eq!(csv.lines().count(), messages + 1);

        // People are shown some, and told where to go on.
        let told = pages(office, &all).await;
        assert_eq!(told.len(), 1);
        let after = told[0].data.as_ref().unwrap()["after"].as_u64().unwrap();
        assert!(told[0].text.contains(&format!("--after {after}")));
    })
    .await;
    assert_eq!(questions.len(), 3, "once for each question");
}

#[tokio::test]
async fn whoever_follows_sees_what_comes() {
    let questions = reading(2, async |office| {
        let (here, there) = UnixStream::pair().unwrap();
        let following = async {
            let mut there = BufReader::new(there);
            let mut line = serde_json::to_vec(
                &request()
                    .with("pages", true)
                    .with("follow", true)
                    .with("last", 1),
            )
            .unwrap();
            line.push(b'\n');
            there.get_mut().write_all(&line).await.unwrap();
            let mut page = async || {
                let mut line = String::new();
                there.read_line(&mut line).await.unwrap();
                serde_json::from_str::<Reply>(&line).unwrap()
            };
            let first = page().await;
            assert!(first.text.contains("message 1"), "{}", first.text);
            assert_eq!(first.data.as_ref().unwrap()["end"], false);
            // The reading itself is the first thing that comes.
            let second = page().await;
            assert!(second.text.contains("follow=true"), "{}", second.text);
        };
        // It ends when the other end has left.
        let (conversed, ()) = tokio::join!(office.converse(here), following);
        conversed.unwrap();
    })
    .await;
    assert_eq!(questions, ["last=1 follow=true"]);
}

#[tokio::test]
async fn what_could_not_be_entered_is_not_told() {
    let Bench {
        office,
        mut arrivals,
        ..
    } = bench();
    for told in [
        Err(Undone {
            fault: Fault::Forbidden,
            text: "you may not".to_owned(),
        }),
        Ok(Told {
            report: Report::Done(String::new()),
            entry: Entry::None,
        }),
    ] {
        let request = request();
        let (reply, ()) = tokio::join!(asked(&office, &request), async {
            let Some(Arrival::Input(Input::Admin { ticket, .. })) = arrivals.recv().await else {
                panic!("nobody asks");
            };
            office.tickets.tell(ticket, told.clone());
        });
        assert!(!reply.ok && reply.data.is_none(), "{reply:?}");
    }
}
