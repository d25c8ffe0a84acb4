//! What the engine adds to the core: room for lines, and what a panic costs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use causette_core::input::{Answer, By, Transport};
use causette_core::limits::LINES_IN_FLIGHT;
use causette_core::settings::Settings;
use causette_core::snapshot::Snapshot;
use causette_proto::Message;
use std::net::Ipv4Addr;
use std::sync::mpsc::Receiver;

/// An engine without threads: what it gives stays in the pipe, or in the bypass.
struct Bench<C> {
    engine: Engine<C>,
    pipe: Arc<Pipe>,
    bypass: Receiver<Vec<Output>>,
}

fn bench<C: Rules>(rules: impl FnOnce(Core) -> C) -> Bench<C> {
    let pipe = Arc::new(Pipe::default());
    let (sender, bypass) = std::sync::mpsc::sync_channel(64);
    let mut core = Core::new(Settings::default(), Snapshot::default(), 1);
    let mut outputs = Outputs::default();
    let timepiece = Timepiece::start();
    core.start(timepiece.moment(), &mut outputs);
    let engine = Engine::new(
        rules(core),
        outputs,
        timepiece,
        pipe.clone(),
        Arc::new(Newcomers::default()),
        sender,
        Arc::new(Status::new(pipe.clone())),
    );
    Bench {
        engine,
        pipe,
        bypass,
    }
}

impl<C: Rules> Bench<C> {
    fn open(&mut self, id: u64) -> Arc<SessionHandle> {
        let session = Arc::new(SessionHandle::new(SessionId(id), 1 << 20));
        let peer = Peer {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 1,
            local_port: 2,
            transport: Transport::Irc,
            tls: None,
            certificate: None,
            cloak: "host.net.ip".into(),
            exempt: true,
        };
        self.engine.take(Arrival::Opened {
            session: session.clone(),
            peer,
        });
        session
    }

    /// A line that the session's read loop has taken room for.
    fn say(&mut self, session: &SessionHandle, line: &str) {
        session.window.try_acquire().unwrap().forget();
        self.engine.take(Arrival::Input(Input::Line {
            session: session.id,
            message: Message::parse(line.as_bytes()).unwrap(),
        }));
    }

    /// Lets the session wait for a password to be checked.
    fn hold(&mut self, session: &SessionHandle) {
        for line in [
            "CAP REQ :sasl",
            "AUTHENTICATE PLAIN",
            // \0alice\0password
            "AUTHENTICATE AGFsaWNlAHBhc3N3b3Jk",
        ] {
            self.say(session, line);
        }
    }

    fn answer(&mut self, session: &SessionHandle) {
        self.engine.take(Arrival::Input(Input::Answer {
            asker: Asker::Session(session.id),
            answer: Answer::Verified(false),
        }));
    }

    fn set_failing(&mut self, failing: bool) {
        self.pipe.set_failing(failing);
        self.engine.notice_recorder();
    }

    /// What was made since the last call.
    fn outputs(&mut self) -> Vec<Output> {
        self.engine.give();
        self.pipe.take().unwrap().take()
    }
}

/// What a session is sent, as text, and whether it is closed.
fn told(outputs: &[Output], session: &SessionHandle) -> (String, bool) {
    let (mut text, mut closed) = (String::new(), false);
    for output in outputs {
        match output {
            Output::Send { session: to, bytes } if *to == session.id => {
                text += std::str::from_utf8(bytes).unwrap();
            }
            Output::Close { session: of } if *of == session.id => closed = true,
            _ => {}
        }
    }
    (text, closed)
}

fn room(session: &SessionHandle) -> usize {
    session.window.available_permits()
}

#[test]
fn a_line_gets_its_room_back_when_it_was_handled() {
    let mut bench = bench(|core| core);
    let session = bench.open(1);
    bench.hold(&session);
    assert_eq!(room(&session), LINES_IN_FLIGHT);
    bench.say(&session, "PING 1");
    bench.say(&session, "PING 2");
    assert_eq!(room(&session), LINES_IN_FLIGHT - 2, "they are held");
    bench.answer(&session);
    assert_eq!(room(&session), LINES_IN_FLIGHT);
}

