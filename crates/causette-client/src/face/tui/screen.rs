//! What the person looks at, besides what the client knows: where they have scrolled to, what is open above, what they type.

use super::alarm::Alarm;
use super::carrying::Dropped;
use super::theme::{Palette, Theme};
use crate::core::buffer::{Buffer, BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::completion::Completion;
use crate::core::entry::EntryId;
use crate::core::input::Intent;
use crate::core::output::Output;
use crate::driver::Driver;
use crate::transport::Protection;
use causette_proto::Timestamp;
use ratatui_textarea::TextArea;
use std::collections::VecDeque;

/// Texts that were sent and can be had again, over all conversations.
const SENT_MAX: usize = 500;

/// Everything that is drawn.
pub struct Scene<'a> {
    /// What the client knows.
    pub client: &'a Client,
    /// What the server is called.
    pub server: String,
    /// What protects the connection.
    pub protection: Protection,
    /// The present.
    pub now: Timestamp,
}

impl<'a> Scene<'a> {
    /// What a driver has to show.
    pub fn of(driver: &'a Driver) -> Self {
        Self {
            client: driver.client(),
            server: driver.address().name(),
            protection: driver.protection().clone(),
            now: crate::driver::now(),
        }
    }
}

/// Where in a conversation the screen is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// At the newest.
    #[default]
    Bottom,
    /// This entry is the first one, so many of its lines above the edge: it stays there whatever arrives, and whatever the
    /// width becomes.
    At(EntryId, usize),
}

/// What is open above the conversation.
#[derive(Clone, Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The conversations, on a narrow screen, from this one on; before anybody has scrolled, so that the current one is seen.
    Buffers(Option<usize>),
    /// The members, on a narrow screen, from this one on.
    Members(usize),
    /// Going somewhere by a part of its name: what was typed, and which of the places that fit is chosen.
    Switcher(String, usize),
    /// The commands, from this one on.
    Help(usize),
    /// Whether to leave.
    Leaving,
    /// The files on their way, of which this one is chosen.
    Transfers(usize),
    /// Whether files that were dropped are sent.
    Dropped(Dropped),
    /// Whether a text that stands in the line of that conversation is sent, though it is long.
    Long(LongText),
}

/// A text that is sent only when the person says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongText {
    /// Where it was typed.
    pub(crate) buffer: BufferId,
    pub(crate) text: String,
    pub(crate) lines: usize,
    /// Messages that it becomes.
    pub(crate) messages: usize,
}

/// What the person looks at.
pub struct Screen {
    /// Where in the current conversation.
    pub scroll: Scroll,
    /// What is open above it.
    pub overlay: Overlay,
    /// The line that is typed.
    pub input: TextArea<'static>,
    /// What was sent before and where, newest first, and which of it stands in the line again, counted from the newest of
    /// its conversation.
    sent: VecDeque<(BufferId, String)>,
    pub(crate) recalled: Option<usize>,
    /// Whether it was told of the paste that comes that it does not fit into the line.
    pub(crate) told_full: bool,
    /// The message that is pointed at.
    pub selected: Option<EntryId>,
    /// What is being completed.
    pub completion: Option<Completion>,
    pub(crate) theme: Theme,
    /// Whether the panes beside the conversation are put away, so that the terminal can select clean text.
    pub is_bare: bool,
    /// Whether the terminal has the person's attention.
    pub has_focus: bool,
    /// Lines of the conversation that the last drawing had, and its columns.
    pub(crate) height: usize,
    pub(crate) columns: usize,
    /// Rows of a list that is open above the conversation, within its border.
    pub(crate) list_rows: usize,
    /// Whether the last drawing showed the oldest that is known, and the newest.
    pub(crate) shows_top: bool,
    pub(crate) shows_bottom: bool,
    /// Where each conversation was drawn in the list, to be clicked on.
    pub(crate) places: Vec<(ratatui::layout::Rect, BufferId)>,
    /// The first entry of the conversation that the last drawing had whole, counted from the oldest.
    pub(crate) whole_from: usize,
    /// Alerts that were not seen yet, oldest first.
    pub(crate) alarms: VecDeque<Alarm>,
    /// The conversation whose end is on a screen that has the person's attention.
    pub(crate) watched: Option<BufferId>,
    /// The line "new messages" to which the screen has gone, and where.
    pub(crate) ruled: Option<(BufferId, Timestamp)>,
    /// To which conversation the line belongs.
    pub(crate) shown: Option<BufferId>,
}

impl Screen {
    /// A screen on which nothing was done yet.
    pub fn new(palette: Palette) -> Self {
        Self {
            scroll: Scroll::Bottom,
            overlay: Overlay::None,
            input: new_input(""),
            sent: VecDeque::new(),
            recalled: None,
            told_full: false,
            selected: None,
            completion: None,
            theme: Theme::new(palette),
            is_bare: false,
            has_focus: true,
            height: 0,
            columns: 80,
            list_rows: 0,
            shows_top: false,
            shows_bottom: true,
            places: Vec::new(),
            whole_from: 0,
            alarms: VecDeque::new(),
            watched: None,
            ruled: None,
            shown: None,
        }
    }

    /// What is typed.
    pub fn typed(&self) -> String {
        self.input.lines().join("\n")
    }

    /// Puts another text into the line.
    pub fn set_typed(&mut self, text: &str) {
        let yank = self.input.yank_text();
        self.input = new_input(text);
        self.input.set_yank_text(yank);
        self.completion = None;
    }

