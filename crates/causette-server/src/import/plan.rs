//! What an import will do, decided before anything is done: which accounts are made under which names, and which lines become history,
//! whose and where. Pure.

use super::exchanged::NewFile;
use super::name::{Changed, Names};
use super::old::{By, Login, Old, OldAccount, OldLine, Place, To, mark};
use super::parts::parts;
use super::report::{Problem, Totals};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use causette_core::id::{AccountId, IdSequence, Msgid, UserId};
use causette_core::limits::PASSWORD_BYTES;
use causette_core::plain;
use causette_core::secret::{Secret, is_token};
use causette_core::settings::Settings;
use causette_core::snapshot::Snapshot;
use causette_proto::{AccountName, CompactString, Timestamp};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// The setting by which an account is known again: from which program it was taken, and how it was called there.
pub(super) const ORIGIN: &str = "import";

/// Bytes of a name that is kept in that setting; of a longer one a digest is.
const NAME_BYTES: usize = 64;

/// Everything that is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) accounts: Vec<NewAccount>,
    /// In files, each in the order in which it becomes history.
    pub(super) files: Vec<Vec<NewLine>>,
    /// Files that people exchanged.
    pub(super) exchanged: Vec<NewFile>,
    pub(super) totals: Totals,
    pub(super) problems: Vec<Problem>,
}

/// An account that is to be made.
#[derive(Debug)]
pub(super) struct NewAccount {
    pub(super) person: Person,
    /// `None` where nobody can sign in by a password.
    pub(super) password: Option<Secret>,
    pub(super) login: Login,
    pub(super) origin: String,
}

/// Somebody who has an account, or will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: AccountId,
    pub(super) name: AccountName,
}

/// A line that becomes history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewLine {
    pub(super) msgid: Msgid,
    pub(super) time: Timestamp,
    pub(super) author: Author,
    pub(super) place: Where,
    pub(super) text: String,
    pub(super) from: Option<(IpAddr, u16)>,
}

/// Whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Person(Person),
    Administration,
    /// Somebody without account, by a nickname.
    Stranger(String),
    Nobody,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Room,
    /// In the conversation with somebody.
    With(UserId),
    Archive,
}

/// What a plan is made for.
pub(super) struct Given<'a> {
    /// `a` or `b`.
    pub(super) program: &'static str,
    pub(super) settings: &'a Settings,
    pub(super) snapshot: &'a Snapshot,
    /// The origins that some account ever had.
    pub(super) origins: &'a HashSet<String>,
    /// Makes the ids of messages.
    pub(super) key: &'a hmac::Key,
    /// Whether what was said to those who ran the server goes into the room too.
    pub(super) all_in_room: bool,
    /// What takes the place of a password that somebody has written.
    pub(super) no_password: String,
    pub(super) now: Timestamp,
}

/// The names that people had, of accounts that were taken over before.
pub(super) fn known_names(program: &str, snapshot: &Snapshot) -> HashMap<String, Person> {
    let accounts = snapshot.accounts.iter();
    let known = accounts.filter_map(|account| {
        let origin = account.settings.iter().find(|(name, _)| name == ORIGIN);
        let (of, name) = origin?.1.split_once(':')?;
        let person = Person {
            id: account.id,
            name: account.name.clone(),
        };
        (of == program && !name.contains('#')).then(|| (name.to_owned(), person))
    });
    known.collect()
}

/// Decides everything.
pub(super) fn plan(old: Old, given: &Given<'_>) -> Plan {
    let mut planning = Planning {
        given,
        plan: Plan {
            problems: old.problems,
            ..Plan::default()
        },
        people: known_names(given.program, given.snapshot),
        secrets: HashMap::new(),
        unknown: HashSet::new(),
    };
    planning.accounts(old.accounts);
    for lines in old.files {
        let lines = lines
            .into_iter()
            .flat_map(|line| planning.line(line))
            .collect();
        planning.plan.files.push(lines);
    }
    planning.plan
}

struct Planning<'a> {
    given: &'a Given<'a>,
    plan: Plan,
    /// By the names that they had.
    people: HashMap<String, Person>,
    /// The passwords of people, by the names that they had.
    secrets: HashMap<String, Secret>,
    /// Names of clients without account that were told of.
    unknown: HashSet<String>,
}

