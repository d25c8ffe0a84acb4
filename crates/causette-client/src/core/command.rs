//! What may be typed: the table of commands, in two spellings, and how a typed line is understood.
//!
//! `/word` is the spelling of IRC clients, `#Word` the one of the two programs that came before. A line that begins with `#`
//! is a command only when its first word is one of those and what follows fits, because channels begin with `#` too. What sends
//! and fetches files is never said, though: it tells of paths, and for whom they were.

use crate::core::locale::Locale;
use crate::core::transfer::{Act, Audience, Which};
use crate::core::words;
use causette_proto::CompactString;
use causette_text::distance;

/// A command, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// What there is to type, or how one command works.
    Help(Option<CompactString>),
    /// Enter a channel, with a key if it wants one.
    Join(CompactString, Option<CompactString>),
    /// Leave this channel, or the conversation.
    Part(String),
    /// Say something to somebody without going there.
    Message(CompactString, String),
    /// The same as a notice.
    Notice(CompactString, String),
    /// Talk with one person from now on, or go back to the common room.
    Query(Option<CompactString>),
    /// Say what one does.
    Me(String),
    /// Answer the message of that number, counted as `/last` shows.
    Reply(usize, String),
    /// React to the message of that number.
    React(usize, CompactString),
    /// Take the message of that number back.
    Delete(usize, String),
    /// Number the last messages.
    Last(usize),
    /// Read or set the topic.
    Topic(Option<String>),
    /// Who is here, or who fits a mask.
    Who(Option<CompactString>),
    /// Who is connected.
    Connected,
    /// What is known of somebody.
    Whois(CompactString),
    /// Ask somebody into this channel.
    Invite(CompactString),
    /// Put somebody out of this channel.
    Kick(CompactString, String),
    /// Keep a mask out of this channel, or no longer.
    Ban(CompactString, Toggle),
    /// Change modes.
    Mode(String),
    /// Be away with a reason, or be back.
    Away(String),
    /// Take another nickname.
    Nick(CompactString),
    /// The channels that there are.
    List(Option<CompactString>),
    /// Want no noise from this conversation, or want it again.
    Mute,
    /// Look for something that was said.
    Search(String),
    /// Change a setting of the client.
    Set(CompactString, CompactString),
    /// Send a line as it is.
    Quote(String),
    /// Try again what was not stored.
    Resend,
    /// Give up what was not stored.
    Discard,
    /// Look at another conversation.
    Go(CompactString),
    /// Read what is before.
    Older,
    /// The files that there are, or these of them.
    Files(Option<Which>),
    /// Send a file, to those named or to whom one talks with here.
    Upload(Option<Audience>, String),
    /// Fetch a file by its number, its name or its address.
    Download(String),
    /// The files on their way, or something about the one of that number.
    Transfers(Option<(Act, usize)>),
    /// Leave.
    Quit(String),
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toggle {
    /// On.
    On,
    /// Off.
    Off,
}

