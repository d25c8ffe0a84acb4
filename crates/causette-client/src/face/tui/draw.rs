//! One drawing of the screen.

use super::paper::Paper;
use super::screen::{Overlay, Scene, Screen, Scroll, fitting, listed, title};
use super::wrap::{fit, pad, width};
use crate::buffer::{Buffer, BufferKind};
use crate::connection::Phase;
use crate::entry::EntryId;
use crate::ranked;
use crate::transport::Protection;
use crate::wording::typing;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget as _};

/// The smallest screen on which anything can be shown.
const SMALLEST: (u16, u16) = (20, 5);

/// Columns from which the list of conversations stands beside them, and from which the members do too.
const TWO_PANES: u16 = 60;
const THREE_PANES: u16 = 100;

/// Columns of the two lists.
const BUFFERS: u16 = 24;
const MEMBERS: u16 = 18;

/// Draws everything.
pub fn draw(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>) {
    let area = frame.area();
    screen.places.clear();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let words = scene.client.settings().locale.text("client-too-small");
        put(
            frame,
            area.x,
            area.y,
            area.width,
            &Line::from(fit(&words, usize::from(area.width))),
        );
        return;
    }
    let input_lines = input_height(screen, area);
    let has_top = area.height >= 10;
    let has_line = area.height >= 16;
    let top = u16::from(has_top);
    let bottom = u16::from(has_line) + input_lines + 1;
    let body = Rect::new(area.x, area.y + top, area.width, area.height - top - bottom);
    if has_top {
        draw_top(
            scene,
            screen,
            frame,
            Rect::new(area.x, area.y, area.width, 1),
        );
    }
    draw_body(scene, screen, frame, body);
    if has_line {
        let line = "─".repeat(usize::from(area.width));
        put(
            frame,
            area.x,
            body.bottom(),
            area.width,
            &Line::styled(line, screen.theme.dim()),
        );
    }
    let input = Rect::new(
        area.x,
        area.bottom() - 1 - input_lines,
        area.width,
        input_lines,
    );
    draw_input(scene, screen, frame, input);
    draw_status(
        scene,
        screen,
        frame,
        Rect::new(area.x, input.bottom(), area.width, 1),
    );
    draw_overlay(scene, screen, frame, body);
}

/// One line of text at a place, cut at its width.
fn put(frame: &mut Frame<'_>, x: u16, y: u16, columns: u16, line: &Line<'_>) {
    frame.buffer_mut().set_line(x, y, line, columns);
}

/// The input grows up to a third of the screen.
fn input_height(screen: &Screen, area: Rect) -> u16 {
    let most = (area.height / 3).max(1);
    u16::try_from(screen.input.lines().len())
        .unwrap_or(most)
        .clamp(1, most)
}

fn draw_top(scene: &Scene<'_>, screen: &Screen, frame: &mut Frame<'_>, area: Rect) {
    let locale = &scene.client.settings().locale;
    let theme = screen.theme;
    let link = scene.client.link();
    let mut right = Vec::new();
    match &scene.protection {
        Protection::Tls(version) => right.push(Span::styled((*version).to_owned(), theme.dim())),
        Protection::Clear => right.push(Span::styled(
            locale.text("client-not-encrypted"),
            theme.wrong(),
        )),
    }
    if let Some(lag) = link.lag {
        right.push(Span::styled(
            format!(" · {} ms", lag.as_millis()),
            theme.dim(),
        ));
    }
    if !scene.client.nick().is_empty() {
        right.push(Span::raw(format!(" · {}", scene.client.nick())));
    }
    right.push(Span::raw(" "));
    let right = Line::from(right);
    let wide = u16::try_from(right.width())
        .unwrap_or(area.width)
        .min(area.width);
    let room = usize::from(area.width - wide).saturating_sub(1);
    let place = fit(
        &format!(" · {}", scene.server),
        room.saturating_sub(" Causette".len()),
    );
    let left = Line::from(vec![
        Span::styled(" Causette", theme.heading()),
        Span::raw(place),
    ]);
    put(frame, area.x, area.y, area.width - wide, &left);
    put(frame, area.right() - wide, area.y, wide, &right);
}

