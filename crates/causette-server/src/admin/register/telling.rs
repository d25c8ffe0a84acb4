//! Telling what the register says: a question is entered first, by the core, which judges whether it may be asked.

use super::asked::{Asked, Form, Part};
use super::csv::{self, Own};
use super::data;
use super::shelf::Open;
use super::writing::Writing;
use crate::admin::office::Office;
use crate::admin::request::Reply;
use causette_core::limits::REGISTER_FOLLOW_SECONDS;
use causette_core::order::Order;
use causette_store::register::Portion;
use causette_text::text_with;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

/// A question that is being answered, page by page.
pub(crate) struct Telling {
    asked: Asked,
    open: Open,
    /// The entry that says that it was asked.
    reading: u64,
    /// What is to be told next; `None` where there is nothing any more.
    part: Option<Part>,
    /// The entry from which on there may be more.
    next: Option<u64>,
    /// Entries that were told.
    told: u64,
    /// Entries that nothing places, where it is asked from where they came.
    unplaced: u64,
    /// The entry before which nothing was looked at, where there may be more of the last ones.
    looked_back: Option<u64>,
    /// Whether something was said already.
    has_begun: bool,
    writing: Writing,
    own: Own,
}

impl Office {
    /// Enters a question of somebody at the socket, and begins to answer it.
    ///
    /// # Errors
    /// What to answer instead.
    pub(crate) async fn begin_reading(&self, by: &str, asked: Asked) -> Result<Telling, Reply> {
        let reading = self.enter_reading(by, &asked).await?;
        self.open_reading(asked, reading).await
    }

    /// Begins to answer a question that was entered, whoever has asked it.
    ///
    /// # Errors
    /// What to answer instead.
    async fn open_reading(&self, asked: Asked, reading: u64) -> Result<Telling, Reply> {
        let config = self.live.config();
        let language = self.language();
        let question = asked.question.clone();
        Ok(Telling {
            open: self.shelf.open(question, language).await?,
            part: Some(asked.part),
            asked,
            reading,
            next: None,
            told: 0,
            unplaced: 0,
            looked_back: None,
            has_begun: false,
            writing: Writing {
                language,
                zone: self.shelf.zone.clone(),
            },
            own: Own {
                name: config.settings.server.to_string(),
                port: self.port,
            },
        })
    }

    /// One page of a question that was entered, whoever has asked it. Its data are `entries`, `after` (behind which entry another
    /// question goes on, where there may be more) and `end`.
    pub(crate) async fn register_page(&self, asked: Asked, reading: u64) -> Reply {
        match self.open_reading(asked, reading).await {
            Ok(telling) => telling.page(self).await.map_or_else(|no| no, |told| told.1),
            Err(refusal) => refusal,
        }
    }

    /// Enters a question of somebody at the socket, and gives one page.
    pub(crate) async fn read_register(&self, by: &str, asked: Asked) -> Reply {
        match self.enter_reading(by, &asked).await {
            Ok(reading) => self.register_page(asked, reading).await,
            Err(refusal) => refusal,
        }
    }

    /// Enters a question of somebody at the socket; gives the number of its entry.
    async fn enter_reading(&self, by: &str, asked: &Asked) -> Result<u64, Reply> {
        let question = asked.words.as_str().into();
        let entered = self.order(by, Order::EnterReading { question }).await;
        match entered.entry {
            _ if !entered.ok => Err(entered),
            Some(reading) => Ok(reading),
            // What is not entered is not told.
            None => Err(self.unavailable()),
        }
    }
}

impl Telling {
    /// Whether everything is told.
    pub(crate) fn has_ended(&self) -> bool {
        self.part.is_none()
    }

