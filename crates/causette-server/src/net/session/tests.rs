//! What goes in and comes out of one session, and how it ends.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::config::Config;
use crate::net::websocket::Carriage;
use bytes::Bytes;
use causette_core::input::{LineFault, LineProblem};
use causette_proto::Message;
use causette_proto::limits::ENDLESS_BYTES_MAX;
use std::time::Instant;
use tokio::io::{AsyncReadExt, DuplexStream};
use tokio::task::JoinHandle;

struct Conversation {
    session: Arc<SessionHandle>,
    client: DuplexStream,
    arrivals: mpsc::Receiver<Arrival>,
    task: JoinHandle<()>,
    status: Arc<Status>,
}

fn conversation(opening: &'static [u8], writing: Writing) -> Conversation {
    throttled(opening, writing, None)
}

fn throttled(opening: &'static [u8], writing: Writing, throttle: Option<Throttle>) -> Conversation {
    let session = Arc::new(SessionHandle::new(SessionId(1), 1000));
    let (client, server) = tokio::io::duplex(64);
    let (inbox, arrivals) = mpsc::channel(8);
    let status = Arc::new(Status::new(Arc::default()));
    let task = tokio::spawn({
        let (session, status) = (session.clone(), status.clone());
        async move {
            let (mut reader, mut writer) = tokio::io::split(server);
            let manner = Manner {
                writing,
                throttle,
                live: Arc::new(Live::new(Config::default())),
                status,
            };
            converse(
                &session,
                opening.to_vec(),
                &mut reader,
                &mut writer,
                manner,
                &inbox,
            )
            .await;
            linger(&mut reader, &mut writer).await;
        }
    });
    Conversation {
        session,
        client,
        arrivals,
        task,
        status,
    }
}

async fn input(arrivals: &mut mpsc::Receiver<Arrival>) -> Input {
    match arrivals.recv().await.unwrap() {
        Arrival::Input(input) => input,
        other => panic!("{other:?}"),
    }
}

fn line(text: &str) -> Input {
    Input::Line {
        session: SessionId(1),
        message: Message::parse(text.as_bytes()).unwrap(),
    }
}

#[tokio::test]
async fn lines_go_in_and_come_out_in_order() {
    for writing in [Writing::Vectored, Writing::Records] {
        let mut talk = conversation(b"NI", writing);
        talk.client
            .write_all(b"CK alice\r\nPING 1\r\nPI")
            .await
            .unwrap();
        assert_eq!(input(&mut talk.arrivals).await, line("NICK alice"));
        assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
        for number in 0..70 {
            talk.session.outbox.push(format!("{number:03}\r\n").into());
        }
        talk.session.outbox.close();
        let mut text = String::new();
        talk.client.read_to_string(&mut text).await.unwrap();
        let expected: String = (0..70).map(|number| format!("{number:03}\r\n")).collect();
        assert_eq!(text, expected);
        assert!(matches!(
            talk.arrivals.recv().await,
            Some(Arrival::Ended(SessionId(1)))
        ));
        drop(talk.client);
        talk.task.await.unwrap();
    }
}

#[tokio::test]
async fn the_window_holds_lines_back_until_the_engine_gives_room() {
    let mut talk = conversation(b"", Writing::Vectored);
    let lines = "PING 1\r\n".repeat(LINES_IN_FLIGHT + 1);
    let sender = async { talk.client.write_all(lines.as_bytes()).await.unwrap() };
    let receiver = async {
        for _ in 0..LINES_IN_FLIGHT {
            assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
        }
    };
    tokio::join!(sender, receiver);
    assert_eq!(talk.session.window.available_permits(), 0);
    assert!(talk.arrivals.try_recv().is_err());
    talk.session.window.add_permits(1);
    assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
}

#[tokio::test]
async fn who_has_said_all_still_reads_the_answers() {
    let mut talk = conversation(b"", Writing::Vectored);
    talk.client.write_all(b"PING early\r\n").await.unwrap();
    talk.client.shutdown().await.unwrap();
    assert_eq!(input(&mut talk.arrivals).await, line("PING early"));
    let ended = Input::Closed {
        session: SessionId(1),
        reason: Ending::Left,
    };
    assert_eq!(input(&mut talk.arrivals).await, ended);
    talk.session
        .outbox
        .push(Bytes::from_static(b"PONG early\r\n"));
    talk.session.outbox.close();
    let mut text = String::new();
    talk.client.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "PONG early\r\n");
    talk.task.await.unwrap();
}

