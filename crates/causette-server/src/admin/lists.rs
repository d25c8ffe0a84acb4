//! What was found out, as people read it: tables, in their language.

mod decided;
mod files;

use super::plain::{clean, clean_lines, table};
use super::span;
use causette_core::login::LoginPolicy;
use causette_core::report::{
    AccountDetail, AccountReport, DeviceReport, PersonReport, Report, RoomReport, SanctionReport,
    SessionReport,
};
use causette_core::right::Role;
use causette_proto::{CompactString, Timestamp};
use causette_text::{Language, text, text_with};

/// What stands where there is nothing.
const NOTHING: &str = "–";

/// The seconds of a day.
const DAY: i64 = 24 * 3_600;

/// The text of a report.
pub(super) fn text_of(report: &Report, now: Timestamp, language: Language) -> String {
    let writer = Writer { now, language };
    match report {
        Report::Done(text) | Report::Made { text, .. } | Report::Invited { text, .. } => {
            clean_lines(text)
        }
        Report::People {
            people,
            more,
            connected,
            sessions,
            accounts,
        } => writer.people(people, *more, [*connected, *sessions, *accounts]),
        Report::Rooms { rooms, more } => writer.rooms(rooms, *more),
        Report::Accounts { accounts, more } => writer.accounts(accounts, *more),
        Report::Account(detail) => writer.account(detail),
        Report::Sanctions(sanctions) => writer.sanctions(sanctions),
        Report::Invitations(invitations) => writer.invitations(invitations),
        Report::Filters(filters) => writer.filters(filters),
        Report::Held(messages) => writer.held(messages),
        Report::Files { files, more } => writer.files(files, *more),
        Report::File(report) => writer.file(report),
        Report::Quota {
            account,
            usage,
            own,
        } => writer.quota(account, usage, *own),
        // The office does what is permitted, and tells of that.
        Report::Permitted { .. } => String::new(),
        Report::Token {
            account,
            number,
            token,
            until,
        } => writer.token(account, *number, token, *until),
    }
}

/// Writes at a moment, in a language.
struct Writer {
    now: Timestamp,
    language: Language,
}

impl Writer {
    fn text(&self, key: &str) -> String {
        text(self.language, key)
    }

    fn count(&self, key: &str, counts: &[(&str, usize)]) -> String {
        let counts: Vec<(&str, String)> = counts
            .iter()
            .map(|(name, count)| (*name, count.to_string()))
            .collect();
        let variables: Vec<(&str, &str)> = counts
            .iter()
            .map(|(name, count)| (*name, count.as_str()))
            .collect();
        format!("  {}", text_with(self.language, key, &variables))
    }

    /// A table under headings, which the words of a text are, and a line behind it.
    fn listed(&self, headings: &str, rows: Vec<Vec<String>>, last: String) -> String {
        if rows.is_empty() {
            return last;
        }
        let headings = self
            .text(headings)
            .split('|')
            .map(|word| word.trim().to_owned())
            .collect();
        let rows = std::iter::once(headings).chain(rows).collect();
        format!("{}\n{last}", table(rows))
    }

    fn people(
        &self,
        people: &[PersonReport],
        more: bool,
        [connected, sessions, accounts]: [usize; 3],
    ) -> String {
        let rows = people
            .iter()
            .flat_map(|person| self.person(person))
            .collect();
        let counts = [
            ("people", connected),
            ("sessions", sessions),
            ("accounts", accounts),
        ];
        let last = people.last().map(|last| &last.nick);
        let count = self.count("admin-list-people-count", &counts);
        self.listed("admin-list-people", rows, self.followed(count, last, more))
    }

