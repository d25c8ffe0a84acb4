//! What happened, in words: the same in every face.

use crate::core::entry::{Change, Entry, Manner, Movement, Said, Shared, What};
use crate::core::locale::Locale;
use crate::core::measure::size_as_written;
use crate::core::pointing::Aim;

/// The sentence for something that is not said by anybody; `None` for a message.
pub fn sentence(what: &What, locale: &Locale) -> Option<String> {
    let sentence = match what {
        What::Said(_) => return None,
        What::Info(text) => text.clone(),
        What::Gap => locale.text("client-gap"),
        What::Alert { from, text } => match from {
            Some(nick) => locale.text_with("client-alert", &[("nick", nick), ("text", text)]),
            None => format!("*** {text}"),
        },
        What::Presence { nick, movement } => moved(nick, movement, locale),
        What::Change { by, change } => changed(by, change, locale),
    };
    Some(sentence)
}

fn moved(nick: &str, movement: &Movement, locale: &Locale) -> String {
    let with_reason = |key: &str, reason: &str| {
        if reason.is_empty() {
            locale.text_with(key, &[("nick", nick)])
        } else {
            locale.text_with(
                &format!("{key}-because"),
                &[("nick", nick), ("reason", reason)],
            )
        }
    };
    match movement {
        Movement::Joined => locale.text_with("client-joined", &[("nick", nick)]),
        Movement::Parted(reason) => with_reason("client-parted", reason),
        Movement::Quit(reason) => with_reason("client-left", reason),
        Movement::Renamed(new) => {
            locale.text_with("client-renamed", &[("nick", nick), ("new", new)])
        }
    }
}

fn changed(by: &str, change: &Change, locale: &Locale) -> String {
    match change {
        Change::Topic(topic) if topic.is_empty() => {
            locale.text_with("client-topic-removed", &[("nick", by)])
        }
        Change::Topic(topic) => {
            locale.text_with("client-topic-set", &[("nick", by), ("topic", topic)])
        }
        Change::Modes(modes) => locale.text_with("client-modes", &[("nick", by), ("modes", modes)]),
        Change::Kicked {
            nick,
            reason,
            is_me,
        } => {
            let key = if *is_me {
                "client-you-kicked"
            } else {
                "client-kicked"
            };
            locale.text_with(key, &[("by", by), ("nick", nick), ("reason", reason)])
        }
        Change::Invited(nick) => locale.text_with("client-invited", &[("by", by), ("nick", nick)]),
    }
}

/// The text of a message, or what stands in its place.
pub fn text_of(said: &Said, locale: &Locale) -> String {
    let Some(redacted) = &said.redacted else {
        return match &said.file {
            Some(file) => shared(file, locale),
            None => said.text.clone(),
        };
    };
    if redacted.reason.is_empty() {
        locale.text_with("client-redacted", &[("nick", &redacted.by)])
    } else {
        locale.text_with(
            "client-redacted-because",
            &[("nick", &redacted.by), ("reason", &redacted.reason)],
        )
    }
}

/// A file that was sent: what it is called, how long it is, and how it is fetched.
fn shared(file: &Shared, locale: &Locale) -> String {
    let (number, size) = (file.number.to_string(), size_as_written(&file.size, locale));
    let variables = [
        ("name", file.name.as_str()),
        ("size", size.as_str()),
        ("number", number.as_str()),
    ];
    locale.text_with("client-shared", &variables)
}

/// The reactions under a message: `👍 3  🎉 1`; empty without any.
pub fn reactions_of(said: &Said) -> String {
    let reactions: Vec<String> = said
        .reactions
        .iter()
        .map(|(emoji, people)| format!("{emoji} {}", people.len()))
        .collect();
    reactions.join("  ")
}

/// Author and text on one line, as plain faces and lists show it.
pub fn spoken(said: &Said, locale: &Locale) -> String {
    let text = text_of(said, locale);
    match said.manner {
        Manner::Message => {
            locale.text_with("client-said", &[("nick", &said.from), ("text", &text)])
        }
        Manner::Action => format!("* {} {text}", said.from),
        Manner::Notice => {
            locale.text_with("client-noticed", &[("nick", &said.from), ("text", &text)])
        }
    }
}

/// What the line that is being typed does to a message, and to which: `Answers bob: hello`.
pub fn aimed(aim: Aim, entry: Option<&Entry>, locale: &Locale) -> String {
    let key = match aim {
        Aim::Reply => "client-aim-reply",
        Aim::React => "client-aim-react",
        Aim::Delete => "client-aim-delete",
    };
    let message = match entry.and_then(Entry::said) {
        Some(said) => spoken(said, locale).replace('\n', " ⏎ "),
        None => locale.text("client-aim-unknown"),
    };
    locale.text_with(key, &[("message", &message)])
}

/// An entry on one line, with its time.
pub fn one_line(entry: &Entry, locale: &Locale) -> String {
    let words = match &entry.what {
        What::Said(said) => spoken(said, locale).replace('\n', " ⏎ "),
        other => sentence(other, locale).unwrap_or_default(),
    };
    format!("[{}] {words}", locale.hour(entry.time))
}

/// The same with its day, in the form that sorts.
pub fn one_line_of_day(entry: &Entry, locale: &Locale) -> String {
    let (year, month, day) = locale.day(entry.time);
    let line = one_line(entry, locale);
    let line = line.strip_prefix('[').unwrap_or(&line);
    format!("[{year:04}-{month:02}-{day:02} {line}")
}

/// Who is typing: `bob is typing…`; empty when nobody is.
pub fn typing(nicks: &[&str], locale: &Locale) -> String {
    match nicks {
        [] => String::new(),
        [nick] => locale.text_with("client-typing-one", &[("nick", nick)]),
        [one, other] => locale.text_with("client-typing-two", &[("nick", one), ("other", other)]),
        more => locale.text_with("client-typing-many", &[("count", &more.len().to_string())]),
    }
}
