//! Transfers and files in words, as lists show them.

use super::{Audience, FileRow, Stage, Transfer, Way};
use crate::core::locale::Locale;
use crate::core::measure::{duration, pace, size};

impl Transfer {
    /// On one line: `⇡ photo.jpg → #general · 62 % · 2.1 MB/s`.
    pub fn in_words(&self, locale: &Locale) -> String {
        let mut words = self.heading(locale);
        words.push_str(" · ");
        words.push_str(&self.stage_in_words(locale));
        words
    }

    /// Which way, what and for whom.
    pub fn heading(&self, locale: &Locale) -> String {
        let mark = match self.way {
            Way::Up => '⇡',
            Way::Down => '⇣',
        };
        match self.place(locale) {
            None => format!("{mark} {}", self.name),
            Some(place) => format!("{mark} {} → {place}", self.name),
        }
    }

    /// For whom it is, where it is sent.
    pub fn place(&self, locale: &Locale) -> Option<String> {
        Some(match self.audience.as_ref()? {
            Audience::Room(room) => room.to_string(),
            Audience::To(nick) => locale.text_with("client-audience-to", &[("nick", nick)]),
            Audience::Public => locale.text("client-audience-public"),
            Audience::Link => locale.text("client-audience-link"),
            Audience::Private => locale.text("client-audience-private"),
        })
    }

    /// How far it is.
    pub fn stage_in_words(&self, locale: &Locale) -> String {
        let percent = self.percent().to_string();
        let share = locale.text_with("client-percent", &[("percent", &percent)]);
        // Behind a start, how much of it the server has is known only when it was asked.
        let known_share = |words: String| match self.done {
            0 => words,
            _ => format!("{share} · {words}"),
        };
        match &self.stage {
            Stage::Waiting => locale.text("client-transfer-waiting"),
            Stage::Counting => locale.text("client-transfer-counting"),
            Stage::Moving => {
                let mut parts = vec![share.clone()];
                parts.push(format!(
                    "{} / {}",
                    size(self.done, locale),
                    size(self.size, locale)
                ));
                if self.pace > 0 {
                    parts.push(pace(self.pace, locale));
                }
                if let Some(left) = self.time_left() {
                    let left = duration(left);
                    parts.push(locale.text_with("client-time-left", &[("time", &left)]));
                }
                parts.join(" · ")
            }
            Stage::Away(reason) => {
                let variables = [("reason", reason.as_str())];
                known_share(locale.text_with("client-transfer-away", &variables))
            }
            Stage::Paused => known_share(locale.text("client-transfer-paused")),
            Stage::Done(_) => format!("{} · SHA-256 ✓", size(self.size, locale)),
            Stage::Failed(setback) => format!("✗ {}", setback.text),
            Stage::Cancelled => locale.text("client-transfer-given-up"),
        }
    }
}

impl FileRow {
    /// On one line: its number, name, length, whose it is, since when and who may see it.
    pub fn in_words(&self, locale: &Locale, account: Option<&str>) -> String {
        let is_mine = self.owner.as_deref() == account;
        let owner = match &self.owner {
            Some(owner) => owner.clone(),
            None => locale.text("client-file-of-server"),
        };
        let seen = match (
            self.visibility.as_str(),
            &self.room,
            self.sent_to.as_slice(),
        ) {
            ("room", Some(room), _) => room.clone(),
            ("private", _, to @ [_, ..]) => {
                locale.text_with("client-audience-to", &[("nick", &to.join(", "))])
            }
            ("private", ..) if !is_mine => locale.text("client-audience-you"),
            (word @ ("public" | "link" | "private"), ..) => {
                locale.text(&format!("client-audience-{word}"))
            }
            (other, ..) => other.to_owned(),
        };
        let day = self.since.get(..10).unwrap_or_default();
        let size = size(self.size, locale);
        let aside = if self.quarantined {
            format!(" · {}", locale.text("client-file-aside"))
        } else {
            String::new()
        };
        format!(
            "{:>4}  {} · {size} · {owner} · {day} · {seen}{aside}",
            self.id, self.name
        )
    }
}