    /// Tells the next page. Where what happens is followed, and everything is told that there is, it comes when there is more.
    ///
    /// # Errors
    /// What to answer instead; then it is over.
    pub(crate) async fn page(mut self, office: &Office) -> Result<(Self, Reply), Reply> {
        loop {
            let (read, portion) = self.read(office).await?;
            self = read;
            let is_empty = portion.entries.is_empty() && portion.unplaced == 0;
            if self.has_begun && self.asked.follow && is_empty {
                sleep(Duration::from_secs(REGISTER_FOLLOW_SECONDS)).await;
                continue;
            }
            let reply = self.told(&portion);
            self.has_begun = true;
            return Ok((self, reply));
        }
    }

    /// Reads the next page.
    async fn read(mut self, office: &Office) -> Result<(Self, Portion), Reply> {
        let Some(part) = self.part else {
            return Ok((self, Portion::default()));
        };
        let is_following = self.asked.follow && self.has_begun;
        // What has happened since is for another question, or is followed.
        let before = (!is_following).then_some(self.reading);
        let language = self.writing.language;
        let page = office.shelf.page(self.open, part, before, language).await?;
        let (open, portion, end) = page;
        self.open = open;
        self.told += portion.entries.len() as u64;
        self.unplaced += portion.unplaced;
        if let Part::Last(_) = part {
            self.looked_back = portion.next;
        }
        self.next = portion.next;
        self.part = match part {
            _ if is_following => Some(Part::From {
                entry: portion.next.unwrap_or(end),
                limit: None,
            }),
            Part::Last(_) if self.asked.follow => Some(Part::From {
                entry: self.reading,
                limit: None,
            }),
            Part::Last(_) => None,
            Part::From { .. } if !self.asked.pages => None,
            Part::From { .. } => self.asked.rest(self.told, portion.next),
        };
        Ok((self, portion))
    }

    /// Behind which entry another question goes on.
    fn after(&self) -> Option<u64> {
        match self.asked.part {
            Part::Last(_) => None,
            Part::From { .. } => self.next?.checked_sub(1),
        }
    }

    fn told(&self, portion: &Portion) -> Reply {
        let (form, entries) = (self.asked.form, &portion.entries);
        let mut text = match form {
            Form::Table => self.table(portion),
            Form::Csv => {
                let headings = if self.has_begun { "" } else { csv::HEADINGS };
                let lines = entries.iter();
                let lines = lines.map(|listed| csv::line(listed, &self.own, &self.writing));
                std::iter::once(headings.to_owned()).chain(lines).collect()
            }
            Form::Jsonl => String::new(),
        };
        if text.ends_with('\n') && form == Form::Table {
            text.pop();
        }
        let mut data = json!({
            "end": self.has_ended(),
            "after": self.after(),
            "unplaced": self.unplaced,
        });
        if form == Form::Jsonl || !self.asked.pages {
            data["entries"] = entries.iter().map(data::of).collect();
        }
        Reply {
            entry: Some(self.reading),
            data: Some(data),
            ..Ok::<_, String>(text).into()
        }
    }

    /// The entries for people, and whether there are more.
    fn table(&self, portion: &Portion) -> String {
        let mut lines = Vec::new();
        if !self.has_begun && (!portion.entries.is_empty() || self.asked.follow) {
            lines.push(self.writing.headings());
        }
        let entries = portion.entries.iter();
        lines.extend(entries.map(|listed| self.writing.line(listed)));
        let mut say = |key: &str, number: u64| {
            let number = number.to_string();
            let said = text_with(self.writing.language, key, &[("number", &number)]);
            lines.push(format!("  {said}"));
        };
        if self.has_ended() {
            match (self.told, self.after()) {
                (_, Some(after)) => say("register-more", after),
                (0, None) => say("register-nothing", 0),
                (told, None) => say("register-count", told),
            }
        }
        // What is followed has no end at which it could be told.
        let unplaced = match (self.has_ended(), self.asked.follow) {
            (true, _) => self.unplaced,
            (false, true) => portion.unplaced,
            (false, false) => 0,
        };
        if unplaced > 0 {
            say("register-unplaced", unplaced);
        }
        if let (Some(first), false) = (self.looked_back, self.has_begun) {
            say("register-looked-back", first);
        }
        lines.join("\n")
    }
}
