//! A world around the core for tests: sessions by name, a recorder whose commits may fail, and a naive memory of what was
//! committed. It answers every Ask at once and reads history out of that memory.

use crate::memory::Memory;
use crate::uploads;
use causette_core::Core;
use causette_core::file::{Digest, PermitKey};
use causette_core::history::{Query, Read};
use causette_core::id::{Room, SessionId};
use causette_core::input::{
    By, Ending, Input, LineFault, LineProblem, Moment, Peer, ReadOutcome, Transport,
};
use causette_core::output::{Done, Output, Outputs, Undone};
use causette_core::record::{Fact, Record};
use causette_core::report::{Report, Watched};
use causette_core::settings::Settings;
use causette_proto::limits::{BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX};
use causette_proto::{Capabilities, Frame, LineCodec, Message, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

/// What a verifier has behind the password where SCRAM is offered.
pub(crate) const SCRAM: &str = "\nscram";

/// The world.
pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) memory: Memory,
    /// The wall clock.
    pub(crate) now: Timestamp,
    /// The monotonic clock.
    elapsed: Duration,
    /// What each session has been given and not yet looked at, line by line.
    pub(crate) inboxes: BTreeMap<SessionId, Vec<String>>,
    /// Every line in the order of its delivery.
    pub(crate) delivered: Vec<(SessionId, String)>,
    pub(crate) names: BTreeMap<String, SessionId>,
    capabilities: BTreeMap<SessionId, Capabilities>,
    /// Outputs that wait for a commit.
    filling: Vec<Output>,
    /// The batch whose commit failed.
    parked: Option<Vec<Output>>,
    /// Answers that are due to the core.
    pub(crate) due: VecDeque<Input>,
    pub(crate) recorder_works: bool,
    told: bool,
    /// Whether something was recorded since the record was compared with what is true.
    has_recorded: bool,
    next_session: u64,
    /// What was answered by HTTP.
    pub(crate) visited: Vec<(u64, Result<Done, Undone>)>,
    /// Whether whatever may come comes at once.
    pub(crate) uploads_arrive: bool,
    /// What no file has any more.
    pub(crate) unused: Vec<Digest>,
    /// The uploads for which no more bytes are to come.
    pub(crate) cancelled: Vec<PermitKey>,
    /// What came of the administrator's orders.
    pub(crate) obeyed: Vec<Result<String, String>>,
    /// What is shown to who watches at a console, and was not yet looked at.
    pub(crate) watched: Vec<Watched>,
    /// What is recorded, where somebody wants to know.
    pub(crate) log: Option<Vec<Record>>,
    /// How many tokens have been made.
    pub(crate) tokens: u64,
    /// From where the next connections come: the last part of their address.
    pub(crate) place: u8,
    /// In which network of IPv6 that is; `None` for IPv4.
    pub(crate) network: Option<u16>,
    /// Whether audiences are compared with the record. Holds where sessions sign in after their welcome.
    pub(crate) audited: bool,
}

impl World {
    /// A fresh world, its server started.
    pub(crate) fn new(settings: Settings) -> Self {
        Self::restored(
            settings,
            Memory::default(),
            Timestamp(1_767_225_600_000_000),
        )
    }

    /// A world whose server starts from what was committed before.
    pub(crate) fn restored(settings: Settings, memory: Memory, now: Timestamp) -> Self {
        let snapshot = memory.snapshot();
        let last_id = snapshot.last_id;
        // Each start has other random bits.
        let random = memory.msgids.len() as u64 + 7;
        let tokens = memory.tokens_made;
        let mut world = Self {
            core: Core::new(settings, snapshot, random),
            memory,
            now,
            elapsed: Duration::ZERO,
            inboxes: BTreeMap::new(),
            delivered: Vec::new(),
            names: BTreeMap::new(),
            capabilities: BTreeMap::new(),
            filling: Vec::new(),
            parked: None,
            due: VecDeque::new(),
            recorder_works: true,
            told: false,
            has_recorded: false,
            next_session: last_id | 1,
            visited: Vec::new(),
            uploads_arrive: false,
            unused: Vec::new(),
            cancelled: Vec::new(),
            obeyed: Vec::new(),
            watched: Vec::new(),
            log: None,
            tokens,
            place: 1,
            network: None,
            audited: false,
        };
        let mut out = Outputs::default();
        world.core.start(world.moment(), &mut out);
        world.filling.extend(out.take());
        world.commit();
        world
    }

