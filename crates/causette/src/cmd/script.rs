//! The verbs of the client that do one thing: `send`, `tail`, `who`, `search`, `login`, `logout`, `whoami`, `trust`.

use super::client::{self, Use, block_on, enter, server_option, server_word, with_server};
use super::help::{option, verb, word};
use causette_client::core::entry::Manner;
use causette_client::core::input::Since;
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::device::{self, Replace};
use causette_client::face::verb::tail::{self, Tail};
use causette_client::face::verb::{self as face, Form};
use causette_client::lines::Lines;
use causette_text::{Language, text};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::Read as _;

/// Bytes of a text on standard input at most.
const TEXT_BYTES: u64 = 1_024 * 1_024;

const VERBS: [&str; 8] = [
    "send", "tail", "who", "search", "login", "logout", "whoami", "trust",
];

pub(crate) fn knows(verb: &str) -> bool {
    VERBS.contains(&verb)
}

pub(crate) fn commands(language: Language) -> Vec<Command> {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let argument = |name: &'static str, value: &str, help: &str| {
        Arg::new(name)
            .value_name(word(language, value))
            .help(text(language, help))
    };
    let json = || option(language, flag("json"), "cli-json");
    let reply = Arg::new("reply-to").long("reply-to").value_name("ID");
    let since = Arg::new("since")
        .long("since")
        .value_name(word(language, "cli-value-since"));
    let count = Arg::new("count")
        .short('n')
        .value_name(word(language, "cli-value-count"))
        .value_parser(value_parser!(u32).range(1..))
        .default_value("50")
        .hide_default_value(true);
    let of_server = |name: &'static str, about: &str| {
        with_server(
            language,
            verb(language, name, about).arg(server_option(language)),
        )
    };
    let at_server = |name: &'static str, about: &str| {
        with_server(
            language,
            verb(language, name, about).arg(server_word(language)),
        )
    };
    vec![
        of_server("send", "cli-send")
            .arg(argument("target", "cli-value-target", "cli-target").required(true))
            .arg(argument("text", "cli-value-text", "cli-send-text"))
            .arg(option(language, reply, "cli-reply-to"))
            .arg(option(language, flag("notice"), "cli-notice"))
            .arg(json()),
        of_server("tail", "cli-tail")
            .arg(argument("target", "cli-value-target", "cli-tail-target").num_args(0..))
            .arg(option(language, since, "cli-since"))
            .arg(option(language, count, "cli-count"))
            .arg(option(language, flag("follow").short('f'), "cli-follow"))
            .arg(option(language, flag("events"), "cli-events"))
            .arg(json()),
        of_server("who", "cli-who")
            .arg(argument("target", "cli-value-target", "cli-who-target"))
            .arg(json()),
        of_server("search", "cli-search").arg(
            argument("words", "cli-value-words", "cli-search-words")
                .required(true)
                .num_args(1..),
        ),
        at_server("login", "cli-login"),
        at_server("logout", "cli-logout"),
        at_server("whoami", "cli-whoami").arg(json()),
        at_server("trust", "cli-trust").arg(option(language, flag("replace"), "cli-replace")),
    ]
}

pub(crate) fn run(verb: &str, matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let way = client::way(matches, language)?;
    let form = match matches.try_get_one::<bool>("json") {
        Ok(Some(true)) => Form::Json,
        _ => Form::Text,
    };
    let work = async {
        let mut lines = Lines::standard();
        // Who follows must not miss what is said while the connection is away.
        let follows = verb == "tail" && matches.get_flag("follow");
        let used = match verb {
            _ if follows => Use::Listen,
            "login" => Use::Login,
            _ => Use::Once,
        };
        let mut address = client::address(matches, language, &mut lines).await?;
        // Whoever asks whether a key is trusted compares it with the named one, and remembers it.
        let named = match verb {
            "trust" => address.fingerprint.take(),
            _ => None,
        };
        let mut driver = client::driver(address.clone(), matches, language, used)?;
        match verb {
            "send" => {
                let target = given(matches, "target");
                let words = message_text(matches)?;
                let manner = if matches.get_flag("notice") {
                    Manner::Notice
                } else {
                    Manner::Message
                };
                let reply_to = matches.get_one::<String>("reply-to").map(Into::into);
                enter(&mut driver, &mut lines, way).await?;
                face::send(driver, target.into(), &words, manner, reply_to, form).await
            }
            "tail" => {
                let before = enter(&mut driver, &mut lines, way).await?;
                tail::tail(driver, before, tail_of(matches, form)).await
            }
            "who" => {
                enter(&mut driver, &mut lines, way).await?;
                face::who(
                    driver,
                    matches.get_one::<String>("target").map(Into::into),
                    form,
                )
                .await
            }
            "search" => {
                enter(&mut driver, &mut lines, way).await?;
                face::search(driver).await
            }
            "login" => {
                let exit = device::login(driver, &mut lines, way).await?;
                client::remember(&address)?;
                Ok(exit)
            }
            "logout" => device::logout(driver).await,
            "whoami" => {
                enter(&mut driver, &mut lines, way).await?;
                face::whoami(driver, form).await
            }
            _ => {
                let replace = if matches.get_flag("replace") {
                    Replace::Allowed
                } else {
                    Replace::Never
                };
                let exit = device::trust(driver, &mut lines, named, replace).await?;
                client::remember(&address)?;
                Ok(exit)
            }
        }
    };
    block_on(async {
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Trouble::new(Exit::Interrupted, "")),
        }
    })
}

fn given<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

/// The text as a word of the command line, or else standard input to its end.
fn message_text(matches: &ArgMatches) -> Result<String, Trouble> {
    match matches
        .get_one::<String>("text")
        .filter(|text| *text != "-")
    {
        Some(text) => Ok(text.clone()),
        None => {
            let mut text = String::new();
            std::io::stdin()
                .take(TEXT_BYTES)
                .read_to_string(&mut text)?;
            // The end of the last line is no line of its own.
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
    }
}

fn tail_of(matches: &ArgMatches, form: Form) -> Tail {
    let count = matches
        .get_one::<u32>("count")
        .map_or(50, |&count| count as usize);
    let targets = matches.get_many::<String>("target").into_iter().flatten();
    Tail {
        targets: targets.map(Into::into).collect(),
        since: match matches.get_one::<String>("since") {
            Some(since) => tail::since(since, count),
            None => Since::Newest(count),
        },
        follows: matches.get_flag("follow"),
        events: matches.get_flag("events"),
        form,
    }
}
