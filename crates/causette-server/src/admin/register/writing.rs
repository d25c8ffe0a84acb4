//! Entries as people read them: number, time, what happened, who, where, and what.

use super::entered::Entered;
use crate::admin::plain::clean;
use causette_core::id::UserId;
use causette_proto::Timestamp;
use causette_store::register::{Keeping, Listed, Named};
use causette_text::{Language, has_text, text, text_with};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr as _;

/// How wide each column is at least, so that pages stand below each other. The last takes what it needs.
const WIDTHS: [usize; 5] = [7, 19, 24, 16, 20];

/// Characters of what was said that are shown on a line; the other forms have all of it.
const SAID_CHARS: usize = 400;

/// Writes for people, in a language and a time zone.
#[derive(Clone, Debug)]
pub(super) struct Writing {
    pub(super) language: Language,
    pub(super) zone: TimeZone,
}

impl Writing {
    /// A time as people here read it.
    pub(super) fn shown(&self, time: Timestamp, format: &str) -> String {
        match jiff::Timestamp::from_microsecond(time.0) {
            Ok(moment) => moment
                .to_zoned(self.zone.clone())
                .strftime(format)
                .to_string(),
            Err(_) => time.to_string(),
        }
    }

    /// The line above the entries.
    pub(super) fn headings(&self) -> String {
        let headings = text(self.language, "register-headings");
        let cells: Vec<String> = headings
            .split('|')
            .map(|word| word.trim().to_owned())
            .collect();
        line(&cells)
    }

    /// The line of an entry.
    pub(super) fn line(&self, listed: &Listed) -> String {
        line(&[
            listed.seq.to_string(),
            self.shown(listed.time, "%Y-%m-%d %H:%M:%S"),
            self.kind(&listed.kind),
            self.named(&listed.actor),
            self.place(listed),
            self.what(listed),
        ])
    }

    /// What happened, in the words of the language.
    fn kind(&self, kind: &str) -> String {
        let key = format!("register-kind-{}", kind.replace('.', "-"));
        match has_text(self.language, &key) {
            true => text(self.language, &key),
            // A later version wrote it.
            false => kind.to_owned(),
        }
    }

    fn named(&self, named: &Named) -> String {
        match named {
            Named::Server => text(self.language, "register-server"),
            Named::System(name) => text_with(self.language, "register-system", &[("name", name)]),
            Named::Account { is_gone: true, .. } => {
                let name = named.to_string();
                text_with(self.language, "register-gone", &[("name", &name)])
            }
            Named::Guest { id, nick: Some(_) } if *id != UserId::ADMINISTRATION.0 => {
                let name = named.to_string();
                text_with(self.language, "register-guest", &[("name", &name)])
            }
            other => other.to_string(),
        }
    }

    fn place(&self, listed: &Listed) -> String {
        let rooms = listed.rooms.iter().map(ToString::to_string);
        let origin = listed.origin.map(|origin| match origin.port {
            Some(port) => std::net::SocketAddr::new(origin.address, port).to_string(),
            None => origin.address.to_string(),
        });
        let places: Vec<String> = rooms.chain(origin).collect();
        places.join(" ")
    }

    fn what(&self, listed: &Listed) -> String {
        match listed.keeping {
            Keeping::Whole => {}
            Keeping::Erased { by } => {
                let by = by.to_string();
                return text_with(self.language, "register-erased", &[("entry", &by)]);
            }
            Keeping::Unreadable => return text(self.language, "register-unreadable"),
        }
        let mut words = Vec::new();
        if let Some(target) = &listed.target {
            words.push(format!("→ {}", self.named(target)));
        }
        if let Some(redacted) = &listed.redacted {
            let time = self.shown(redacted.at, "%Y-%m-%d %H:%M:%S");
            let by = redacted.by.as_ref().map(|by| self.named(by));
            let variables = [("time", &*time), ("by", by.as_deref().unwrap_or("?"))];
            words.push(text_with(self.language, "register-redacted", &variables));
        }
        match &listed.said {
            Some(said) => {
                // Who acts may have entered what somebody else has said.
                let entered = Entered::of(listed).filter(|entered| !entered.is_own());
                words.extend(entered.map(|entered| format!("{}:", entered.name)));
                words.push(shortened(&said.text));
            }
            None => {
                let meta = listed.meta.iter();
                words.extend(meta.map(|(key, value)| format!("{key}={}", shortened(value))));
            }
        }
        words.retain(|word| !word.is_empty());
        words.join(" ")
    }
}

/// As much of a text as a line has.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(SAID_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Cells on one line; nothing in them commands the terminal.
fn line(cells: &[String]) -> String {
    let mut line = String::from("  ");
    for (place, cell) in cells.iter().enumerate() {
        let cell = clean(cell);
        let width = WIDTHS.get(place).map_or(0, |width| width + 2);
        line.push_str(&cell);
        let gap = width.saturating_sub(cell.width());
        line.push_str(&" ".repeat(gap.max(if place + 1 < cells.len() { 2 } else { 0 })));
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_store::register::KINDS;

    #[test]
    fn every_type_has_its_words() {
        for kind in KINDS {
            let key = format!("register-kind-{}", kind.replace('.', "-"));
            for language in Language::ALL {
                assert!(has_text(language, &key), "{key}");
                let words = text(language, &key);
                assert!(words.width() <= 40, "{words}");
            }
        }
    }

    #[test]
    fn cells_stand_below_each_other_and_command_nothing() {
        let cells = [
            "7",
            "2026-11-28 20:00:00",
            "a message",
            "ali\u{1b}ce",
            "#tea",
            "hi",
        ];
        let cells = cells.map(str::to_owned);
        let written = line(&cells);
        assert!(!written.contains('\u{1b}'), "{written}");
        assert!(written.starts_with("  7        2026-11-28 20:00:00  a message"));
        assert!(written.ends_with("  hi"));
        assert!(shortened(&"é".repeat(500)).ends_with("é…"));
    }
}