    /// A row for each connection; who has none has one all the same.
    fn person(&self, person: &PersonReport) -> Vec<Vec<String>> {
        let rooms = names(&person.rooms);
        let account = match &person.account {
            Some(account) if *account != person.nick => account.to_string(),
            _ => String::new(),
        };
        let nick = match (account.is_empty(), person.role) {
            (true, Role::User | Role::Guest) => person.nick.to_string(),
            (true, role) => format!("{} ({})", person.nick, self.role(role)),
            (false, Role::User | Role::Guest) => format!("{} ({account})", person.nick),
            (false, role) => format!("{} ({account}, {})", person.nick, self.role(role)),
        };
        if person.sessions.is_empty() {
            let absent = NOTHING.to_owned();
            let client = self.text("admin-list-absent");
            return vec![vec![
                nick,
                absent.clone(),
                absent,
                client,
                NOTHING.to_owned(),
                rooms,
            ]];
        }
        let sessions = person.sessions.iter().enumerate();
        let row = |(place, session): (usize, &SessionReport)| {
            let first = |text: &str| {
                if place == 0 {
                    text.to_owned()
                } else {
                    String::new()
                }
            };
            vec![
                first(&nick),
                self.ago(session.since),
                session.address.to_string(),
                client(session),
                span::written(session.idle),
                first(&rooms),
            ]
        };
        sessions.map(row).collect()
    }

    fn rooms(&self, rooms: &[RoomReport], more: bool) -> String {
        let row = |room: &RoomReport| {
            vec![
                room.name.to_string(),
                room.members.to_string(),
                room.modes.to_string(),
                or_nothing(room.founder.as_ref()),
                day(room.since),
                room.topic.to_string(),
            ]
        };
        let rows = rooms.iter().map(row).collect();
        let last = rooms.last().map(|last| &last.name);
        let count = self.count("admin-list-rooms-count", &[("rooms", rooms.len())]);
        self.listed("admin-list-rooms", rows, self.followed(count, last, more))
    }

    fn accounts(&self, accounts: &[AccountReport], more: bool) -> String {
        let row = |account: &AccountReport| {
            vec![
                account.name.to_string(),
                self.role(account.role),
                day(account.created),
                self.seen(account),
                self.notes(account),
            ]
        };
        let rows = accounts.iter().map(row).collect();
        let last = accounts.last().map(|last| &last.name);
        let count = self.count("admin-list-accounts-count", &[("accounts", accounts.len())]);
        let last = self.followed(count, last, more);
        self.listed("admin-list-accounts", rows, last)
    }

    /// How many there are, and how to see those behind the last one.
    fn followed(&self, count: String, last: Option<&CompactString>, more: bool) -> String {
        let Some(last) = last.filter(|_| more) else {
            return count;
        };
        let variables = [("name", &*clean(last))];
        let more = text_with(self.language, "admin-list-more", &variables);
        format!("{count}\n  {more}")
    }

    fn account(&self, detail: &AccountDetail) -> String {
        let account = &detail.account;
        let pairs = [
            ("admin-show-account", account.name.to_string()),
            ("admin-show-role", self.role(account.role)),
            ("admin-show-created", moment(account.created)),
            ("admin-show-seen", self.seen(account)),
            ("admin-show-notes", self.notes(account)),
            ("admin-show-login", self.login(detail)),
            ("admin-show-certificates", detail.certificates.to_string()),
            ("admin-show-rooms", names(&detail.rooms)),
        ];
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let rows = filled
            .map(|(key, value)| vec![self.text(key), value])
            .collect();
        let mut parts = vec![table(rows)];
        if let Some(person) = &detail.person {
            parts.push(self.listed("admin-list-people", self.person(person), String::new()));
        }
        if !detail.devices.is_empty() {
            let device = |device: &DeviceReport| {
                vec![
                    device.number.to_string(),
                    device.name.to_string(),
                    device.last_used.map_or_else(|| NOTHING.to_owned(), moment),
                    device
                        .last_address
                        .map_or_else(|| NOTHING.to_owned(), |address| address.to_string()),
                ]
            };
            let rows = detail.devices.iter().map(device).collect();
            parts.push(self.listed("admin-list-devices", rows, String::new()));
        }
        if !detail.sanctions.is_empty() {
            parts.push(self.sanctions(&detail.sanctions));
        }
        let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
        parts.join("\n\n")
    }