    /// A new connection.
    pub(crate) fn connect(&mut self, name: &str) -> SessionId {
        self.next_session += 2;
        let session = SessionId(self.next_session);
        self.names.insert(name.to_owned(), session);
        self.inboxes.insert(session, Vec::new());
        let peer = Peer {
            address: self.address(),
            port: 40_000,
            local_port: 52_020,
            transport: Transport::Ircs,
            tls: Some("TLSv1.3".into()),
            certificate: (name == "certified").then(|| "ab".repeat(32).into()),
            cloak: "cloak.net.ip".into(),
            exempt: false,
        };
        self.input(Input::Opened { session, peer });
        session
    }

    /// From where the next connection comes.
    fn address(&self) -> IpAddr {
        match self.network {
            None => IpAddr::from([192, 0, 2, self.place]),
            Some(network) => {
                let place = u16::from(self.place);
                IpAddr::from([0x2001, 0xdb8, 0, network, 0, 0, 0, place])
            }
        }
    }

    /// A line from a session.
    pub(crate) fn say(&mut self, session: SessionId, line: &str) {
        self.say_bytes(session, line.as_bytes());
    }

    /// The same, which may be no text.
    pub(crate) fn say_bytes(&mut self, session: SessionId, line: &[u8]) {
        let mut codec = LineCodec::new(BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX);
        codec.push(line);
        codec.push(b"\n");
        let fault = match codec.next() {
            Some(Frame::TooLong(tags)) => Some(LineFault::of(LineProblem::TooLong, tags)),
            _ => None,
        };
        let malformed = |error| LineFault::of(LineProblem::Malformed(error), line);
        let message = fault.map_or_else(|| Message::parse(line).map_err(malformed), Err);
        let input = match message {
            Ok(message) => Input::Line { session, message },
            Err(fault) => Input::BadLine { session, fault },
        };
        self.input(input);
    }

    /// A connection ends from the other side.
    pub(crate) fn drop_session(&mut self, session: SessionId) {
        self.input(Input::Closed {
            session,
            reason: Ending::Left,
        });
    }

