//! `causette chat`: talking.

use super::client::{self, Use, block_on, server_word, with_server};
use super::help::{option, verb, word};
use causette_client::arrival::Door;
use causette_client::core::command::Spelling;
use causette_client::ending::{Ending, Modes, heed};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::{plain, tui};
use causette_client::lines::Lines;
use causette_text::Language;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::IsTerminal as _;

/// Asks for the plain face where it is `1`.
const PLAIN: &str = "CAUSETTE_PLAIN";

pub(crate) fn command(language: Language) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let to = Arg::new("to")
        .long("to")
        .value_name(word(language, "cli-value-target"));
    let chat = verb(language, "chat", "cli-chat")
        .arg(server_word(language))
        .arg(option(language, flag("plain"), "cli-chat-plain"))
        .arg(option(
            language,
            flag("screen-reader"),
            "cli-chat-screen-reader",
        ))
        .arg(option(language, flag("classic"), "cli-chat-classic"))
        .arg(option(language, to, "cli-chat-to"))
        .arg(option(language, flag("commands"), "cli-chat-commands"));
    with_server(language, chat)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let way = client::way(matches, language)?;
    let is_classic = matches.get_flag("classic");
    let options = plain::Options {
        screen_reader: matches.get_flag("screen-reader"),
        commands: matches.get_flag("commands"),
        to: matches.get_one::<String>("to").map(Into::into),
    };
    let is_plain = ["plain", "screen-reader", "classic", "commands"]
        .iter()
        .any(|flag| matches.get_flag(flag))
        || options.to.is_some()
        || std::env::var_os(PLAIN).is_some_and(|value| value == "1")
        || std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty())
        || !std::io::stdin().is_terminal()
        || !std::io::stdout().is_terminal();
    block_on(async {
        // From the first question on, the terminal is given back whatever comes.
        let mut ending = Ending::new()?;
        let modes = Modes::now();
        let mut lines = Lines::standard();
        let spelling = Spelling {
            hash: true,
            bare_bye: is_classic,
        };
        let arrive = async {
            let address = client::address(matches, language, &mut lines).await?;
            let mut driver = client::driver(address, matches, language, Use::Stay(spelling))?;
            let asking = plain::asking(&lines);
            let before = Door::new(&mut driver, &mut lines, asking)
                .enter(way)
                .await?;
            client::remember(driver.address())?;
            Ok((driver, before))
        };
        let (driver, before) = heed(arrive, &mut ending, &modes).await?;
        if is_plain {
            plain::run(driver, before, lines, options, (ending, modes)).await
        } else {
            tui::run(driver, before, ending).await
        }
    })
}
