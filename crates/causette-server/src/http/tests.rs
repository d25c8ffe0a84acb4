//! Requests to the pages, as they are answered.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use super::*;
use crate::config::Config;
use crate::engine::pipe::Pipe;
use crate::files::Files;
use causette_core::input::Input;
use causette_core::output::Fault;
use causette_store::Store;
use causette_text::Language;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CONFIGURATION: &str =
    "[server]\nname = \"chat.example.org\"\n[flood]\nexempt = [\"192.0.2.0/24\"]";

struct Bench {
    pipe: Arc<Pipe>,
    site: Site,
    /// What comes to the engine.
    arrivals: mpsc::Receiver<Arrival>,
}

fn bench() -> Bench {
    let pipe = Arc::new(Pipe::default());
    let live = Live::new(Config::parse(CONFIGURATION).unwrap());
    let (inbox, arrivals) = mpsc::channel(1);
    let (office, ..) = Office::idle(inbox.clone(), Arc::new(Store::temporary().unwrap()));
    let site = Site {
        live: Arc::new(live),
        status: Arc::new(Status::new(pipe.clone())),
        office: Arc::new(office),
        inbox,
        visits: Arc::default(),
        files: Arc::new(Files::nowhere()),
    };
    Bench {
        pipe,
        site,
        arrivals,
    }
}

impl Bench {
    async fn get(&self, path: &str) -> String {
        self.get_from("127.0.0.1", path, "").await
    }

    async fn get_from(&self, address: &str, path: &str, headers: &str) -> String {
        let visitor = Visitor {
            address: address.parse().unwrap(),
            port: 4711,
            trusted: address == "127.0.0.2" || address == "10.0.0.1",
            is_private: address != "10.0.0.1",
            allow_plaintext: false,
        };
        // A header of the caller's takes the place of this one.
        let host = if headers.starts_with("Host:") {
            ""
        } else {
            "Host: localhost\r\n"
        };
        let request = format!("GET {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n");
        fetch(self.site.clone(), Some(visitor), &request).await
    }
}

/// The answer to one request, as the pages give it, or without a visitor where only TLS is spoken.
async fn fetch(site: Site, visitor: Option<Visitor>, request: &str) -> String {
    let http = Http::new(site);
    let (mut client, server) = tokio::io::duplex(4096);
    let serving = tokio::spawn(async move {
        match visitor {
            Some(visitor) => drop(http.serve(server, visitor, Offer::Everything).await),
            None => http.redirect(server).await,
        }
    });
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    serving.await.unwrap();
    answer
}

#[tokio::test]
async fn health_follows_the_recorder_and_readiness_the_listeners_too() {
    let bench = bench();
    assert!(bench.get("/healthz").await.starts_with("HTTP/1.1 200 "));
    assert!(bench.get("/readyz").await.starts_with("HTTP/1.1 503 "));
    bench.site.status.set_accepting(true);
    assert!(bench.get("/readyz").await.starts_with("HTTP/1.1 200 "));
    bench.pipe.set_failing(true);
    for path in ["/healthz", "/readyz"] {
        assert!(bench.get(path).await.starts_with("HTTP/1.1 503 "), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let answer = bench().get("/x").await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn what_is_asked_in_the_name_of_an_account_is_for_the_core_to_answer() {
    let mut bench = bench();
    let unknown = bench.get("/api/v1/account").await;
    assert!(unknown.starts_with("HTTP/1.1 401 "), "{unknown}");
    assert!(unknown.contains("www-authenticate: Bearer "), "{unknown}");
    let visits = bench.site.visits.clone();
    let mut arrivals = std::mem::replace(&mut bench.arrivals, mpsc::channel(1).1);
    let answering = tokio::spawn(async move {
        let faults = [
            Fault::Refused,
            Fault::Wait { seconds: 7 },
            Fault::Unknown,
            Fault::Busy,
        ];
        for fault in faults {
            let arrival = arrivals.recv().await;
            let Some(Arrival::Input(Input::Visit { ticket, visit })) = arrival else {
                panic!("{arrival:?}");
            };
            assert_eq!(visit.language, Language::Fr);
            let text = "phrase".to_owned();
            visits.tell(ticket, Err(Undone { fault, text }));
        }
    });
    let headers = "Authorization: Bearer x\r\nAccept-Language: fr\r\n";
    for (status, line) in [
        ("401", "www-authenticate: Bearer realm="),
        ("429", "retry-after: 7"),
        (
            "404",
            r#""error":"UNKNOWN_DEVICE","message":"phrase","status":404,"#,
        ),
        ("503", "retry-after: 5"),
    ] {
        let answer = bench.get_from("::1", "/api/v1/account", headers).await;
        let head = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&head), "{answer}");
        assert!(answer.contains(line), "{answer}");
        let kind = "content-type: application/problem+json\r\n";
        assert!(answer.contains(kind), "{answer}");
    }
    answering.await.unwrap();
}

#[tokio::test]
async fn metrics_are_shown_to_this_machine_and_to_exempt_networks_only() {
    let bench = bench();
    for (address, headers, expected) in [
        ("127.0.0.1", "", "200"),
        ("::1", "", "200"),
        ("192.0.2.7", "", "200"),
        ("198.51.100.1", "", "403"),
        // A proxy of this machine that speaks for somebody else.
        ("127.0.0.1", "X-Forwarded-For: 198.51.100.1\r\n", "403"),
        ("127.0.0.1", "Forwarded: for=198.51.100.1\r\n", "403"),
        ("127.0.0.1", "Host: chat.example.org\r\n", "403"),
        ("192.0.2.7", "Host: chat.example.org\r\n", "200"),
        // One that may.
        (
            "127.0.0.2",
            "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n",
            "403",
        ),
        ("127.0.0.2", "X-Forwarded-For: 198.51.100.1\r\n", "308"),
        (
            "127.0.0.2",
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n",
            "200",
        ),
        ("127.0.0.2", "", "200"),
        // One on another machine, which must say that its client speaks TLS.
        (
            "10.0.0.1",
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n",
            "200",
        ),
        ("10.0.0.1", "X-Forwarded-For: 192.0.2.7\r\n", "308"),
        ("10.0.0.1", "", "308"),
    ] {
        let answer = bench.get_from(address, "/metrics", headers).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected} ")),
            "{address}: {answer}"
        );
        if expected == "200" {
            assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
            assert!(answer.contains("\ncausette_connections{transport=\"irc\"} 0\n"));
        } else if expected == "403" {
            assert!(answer.contains("application/problem+json"), "{answer}");
            assert!(answer.contains("flood.exempt"), "{answer}");
        }
    }
}

#[tokio::test]
async fn plain_text_is_sent_to_tls_on_the_same_port() {
    let location = async |host: &str| {
        let request = format!("GET /a?b HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = fetch(bench().site, None, &request).await;
        assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
        answer
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
            .unwrap()
            .trim()
            .to_owned()
    };
    assert_eq!(
        location("other.example.org:52020").await,
        "https://other.example.org:52020/a?b"
    );
    assert_eq!(location("evil@host").await, "https://chat.example.org/a?b");
}
