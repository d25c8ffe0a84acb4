//! Writes who comes and goes. When a network comes back a thousand come at once: what a batch says of them is gathered first, so
//! that each table is told once, and is told nothing of a connection that came and went within the batch.
//!
//! Nothing else writes these rows and columns but what makes an account, which stands before.

use crate::engine::insert::{Kind, Many};
use crate::engine::{Moment, Value};
use crate::error::Fault;
use crate::plan::row::VisitChange;
use causette_core::id::{AccountId, SessionId};
use causette_proto::Timestamp;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a batch says of connections and of their people.
#[derive(Default)]
pub(super) struct Visits {
    sessions: BTreeMap<SessionId, Session>,
    seen: BTreeMap<AccountId, Timestamp>,
}

#[derive(Default)]
struct Session {
    opened: Option<(IpAddr, Timestamp)>,
    account: Option<AccountId>,
    is_closed: bool,
}

/// A row of `session`.
struct Opened {
    id: SessionId,
    address: String,
    time: Timestamp,
    account: Option<AccountId>,
}

impl Opened {
    fn row(&self) -> [Value<'_>; 4] {
        [
            self.id.into(),
            (&self.address).into(),
            self.time.into(),
            self.account.into(),
        ]
    }
}

static OPENED: Many = Many::insert(
    "session",
    &[
        ("id", Kind::Int),
        ("address", Kind::Text),
        ("opened", Kind::Int),
        ("account", Kind::Int),
    ],
);

static SIGNED_IN: Many = Many::update("session", &[("id", Kind::Int), ("account", Kind::Int)]);

static CLOSED: Many = Many::delete("session", &[("id", Kind::Int)]);

static SEEN: Many = Many::update("account", &[("id", Kind::Int), ("last_seen", Kind::Int)]);

/// Accounts that are looked at with one statement, and the statement.
const ACCOUNTS: usize = 16;
const SEEN_SINCE: &str = "UPDATE account SET last_seen = created + 1
     WHERE last_seen <= created AND id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

impl Visits {
    pub(super) fn add(&mut self, change: &VisitChange) {
        match *change {
            VisitChange::Opened {
                session,
                address,
                opened,
            } => self.session(session).opened = Some((address, opened)),
            VisitChange::SignedIn { session, account } => {
                self.session(session).account = Some(account);
            }
            VisitChange::Closed { session } => self.session(session).is_closed = true,
            VisitChange::LastSeen { account, seen } => {
                self.seen.insert(account, seen);
            }
        }
    }

    fn session(&mut self, id: SessionId) -> &mut Session {
        self.sessions.entry(id).or_default()
    }

    /// Writes what has come of it all.
    pub(super) fn write(&self, moment: &Moment<'_>) -> Result<(), Fault> {
        let (mut opened, mut signed_in, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for (id, session) in &self.sessions {
            match (session.opened, session.account, session.is_closed) {
                (Some(_), _, true) => {}
                (Some((address, time)), account, false) => {
                    opened.push(Opened {
                        id: *id,
                        address: address.to_string(),
                        time,
                        account,
                    });
                }
                (None, _, true) => closed.push([Value::from(*id)]),
                (None, Some(account), false) => signed_in.push([Value::from(*id), account.into()]),
                (None, None, false) => {}
            }
        }
        moment.write(&OPENED, opened.iter().map(Opened::row))?;
        moment.write(&SIGNED_IN, signed_in.into_iter())?;
        moment.write(&CLOSED, closed.into_iter())?;
        self.seen(moment)
    }

    fn seen(&self, moment: &Moment<'_>) -> Result<(), Fault> {
        let row = |(account, seen): (&AccountId, &Timestamp)| [(*account).into(), (*seen).into()];
        moment.write(&SEEN, self.seen.iter().map(row))?;
        // Never the moment at which the account was made: that means that nobody has come yet.
        let accounts: Vec<Value<'_>> = self.seen.keys().map(|account| (*account).into()).collect();
        for accounts in accounts.chunks(ACCOUNTS) {
            // What is named twice is changed once.
            let mut list = [accounts[0]; ACCOUNTS];
            list[..accounts.len()].copy_from_slice(accounts);
            moment.run(SEEN_SINCE, &list)?;
        }
        Ok(())
    }
}
