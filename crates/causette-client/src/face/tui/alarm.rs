//! Alerts, framed. One that nobody has seen in its place stands above whatever the person looks at, until they press Esc.

use super::draw::put;
use super::screen::{Overlay, Scene, Screen};
use super::theme::Theme;
use super::wrap::{fit, pad, width, wrap};
use crate::core::buffer::BufferId;
use crate::core::client::Client;
use crate::core::entry::{Entry, EntryId, What};
use crate::core::locale::Locale;
use crate::core::wording::sentence;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Alerts that wait to be seen; of more, the oldest stay in their places only.
const ALARMS_MAX: usize = 20;

/// The fewest rows of a frame: two of them are the border.
const FRAME_ROWS: usize = 3;

/// An alert that was not seen yet. It is kept whole: the conversation in which it stands may be put away.
#[derive(Clone, Debug)]
pub(crate) struct Alarm {
    buffer: BufferId,
    entry: Entry,
}

impl Screen {
    /// Something calls for the person: an alert waits from now on to be seen.
    pub fn alarm(&mut self, client: &Client, buffer: BufferId, entry: EntryId) {
        let place = client.buffer(buffer);
        let entry = place.and_then(|place| place.timeline.get(entry));
        let Some(entry) = entry.filter(|entry| entry.is_alert()) else {
            return;
        };
        let entry = entry.clone();
        self.alarms.push_back(Alarm { buffer, entry });
        if self.alarms.len() > ALARMS_MAX {
            self.alarms.pop_front();
        }
    }

    /// Whether an alert is on the screen as it was drawn last, in its place.
    fn has_in_place(&self, client: &Client, alarm: &Alarm) -> bool {
        let current = client.current();
        let position = current.timeline.position(alarm.entry.id);
        alarm.buffer == current.id
            && self.shows_bottom
            && position.is_some_and(|position| position >= self.whole_from)
    }

    /// The alert that stands above everything, if one does.
    fn above(&self, client: &Client) -> Option<&Alarm> {
        let alarm = self.alarms.front()?;
        let is_covered = !matches!(self.overlay, Overlay::None);
        (is_covered || !self.has_in_place(client, alarm)).then_some(alarm)
    }

    /// What is drawn now is seen by somebody who is there.
    pub(crate) fn see_alarms(&mut self, client: &Client) {
        if matches!(self.overlay, Overlay::None) {
            let alarms = std::mem::take(&mut self.alarms);
            let unseen = alarms
                .into_iter()
                .filter(|alarm| !self.has_in_place(client, alarm));
            self.alarms = unseen.collect();
        }
    }

    /// The person has seen the alert that stands above everything; says whether one did.
    pub(crate) fn put_alarm_away(&mut self, client: &Client) -> bool {
        let is_there = self.above(client).is_some();
        if is_there {
            self.alarms.pop_front();
        }
        is_there
    }
}

/// Draws the alert that stands above everything, and gives what is left below it.
pub(crate) fn draw_alarm(
    scene: &Scene<'_>,
    screen: &Screen,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let Some(alarm) = screen.above(scene.client) else {
        return area;
    };
    let locale = &scene.client.settings().locale;
    let columns = usize::from(area.width);
    let most = usize::from(area.height) / 2;
    let esc = locale.text("client-alert-esc");
    let mut lines = framed(&alarm.entry, locale, screen.theme, columns, Some(&esc));
    if most < FRAME_ROWS {
        let words = sentence(&alarm.entry.what, locale).unwrap_or_default();
        let words = fit(&words.replace('\n', " "), columns);
        lines = vec![Line::styled(words, screen.theme.wrong())];
    }
    if lines.len() > most.max(1) {
        let border = lines.pop();
        lines.truncate(most.saturating_sub(1));
        lines.extend(border);
    }
    for (row, line) in (area.y..).zip(&lines) {
        put(frame, area.x, row, area.width, line);
    }
    let rows = u16::try_from(lines.len()).unwrap_or(area.height);
    Rect::new(area.x, area.y + rows, area.width, area.height - rows)
}

/// The lines of an alert, with a word in the border below where something can be done about it.
pub(crate) fn framed(
    entry: &Entry,
    locale: &Locale,
    theme: Theme,
    columns: usize,
    hint: Option<&str>,
) -> Vec<Line<'static>> {
    let What::Alert { from, text } = &entry.what else {
        return Vec::new();
    };
    let style = theme.wrong();
    let title = match from {
        Some(nick) => locale.text_with("client-alert-title", &[("nick", nick)]),
        None => locale.text("client-alert-title-server"),
    };
    let inner = columns.saturating_sub(4).max(2);
    let title = fit(&format!(" {title} "), inner);
    let fill = "═".repeat(inner.saturating_sub(width(&title)) + 1);
    let mut lines = vec![Line::styled(format!("╔═{title}{fill}╗"), style)];
    for line in wrap(text, inner) {
        lines.push(Line::styled(format!("║ {} ║", pad(&line, inner)), style));
    }
    let hour = format!(" {} ", locale.hour(entry.time));
    let hint = hint.map(|hint| format!("═ {hint} ")).unwrap_or_default();
    let hint = fit(&hint, (inner + 2).saturating_sub(width(&hour)));
    let fill = "═".repeat((inner + 2).saturating_sub(width(&hour) + width(&hint)));
    lines.push(Line::styled(format!("╚{hint}{fill}{hour}╝"), style));
    lines
}
