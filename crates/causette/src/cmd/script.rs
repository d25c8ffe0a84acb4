//! The verbs of the client that do one thing: `send`, `tail`, `who`, `search`, `login`, `logout`, `whoami`, `trust`.

use super::client::{self, Use, block_on, enter, server_option, server_word, with_server};
use super::help::{option, verb, word};
use causette_client::core::entry::Manner;
use causette_client::ending::{Ending, Modes, heed};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::device::{self, Replace};
use causette_client::face::verb::send::{self, Saying};
use causette_client::face::verb::tail::{self, Place, Tail};
use causette_client::face::verb::{self as face, Form};
use causette_client::lines::Lines;
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

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
        .value_parser(value_parser!(u32));
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
                let manner = if matches.get_flag("notice") {
                    Manner::Notice
                } else {
                    Manner::Message
                };
                let saying = Saying {
                    target: given(matches, "target").into(),
                    manner,
                    reply_to: matches.get_one::<String>("reply-to").map(Into::into),
                };
                let written = matches.get_one::<String>("text");
                let written = written.filter(|text| *text != "-");
                if written.is_some_and(|text| text.trim().is_empty()) {
                    let text = text(language, "client-nothing-to-send");
                    return Err(Trouble::new(Exit::Usage, text));
                }
                enter(&mut driver, &mut lines, way).await?;
                let input = match written {
                    Some(text) => send::lines_of_text(text),
                    None => send::lines_of_input(),
                };
                send::send(driver, input, saying, form).await
            }
            "tail" => {
                let tail = tail_of(matches, form, language)?;
                let before = enter(&mut driver, &mut lines, way).await?;
                tail::tail(driver, before, tail).await
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
        if verb == "login" {
            // It hides a password that is typed: whatever comes, the terminal is given back.
            let (mut ending, modes) = (Ending::new()?, Modes::now());
            return Box::pin(heed(work, &mut ending, &modes)).await;
        }
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Trouble::new(Exit::Interrupted, "")),
        }
    })
}

fn given<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

fn tail_of(matches: &ArgMatches, form: Form, language: Language) -> Result<Tail, Trouble> {
    let targets = matches.get_many::<String>("target").into_iter().flatten();
    let now = causette_client::driver::now();
    let since = match matches.get_one::<String>("since") {
        None => None,
        Some(since) => Some(Place::parse(since, now).ok_or_else(|| {
            let text = text_with(language, "client-bad-since", &[("since", since)]);
            Trouble::new(Exit::Usage, text)
        })?),
    };
    Ok(Tail {
        targets: targets.map(Into::into).collect(),
        since,
        count: matches.get_one::<u32>("count").map(|&count| count as usize),
        follows: matches.get_flag("follow"),
        events: matches.get_flag("events"),
        form,
    })
}