impl Planning<'_> {
    fn accounts(&mut self, accounts: Vec<OldAccount>) {
        let given = self.given;
        let mut names = Names::of(given.snapshot, given.settings);
        let mut ids = IdSequence::after(given.snapshot.last_id);
        let mut shared: HashMap<String, usize> = HashMap::new();
        for account in &accounts {
            *shared
                .entry(account.password.expose().to_owned())
                .or_default() += 1;
        }
        let by_origin: HashMap<&str, &causette_core::snapshot::AccountRow> = given
            .snapshot
            .accounts
            .iter()
            .filter_map(|account| {
                let origin = account.settings.iter().find(|(name, _)| name == ORIGIN)?;
                Some((origin.1.as_str(), account))
            })
            .collect();
        let mut seen: HashMap<String, Vec<(Secret, Login)>> = HashMap::new();
        for account in accounts {
            let same = seen.entry(account.name.clone()).or_default();
            let kept = (account.password.clone(), account.login.clone());
            if same.contains(&kept) {
                let problem = Problem::left_out(&account.place, "import-account-twice");
                self.note(problem.with("name", shown(&account.name)));
                continue;
            }
            same.push(kept);
            let origin = origin(given.program, &account.name, same.len());
            self.secrets
                .entry(account.name.clone())
                .or_insert_with(|| account.password.clone());
            if let Some(known) = by_origin.get(origin.as_str()) {
                self.plan.totals.accounts_known += 1;
                let (id, name) = (known.id, known.name.clone());
                self.people
                    .entry(account.name)
                    .or_insert(Person { id, name });
                continue;
            }
            if given.origins.contains(&origin) {
                self.plan.totals.accounts_gone += 1;
                continue;
            }
            let (name, changed) = names.take(&account.name);
            let count = shared.get(account.password.expose()).copied().unwrap_or(1);
            self.judge(&account, &name, changed, count);
            let person = Person {
                id: AccountId(even(&mut ids, given.now)),
                name,
            };
            self.people
                .entry(account.name)
                .or_insert_with(|| person.clone());
            self.plan.totals.accounts += 1;
            self.plan.accounts.push(NewAccount {
                person,
                password: usable(&account.password),
                login: account.login,
                origin,
            });
        }
    }

    /// Tells what is not as it should be of an account that is made.
    fn judge(
        &mut self,
        account: &OldAccount,
        name: &AccountName,
        changed: Option<Changed>,
        shared: usize,
    ) {
        let settings = self.given.settings;
        let place = &account.place;
        let mut note = |key: &'static str, variables: &[(&'static str, String)]| {
            let mut problem = Problem::noted(place, key).with("account", name.as_str());
            for (name, value) in variables {
                problem = problem.with(name, value.clone());
            }
            self.plan.problems.push(problem);
        };
        if let Some(changed) = changed {
            let key = match changed {
                Changed::Form if shown(&account.name).trim().is_empty() => "import-name-empty",
                Changed::Form => "import-name-form",
                Changed::Kept => "import-name-kept",
                Changed::Taken => "import-name-taken",
            };
            note(key, &[("name", shown(&account.name))]);
        }
        let password = account.password.expose();
        if password.is_empty() {
            return note("import-password-none", &[]);
        }
        if usable(&account.password).is_none() {
            return note("import-password-unusable", &[]);
        }
        let is_name = settings.casemap.fold(password) == name.key();
        let is_weak = is_name && !settings.weak_passwords;
        if password.chars().count() < settings.password_min || is_weak {
            note(
                "import-password-weak",
                &[("min", settings.password_min.to_string())],
            );
        }
        if shared > 1 {
            note("import-password-shared", &[("count", shared.to_string())]);
        }
    }

    /// What becomes of a line: a message, or several where it is longer than one may be.
    fn line(&mut self, line: OldLine) -> Vec<NewLine> {
        let text = told(&line.text);
        if text.trim().is_empty() {
            self.note(Problem::left_out(&line.place, "import-empty"));
            return Vec::new();
        }
        let (author, place, text) = self.placed(&line, text);
        let parts = parts(&text);
        if parts.len() > 1 {
            let problem = Problem::noted(&line.place, "import-long");
            self.note(problem.with("count", parts.len().to_string()));
        }
        self.plan.totals.messages += parts.len() as u64;
        let parts = (0_u64..).zip(parts).map(|(number, part)| {
            let mark = match number {
                0 => line.mark,
                number => mark(&[&line.mark, &number.to_be_bytes()]),
            };
            NewLine {
                msgid: msgid(self.given.key, &mark),
                time: line.time,
                author: author.clone(),
                place: place.clone(),
                text: part.to_owned(),
                from: line.from,
            }
        });
        parts.collect()
    }

    /// Whose a line is, where it stands, and what it says.
    fn placed(&mut self, line: &OldLine, text: String) -> (Author, Where, String) {
        let administration = match self.given.all_in_room {
            true => Where::Room,
            false => Where::With(UserId::ADMINISTRATION),
        };
        match (&line.by, &line.to) {
            (By::Nobody, To::Room) => (Author::Nobody, Where::Room, text),
            (By::Nobody, _) => (Author::Nobody, Where::Archive, text),
            (By::Administration, To::Person(name)) => {
                let place = match self.people.get(name) {
                    Some(_) if self.given.all_in_room => Where::Room,
                    Some(person) => Where::With(person.id.into()),
                    None => Where::Archive,
                };
                (Author::Administration, place, text)
            }
            (By::Administration, _) => (Author::Administration, Where::Archive, text),
            (By::Person(name), to) => {
                let Some(person) = self.people.get(name).cloned() else {
                    self.tell_unknown(&line.place, name);
                    let (author, text) = stranger(name, text);
                    return (author, Where::Archive, text);
                };
                let text = self.without_password(line, name, text);
                let place = match to {
                    To::Room => Where::Room,
                    To::Administration => administration,
                    To::Person(other) => match self.people.get(other) {
                        Some(other) => Where::With(other.id.into()),
                        None => Where::Archive,
                    },
                    To::Archive => Where::Archive,
                };
                (Author::Person(person), place, text)
            }
        }
    }

    /// No password is kept in clear, also where somebody was asked for it and wrote it.
    fn without_password(&mut self, line: &OldLine, name: &str, text: String) -> String {
        let secret = self.secrets.get(name).map(Secret::expose);
        if secret.is_none_or(|secret| secret.is_empty() || secret != text.trim()) {
            return text;
        }
        self.note(Problem::noted(&line.place, "import-password-said"));
        self.given.no_password.clone()
    }

    fn tell_unknown(&mut self, place: &Place, name: &str) {
        if self.unknown.insert(name.to_owned()) {
            let problem = Problem::noted(place, "import-person-unknown");
            self.note(problem.with("name", shown(name)));
        }
    }

    fn note(&mut self, problem: Problem) {
        self.plan.problems.push(problem);
    }
}