#[tokio::test]
async fn who_leaves_after_the_engine_has_ended_waits_for_nobody() {
    let mut talk = conversation(b"", Writing::Vectored);
    talk.arrivals.close();
    talk.client.shutdown().await.unwrap();
    let closing = Instant::now();
    talk.task.await.unwrap();
    assert!(closing.elapsed() < CLOSING);
}

#[tokio::test]
async fn who_does_not_read_is_ended_as_a_slow_reader() {
    let mut talk = conversation(b"", Writing::Vectored);
    for _ in 0..20 {
        talk.session.outbox.push(Bytes::from(vec![b'x'; 100]));
    }
    let ended = Input::Closed {
        session: SessionId(1),
        reason: Ending::SlowReader,
    };
    assert_eq!(input(&mut talk.arrivals).await, ended);
}

#[tokio::test]
async fn a_line_without_an_end_ends_the_session() {
    let mut talk = conversation(b"", Writing::Vectored);
    let endless = vec![b'x'; ENDLESS_BYTES_MAX + 1];
    let (_, ended) = tokio::join!(talk.client.write_all(&endless), input(&mut talk.arrivals));
    assert_eq!(
        ended,
        Input::Closed {
            session: SessionId(1),
            reason: Ending::Flood
        }
    );
    let mut text = String::new();
    talk.client.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "ERROR :A line without an end\r\n");
}

#[tokio::test]
async fn a_line_of_any_length_that_ends_is_refused_under_its_label_and_the_session_goes_on() {
    let mut talk = conversation(b"", Writing::Vectored);
    let long = "x".repeat(100 * 1024);
    let lines = format!("@label=7 PRIVMSG #a :{long}\r\nPING 1\r\n");
    let writing = talk.client.write_all(lines.as_bytes());
    let (_, refused) = tokio::join!(writing, input(&mut talk.arrivals));
    let fault = LineFault {
        problem: LineProblem::TooLong,
        label: Some("7".into()),
        word: None,
    };
    let session = SessionId(1);
    assert_eq!(refused, Input::BadLine { session, fault });
    assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
}

/// What a client sends as one masked frame.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    frame
}

#[tokio::test]
async fn on_websocket_a_message_is_a_line_and_the_end_has_a_code() {
    let mut talk = conversation(b"", Writing::Frames(Carriage::Text));
    let mut bytes = masked(0x81, b"NICK alice");
    bytes.extend(masked(0x82, b"PING 1\r\n"));
    bytes.extend(masked(0x89, b"there?"));
    talk.client.write_all(&bytes).await.unwrap();
    assert_eq!(input(&mut talk.arrivals).await, line("NICK alice"));
    assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
    let mut pong = [0; 8];
    talk.client.read_exact(&mut pong).await.unwrap();
    assert_eq!(&pong, b"\x8a\x06there?");
    talk.session
        .outbox
        .push(Bytes::from_static(b":a 001\r\n:a 002\r\n"));
    talk.client
        .write_all(&masked(0x88, &[0x03, 0xe9]))
        .await
        .unwrap();
    let ended = Input::Closed {
        session: SessionId(1),
        reason: Ending::Left,
    };
    assert_eq!(input(&mut talk.arrivals).await, ended);
    talk.session
        .outbox
        .push(Bytes::from_static(b"ERROR :bye\r\n"));
    talk.session.outbox.close();
    let mut rest = Vec::new();
    talk.client.read_to_end(&mut rest).await.unwrap();
    assert_eq!(
        rest,
        b"\x81\x06:a 001\x81\x06:a 002\x81\x0aERROR :bye\x88\x02\x03\xe9"
    );
}