fn draw_body(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let shows_buffers = area.width >= TWO_PANES && !screen.is_bare;
    let shows_members = area.width >= THREE_PANES
        && !screen.is_bare
        && scene.client.current().kind == BufferKind::Channel;
    let left = if shows_buffers { BUFFERS } else { 0 };
    let right = if shows_members { MEMBERS } else { 0 };
    let middle = Rect::new(
        area.x + left,
        area.y,
        area.width - left - right,
        area.height,
    );
    if shows_buffers {
        draw_buffers(
            scene,
            screen,
            frame,
            Rect::new(area.x, area.y, left, area.height),
        );
    }
    if shows_members {
        draw_members(
            scene,
            screen,
            frame,
            Rect::new(middle.right(), area.y, right, area.height),
        );
    }
    draw_conversation(scene, screen, frame, middle);
}

fn draw_conversation(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let client = scene.client;
    let buffer = client.current();
    let heading = match (buffer.kind, buffer.topic.is_empty()) {
        (BufferKind::Server, _) => title(client, buffer),
        (_, true) => buffer.name.to_string(),
        (_, false) => format!("{} — {}", buffer.name, buffer.topic),
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
    let lines = match top_of(&paper, screen) {
        Some((first, skipped)) => downwards(&paper, first, skipped, screen.height),
        None => {
            screen.scroll = Scroll::Bottom;
            let mut lines = upwards(scene, &paper, screen.height);
            screen.shows_top = lines.1;
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

/// The newest lines that fit, and whether they reach the oldest that is known.
fn upwards(scene: &Scene<'_>, paper: &Paper<'_>, height: usize) -> (Vec<Line<'static>>, bool) {
    let fold = scene.client.features().fold;
    let key = fold.key(&paper.buffer.name);
    let outgoing = scene
        .client
        .outbox()
        .iter()
        .filter(|message| fold.key(&message.target) == key);
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
    (lines, index == 0 && above == 0)
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

fn draw_buffers(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let locale = &scene.client.settings().locale;
    let inner = area.width - 1;
    let mut y = area.y;
    let border = Style::new();
    let mut kind = None;
    for buffer in listed(scene.client) {
        if y >= area.bottom() {
            break;
        }
        let heading = match buffer.kind {
            BufferKind::Channel => Some("client-pane-channels"),
            BufferKind::Query => Some("client-pane-people"),
            BufferKind::Server => None,
        };
        if let (Some(heading), true) = (heading, kind != Some(buffer.kind)) {
            let words = pad(&format!(" {}", locale.text(heading)), usize::from(inner));
            put(
                frame,
                area.x,
                y,
                inner,
                &Line::styled(words, screen.theme.dim()),
            );
            y += 1;
        }
        kind = Some(buffer.kind);
        if y >= area.bottom() {
            break;
        }
        let line = buffer_line(scene, screen, buffer, usize::from(inner));
        put(frame, area.x, y, inner, &line);
        screen
            .places
            .push((Rect::new(area.x, y, inner, 1), buffer.id));
        y += 1;
    }
    for row in area.y..area.bottom() {
        put(frame, area.right() - 1, row, 1, &Line::styled("│", border));
    }
}

/// A conversation in the list: where one is, its name, what is unread.
fn buffer_line(
    scene: &Scene<'_>,
    screen: &Screen,
    buffer: &Buffer,
    columns: usize,
) -> Line<'static> {
    let client = scene.client;
    let is_current = client.current().id == buffer.id;
    let mark = if is_current { "▌" } else { " " };
    let count = match (buffer.mentions, buffer.unread) {
        _ if buffer.is_muted => "·".to_owned(),
        (0, 0) => String::new(),
        (0, unread) => unread.to_string(),
        (mentions, _) if buffer.kind == BufferKind::Query => mentions.to_string(),
        (mentions, _) => format!("@{mentions}"),
    };
    let style = if buffer.calls() {
        screen.theme.call()
    } else if buffer.unread > 0 || is_current {
        screen.theme.unread()
    } else if buffer.is_muted || (buffer.kind == BufferKind::Channel && !buffer.is_joined) {
        screen.theme.dim()
    } else {
        Style::new()
    };
    let room = columns.saturating_sub(width(&count) + 3);
    let name = pad(&title(client, buffer), room);
    Line::styled(format!("{mark} {name}{count} "), style)
}

fn draw_members(scene: &Scene<'_>, screen: &Screen, frame: &mut Frame<'_>, area: Rect) {
    for row in area.y..area.bottom() {
        put(frame, area.x, row, 1, &Line::from("│"));
    }
    let inner = Rect::new(area.x + 1, area.y, area.width - 1, area.height);
    for (row, line) in member_lines(
        scene,
        screen,
        usize::from(inner.width),
        usize::from(inner.height),
    )
    .iter()
    .enumerate()
    {
        put(
            frame,
            inner.x,
            inner.y + u16::try_from(row).unwrap_or(u16::MAX),
            inner.width,
            line,
        );
    }
}

fn member_lines(
    scene: &Scene<'_>,
    screen: &Screen,
    columns: usize,
    rows: usize,
) -> Vec<Line<'static>> {
    let client = scene.client;
    let locale = &client.settings().locale;
    let members = ranked(client.current(), &client.features().prefixes);
    let count = members.len().to_string();
    let heading = locale.text_with("client-pane-members", &[("count", &count)]);
    let mut lines = vec![Line::styled(
        pad(&format!(" {heading}"), columns),
        screen.theme.dim(),
    )];
    let room = rows.saturating_sub(2);
    for member in members.iter().take(if members.len() > room + 1 {
        room
    } else {
        room + 1
    }) {
        let rank = member.prefixes.chars().next().unwrap_or(' ');
        let presence = if member.is_away { '○' } else { '●' };
        let you = if client.is_me(&member.nick) {
            format!(" {}", locale.text("client-you"))
        } else {
            String::new()
        };
        let is_typing = client
            .current()
            .typing
            .iter()
            .any(|(nick, _)| *nick == member.nick);
        let pen = if is_typing { " ✎" } else { "" };
        let line = format!("{presence}{rank}{}{you}{pen}", member.nick);
        let style = if member.is_away {
            screen.theme.dim()
        } else {
            Style::new()
        };
        lines.push(Line::styled(fit(&line, columns), style));
    }
    if members.len() + 1 > lines.len() {
        let more = (members.len() + 1 - lines.len()).to_string();
        lines.push(Line::styled(
            fit(
                &locale.text_with("client-more", &[("count", &more)]),
                columns,
            ),
            screen.theme.dim(),
        ));
    }
    lines
}

fn draw_input(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let client = scene.client;
    let name = fit(
        &title(client, client.current()),
        usize::from(area.width / 3),
    );
    let mark = if client.current().reply_to.is_some() {
        "↩"
    } else {
        "❯"
    };
    let prompt = format!(" {name} {mark} ");
    let wide = u16::try_from(width(&prompt))
        .unwrap_or(0)
        .min(area.width / 2);
    put(
        frame,
        area.x,
        area.y,
        wide,
        &Line::styled(prompt, screen.theme.unread()),
    );
    let line = Rect::new(area.x + wide, area.y, area.width - wide, area.height);
    frame.render_widget(&screen.input, line);
}

fn draw_status(scene: &Scene<'_>, screen: &Screen, frame: &mut Frame<'_>, area: Rect) {
    let client = scene.client;
    let locale = &client.settings().locale;
    let mut right = String::new();
    if !screen.shows_bottom {
        right.push_str(&format!("{} · ", locale.text("client-below")));
    }
    let (unread, mentions) = client.unread();
    right.push_str(&match client.link().phase {
        Phase::Online => locale.text("client-online"),
        Phase::Connecting | Phase::Arriving => locale.text("client-connecting-short"),
        Phase::Offline => match client.link().retry_at {
            Some(at) => {
                let seconds = at.since(scene.now).as_secs().to_string();
                locale.text_with("client-retry-in", &[("seconds", &seconds)])
            }
            None => locale.text("client-offline"),
        },
    });
    if unread > 0 {
        let variables = [
            ("count", unread.to_string()),
            ("mentions", mentions.to_string()),
        ];
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        right.push_str(&format!(
            " · {}",
            locale.text_with("client-unread", &variables)
        ));
    }
    right.push(' ');
    let room = usize::from(area.width).saturating_sub(width(&right) + 1);
    let nicks: Vec<&str> = client
        .current()
        .typing
        .iter()
        .map(|(nick, _)| nick.as_str())
        .collect();
    let left = match (typing(&nicks, locale), room_left(client, screen)) {
        (_, Some(bytes)) => locale.text_with("client-room-left", &[("count", &bytes.to_string())]),
        (typing, None) if !typing.is_empty() => typing,
        _ if screen.selected.is_some() => locale.text("client-keys-message"),
        _ => locale.text("client-keys"),
    };
    let is_offline = client.link().phase != Phase::Online;
    let style = if is_offline {
        screen.theme.wrong()
    } else {
        screen.theme.dim()
    };
    put(
        frame,
        area.x,
        area.y,
        area.width,
        &Line::styled(pad(&format!(" {left}"), room.max(1)), screen.theme.dim()),
    );
    let wide = u16::try_from(width(&right))
        .unwrap_or(area.width)
        .min(area.width);
    put(
        frame,
        area.right() - wide,
        area.y,
        wide,
        &Line::styled(right, style),
    );
}

/// Bytes that still fit into one message, when they are becoming few.
fn room_left(client: &crate::client::Client, screen: &Screen) -> Option<usize> {
    const FEW: usize = 80;
    let lines = screen.input.lines();
    let [line] = lines else {
        return None;
    };
    let room = client.line_room(&client.current().name);
    let left = room.checked_sub(line.len())?;
    (left < FEW && client.features().multiline().is_none()).then_some(left)
}

fn draw_overlay(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, body: Rect) {
    if let Some(completion) = &screen.completion {
        let rows = completion.candidates.len().min(8);
        let first = completion.chosen.saturating_sub(rows.saturating_sub(1));
        let lines: Vec<Line<'static>> = completion.candidates[first..]
            .iter()
            .take(rows)
            .enumerate()
            .map(|(row, (word, about))| {
                let style = if first + row == completion.chosen {
                    screen.theme.selected()
                } else {
                    Style::new()
                };
                Line::styled(format!(" {:<14} {about} ", word.trim_end()), style)
            })
            .collect();
        draw_box(frame, body, "", &lines);
    }
    match screen.overlay.clone() {
        Overlay::None => {}
        Overlay::Buffers => {
            let columns = usize::from(body.width.min(40)).saturating_sub(4);
            let buffers = listed(scene.client);
            let lines: Vec<_> = buffers
                .iter()
                .map(|buffer| buffer_line(scene, screen, buffer, columns))
                .collect();
            draw_box(
                frame,
                body,
                &scene.client.settings().locale.text("client-pane-channels"),
                &lines,
            );
        }
        Overlay::Members => {
            let lines = member_lines(
                scene,
                screen,
                24,
                usize::from(body.height).saturating_sub(2),
            );
            draw_box(frame, body, "", &lines);
        }
        Overlay::Switcher(typed, chosen) => {
            let found = fitting(scene.client, &typed);
            let mut lines = vec![Line::from(format!("❯ {typed}▏"))];
            for (row, buffer) in found.iter().take(10).enumerate() {
                let mut line = buffer_line(scene, screen, buffer, 34);
                if row == chosen {
                    line.style = screen.theme.selected();
                }
                lines.push(line);
            }
            draw_box(
                frame,
                body,
                &scene.client.settings().locale.text("client-go-to"),
                &lines,
            );
        }
        Overlay::Leaving => {
            let words = scene.client.settings().locale.text("client-ask-leave");
            draw_box(frame, body, "", &[Line::from(format!(" {words} "))]);
        }
    }
}

/// A box at the lower left of the conversation, as wide as what is in it.
fn draw_box(frame: &mut Frame<'_>, body: Rect, title: &str, lines: &[Line<'static>]) {
    let wide = lines
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .max(width(title) + 2);
    let columns = u16::try_from(wide + 2)
        .unwrap_or(body.width)
        .min(body.width);
    let rows = u16::try_from(lines.len() + 2)
        .unwrap_or(body.height)
        .min(body.height);
    let area = Rect::new(body.x, body.bottom() - rows, columns, rows);
    Clear.render(area, frame.buffer_mut());
    Block::bordered()
        .title(title.to_owned())
        .render(area, frame.buffer_mut());
    for (row, line) in lines
        .iter()
        .take(usize::from(rows.saturating_sub(2)))
        .enumerate()
    {
        let y = area.y + 1 + u16::try_from(row).unwrap_or(u16::MAX);
        put(frame, area.x + 1, y, columns.saturating_sub(2), line);
        if line.style != Style::new() {
            frame.buffer_mut().set_style(
                Rect::new(area.x + 1, y, columns.saturating_sub(2), 1),
                line.style,
            );
        }
    }
}