    /// Lets time pass that nobody notices. To set the wall clock, change `now`.
    pub(crate) fn pass(&mut self, micros: i64) {
        self.now.0 += micros;
        self.elapsed += Duration::from_micros(micros.unsigned_abs());
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.now,
            elapsed: self.elapsed,
        }
    }

    /// Gives the core one input and passes on what results.
    pub(crate) fn input(&mut self, input: Input) {
        self.pass(1000);
        let mut out = Outputs::default();
        let frozen_before = self.told;
        self.core.handle(self.moment(), input, &mut out);
        let outputs = out.take();
        if frozen_before && self.told {
            assert!(!self.core.mutated(), "the frozen core changed something");
            for output in &outputs {
                let stateless = matches!(
                    output,
                    Output::Send { .. }
                        | Output::Close { .. }
                        | Output::Told { .. }
                        | Output::Watched(_)
                        | Output::Visited { .. }
                        | Output::Stopped
                );
                assert!(stateless, "the frozen core emitted {output:?}");
            }
            self.deliver(outputs);
        } else {
            self.filling.extend(outputs);
        }
        self.core.check().unwrap();
    }

    /// Lets the recorder commit what waits, and delivers it; or fails, and parks it.
    pub(crate) fn commit(&mut self) {
        if !self.recorder_works {
            if self.parked.is_none()
                && self
                    .filling
                    .iter()
                    .any(|output| matches!(output, Output::Record(_)))
            {
                self.parked = Some(std::mem::take(&mut self.filling));
            }
            if self.parked.is_some() && !self.told {
                self.input(Input::RecorderFailing(true));
                self.told = true;
            }
            return;
        }
        if let Some(parked) = self.parked.take() {
            self.record_and_deliver(parked);
        }
        let batch = std::mem::take(&mut self.filling);
        self.record_and_deliver(batch);
        if self.told {
            self.told = false;
            self.input(Input::RecorderFailing(false));
        }
        if std::mem::take(&mut self.has_recorded) {
            crate::restart::check(self);
        }
    }

    /// Whether nothing waits to be recorded.
    pub(crate) fn is_recorded(&self) -> bool {
        let waits = |output: &Output| matches!(output, Output::Record(_));
        self.parked.is_none() && !self.filling.iter().any(waits)
    }

    /// Commits the records of a batch, then delivers it. Each channel message must reach exactly the sessions of the accounts
    /// that, by the record alone, are members then.
    fn record_and_deliver(&mut self, batch: Vec<Output>) {
        let mut expected = None;
        for output in &batch {
            match output {
                Output::Record(record) => {
                    self.has_recorded = true;
                    self.memory.append(&[record]);
                    self.log.iter_mut().for_each(|log| log.push(record.clone()));
                    expected = self.memory.listeners(record);
                    // What nobody hears is delivered to nobody.
                    expected.take_if(|listeners| listeners.is_empty());
                }
                Output::Deliver(deliver) => {
                    if let (Some(mut expected), true) = (expected.take(), self.audited) {
                        let mut reached = deliver.to.to_vec();
                        reached.sort_unstable();
                        expected.sort_unstable();
                        assert_eq!(
                            reached,
                            expected,
                            "the audience of {:?}",
                            deliver.line.body()
                        );
                    }
                }
                _ => {}
            }
        }
        self.deliver(batch);
    }

    fn deliver(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Record(_) | Output::Stopped => {}
                Output::Watched(watched) => self.watched.push(watched),
                Output::Told { result, .. } => {
                    let result = result.map(|told| match told.report {
                        Report::Done(text)
                        | Report::Made { text, .. }
                        | Report::Invited { text, .. } => text,
                        report => {
                            uploads::reported(&report).unwrap_or_else(|| format!("{report:?}"))
                        }
                    });
                    self.obeyed.push(result.map_err(|undone| undone.text));
                }
                Output::Visited { ticket, result } => self.visited.push((ticket, result)),
                Output::ContentUnused(sha256) => self.unused.push(sha256),
                Output::UploadCancelled(permit) => self.cancelled.push(permit),
                // Here nobody keeps bytes.
                Output::Permitted(permit) => {
                    if self.uploads_arrive {
                        self.due.push_back(uploads::whole(&permit));
                    }
                }
                // Before it stops, the server takes what is due; a reload finds the same configuration.
                Output::Stop { reason } => self.due.push_back(Input::Stop {
                    by: By::Server,
                    reason,
                }),
                Output::Reload { session } => {
                    let settings = Box::new(self.core.settings().clone());
                    self.due.push_back(Input::Reloaded {
                        by: By::Session(session),
                        result: Ok(settings),
                    });
                }
                Output::Deliver(deliver) => {
                    for session in deliver
                        .to
                        .iter()
                        .filter(|session| Some(**session) != deliver.except)
                    {
                        let enabled = self
                            .capabilities
                            .get(session)
                            .copied()
                            .unwrap_or(Capabilities::EMPTY);
                        if enabled.contains_all(deliver.needs) {
                            self.give(*session, &deliver.line.encode(enabled));
                        }
                    }
                }
                Output::Send { session, bytes } => self.give(session, &bytes),
                Output::Capabilities { session, enabled } => {
                    self.capabilities.insert(session, enabled);
                }
                Output::Ask { asker, ask } => self.answer(asker, ask),
                Output::Read(read) => self.read(&read),
                Output::Close { session } => {
                    if self.inboxes.contains_key(&session) {
                        self.give(session, b"(closed)\r\n");
                    }
                    self.capabilities.remove(&session);
                }
            }
        }
    }

    fn give(&mut self, session: SessionId, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(
            text.is_empty() || text.ends_with("\r\n"),
            "half a line: {text}"
        );
        for line in text.split_terminator("\r\n") {
            let tags = line.strip_prefix('@').and_then(|line| line.split_once(' '));
            for tag in tags.map_or("", |(tags, _)| tags).split(';') {
                if let Some(msgid) = tag.strip_prefix("msgid=") {
                    assert!(
                        self.memory.msgids.contains_key(msgid),
                        "shown before it was recorded: {line}"
                    );
                }
            }
            self.delivered.push((session, line.to_owned()));
            if let Some(inbox) = self.inboxes.get_mut(&session) {
                inbox.push(line.to_owned());
            }
        }
    }

    fn read(&mut self, read: &Read) {
        let session = read.session;
        let bytes = match &read.query {
            Query::Page(query) => {
                let version = match query.room {
                    Room::Channel(room) => self.memory.acl_version(room),
                    Room::Direct(..) => None,
                };
                if version != query.acl_version {
                    let outcome = ReadOutcome::Stale;
                    self.due.push_back(Input::ReadDone { session, outcome });
                    return;
                }
                read.encode_page(&self.memory.page(query))
            }
            Query::Targets(query) => read.encode_targets(&self.memory.targets(query)),
            Query::Replay(query) => {
                let (channels, direct) = self.memory.replay(query, read.view.user);
                read.encode_replay(&channels, &direct)
            }
        };
        self.give(read.session, &bytes);
        self.due.push_back(Input::ReadDone {
            session: read.session,
            outcome: ReadOutcome::Pushed,
        });
    }

    /// Commits and answers until nothing is due.
    pub(crate) fn settle(&mut self) {
        self.commit();
        while let Some(input) = self.due.pop_front() {
            self.input(input);
            self.commit();
        }
    }

    /// Connects, signs up and lands in the common channels; what was said meanwhile is dropped from the inbox.
    pub(crate) fn arrive(&mut self, name: &str, capabilities: &str) -> SessionId {
        let session = self.come(name, capabilities);
        self.say(session, "REGISTER * * correct-horse-battery");
        self.settle();
        session
    }

    /// A client of somebody who arrived once, signed in again.
    pub(crate) fn come_back(&mut self, name: &str, account: &str, capabilities: &str) -> SessionId {
        let session = self.come(name, capabilities);
        let identify = format!("NS IDENTIFY {account} correct-horse-battery");
        self.say(session, &identify);
        self.settle();
        session
    }

    /// A session that has been greeted, and is a guest where guests may come.
    pub(crate) fn come(&mut self, name: &str, capabilities: &str) -> SessionId {
        let session = self.connect(name);
        if !capabilities.is_empty() {
            self.say(session, "CAP LS 302");
            self.say(session, &format!("CAP REQ :{capabilities}"));
        }
        self.say(session, &format!("NICK {name}"));
        self.say(session, &format!("USER {name} 0 * :{name} of the tests"));
        if !capabilities.is_empty() {
            self.say(session, "CAP END");
        }
        self.settle();
        session
    }

    /// Whether nothing of a session waits for a commit. Always so while the recorder fails: PONG may then pass. Its end does not
    /// count: whoever gets a PONG has not ended it, and another may end it behind that.
    pub(crate) fn passed(&self, session: SessionId) -> bool {
        let own = |output: &Output| match output {
            Output::Record(record) => {
                record.session == Some(session)
                    && !matches!(record.fact, Fact::SessionClosed { .. })
            }
            _ => false,
        };
        self.told || !self.filling.iter().any(own)
    }

    /// Forgets what is in the inboxes.
    pub(crate) fn clear(&mut self) {
        for inbox in self.inboxes.values_mut() {
            inbox.clear();
        }
        self.delivered.clear();
    }

    /// The name of a session.
    pub(crate) fn name(&self, session: SessionId) -> &str {
        self.names
            .iter()
            .find(|(_, id)| **id == session)
            .map_or("?", |(name, _)| name)
    }
}
