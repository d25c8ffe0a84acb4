//! What the benches of tests share that put the real router before the real core: people who come, connections, and what was answered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use super::{Http, Offer, Visitor};
use causette_core::id::{AccountId, SessionId};
use causette_core::input::{Input, Moment, Peer, Transport};
use causette_core::record::Fact;
use causette_core::right::Role;
use causette_core::snapshot::AccountRow;
use causette_proto::{AccountName, Casemap, Message, Nick, Timestamp};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, DuplexStream};

/// Seconds since 1970 at which the core begins.
pub(super) const BEGINNING: i64 = 1_700_000_000;

/// What came back.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    /// As it was sent, with names in lower case.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answered {
    /// What a header says.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let name = format!("{name}: ");
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(&name))
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// Everything that comes until the connection ends.
pub(super) async fn answer(client: &mut DuplexStream) -> Answered {
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let at = at.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer)));
    let head = String::from_utf8(answer[..at].to_vec()).unwrap();
    Answered {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        body: answer[at + 4..].to_vec(),
        head,
    }
}

/// A connection from this machine.
pub(super) fn connect(http: &Http) -> DuplexStream {
    let (client, server) = tokio::io::duplex(1 << 16);
    let http = http.clone();
    let visitor = Visitor {
        address: IpAddr::from(Ipv4Addr::LOCALHOST),
        port: 4711,
        trusted: false,
        is_private: true,
        allow_plaintext: false,
    };
    tokio::spawn(async move {
        drop(http.serve(server, visitor, Offer::Everything).await);
    });
    client
}

/// An account that was there before the server started.
pub(super) fn account(id: u64, name: &str) -> AccountRow {
    AccountRow {
        id: AccountId(id),
        name: AccountName::parse(name, 32, Casemap::Ascii).unwrap(),
        nick: Nick::parse(name, 32, Casemap::Ascii).unwrap(),
        created: Timestamp(1),
        last_seen: Timestamp(1),
        role: Role::User,
        waiting: false,
        by_code: false,
        settings: Vec::new(),
        certificates: Vec::new(),
        devices: Vec::new(),
        last_token: 0,
        tokens: Vec::new(),
    }
}

/// So many microseconds after the beginning.
pub(super) fn moment(elapsed: u64) -> Moment {
    Moment {
        wall: Timestamp(BEGINNING * 1_000_000 + elapsed.cast_signed()),
        elapsed: Duration::from_micros(elapsed),
    }
}

/// Somebody comes and says these lines.
pub(super) fn coming(id: u64, lines: &[&str]) -> Vec<Input> {
    let session = SessionId(id);
    let peer = Peer {
        address: IpAddr::from([192, 0, 2, u8::try_from(id).unwrap()]),
        port: 4711,
        local_port: 52020,
        transport: Transport::Ircs,
        tls: None,
        certificate: None,
        cloak: "host.net.ip".into(),
        exempt: true,
    };
    let said = lines.iter().map(|line| {
        let message = Message::parse(line.as_bytes()).unwrap();
        Input::Line { session, message }
    });
    [Input::Opened { session, peer }]
        .into_iter()
        .chain(said)
        .collect()
}

/// How many facts of a kind were entered.
pub(super) fn count(facts: &Mutex<Vec<Fact>>, is_meant: impl Fn(&Fact) -> bool) -> usize {
    let facts = facts.lock().unwrap();
    facts.iter().filter(|fact| is_meant(fact)).count()
}