    /// What was to be sent was not, or not yet: it stands in its line again, of which the client has kept everything else.
    pub fn take_back(&mut self, client: &Client, output: &Output) {
        let (buffer, text) = match output {
            Output::Untaken(buffer, text) | Output::Long { buffer, text, .. } => (*buffer, text),
            _ => return,
        };
        if client.current().id == buffer {
            self.set_typed(text);
        }
        if let &Output::Long {
            lines, messages, ..
        } = output
        {
            self.overlay = Overlay::Long(LongText {
                buffer,
                text: text.clone(),
                lines,
                messages,
            });
        }
    }

    /// Remembers what was sent.
    pub(crate) fn remember(&mut self, here: BufferId, text: &str) {
        self.recalled = None;
        if self
            .sent_before(here, 0)
            .is_none_or(|newest| newest != text)
        {
            self.sent.push_front((here, text.to_owned()));
            self.sent.truncate(SENT_MAX);
        }
    }

    /// What was sent in a conversation, counted from the newest: what was said in one is not had back in another.
    pub(crate) fn sent_before(&self, here: BufferId, at: usize) -> Option<String> {
        let mut sent = self.sent.iter().filter(|(place, _)| *place == here);
        sent.nth(at).map(|(_, text)| text.clone())
    }

    /// What was seen by the last drawing: the newest end, by somebody who is there. What came while nobody looked begins with a
    /// line, and was not seen before that is drawn.
    pub fn seen(&mut self, client: &Client) -> Vec<Intent> {
        let current = client.current();
        let watched = (self.shows_bottom && self.has_focus).then_some(current.id);
        if self.has_focus {
            self.see_alarms(client);
        }
        let was_watched = std::mem::replace(&mut self.watched, watched) == Some(current.id);
        match watched {
            None => Vec::new(),
            Some(id)
                if !was_watched
                    && current.unread > 0
                    && current.rule.is_none()
                    && current.read.is_some() =>
            {
                self.watched = None;
                vec![Intent::Open(id)]
            }
            Some(id) => vec![Intent::Seen(id)],
        }
    }

    /// Whether the message that is pointed at is about a file.
    pub(crate) fn points_at_file(&self, client: &Client) -> bool {
        let entry = self
            .selected
            .and_then(|id| client.current().timeline.get(id));
        let said = entry.and_then(|entry| entry.said());
        said.is_some_and(|said| said.file.is_some())
    }

    /// Another conversation is looked at: its own draft, its newest end.
    pub fn follow(&mut self, client: &Client) {
        let current = client.current();
        if self.shown != Some(current.id) {
            self.shown = Some(current.id);
            self.scroll = Scroll::Bottom;
            self.selected = None;
            self.recalled = None;
            self.completion = None;
            // With nothing that was cut elsewhere.
            self.input = new_input(&current.draft);
        }
    }
}

fn new_input(text: &str) -> TextArea<'static> {
    let lines = text.split('\n').map(str::to_owned).collect();
    let mut input = TextArea::new(lines);
    input.set_cursor_line_style(ratatui::style::Style::new());
    input.move_cursor(ratatui_textarea::CursorMove::Bottom);
    input.move_cursor(ratatui_textarea::CursorMove::End);
    input
}

/// The conversations as the list shows them: the channels by name, then the people by how lately they spoke, so that nothing
/// moves under the person's finger but people.
pub fn listed(client: &Client) -> Vec<&Buffer> {
    let of = |kind: BufferKind| {
        client
            .buffers()
            .iter()
            .filter(move |buffer| buffer.kind == kind)
    };
    let mut channels: Vec<&Buffer> = of(BufferKind::Channel).collect();
    channels.sort_by_cached_key(|buffer| buffer.name.to_lowercase());
    let mut people: Vec<&Buffer> = of(BufferKind::Query).collect();
    people.sort_by_key(|buffer| {
        let newest = buffer.timeline.newest_known().map(|entry| entry.time);
        (std::cmp::Reverse(newest), buffer.id)
    });
    of(BufferKind::Server)
        .chain(channels)
        .chain(people)
        .collect()
}

/// The conversations whose name has the letters of `typed` in that order, the nearest first.
pub fn fitting<'a>(client: &'a Client, typed: &str) -> Vec<&'a Buffer> {
    let typed: Vec<char> = typed
        .to_lowercase()
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let mut fitting: Vec<(usize, &Buffer)> = listed(client)
        .into_iter()
        .filter_map(|buffer| {
            Some((
                spread(&client.title(buffer).to_lowercase(), &typed)?,
                buffer,
            ))
        })
        .collect();
    fitting.sort_by_key(|&(spread, _)| spread);
    fitting.into_iter().map(|(_, buffer)| buffer).collect()
}

/// How far apart the letters are in a name, if they are all there in that order; at the beginning they are nearest.
fn spread(name: &str, letters: &[char]) -> Option<usize> {
    let mut letters = letters.iter().peekable();
    let mut spread = 0;
    for (index, character) in name.chars().enumerate() {
        match letters.peek() {
            None => return Some(spread),
            Some(&&letter) if letter == character => {
                letters.next();
                spread = index;
            }
            Some(_) => {}
        }
    }
    letters.peek().is_none().then_some(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_letters_of_its_name() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        assert!(spread("#general", &letters("gnl")).is_some());
        assert!(spread("#general", &letters("lg")).is_none());
        assert!(spread("#dev", &letters("dev")) < spread("#old-dev", &letters("dev")));
        assert_eq!(spread("", &[]), Some(0));
    }
}