/// The next number of those that accounts and rooms have.
pub(super) fn even(ids: &mut IdSequence, now: Timestamp) -> u64 {
    loop {
        let id = ids.next(now);
        if id.is_multiple_of(2) {
            return id;
        }
    }
}

/// How an account is known again; `count` says which it is of those that had the same name.
fn origin(program: &str, name: &str, count: usize) -> String {
    let is_plain = plain(name) == name && name.len() <= NAME_BYTES && !name.contains('#');
    let name = match is_plain {
        true => name.to_owned(),
        false => {
            let digest = digest(&SHA256, name.as_bytes());
            let hex = digest
                .as_ref()
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"));
            format!("#{}", hex.collect::<String>())
        }
    };
    match count {
        1 => format!("{program}:{name}"),
        count => format!("{program}:{name}#{count}"),
    }
}

/// The password in the form that is kept, where somebody can sign in by it.
fn usable(password: &Secret) -> Option<Secret> {
    let text = password.expose();
    if text.is_empty() || text.len() > PASSWORD_BYTES || is_token(text) {
        return None;
    }
    // One with characters that no new password may have is tried as it is typed.
    Some(password.enforced().unwrap_or_else(|_| password.clone()))
}

/// Somebody without account, and what they say. Of a name that is no nickname the text tells how it was.
fn stranger(name: &str, text: String) -> (Author, String) {
    let is_plain = |char: char| char.is_alphanumeric() || "-_.[]{}|^`".contains(char);
    let name = shown(name);
    let nick = name.replace(|char| !is_plain(char), "_");
    let author = match nick.is_empty() {
        true => Author::Nobody,
        false => Author::Stranger(nick.clone()),
    };
    match nick == name && !nick.is_empty() {
        true => (author, text),
        false => (author, format!("{name}: {text}")),
    }
}

/// The name of a message: the same whenever its line is read, and nobody can tell the line from it.
fn msgid(key: &hmac::Key, mark: &[u8; 32]) -> Msgid {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let tag = hmac::sign(key, mark);
    let digits = tag.as_ref().iter().take(22);
    let digits = digits.map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
    Msgid("im".chars().chain(digits).collect::<CompactString>())
}

/// The text of a message: its lines, without what no line can hold.
fn told(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\0'], " ");
    lines.trim_end_matches('\n').to_owned()
}

/// As much of a name as helps to find it.
fn shown(name: &str) -> String {
    plain(name).chars().take(40).collect()
}
