//! Connections: each is closed as who it was opened and signed in for, and those that are open have their rows.

use super::findings::Findings;
use super::found::Found;
use crate::engine::Moment;
use crate::error::Fault;
use crate::register::finding::{Finding, Kind, RowName};
use crate::register::members::Members;
use crate::register::{Subject, opened, words};
use causette_core::id::{AccountId, SessionId};
use causette_proto::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// What is known of the connections that are open: as many as there are at a time.
pub(super) struct Sessions {
    /// As the entries tell so far.
    open: HashMap<SessionId, Open>,
    /// The rows that there were when the verification began.
    rows: BTreeMap<SessionId, Row>,
    /// Of entries of which nothing is left, nobody knows about whom they were.
    opening_is_erased: bool,
    sign_in_is_erased: bool,
    closing_is_erased: bool,
}

struct Open {
    entry: u64,
    address: IpAddr,
    opened: Timestamp,
    account: Option<AccountId>,
    /// Earlier versions have not closed all that a crash left open.
    is_earlier: bool,
}

struct Row {
    address: String,
    opened: Timestamp,
    account: Option<AccountId>,
}

impl Sessions {
    pub(super) fn begin(moment: &Moment<'_>) -> Result<Self, Fault> {
        let mut rows = BTreeMap::new();
        let select = "SELECT id, address, opened, account FROM session";
        moment.each(select, &[], |row| {
            let account = row.maybe_int(3)?;
            let found = Row {
                address: row.text(1)?.to_owned(),
                opened: row.time(2)?,
                account: account.map(i64::cast_unsigned).map(AccountId),
            };
            rows.insert(SessionId(row.id(0)?), found);
            Ok(())
        })?;
        Ok(Self {
            open: HashMap::new(),
            rows,
            opening_is_erased: false,
            sign_in_is_erased: false,
            closing_is_erased: false,
        })
    }

    /// What an entry tells of a connection.
    pub(super) fn told(
        &mut self,
        found: &Found,
        members: &Members,
        is_earlier: bool,
        findings: &mut Findings,
    ) {
        let entry = &found.entry;
        let Some(session) = opened::session(members) else {
            return;
        };
        if entry.kind == words::SESSION_OUVERTURE.text {
            if let Some(address) = opened::address(members) {
                let open = Open {
                    entry: entry.seq,
                    address,
                    opened: entry.time,
                    account: None,
                    is_earlier,
                };
                self.open.insert(session, open);
            }
        } else if entry.kind == words::AUTHENTIFICATION_SUCCES.text {
            if let Some(open) = self.open.get_mut(&session) {
                open.account = opened::account(members);
            }
        } else if entry.kind == words::SESSION_FERMETURE.text
            && let Some(open) = self.open.remove(&session)
            && !is_earlier
            && !self.is_closing_of(session, &open, members)
        {
            findings.tell(Finding::of_entry(Kind::Closing, entry.seq));
        }
    }

    /// Whether an entry closes a connection as the one that it was.
    fn is_closing_of(&self, session: SessionId, open: &Open, members: &Members) -> bool {
        let person = match open.account {
            Some(account) => Subject::Account(account.0),
            None => Subject::Guest(session.0),
        };
        let address = Subject::Address(open.address);
        members.get("cible") == Some(&address.to_string())
            && (self.sign_in_is_erased || members.get("acteur") == Some(&person.to_string()))
    }

    /// An entry of which nothing else is left.
    pub(super) fn erased(&mut self, kind: &str) {
        self.opening_is_erased |= kind == words::SESSION_OUVERTURE.text;
        self.sign_in_is_erased |= kind == words::AUTHENTIFICATION_SUCCES.text;
        self.closing_is_erased |= kind == words::SESSION_FERMETURE.text;
    }

    /// Whether those that are left open have their rows, and no others.
    pub(super) fn finish(mut self, findings: &mut Findings) {
        for (session, row) in self.rows {
            let name = RowName::Number(session.0.cast_signed());
            let Some(open) = self.open.remove(&session) else {
                if !self.opening_is_erased {
                    findings.tell(Finding::new(Kind::RowWithoutEntry, "session", name));
                }
                continue;
            };
            let is_signed_in = self.sign_in_is_erased || row.account == open.account;
            for (column, is_same) in [
                ("address", row.address == open.address.to_string()),
                ("opened", row.opened == open.opened),
                ("account", is_signed_in),
            ] {
                if !is_same {
                    findings.altered(open.entry, ("session", name.clone()), column);
                }
            }
        }
        let mut missing: Vec<_> = self.open.into_iter().collect();
        missing.retain(|(_, open)| !open.is_earlier && !self.closing_is_erased);
        missing.sort_unstable_by_key(|(session, _)| *session);
        for (session, open) in missing {
            let name = RowName::Number(session.0.cast_signed());
            let missing = Finding::new(Kind::RowMissing, "session", name);
            findings.tell(missing.by(open.entry));
        }
    }
}