/// How a typed line is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// It is said.
    Say(String),
    /// It is a command.
    Command(Command),
    /// It begins like a command and is none; with the nearest one. It must never be said: it may hold a password.
    Unknown(CompactString, Option<&'static str>),
    /// It is a command, and what follows does not fit.
    Misused(&'static Word),
    /// The same in the older spelling.
    MisusedAsBefore(&'static Word),
    /// It begins with a command that has one line, and goes on. Neither is it done nor said: nobody knows for whom it is.
    SeveralLines,
}

/// One command of the table.
#[derive(Debug)]
pub struct Word {
    /// Its name, behind `/`.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// Its spelling in the two older programs, behind `#`, and how many words may follow there.
    pub hash: Option<(&'static str, std::ops::RangeInclusive<usize>)>,
    /// The key of what follows it, in the locales; empty when nothing does.
    pub syntax: &'static str,
    /// The key of what it does, in the locales.
    pub summary: &'static str,
    /// Understands what follows.
    read: fn(&Args<'_>) -> Option<Command>,
}

/// Every command, in the order in which help lists them.
#[rustfmt::skip]
pub const COMMANDS: &[Word] = &[
    Word { name: "help", aliases: &["h", "aide"], hash: Some(("Help", 0..=1)), syntax: "client-help-syntax", summary: "client-help", read: |args| Some(Command::Help(args.word(0).map(Into::into))) },
    Word { name: "query", aliases: &["q", "private"], hash: Some(("Private", 0..=1)), syntax: "client-query-syntax", summary: "client-query", read: |args| Some(Command::Query(args.word(0).map(Into::into))) },
    Word { name: "msg", aliases: &["m"], hash: None, syntax: "client-msg-syntax", summary: "client-msg", read: |args| Some(Command::Message(args.word(0)?.into(), args.text(1)?)) },
    Word { name: "me", aliases: &[], hash: None, syntax: "client-text-syntax", summary: "client-me", read: |args| Some(Command::Me(args.text(0)?)) },
    Word { name: "join", aliases: &["j"], hash: None, syntax: "client-join-syntax", summary: "client-join", read: |args| { Some(Command::Join(args.word(0)?.into(), args.word(1).map(Into::into))) } },
    Word { name: "part", aliases: &["leave", "close"], hash: None, syntax: "client-reason-syntax", summary: "client-part", read: |args| Some(Command::Part(args.text(0).unwrap_or_default())) },
    Word { name: "go", aliases: &["buffer", "b"], hash: None, syntax: "client-go-syntax", summary: "client-go", read: |args| Some(Command::Go(args.word(0)?.into())) },
    Word { name: "who", aliases: &["names"], hash: None, syntax: "client-who-syntax", summary: "client-who", read: |args| Some(Command::Who(args.word(0).map(Into::into))) },
    Word { name: "users", aliases: &["online"], hash: Some(("ListU", 0..=0)), syntax: "", summary: "client-users", read: |_| Some(Command::Connected) },
    Word { name: "whois", aliases: &["wi"], hash: None, syntax: "client-nick-syntax", summary: "client-whois", read: |args| Some(Command::Whois(args.word(0)?.into())) },
    Word { name: "list", aliases: &["channels"], hash: None, syntax: "client-list-syntax", summary: "client-list", read: |args| Some(Command::List(args.word(0).map(Into::into))) },
    Word { name: "topic", aliases: &["t"], hash: None, syntax: "client-topic-syntax", summary: "client-topic", read: |args| Some(Command::Topic(args.text(0))) },
    Word { name: "last", aliases: &[], hash: None, syntax: "client-last-syntax", summary: "client-last", read: |args| Some(Command::Last(args.number(0, 10)?)) },
    Word { name: "reply", aliases: &["r"], hash: None, syntax: "client-reply-syntax", summary: "client-reply", read: |args| Some(Command::Reply(args.number(0, 0)?, args.text(1)?)) },
    Word { name: "react", aliases: &[], hash: None, syntax: "client-react-syntax", summary: "client-react", read: |args| Some(Command::React(args.number(0, 0)?, args.word(1)?.into())) },
    Word { name: "delete", aliases: &["redact"], hash: None, syntax: "client-delete-syntax", summary: "client-delete", read: |args| { Some(Command::Delete(args.number(0, 0)?, args.text(1).unwrap_or_default())) } },
    Word { name: "search", aliases: &["s"], hash: None, syntax: "client-search-syntax", summary: "client-search", read: |args| Some(Command::Search(args.text(0)?)) },
    Word { name: "older", aliases: &[], hash: None, syntax: "", summary: "client-older", read: |_| Some(Command::Older) },
    Word { name: "mute", aliases: &["unmute"], hash: None, syntax: "", summary: "client-mute", read: |_| Some(Command::Mute) },
    Word { name: "away", aliases: &[], hash: None, syntax: "client-reason-syntax", summary: "client-away", read: |args| { Some(Command::Away(args.text(0).unwrap_or_else(|| "…".to_owned()))) } },
    Word { name: "back", aliases: &[], hash: None, syntax: "", summary: "client-back", read: |_| Some(Command::Away(String::new())) },
    Word { name: "nick", aliases: &[], hash: None, syntax: "client-nick-syntax", summary: "client-nick", read: |args| Some(Command::Nick(args.word(0)?.into())) },
    Word { name: "invite", aliases: &[], hash: None, syntax: "client-nick-syntax", summary: "client-invite", read: |args| Some(Command::Invite(args.word(0)?.into())) },
    Word { name: "kick", aliases: &["k"], hash: None, syntax: "client-kick-syntax", summary: "client-kick", read: |args| { Some(Command::Kick(args.word(0)?.into(), args.text(1).unwrap_or_default())) } },
    Word { name: "ban", aliases: &[], hash: None, syntax: "client-ban-syntax", summary: "client-ban", read: |args| Some(Command::Ban(args.word(0)?.into(), Toggle::On)) },
    Word { name: "unban", aliases: &[], hash: None, syntax: "client-ban-syntax", summary: "client-unban", read: |args| Some(Command::Ban(args.word(0)?.into(), Toggle::Off)) },
    Word { name: "mode", aliases: &[], hash: None, syntax: "client-mode-syntax", summary: "client-mode", read: |args| Some(Command::Mode(args.text(0)?)) },
    Word { name: "notice", aliases: &[], hash: None, syntax: "client-msg-syntax", summary: "client-notice", read: |args| Some(Command::Notice(args.word(0)?.into(), args.text(1)?)) },
    Word { name: "resend", aliases: &[], hash: None, syntax: "", summary: "client-resend", read: |_| Some(Command::Resend) },
    Word { name: "discard", aliases: &[], hash: None, syntax: "", summary: "client-discard", read: |_| Some(Command::Discard) },
    Word { name: "set", aliases: &[], hash: None, syntax: "client-set-syntax", summary: "client-set", read: |args| Some(Command::Set(args.word(0)?.into(), args.word(1)?.into())) },
    Word { name: "quote", aliases: &["raw"], hash: None, syntax: "client-quote-syntax", summary: "client-quote", read: |args| Some(Command::Quote(args.text(0)?)) },
    Word { name: "files", aliases: &[], hash: Some(("ListF", 0..=1)), syntax: "client-files-syntax", summary: "client-files", read: |args| args.word(0).map_or(Some(None), |word| Which::parse(word).map(Some)).map(Command::Files) },
    Word { name: "upload", aliases: &[], hash: Some(("TrfU", 1..=3)), syntax: "client-upload-syntax", summary: "client-upload", read: |args| words::upload(args.0) },
    Word { name: "download", aliases: &[], hash: Some(("TrfD", 1..=1)), syntax: "client-file-syntax", summary: "client-download", read: |args| words::whole(args.0).map(Command::Download) },
    Word { name: "transfers", aliases: &[], hash: None, syntax: "client-transfers-syntax", summary: "client-transfers", read: |args| words::transfers(args.0) },
    Word { name: "quit", aliases: &["exit", "bye"], hash: Some(("Exit", 0..=1)), syntax: "client-reason-syntax", summary: "client-quit", read: |args| Some(Command::Quit(args.text(0).unwrap_or_default())) },
];

/// What follows a command.
struct Args<'a>(&'a str);

impl<'a> Args<'a> {
    fn word(&self, index: usize) -> Option<&'a str> {
        self.0.split_whitespace().nth(index)
    }

    /// All that follows `skip` words, as it is written.
    fn text(&self, skip: usize) -> Option<String> {
        let mut rest = self.0.trim_start();
        for _ in 0..skip {
            rest = rest.split_once(char::is_whitespace)?.1.trim_start();
        }
        (!rest.trim().is_empty()).then(|| rest.to_owned())
    }

    /// A number from 1; `default` where nothing is written, if that is allowed.
    fn number(&self, index: usize, default: usize) -> Option<usize> {
        let number = match self.word(index) {
            Some(word) => word.trim_start_matches('#').parse().ok()?,
            None => default,
        };
        (number > 0).then_some(number)
    }
}

/// Which spellings are commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Whether `#Word` is one.
    pub hash: bool,
    /// Whether `bye` alone leaves, as in one of the two older programs.
    pub bare_bye: bool,
}

impl Default for Spelling {
    fn default() -> Self {
        Self {
            hash: true,
            bare_bye: false,
        }
    }
}

/// Whether a text is a command by how it begins, and nothing that is said. Blanks before it make no text of it: what follows
/// may be a password.
pub fn is_command(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('/') && !text.starts_with("//")
}

/// Understands what was typed.
pub fn understand(text: &str, spelling: Spelling) -> Typed {
    // Blanks before a command make no text of it: what follows may be a password.
    let begins = text.trim_start();
    let text = match begins.chars().next() {
        Some('/') => begins,
        Some('#') if understand_line(begins, spelling) != Typed::Say(begins.to_owned()) => begins,
        _ => text,
    };
    let Some((first, _)) = text.split_once('\n') else {
        return understand_line(text, spelling);
    };
    let spelling = Spelling {
        bare_bye: false,
        ..spelling
    };
    match understand_line(first, spelling) {
        // What follows the mark that makes it a text.
        Typed::Say(_) if first.starts_with("//") || first.starts_with("\\#") => {
            Typed::Say(text[1..].to_owned())
        }
        Typed::Say(_) => Typed::Say(text.to_owned()),
        Typed::Unknown(word, nearest) => Typed::Unknown(word, nearest),
        Typed::Command(_) | Typed::Misused(_) | Typed::MisusedAsBefore(_) => {
            match understand_line(text, spelling) {
                // What is said to somebody may have several lines.
                command @ Typed::Command(
                    Command::Message(..)
                    | Command::Notice(..)
                    | Command::Reply(..)
                    | Command::Me(..),
                ) => command,
                _ => Typed::SeveralLines,
            }
        }
        Typed::SeveralLines => Typed::SeveralLines,
    }
}

fn understand_line(line: &str, spelling: Spelling) -> Typed {
    if let Some(rest) = line.strip_prefix('/') {
        // As in other clients, two slashes are one that is said.
        if rest.starts_with('/') {
            return Typed::Say(rest.to_owned());
        }
        let (word, args) = split(rest);
        return match by_name(word) {
            Some(known) => (known.read)(&Args(args)).map_or(Typed::Misused(known), Typed::Command),
            None => Typed::Unknown(word.into(), nearest(word)),
        };
    }
    if let Some(rest) = line.strip_prefix("\\#") {
        return Typed::Say(format!("#{rest}"));
    }
    if spelling.bare_bye && line.trim().eq_ignore_ascii_case("bye") {
        return Typed::Command(Command::Quit(String::new()));
    }
    if spelling.hash
        && let Some(rest) = line.strip_prefix('#')
        && let Some(typed) = hash_command(rest)
    {
        return typed;
    }
    Typed::Say(line.to_owned())
}

/// What is behind a `#`; nothing where that is said.
fn hash_command(line: &str) -> Option<Typed> {
    let (word, args) = split(line);
    let known = COMMANDS.iter().find(|known| {
        known
            .hash
            .as_ref()
            .is_some_and(|(name, _)| name.eq_ignore_ascii_case(word))
    })?;
    let (name, arity) = known.hash.as_ref()?;
    let words = match words::words(args) {
        Some(words) if name.starts_with("Trf") => words.len(),
        _ => args.split_whitespace().count(),
    };
    let command = match *name {
        _ if !arity.contains(&words) => None,
        "TrfU" => words::upload_as_before(args),
        _ => (known.read)(&Args(args)),
    };
    match command {
        None if *name == word && name.starts_with("Trf") => Some(Typed::MisusedAsBefore(known)),
        command => command.map(Typed::Command),
    }
}

fn split(line: &str) -> (&str, &str) {
    line.split_once(char::is_whitespace).unwrap_or((line, ""))
}

/// The command of this name or alias.
pub fn by_name(word: &str) -> Option<&'static Word> {
    let is_it = |name: &&str| name.eq_ignore_ascii_case(word);
    COMMANDS.iter().find(|known| {
        is_it(&known.name)
            || known.aliases.iter().any(is_it)
            || known.hash.as_ref().is_some_and(|(name, _)| is_it(name))
    })
}

/// The command whose name is the least different from a word, if it is not very different.
fn nearest(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let differences = COMMANDS
        .iter()
        .map(|known| (distance(&word, known.name), known.name));
    let (least, name) = differences.min()?;
    (least <= 2 && least < name.len()).then_some(name)
}

/// A command is known by its name.
impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Word {}

impl Word {
    /// How it is written, in a language, with what follows it.
    pub fn usage(&self, locale: &Locale) -> String {
        if self.syntax.is_empty() {
            return format!("/{}", self.name);
        }
        format!("/{} {}", self.name, locale.text(self.syntax))
    }

    /// How it is written in the older spelling, and how it is otherwise.
    pub fn usage_as_before(&self, locale: &Locale) -> String {
        let usage = self.usage(locale);
        let key = match self.hash {
            Some(("TrfU", _)) => "client-upload-as-before",
            Some(("TrfD", _)) => "client-download-as-before",
            _ => return usage,
        };
        format!("{} · {usage}", locale.text(key))
    }
}

#[cfg(test)]
mod tests;
