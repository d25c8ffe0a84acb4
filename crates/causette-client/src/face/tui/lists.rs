//! The lists beside the conversation and above it.

use super::boxes::first_shown;
use super::carrying::{drop_lines, pane_lines, transfer_lines};
use super::draw::put;
use super::screen::{LongText, Overlay, Scene, Screen, fitting, listed};
use super::theme::Theme;
use super::wrap::{fit, pad, width};
use crate::core::buffer::{Buffer, BufferKind};
use crate::core::command::COMMANDS;
use crate::core::completion::Completion;
use crate::core::locale::Locale;
use crate::core::ranked;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Widget as _};

pub(crate) fn draw_buffers(
    scene: &Scene<'_>,
    screen: &mut Screen,
    frame: &mut Frame<'_>,
    area: Rect,
) {
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
    let files = pane_lines(scene, screen.theme, usize::from(inner));
    // At the bottom, where the conversations leave room for them.
    let rows = u16::try_from(files.len()).unwrap_or(u16::MAX);
    if area.bottom() >= y.saturating_add(rows) {
        for (line, row) in files.iter().zip(area.bottom() - rows..) {
            put(frame, area.x, row, inner, line);
        }
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
    let more = if buffer.has_more_unread { "+" } else { "" };
    let count = match (buffer.mentions, buffer.unread) {
        _ if buffer.is_muted => "·".to_owned(),
        (0, 0) => String::new(),
        (0, unread) => format!("{unread}{more}"),
        (mentions, _) if buffer.kind == BufferKind::Query => format!("{mentions}{more}"),
        (mentions, _) => format!("@{mentions}{more}"),
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
    let name = pad(client.title(buffer), room);
    Line::styled(format!("{mark} {name}{count} "), style)
}

pub(crate) fn draw_members(scene: &Scene<'_>, screen: &Screen, frame: &mut Frame<'_>, area: Rect) {
    for row in area.y..area.bottom() {
        put(frame, area.x, row, 1, &Line::from("│"));
    }
    let inner = Rect::new(area.x + 1, area.y, area.width - 1, area.height);
    for (row, line) in member_lines(
        scene,
        screen,
        0,
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
    first: usize,
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
    let first = first.min(members.len().saturating_sub(room + 1));
    let members = &members[first..];
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
        // What they are called comes last: it may be long, and the rest is what one looks for.
        let called = client.called(&member.nick);
        let beside = called.strip_prefix(member.nick.as_str());
        let beside = beside.unwrap_or_default();
        let line = format!("{presence}{rank}{}{you}{pen}{beside}", member.nick);
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

/// What lies over the conversation: what may be completed, a list, a question.
pub(crate) fn draw_overlay(
    scene: &Scene<'_>,
    screen: &mut Screen,
    frame: &mut Frame<'_>,
    body: Rect,
) {
    screen.list_rows = usize::from(body.height).saturating_sub(2);
    if let Some(completion) = &screen.completion {
        let lines = completion_lines(completion, screen.theme);
        draw_box(frame, body, "", &lines);
    }
    let locale = &scene.client.settings().locale;
    let rows = screen.list_rows;
    let (title, lines) = match screen.overlay.clone() {
        Overlay::None => return,
        Overlay::Buffers(first) => (
            locale.text("client-pane-channels"),
            buffer_lines(scene, screen, first, usize::from(body.width.min(40))),
        ),
        Overlay::Members(first) => (String::new(), member_lines(scene, screen, first, 24, rows)),
        Overlay::Switcher(typed, chosen) => (
            locale.text("client-go-to"),
            switcher_lines(scene, screen, &typed, chosen),
        ),
        Overlay::Help(first) => {
            let columns = usize::from(body.width).saturating_sub(4);
            let lines = help_lines(locale, first, columns, rows);
            (locale.text("client-help-title"), lines)
        }
        Overlay::Long(long) => (String::new(), long_lines(scene, &long)),
        Overlay::Dropped(dropped) => (String::new(), drop_lines(scene, &dropped)),
        Overlay::Transfers(chosen) => {
            let room = (usize::from(body.width).saturating_sub(2), rows);
            let lines = transfer_lines(scene, screen.theme, chosen, room);
            (locale.text("client-transfers-title"), lines)
        }
        Overlay::Leaving => {
            let words = locale.text("client-ask-leave");
            (String::new(), vec![Line::from(format!(" {words} "))])
        }
    };
    draw_box(frame, body, &title, &lines);
}

/// The words that may stand where the cursor is.
fn completion_lines(completion: &Completion, theme: Theme) -> Vec<Line<'static>> {
    let rows = completion.candidates.len().min(8);
    let first = completion.chosen.saturating_sub(rows.saturating_sub(1));
    let candidates = completion.candidates.iter().enumerate();
    candidates
        .skip(first)
        .take(rows)
        .map(|(at, (word, about))| {
            let style = if at == completion.chosen {
                theme.selected()
            } else {
                Style::new()
            };
            Line::styled(format!(" {:<14} {about} ", word.trim_end()), style)
        })
        .collect()
}

/// The conversations, where there is no room for them beside the one that is looked at.
fn buffer_lines(
    scene: &Scene<'_>,
    screen: &Screen,
    first: Option<usize>,
    columns: usize,
) -> Vec<Line<'static>> {
    let buffers = listed(scene.client);
    let here = scene.client.current().id;
    let at = buffers.iter().position(|buffer| buffer.id == here);
    let first = first_shown(first, at.unwrap_or(0), screen.list_rows, buffers.len());
    let shown = buffers.iter().skip(first).take(screen.list_rows);
    shown
        .map(|buffer| buffer_line(scene, screen, buffer, columns.saturating_sub(4)))
        .collect()
}

/// The conversations that fit what is typed.
fn switcher_lines(
    scene: &Scene<'_>,
    screen: &Screen,
    typed: &str,
    chosen: usize,
) -> Vec<Line<'static>> {
    let mut lines = vec![Line::from(format!("❯ {typed}▏"))];
    for (row, buffer) in fitting(scene.client, typed).iter().take(10).enumerate() {
        let mut line = buffer_line(scene, screen, buffer, 34);
        if row == chosen {
            line.style = screen.theme.selected();
        }
        lines.push(line);
    }
    lines
}

/// The commands, and what each does.
fn help_lines(locale: &Locale, first: usize, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let known = COMMANDS.iter().skip(first).take(rows);
    known
        .map(|known| {
            let usage = pad(&known.usage(locale), 30);
            let words = format!(" {usage} {}", locale.text(known.summary));
            Line::from(fit(&words, columns))
        })
        .collect()
}

/// The question whether a long text is sent.
fn long_lines(scene: &Scene<'_>, long: &LongText) -> Vec<Line<'static>> {
    let locale = &scene.client.settings().locale;
    let (lines, messages) = (long.lines.to_string(), long.messages.to_string());
    let variables = [("lines", lines.as_str()), ("messages", messages.as_str())];
    let keys = if scene.client.takes_files() {
        "client-long-keys-file"
    } else {
        "client-long-keys"
    };
    let rows = ["client-long", keys].map(|key| locale.text_with(key, &variables));
    rows.map(|row| Line::from(format!(" {row} "))).into()
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
