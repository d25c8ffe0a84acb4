//! One drawing of the screen.

use super::alarm::draw_alarm;
use super::lists::{draw_buffers, draw_members, draw_overlay};
use super::pane::draw_conversation;
use super::screen::{Scene, Screen};
use super::wrap::{fit, pad, width};
use crate::core::buffer::BufferKind;
use crate::core::connection::Phase;
use crate::core::hush;
use crate::core::pointing::Aim;
use crate::core::wording::{aimed, typing};
use crate::transport::Protection;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui_textarea::{CursorMove, DataCursor, TextArea};

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
    let aim = aim_line(scene, screen, area);
    let aim_lines = u16::from(aim.is_some());
    let bottom = u16::from(has_line) + aim_lines + input_lines + 1;
    let body = Rect::new(area.x, area.y + top, area.width, area.height - top - bottom);
    if has_top {
        draw_top(
            scene,
            screen,
            frame,
            Rect::new(area.x, area.y, area.width, 1),
        );
    }
    let body = draw_alarm(scene, screen, frame, body);
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
    if let Some(aim) = aim {
        put(frame, area.x, input.y - 1, area.width, &aim);
    }
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
pub(crate) fn put(frame: &mut Frame<'_>, x: u16, y: u16, columns: u16, line: &Line<'_>) {
    frame.buffer_mut().set_line(x, y, line, columns);
}

/// The input grows up to a third of the screen.
fn input_height(screen: &Screen, area: Rect) -> u16 {
    let most = (area.height / 3).max(1);
    u16::try_from(screen.input.lines().len())
        .unwrap_or(most)
        .clamp(1, most)
}

/// Whom and what the line is about, where it answers a message or does something to it.
fn aim_line(scene: &Scene<'_>, screen: &Screen, area: Rect) -> Option<Line<'static>> {
    let client = scene.client;
    let locale = &client.settings().locale;
    if area.height < 8 {
        return None;
    }
    let (aim, entry) = client.aim(client.current().id, &screen.typed())?;
    let ends = format!(" · {} ", locale.text("client-aim-ends"));
    let room = usize::from(area.width).saturating_sub(width(&ends) + 1);
    let words = fit(&aimed(aim, entry, locale), room);
    let style = match aim {
        Aim::Delete => screen.theme.wrong(),
        Aim::Reply | Aim::React => screen.theme.unread(),
    };
    Some(Line::from(vec![
        Span::styled(format!(" {words}"), style),
        Span::styled(ends, screen.theme.dim()),
    ]))
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

fn draw_input(scene: &Scene<'_>, screen: &mut Screen, frame: &mut Frame<'_>, area: Rect) {
    let client = scene.client;
    let name = fit(client.title(client.current()), usize::from(area.width / 3));
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
    let is_to_service = hush::knows_passwords(&scene.client.current().name);
    let typed = screen.typed();
    match hush::in_line(&typed, is_to_service) {
        Some(at) => frame.render_widget(&hidden(&screen.input, &typed, at), line),
        None => frame.render_widget(&screen.input, line),
    }
}

/// The line with dots in place of the password that begins there.
fn hidden(input: &TextArea<'static>, typed: &str, at: usize) -> TextArea<'static> {
    let (told, secret) = typed.split_at(at);
    let dotted = secret
        .split('\n')
        .map(|line| "•".repeat(line.chars().count()));
    let dots = dotted.collect::<Vec<_>>().join("\n");
    let lines = format!("{told}{dots}");
    let mut shown = TextArea::new(lines.split('\n').map(str::to_owned).collect());
    shown.set_cursor_line_style(input.cursor_line_style());
    let DataCursor(row, column) = input.cursor();
    let to = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
    shown.move_cursor(CursorMove::Jump(to(row), to(column)));
    shown
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
        let more = if client.has_more_unread() { "+" } else { "" };
        let (unread, mentions) = (format!("{unread}{more}"), format!("{mentions}{more}"));
        let variables = [("count", unread.as_str()), ("mentions", mentions.as_str())];
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
        _ if screen.points_at_file(client) => locale.text("client-keys-file"),
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
fn room_left(client: &crate::core::client::Client, screen: &Screen) -> Option<usize> {
    const FEW: usize = 80;
    let lines = screen.input.lines();
    let [line] = lines else {
        return None;
    };
    let room = client.line_room(&client.current().name);
    let left = room.checked_sub(line.len())?;
    (left < FEW && client.features().multiline().is_none()).then_some(left)
}
