//! `causette admin`: what an administrator does to the running server.

use super::help::{option, verb, word};
use super::{answer, ask, data_dir, done, reply, say};
use anyhow::{Context as _, anyhow, bail};
use causette_server::admin::{Kind, Request, Stop, Unanswered};
use causette_server::config::Unusable;
use causette_server::wait_until_free;
use causette_text::{Language, text_with};
use clap::{Arg, ArgMatches, Command};
use qrcodegen::{QrCode, QrCodeEcc};
use std::io::{IsTerminal as _, stdout};
use std::time::Duration;

/// How long a stop may take: under a second, and the time of a slow disk.
const END_PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn command(language: Language) -> Command {
    let reason = Arg::new("reason")
        .long("reason")
        .value_name(word(language, "cli-value-text"));
    let address = Arg::new("address")
        .long("address")
        .value_name(word(language, "cli-value-host"));
    let room = Arg::new("room")
        .long("room")
        .value_name(word(language, "cli-value-room"));
    let invite = verb(language, "invite", "cli-admin-invite")
        .arg(option(language, address, "cli-invite-address"))
        .arg(option(language, room, "cli-invite-room"));
    verb(language, "admin", "cli-admin")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verb(language, "stop", "cli-admin-stop").arg(option(
            language,
            reason,
            "cli-reason",
        )))
        .subcommand(verb(language, "reload", "cli-admin-reload"))
        .subcommand(verb(language, "status", "cli-admin-status"))
        .subcommand(verb(language, "fingerprint", "cli-admin-fingerprint"))
        .subcommand(invite)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("stop", matches)) => stop(matches, language),
        Some(("reload", matches)) => reload(matches, language),
        Some(("status", matches)) => ask(matches, language, &Request::Status),
        Some(("fingerprint", matches)) => ask(matches, language, &Request::Fingerprint),
        Some(("invite", matches)) => invite(matches, language),
        _ => bail!("no such verb"),
    }
}

/// Waits for the end: what comes next may be another server on the same folder, or its files. The server says last whether its
/// stop is recorded; one that was killed meanwhile says nothing, which is no success. One that was stopping already says it to
/// others, so that only its end is told.
fn stop(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let reason = matches.get_one::<String>("reason").cloned();
    let data_dir = data_dir(matches, language)?;
    let folder = data_dir.display().to_string();
    let told = causette_server::admin::stop(&data_dir, reason, END_PATIENCE);
    let unheard = |unanswered: Unanswered| anyhow!(unanswered.message(&data_dir, language));
    let (reply, farewell) = match told.map_err(unheard)? {
        Stop::Answered(reply, farewell) => (reply, farewell),
        Stop::Ended => return say(&text_with(language, "cli-ended", &[("folder", &folder)])),
    };
    say(&done(reply)?)?;
    if !wait_until_free(&data_dir, END_PATIENCE).with_context(|| folder.clone())? {
        bail!(text_with(language, "cli-not-ended", &[("folder", &folder)]));
    }
    done(farewell.hear().map_err(unheard)?).map(drop)
}

/// Waits for the result. A configuration that the server refuses has the status that it has at a start; what has nothing to
/// do with it, as a server that is busy, has not.
fn reload(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let reply = reply(matches, language, &Request::Reload)?;
    if reply.kind == Some(Kind::Configuration) {
        return Err(Unusable::because(reply.text).into());
    }
    say(&done(reply)?)
}

/// Tells the link; on a terminal with a picture of it that a telephone reads.
fn invite(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let one = |name| matches.get_one::<String>(name).cloned();
    let request = Request::Invite {
        address: one("address"),
        room: one("room"),
    };
    let told = answer(matches, language, &request)?;
    say(&told)?;
    // The link stands in the last line. One that is too long for a picture is given without.
    let link = told.lines().last().unwrap_or_default();
    if stdout().is_terminal()
        && let Ok(code) = QrCode::encode_text(link, QrCodeEcc::Low)
    {
        say(&picture(&code))?;
    }
    Ok(())
}

/// Squares of light around a picture, without which no telephone finds it.
const MARGIN: i32 = 2;

/// A picture in half blocks, two rows of squares in one of characters: dark on light, whatever the terminal's own colours.
fn picture(code: &QrCode) -> String {
    let range = -MARGIN..code.size() + MARGIN;
    let rows = range.clone().step_by(2).map(|y| {
        let row: String = range
            .clone()
            .map(
                |x| match (code.get_module(x, y), code.get_module(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                },
            )
            .collect();
        format!("\u{1b}[38;5;16;48;5;231m{row}\u{1b}[0m")
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_picture_shows_every_square_and_light_around_them() {
        let code = QrCode::encode_text("causette://chat.example.org/#general", QrCodeEcc::Low);
        let code = code.unwrap();
        let picture = picture(&code);
        let rows: Vec<&str> = picture
            .lines()
            .map(|row| row.strip_prefix("\u{1b}[38;5;16;48;5;231m").unwrap())
            .map(|row| row.strip_suffix("\u{1b}[0m").unwrap())
            .collect();
        let side = usize::try_from(code.size() + 2 * MARGIN).unwrap();
        assert_eq!(rows.len(), side.div_ceil(2));
        assert!(rows.iter().all(|row| row.chars().count() == side));
        assert!(rows[0].trim().is_empty(), "light above");
        // The corner by which a reader finds the code: seven dark squares, then one light.
        assert!(rows[1].starts_with("  █▀▀▀▀▀█ "), "{}", rows[1]);
        let upper = ['█', '▀'];
        let lower = ['█', '▄'];
        for (number, row) in rows.iter().enumerate() {
            for (column, square) in row.chars().enumerate() {
                let at = |line: usize| {
                    let place = |value: usize| i32::try_from(value).unwrap() - MARGIN;
                    code.get_module(place(column), place(line))
                };
                assert_eq!(upper.contains(&square), at(2 * number));
                assert_eq!(lower.contains(&square), at(2 * number + 1));
            }
        }
    }
}