#[test]
fn lines_that_run_when_the_recorder_recovers_get_their_room_back() {
    let mut bench = bench(|core| core);
    let sessions = [1, 3, 5].map(|id| bench.open(id));
    for session in &sessions {
        bench.hold(session);
        bench.say(session, "PING before");
    }
    bench.set_failing(true);
    for session in &sessions {
        bench.say(session, "PING during");
        bench.answer(session);
        assert_eq!(room(session), LINES_IN_FLIGHT - 2, "nothing runs yet");
    }
    bench.set_failing(false);
    for session in &sessions {
        assert_eq!(room(session), LINES_IN_FLIGHT);
    }
    assert!(bench.bypass.try_recv().is_err(), "no line was refused");
}

/// A stop that is not recorded is none: it is done when the recorder recovers, where that is in time.
#[test]
fn a_stop_waits_for_the_recorder() {
    let mut bench = bench(|core| core);
    let session = bench.open(1);
    bench.outputs();
    bench.set_failing(true);
    let (by, reason) = (By::Server, "enough".into());
    let stop = Arrival::Input(Input::Stop { by, reason });
    assert!(!bench.engine.take(stop));
    bench.engine.give();
    let said = bench.bypass.try_recv().unwrap();
    let (text, closed) = told(&said, &session);
    assert!(closed && text.starts_with("ERROR :"), "{text}");
    assert!(!said.iter().any(|output| matches!(output, Output::Stopped)));
    bench.pipe.set_failing(false);
    assert!(bench.engine.notice_recorder());
    let done = bench.outputs();
    assert!(matches!(
        &done[done.len() - 2..],
        [Output::Record(_), Output::Stopped]
    ));
}

#[test]
fn nothing_is_owed_to_a_session_that_has_left() {
    let mut bench = bench(|core| core);
    let session = bench.open(1);
    bench.hold(&session);
    bench.say(&session, "PING 1");
    bench.engine.take(Arrival::Input(Input::Closed {
        session: session.id,
        reason: causette_core::input::Ending::Left,
    }));
    assert!(bench.engine.held.is_empty() && bench.engine.sessions.is_empty());
}

/// A core that panics on the command `PANIC`, half way through.
struct Fragile {
    core: Core,
    panicked: bool,
    settled: usize,
}

impl Rules for Fragile {
    fn handle(&mut self, now: Moment, input: Input, out: &mut Outputs) {
        self.settled = out.len();
        self.panicked = matches!(&input, Input::Line { message, .. } if message.command == "PANIC");
        if self.panicked
            && let Input::Line { session, .. } = input
        {
            out.push(Output::Send {
                session,
                bytes: "half of an answer\r\n".into(),
            });
            panic!("this is what the test is about");
        }
        self.core.handle(now, input, out);
    }

    fn held(&self, session: SessionId) -> usize {
        self.core.held(session)
    }

    fn counts(&self) -> Counts {
        self.core.counts()
    }

    fn cost(&self) -> u32 {
        self.core.cost()
    }

    fn settled(&self) -> usize {
        if self.panicked {
            self.settled
        } else {
            self.core.settled()
        }
    }

    fn mutated(&self) -> bool {
        !self.panicked && self.core.mutated()
    }
}

#[test]
fn a_handler_that_panics_before_it_changed_anything_costs_one_session() {
    let mut bench = bench(|core| Fragile {
        core,
        panicked: false,
        settled: 0,
    });
    let [unlucky, other] = [1, 3].map(|id| bench.open(id));
    bench.say(&unlucky, "PANIC");
    bench.say(&other, "PING after");
    bench.engine.core.core.check().unwrap();

    let outputs = bench.outputs();
    let (text, closed) = told(&outputs, &unlucky);
    assert!(closed);
    assert!(text.starts_with("ERROR :"), "{text}");
    assert!(!text.contains("half of an answer"), "{text}");
    let (text, closed) = told(&outputs, &other);
    assert!(!closed);
    assert!(text.contains("after"), "{text}");
    assert_eq!(room(&other), LINES_IN_FLIGHT);
}