#[tokio::test]
async fn on_websocket_what_says_nothing_costs_as_much_as_a_line() {
    let nothing = [
        masked(0x8a, b""),
        masked(0x81, b""),
        [
            masked(0x01, b""),
            masked(0x00, b""),
            masked(0x80, b"PONG a"),
        ]
        .concat(),
    ];
    for nothing in nothing {
        // One at once, then fifty a second.
        let start = Instant::now();
        let throttle = Throttle::new(start, 50, 1);
        let mut talk = throttled(b"", Writing::Frames(Carriage::Text), Some(throttle));
        for _ in 0..5 {
            talk.client.write_all(&nothing).await.unwrap();
        }
        talk.client
            .write_all(&masked(0x81, b"PING 1"))
            .await
            .unwrap();
        while input(&mut talk.arrivals).await != line("PING 1") {}
        let took = start.elapsed();
        assert!(
            took >= Duration::from_millis(100),
            "{nothing:x?} took {took:?}"
        );
    }
}

#[tokio::test]
async fn on_websocket_every_end_has_its_code() {
    let fault = |bytes: Vec<u8>| async move {
        let mut talk = conversation(b"", Writing::Frames(Carriage::Binary));
        let (sent, _) = tokio::join!(talk.client.write_all(&bytes), input(&mut talk.arrivals));
        sent.unwrap();
        let mut rest = Vec::new();
        talk.client.read_to_end(&mut rest).await.unwrap();
        u16::from_be_bytes([rest[rest.len() - 2], rest[rest.len() - 1]])
    };
    assert_eq!(fault(masked(0x81, &[0xff])).await, 1007);
    assert_eq!(fault(masked(0xf1, b"x")).await, 1002);
    assert_eq!(fault(vec![0x81, 0xff, 1, 0, 0, 0, 0, 0, 0, 0]).await, 1009);

    // The core closes who quits and everybody at the stop, and the outbox who does not read.
    for (bytes, stops, code) in [(0, false, 1000), (0, true, 1001), (2000, false, 1008)] {
        let mut talk = conversation(b"", Writing::Frames(Carriage::Text));
        if stops {
            talk.status.set_stopping();
        }
        talk.session.outbox.push(Bytes::from(vec![b'x'; bytes]));
        talk.session.outbox.push(Bytes::from_static(b"more\r\n"));
        talk.session.outbox.close();
        let mut rest = Vec::new();
        talk.client.read_to_end(&mut rest).await.unwrap();
        let end = [rest[rest.len() - 2], rest[rest.len() - 1]];
        assert_eq!(u16::from_be_bytes(end), code);
    }
}

/// What a line has cost in the rooms that only the core knows is paid for by the very next line, however many were sent at once.
#[tokio::test]
async fn the_next_line_waits_until_it_is_known_what_the_one_before_has_cost() {
    let throttle = Throttle::new(Instant::now(), 100, 20);
    let mut talk = throttled(b"", Writing::Vectored, Some(throttle));
    talk.client
        .write_all(b"NICK alice\r\nPING 1\r\n")
        .await
        .unwrap();
    assert_eq!(input(&mut talk.arrivals).await, line("NICK alice"));
    // As long as the engine has not handled it nothing more comes.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(talk.arrivals.try_recv().is_err());
    let begun = Instant::now();
    talk.session.owe(24);
    talk.session.window.add_permits(1);
    assert_eq!(input(&mut talk.arrivals).await, line("PING 1"));
    // Of the 25 lines 20 go through at once, however full the bucket was.
    assert!(begun.elapsed() >= Duration::from_millis(50));
    talk.session.outbox.close();
    drop(talk.client);
    talk.task.await.unwrap();
}

#[tokio::test]
async fn who_speaks_while_the_engine_ends_still_reads_its_last_word() {
    let mut talk = conversation(b"", Writing::Vectored);
    drop(talk.arrivals);
    talk.client.write_all(b"PING late\r\n").await.unwrap();
    // On one thread: the conversation has found out that nobody hears the line.
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    let last = Bytes::from_static(b"ERROR :moving house\r\n");
    talk.session.outbox.push(last);
    talk.session.outbox.close();
    let mut text = String::new();
    talk.client.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "ERROR :moving house\r\n");
    drop(talk.client);
    talk.task.await.unwrap();
}
