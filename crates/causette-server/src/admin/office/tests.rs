//! An office without a server: what it passes on, and what it keeps to itself.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
mod register;

use super::*;
use crate::config::Unusable;
use causette_core::report::Watched;
use causette_core::settings::Settings;
use causette_store::Store;

/// An office, and where what it passes on arrives.
struct Bench {
    store: Arc<Store>,
    office: Office,
    arrivals: mpsc::Receiver<Arrival>,
    stops: mpsc::Receiver<StopOrder>,
    reloads: mpsc::Receiver<Requester>,
}

fn bench() -> Bench {
    let (inbox, arrivals) = mpsc::channel(1);
    let store = Arc::new(Store::temporary().unwrap());
    let (office, stops, reloads) = Office::idle(inbox, store.clone());
    Bench {
        store,
        office,
        arrivals,
        stops,
        reloads,
    }
}

#[tokio::test]
async fn only_a_wrong_configuration_is_told_as_one() {
    let Bench {
        office,
        mut reloads,
        ..
    } = bench();
    for (result, kind) in [
        (Err(Unusable::because("wrong")), Some(Kind::Configuration)),
        (Err(Unusable::for_now("full")), None),
        (Ok(()), None),
    ] {
        let (reply, ()) = tokio::join!(office.reload("root"), async {
            let Some(Requester::Administrator(_, waiting)) = reloads.recv().await else {
                panic!("nobody asks");
            };
            waiting.send(result.clone()).unwrap();
        });
        assert_eq!((reply.ok, reply.kind), (result.is_ok(), kind), "{reply:?}");
        let line = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<Reply>(&line).unwrap(), reply);
    }
    // One that is lost, and one for which nobody is there.
    let (lost, ()) = tokio::join!(office.reload("root"), async {
        drop(reloads.recv().await);
    });
    drop(reloads);
    for reply in [lost, office.reload("root").await] {
        assert_eq!(
            (reply.ok, reply.kind),
            (false, Some(Kind::Unavailable)),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn control_characters_and_endless_reasons_go_no_further() {
    let Bench {
        office,
        mut arrivals,
        mut stops,
        ..
    } = bench();
    for (part, request) in [
        (
            "too long",
            Request::new("stop").with("reason", "x".repeat(500)),
        ),
        (
            "too long",
            Request::new("stop")
                .with("reason", "x".repeat(Settings::default().alert_bytes()))
                .with("in", "10s"),
        ),
        ("48 hours", Request::new("stop").with("in", "3d")),
        (
            "reason",
            Request::new("stop").with("reason", "bye\r\n:root PRIVMSG #general :hello"),
        ),
        (
            "room",
            Request::new("invite")
                .with("address", "chat.example.org")
                .with("room", "#a\nb"),
        ),
        (
            "name",
            Request::new("account.create")
                .with("name", "\u{1b}]0;alice")
                .with("password", "correct horse"),
        ),
    ] {
        let reply = asked(&office, &request).await;
        assert!(!reply.ok && reply.text.contains(part), "{reply:?}");
        assert_eq!(reply.kind, Some(Kind::Malformed));
    }
    assert!(arrivals.try_recv().is_err() && stops.try_recv().is_err());
    for (said, told) in [
        (Some("a new disk, à demain"), "a new disk, à demain"),
        (None, "stopped by the administrator"),
        (Some(""), "stopped by the administrator"),
        (Some(" "), "stopped by the administrator"),
    ] {
        let request = Request::new("stop")
            .with_some("reason", said)
            .with("in", "10s");
        for sooner in [None, Some(Duration::from_secs(3))] {
            let (reply, ()) = tokio::join!(asked(&office, &request), async {
                let stop = stops.recv().await.unwrap();
                let StopOrder::Stop {
                    reason,
                    by,
                    after,
                    told: Some(answer),
                } = stop
                else {
                    panic!("{stop:?}");
                };
                assert_eq!((&*reason, after.as_secs()), (told, 10));
                assert_eq!(by, By::System("root".into()));
                answer.send(sooner).unwrap();
            });
            assert_eq!(reply.ok, sooner.is_none(), "{reply:?}");
        }
    }
}

/// What comes of a request.
async fn asked(office: &Office, request: &Request) -> Reply {
    let office = office.speaking(request.language());
    match office.understand(Some(request.clone())) {
        Ok(wanted) => office.answer(wanted, "root").await,
        Err(reply) => reply,
    }
}

#[tokio::test]
async fn a_stop_is_told_as_done_only_where_it_was_asked_for() {
    let Bench {
        office, mut stops, ..
    } = bench();
    let request = Request::new("stop");
    // The one place is taken: the stop waits for it.
    let (told, _heard) = oneshot::channel();
    let by = By::Server;
    office
        .stop
        .try_send(StopOrder::Cancel { by, told })
        .unwrap();
    let (reply, ()) = tokio::join!(asked(&office, &request), async {
        assert!(matches!(stops.recv().await, Some(StopOrder::Cancel { .. })));
        let stop = stops.recv().await;
        assert!(matches!(stop, Some(StopOrder::Stop { .. })), "{stop:?}");
    });
    assert!(reply.ok, "{reply:?}");
    // One is under way.
    drop(stops);
    for request in [request.clone(), request.with("in", "10s")] {
        let reply = asked(&office, &request).await;
        assert_eq!((reply.ok, &*reply.text), (true, "The server stops"));
    }
}

#[tokio::test]
async fn one_doctor_looks_at_a_time_and_speaks_as_they_are_asked() {
    let Bench { office, .. } = bench();
    let request = Request::new("doctor");
    let place = office.examination.clone().try_acquire_owned().unwrap();
    for (language, part) in [(Language::En, "ask again"), (Language::Fr, "redemandez")] {
        let reply = asked(&office, &request.clone().answered_in(language)).await;
        assert_eq!((reply.ok, reply.kind), (false, Some(Kind::Unavailable)));
        assert!(reply.text.contains(part), "{reply:?}");
    }
    drop(place);
    for (language, part) in [
        (Language::En, "The clock shows"),
        (Language::Fr, "L'horloge"),
    ] {
        let reply = asked(&office, &request.clone().answered_in(language)).await;
        assert!(reply.ok && reply.text.contains(part), "{reply:?}");
    }
}

#[tokio::test]
async fn a_stop_is_called_off_where_there_is_one() {
    let Bench {
        office, mut stops, ..
    } = bench();
    for (is_coming, ok) in [(true, true), (false, false)] {
        let request = Request::new("stop").with("cancel", true);
        let (reply, ()) = tokio::join!(asked(&office, &request), async {
            let Some(StopOrder::Cancel { told, .. }) = stops.recv().await else {
                panic!("nobody asks");
            };
            told.send(is_coming).unwrap();
        });
        assert_eq!(reply.ok, ok, "{reply:?}");
    }
}

#[tokio::test]
async fn whoever_watches_is_told_what_happens() {
    let Bench { office, .. } = bench();
    let (here, there) = UnixStream::pair().unwrap();
    let watching = async {
        let mut there = tokio::io::BufReader::new(there);
        let mut line = String::new();
        there
            .get_mut()
            .write_all(b"{\"verb\":\"watch\"}\n")
            .await
            .unwrap();
        there.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("{\"ok\":true"), "{line}");
        let acted = "alice has banned bob".to_owned();
        office.status.watchers.tell(Watched::Acted(acted.clone()));
        line.clear();
        there.read_line(&mut line).await.unwrap();
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&event["event"], &event["text"]),
            (&"acted".into(), &acted.into())
        );
    };
    // It ends when the other end has left.
    let (conversed, ()) = tokio::join!(office.converse(here), watching);
    conversed.unwrap();
}
