//! People who talk to a core of their own, and what each is answered at once.

use causette_core::Core;
use causette_core::id::SessionId;
use causette_core::input::{Input, Moment, Peer, Transport};
use causette_core::output::{Output, Outputs};
use causette_core::settings::Settings;
use causette_core::snapshot::Snapshot;
use causette_proto::{Message, Timestamp};
use std::net::IpAddr;
use std::time::Duration;

/// The people of one server.
pub(crate) struct People {
    core: Core,
    now: Moment,
    sessions: u64,
}

impl People {
    /// A server, just started, and nobody there.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut people = Self {
            core: Core::new(settings, Snapshot::default(), 7),
            now: Moment {
                wall: Timestamp(1_767_225_600_000_000),
                elapsed: Duration::ZERO,
            },
            sessions: 0,
        };
        people.core.start(people.now, &mut Outputs::default());
        people
    }

    /// A new connection.
    pub(crate) fn connect(&mut self) -> SessionId {
        self.sessions += 1;
        let session = SessionId(self.sessions << 32);
        let peer = Peer {
            address: IpAddr::from([192, 0, 2, 1]),
            port: 40_000,
            local_port: 52_020,
            transport: Transport::Ircs,
            tls: Some("TLSv1.3".into()),
            certificate: None,
            cloak: "cloak.net.ip".into(),
            exempt: true,
        };
        self.input(session, Input::Opened { session, peer });
        session
    }

    /// Somebody who comes in under a nickname.
    pub(crate) fn arrive(&mut self, nick: &str) -> SessionId {
        let session = self.connect();
        self.say(session, &format!("NICK {nick}"));
        let greeting = self.say(session, &format!("USER {nick} 0 * :{nick}"));
        assert!(greeting.contains(" 001 "), "{greeting}");
        session
    }

    /// Says a line, and gives back what this session is answered.
    pub(crate) fn say(&mut self, session: SessionId, line: &str) -> String {
        let message = Message::parse(line.as_bytes()).unwrap();
        self.input(session, Input::Line { session, message })
    }

    fn input(&mut self, session: SessionId, input: Input) -> String {
        self.now.wall.0 += 1000;
        self.now.elapsed += Duration::from_millis(1);
        let mut out = Outputs::default();
        self.core.handle(self.now, input, &mut out);
        let mut answer = String::new();
        for output in out.take() {
            match output {
                Output::Send { session: to, bytes } if to == session => {
                    answer.push_str(std::str::from_utf8(&bytes).unwrap());
                }
                _ => {}
            }
        }
        answer
    }
}