    /// From where one may sign in to an account.
    fn login(&self, detail: &AccountDetail) -> String {
        match (&detail.login, detail.login_address) {
            (LoginPolicy::Any, _) => self.text("admin-login-any"),
            (LoginPolicy::PinFirst, None) => self.text("admin-login-unpinned"),
            (LoginPolicy::PinFirst, Some(address)) => {
                let variables = [("address", &*address.to_string())];
                text_with(self.language, "admin-login-pinned", &variables)
            }
            (LoginPolicy::Ranges(_), _) => detail.login.words().join(", "),
        }
    }

    fn sanctions(&self, sanctions: &[SanctionReport]) -> String {
        let row = |sanction: &SanctionReport| {
            vec![
                sanction.number.0.to_string(),
                self.text(&format!("admin-kind-{}", sanction.kind.name())),
                sanction.whom.to_string(),
                self.place(sanction.room.as_ref()),
                self.end(sanction.until),
                sanction.by.to_string(),
                sanction.reason.to_string(),
            ]
        };
        let rows = sanctions.iter().map(row).collect();
        let last = self.count(
            "admin-list-sanctions-count",
            &[("sanctions", sanctions.len())],
        );
        self.listed("admin-list-sanctions", rows, last)
    }

    fn role(&self, role: Role) -> String {
        self.text(&format!("admin-role-{}", role.name()))
    }

    /// When somebody was last there.
    fn seen(&self, account: &AccountReport) -> String {
        match account.last_seen {
            _ if account.sessions > 0 => self.text("admin-list-present"),
            Some(time) => moment(time),
            None => NOTHING.to_owned(),
        }
    }

    fn notes(&self, account: &AccountReport) -> String {
        let waiting = account.waiting.then(|| self.text("admin-list-waiting"));
        let numbers = account.sanctions.iter().map(|id| id.0.to_string());
        let sanctions = numbers
            .map(|number| text_with(self.language, "admin-list-sanction", &[("number", &number)]));
        waiting
            .into_iter()
            .chain(sanctions)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Where something holds.
    fn place(&self, room: Option<&CompactString>) -> String {
        room.map_or_else(|| self.text("admin-list-server"), ToString::to_string)
    }

    /// Until when something holds: to the second where that is soon.
    fn end(&self, until: Option<Timestamp>) -> String {
        match until {
            None => self.text("admin-list-for-ever"),
            Some(time) if time.seconds() - self.now.seconds() < DAY => second(time),
            Some(time) => moment(time),
        }
    }

    /// For how long something has been so.
    fn ago(&self, since: Timestamp) -> String {
        let seconds = self.now.seconds().saturating_sub(since.seconds());
        span::written(u64::try_from(seconds).unwrap_or(0))
    }
}

fn names(names: &[CompactString]) -> String {
    names.join(" ")
}

fn or_nothing(name: Option<&CompactString>) -> String {
    name.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

fn client(session: &SessionReport) -> String {
    let transport = session.transport.name();
    match &session.device {
        Some(device) => format!("{device} ({transport})"),
        None => transport.to_owned(),
    }
}

/// `2026-11-28`, in UTC.
fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

/// `2026-11-28 17:05 UTC`.
fn moment(time: Timestamp) -> String {
    let time = time.to_string();
    let (day, hour) = (
        time.get(..10).unwrap_or_default(),
        time.get(11..16).unwrap_or_default(),
    );
    format!("{day} {hour} UTC")
}

/// `2026-11-28 17:05:09 UTC`.
fn second(time: Timestamp) -> String {
    let time = time.to_string();
    let (day, hour) = (
        time.get(..10).unwrap_or_default(),
        time.get(11..19).unwrap_or_default(),
    );
    format!("{day} {hour} UTC")
}

#[cfg(test)]
mod tests;
