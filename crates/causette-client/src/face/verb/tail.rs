//! `tail`: what was said, and what is being said.

use super::Form;
use super::follow::follow;
use super::json::print_entry;
use crate::core::entry::Entry;
use crate::core::locale::Locale;
use crate::core::output::Output;
use crate::core::wording::{one_line, one_line_of_day};
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::{is_unread, print};
use causette_proto::{CompactString, Timestamp};
use std::time::Duration;
use tokio::time::sleep;

/// Messages that are printed where nothing says how many.
pub const COUNT: usize = 50;

/// A name of a message has at least so many characters: what is shorter was meant as something else.
const MSGID_CHARS_MIN: usize = 8;

/// Between two looks whether anybody still reads what is printed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What `tail` shows.
#[derive(Clone, Debug)]
pub struct Tail {
    /// The conversations; none are all.
    pub targets: Vec<CompactString>,
    /// From where on.
    pub since: Option<Place>,
    /// The last so many messages; where nothing is said, [`COUNT`], or all since a place that was named.
    pub count: Option<usize>,
    /// Whether it goes on with what is said from now on.
    pub follows: bool,
    /// Whether coming, going and changes are shown too.
    pub events: bool,
    /// In which form.
    pub form: Form,
}

/// A place in the past of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Behind a moment.
    Moment(Timestamp),
    /// Behind a message.
    Msgid(CompactString),
}

impl Place {
    /// Reads `90s`, `15m`, `1h`, `7d` before now, a moment like `2026-11-22T14:00:00Z` or `2026-11-22`, or a msgid; `None`
    /// for what is none of them.
    pub fn parse(text: &str, now: Timestamp) -> Option<Self> {
        let unit = |unit: char| match unit {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3_600),
            'd' => Some(86_400),
            _ => None,
        };
        let ago = text.char_indices().next_back().and_then(|(index, last)| {
            let number = i64::from(text[..index].parse::<u32>().ok()?);
            number.checked_mul(unit(last)?)
        });
        if let Some(seconds) = ago {
            return Some(Self::Moment(now.plus_seconds(-seconds)));
        }
        let time =
            Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")));
        if let Some(time) = time {
            return Some(Self::Moment(time));
        }
        let is_like_a_date = |text: &str| {
            let mut characters = text.chars();
            characters.all(|character| character.is_ascii_digit() || "-:.TZ+".contains(character))
        };
        if is_like_a_date(text) && text.contains('-') {
            return None;
        }
        let may_be_msgid = text.chars().count() >= MSGID_CHARS_MIN
            && text.chars().all(|character| character.is_ascii_graphic())
            && !text.starts_with('-');
        may_be_msgid.then(|| Self::Msgid(text.into()))
    }
}

/// Prints what was said, and what is being said.
///
/// # Errors
/// A conversation may not be read, the network fails, or nobody reads any more.
pub async fn tail(mut driver: Driver, before: Vec<Output>, tail: Tail) -> Result<Exit, Trouble> {
    let mut printer = Printer {
        server: driver.address().host.clone(),
        locale: driver.locale().clone(),
        form: tail.form,
        today: driver.locale().day(crate::driver::now()),
        last: None,
    };
    let mut show = |name: &str, entry: &Entry| printer.show(name, entry);
    let result = tokio::select! {
        result = follow(&mut driver, before, &tail, &mut show) => result,
        () = nobody_reads(), if tail.follows => Err(Trouble::closed_pipe()),
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
    };
    driver.leave().await;
    result
}

/// Ends when what is printed goes into a pipe that nobody reads any more, also while there is nothing to print.
async fn nobody_reads() {
    while !is_unread() {
        sleep(LOOK_EVERY).await;
    }
}

/// What puts entries on standard output.
struct Printer {
    server: String,
    locale: Locale,
    form: Form,
    today: (i16, i8, i8),
    /// The day of the last line.
    last: Option<(i16, i8, i8)>,
}

impl Printer {
    fn show(&mut self, name: &str, entry: &Entry) -> Result<(), Trouble> {
        if self.form == Form::Json {
            return print_entry(&self.server, &self.locale, name, entry);
        }
        // The day stands where it is not that of the line before, and where it is not today.
        let day = self.locale.day(entry.time);
        let is_clear = self.last.map_or(day == self.today, |last| last == day) && day == self.today;
        let line = if is_clear {
            one_line(entry, &self.locale)
        } else {
            one_line_of_day(entry, &self.locale)
        };
        self.last = Some(day);
        print(&format!("{name} {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_in_four_ways_and_nonsense_is_none() {
        let now = Timestamp::parse("2026-11-23T10:00:00Z").unwrap_or_default();
        let day = Timestamp::parse("2026-11-22T00:00:00Z").unwrap_or_default();
        let place = |text: &str| Place::parse(text, now);
        assert_eq!(place("2026-11-22"), Some(Place::Moment(day)));
        assert_eq!(place("2026-11-22T00:00:00Z"), Some(Place::Moment(day)));
        assert_eq!(place("34h"), Some(Place::Moment(day)));
        assert_eq!(
            place("06dqdpn81w0000000w000003"),
            Some(Place::Msgid("06dqdpn81w0000000w000003".into()))
        );
        for nonsense in [
            "3x",
            "é",
            "",
            "h",
            "-1h",
            "yesterday morning",
            "2026-13-45",
            "10",
        ] {
            assert_eq!(place(nonsense), None, "{nonsense}");
        }
    }
}
