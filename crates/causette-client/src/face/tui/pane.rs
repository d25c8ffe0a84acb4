//! The pane of the conversation: which part of it is on the screen.

use super::draw::put;
use super::paper::Paper;
use super::screen::{Scene, Screen, Scroll};
use super::wrap::pad;
use crate::core::buffer::BufferKind;
use crate::core::entry::EntryId;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

pub(crate) fn draw_conversation(
    scene: &Scene<'_>,
    screen: &mut Screen,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let client = scene.client;
    let buffer = client.current();
    let name = client.called(&buffer.name);
    let profile = client.profile(&buffer.name);
    let avatar = profile.map_or("", |profile| profile.avatar.as_str());
    let about = [buffer.topic.as_str(), avatar].into_iter();
    let about: Vec<&str> = about.filter(|words| !words.is_empty()).collect();
    let heading = match (buffer.kind, about.is_empty()) {
        (BufferKind::Server, _) => client.title(buffer).to_owned(),
        (_, true) => name,
        (_, false) => format!("{name} — {}", about.join(" — ")),
    };
    let columns = usize::from(area.width);
    put(
        frame,
        area.x,
        area.y,
        area.width,
        &Line::styled(pad(&format!(" {heading}"), columns), screen.theme.heading()),
    );
    let paper = Rect::new(
        area.x + 1,
        area.y + 1,
        area.width.saturating_sub(2),
        area.height.saturating_sub(1),
    );
    draw_timeline(scene, screen, frame, paper);
}

fn draw_timeline(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let client = scene.client;
    let buffer = client.current();
    screen.height = usize::from(area.height);
    screen.columns = usize::from(area.width);
    let paper = Paper {
        buffer,
        locale: &client.settings().locale,
        theme: screen.theme,
        columns: screen.columns,
        now: scene.now,
        selected: screen.selected,
    };
    begin_at_rule(&paper, screen);
    let lines = match top_of(&paper, screen) {
        Some((first, skipped)) => downwards(&paper, first, skipped, screen.height),
        None => {
            screen.scroll = Scroll::Bottom;
            let mut lines = upwards(scene, &paper, screen.height);
            screen.shows_top = lines.1 == 0;
            screen.whole_from = lines.1;
            screen.shows_bottom = true;
            std::mem::take(&mut lines.0)
        }
    };
    for (row, line) in lines.iter().enumerate() {
        let y = area.y + u16::try_from(row).unwrap_or(u16::MAX);
        put(frame, area.x, y, area.width, line);
        if line.style != Style::new() {
            frame
                .buffer_mut()
                .set_style(Rect::new(area.x, y, area.width, 1), line.style);
        }
    }
}

/// Goes to the line "new messages" once it is there, unless all that is new fits: what the person has not seen is not read.
fn begin_at_rule(paper: &Paper<'_>, screen: &mut Screen) {
    let buffer = paper.buffer;
    let rule = buffer.rule.map(|rule| (buffer.id, rule));
    if buffer.past.catching_up.is_some() || screen.ruled == rule {
        return;
    }
    screen.ruled = rule;
    let timeline = &buffer.timeline;
    let first = rule.and_then(|(_, rule)| timeline.first_after(rule));
    let (Some(first), Scroll::Bottom, None) = (first, screen.scroll, screen.selected) else {
        return;
    };
    let mut rows = 0;
    for index in (first..timeline.len()).rev() {
        rows += paper.lines(index).len();
        if rows > screen.height {
            let entry = timeline.at(first);
            screen.scroll = entry.map_or(Scroll::Bottom, |entry| Scroll::At(entry.id, 0));
            return;
        }
    }
}

/// The entry at the top of the screen, and how many of its lines are above the edge; `None` when the newest end fits or is
/// wanted.
fn top_of(paper: &Paper<'_>, screen: &mut Screen) -> Option<(usize, usize)> {
    let Scroll::At(id, skipped) = screen.scroll else {
        return None;
    };
    let first = paper.buffer.timeline.position(id)?;
    // Enough below to fill the screen? If not, this is the end.
    let mut rows = 0;
    for index in first..paper.buffer.timeline.len() {
        rows += paper.lines(index).len();
        if rows.saturating_sub(skipped) > screen.height {
            screen.shows_top = first == 0 && skipped == 0;
            screen.shows_bottom = false;
            return Some((first, skipped));
        }
    }
    None
}

fn downwards(paper: &Paper<'_>, first: usize, skipped: usize, height: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::with_capacity(height + 8);
    for index in first..paper.buffer.timeline.len() {
        let skip = if index == first { skipped } else { 0 };
        lines.extend(paper.lines(index).into_iter().skip(skip));
        if lines.len() >= height {
            break;
        }
    }
    lines.truncate(height);
    lines
}

/// The newest lines that fit, and the first entry that they have whole, counted from the oldest that is known.
fn upwards(scene: &Scene<'_>, paper: &Paper<'_>, height: usize) -> (Vec<Line<'static>>, usize) {
    let fold = scene.client.features().fold;
    let outgoing = scene
        .client
        .outbox()
        .iter()
        .filter(|message| fold.key(&message.target) == paper.buffer.key);
    let mut blocks: Vec<Vec<Line<'static>>> = outgoing
        .map(|message| paper.outgoing(scene.client.nick(), message))
        .collect();
    blocks.reverse();
    let mut rows: usize = blocks.iter().map(Vec::len).sum();
    let mut index = paper.buffer.timeline.len();
    while index > 0 && rows < height {
        index -= 1;
        let block = paper.lines(index);
        rows += block.len();
        blocks.push(block);
    }
    let mut lines: Vec<Line<'static>> = blocks.into_iter().rev().flatten().collect();
    let above = lines.len().saturating_sub(height);
    lines.drain(..above);
    (lines, index + usize::from(above > 0))
}

/// Moves the screen by lines; negative is towards the older ones.
pub(crate) fn scroll_by(scene: &Scene<'_>, screen: &mut Screen, by: isize) {
    let client = scene.client;
    let buffer = client.current();
    let theme = screen.theme;
    let (columns, height) = (screen.columns, screen.height);
    let paper = Paper {
        buffer,
        locale: &client.settings().locale,
        theme,
        columns,
        now: scene.now,
        selected: None,
    };
    let (mut index, mut line) = match top_of(&paper, screen) {
        Some(top) => top,
        None => match bottom_top(&paper, height) {
            Some(top) => top,
            // Everything fits.
            None => return,
        },
    };
    let mut left = by.unsigned_abs();
    if by < 0 {
        while left > line {
            left -= line;
            if index == 0 {
                left = 0;
                line = 0;
                break;
            }
            index -= 1;
            line = paper.lines(index).len();
        }
        line -= left.min(line);
    } else {
        while index < buffer.timeline.len() {
            let rows = paper.lines(index).len();
            if line + left < rows {
                line += left;
                break;
            }
            left -= rows - line;
            line = 0;
            index += 1;
        }
    }
    screen.scroll = match buffer.timeline.at(index) {
        Some(entry) => Scroll::At(entry.id, line),
        None => Scroll::Bottom,
    };
}

/// The top of the screen that shows the newest lines, unless all of them fit.
fn bottom_top(paper: &Paper<'_>, height: usize) -> Option<(usize, usize)> {
    let mut rows = 0;
    for index in (0..paper.buffer.timeline.len()).rev() {
        let block = paper.lines(index).len();
        rows += block;
        if rows > height {
            return Some((index, rows - height));
        }
    }
    None
}

/// Scrolls so that an entry is on the screen.
pub(crate) fn show_entry(scene: &Scene<'_>, screen: &mut Screen, id: EntryId) {
    let buffer = scene.client.current();
    let Some(index) = buffer.timeline.position(id) else {
        return;
    };
    // A few entries above it give it its context.
    let first = index.saturating_sub(3);
    if let Some(entry) = buffer.timeline.at(first) {
        screen.scroll = Scroll::At(entry.id, 0);
    }
}
