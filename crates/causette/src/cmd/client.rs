//! What the verbs of the client have in common: which server, which files, how to come in.

use super::help::{self, option, word};
use super::password;
use causette_client::address::{Address, Encryption};
use causette_client::arrival::{Asking, Door};
use causette_client::core::client::Settings;
use causette_client::core::command::Spelling;
use causette_client::core::input::{SecretKind, Way};
use causette_client::core::output::Output;
use causette_client::driver::{Driver, locale_here};
use causette_client::exit::{Exit, Trouble};
use causette_client::folder::Folder;
use causette_client::last_server;
use causette_client::lines::{Lines, prompt};
use causette_client::trust::{self, Fingerprint};
use causette_core::secret::Secret;
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::future::Future;

/// Names the server where nothing else does.
const SERVER: &str = "CAUSETTE_SERVER";

/// Names a file with the password, for who has no terminal.
const PASSWORD_FILE: &str = "CAUSETTE_PASSWORD_FILE";

/// The options that say which server, and who comes.
pub(super) fn with_server(language: Language, command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let account = Arg::new("account")
        .long("account")
        .value_name(word(language, "cli-value-name"));
    let guest = Arg::new("guest")
        .long("guest")
        .value_name(word(language, "cli-value-nick"));
    let fingerprint = Arg::new("fingerprint")
        .long("fingerprint")
        .value_name(word(language, "cli-value-key"));
    let options = [
        option(language, account, "cli-client-account"),
        option(
            language,
            flag("password-stdin").requires("account"),
            "cli-client-password-stdin",
        ),
        option(
            language,
            guest.conflicts_with("account"),
            "cli-client-guest",
        ),
        option(language, fingerprint, "cli-client-fingerprint"),
        option(language, flag("insecure"), "cli-client-insecure"),
    ];
    // Behind what the verb itself can, in this order.
    let orders = help::COMMON + 1..;
    let behind = orders
        .zip(options)
        .map(|(order, option)| option.display_order(order));
    command.args(behind)
}

/// The option that names the server, for verbs whose first word is something else.
pub(super) fn server_option(language: Language) -> Arg {
    let server = Arg::new("server")
        .short('s')
        .long("server")
        .value_name(word(language, "cli-value-address"));
    option(language, server, "cli-client-server").display_order(help::COMMON)
}

/// The server as the first word.
pub(super) fn server_word(language: Language) -> Arg {
    Arg::new("server")
        .value_name(word(language, "cli-value-address"))
        .help(text(language, "cli-client-server"))
}

/// How a verb uses the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It stays, misses nothing, and keeps what the person types.
    Stay(Spelling),
    /// It stays and listens, and reads itself what it missed.
    Listen,
    /// It does one thing.
    Once,
    /// It signs in, so that this device is known from then on.
    Login,
}

impl Use {
    /// Whether what the person types outlives the run.
    fn keeps(self) -> bool {
        matches!(self, Self::Stay(_))
    }
}

/// Runs what waits for the network.
pub(super) fn block_on(work: impl Future<Output = Result<Exit, Trouble>>) -> Result<Exit, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(work);
    // A thread may wait for a key that nobody will press: it must not hold up the end.
    runtime.shutdown_background();
    result
}

/// The server that is meant, with the key that it must have where one is named.
pub(super) async fn address(
    matches: &ArgMatches,
    language: Language,
    lines: &mut Lines,
) -> Result<Address, Trouble> {
    let environment = || {
        std::env::var(SERVER)
            .ok()
            .filter(|server| !server.is_empty())
    };
    let named = matches.get_one::<String>("server").cloned();
    let written = match named.or_else(environment) {
        Some(server) => server,
        None => match last_server::find(&Folder::of_person()?)? {
            Some(server) => server,
            None => ask_server(language, lines).await?,
        },
    };
    let bad = || {
        Trouble::new(
            Exit::Usage,
            text_with(language, "client-bad-address", &[("address", &written)]),
        )
    };
    let mut address = Address::parse(&written).ok_or_else(bad)?;
    if let Some(hex) = matches.get_one::<String>("fingerprint") {
        let key = Fingerprint::parse(hex);
        let bad = || Trouble::new(Exit::Usage, text(language, "client-bad-fingerprint"));
        address.fingerprint = Some(key.ok_or_else(bad)?);
    }
    let is_clear = address.encryption == Encryption::Clear;
    if is_clear && !address.is_loopback() && !matches.get_flag("insecure") {
        let server = address.to_string();
        return Err(Trouble::new(
            Exit::Trust,
            text_with(language, "client-needs-encryption", &[("server", &server)]),
        ));
    }
    Ok(address)
}

/// A driver for a server, not connected yet.
pub(super) fn driver(
    address: Address,
    matches: &ArgMatches,
    language: Language,
    used: Use,
) -> Result<Driver, Trouble> {
    let follows = matches!(used, Use::Stay(_));
    // Whoever names an account each time wants nothing kept, and would make a new device each time.
    let names_way = ["account", "guest"]
        .iter()
        .any(|name| matches.contains_id(name));
    let spelling = match used {
        Use::Stay(spelling) => spelling,
        Use::Once | Use::Login | Use::Listen => Spelling::default(),
    };
    let settings = Settings {
        locale: locale_here(language),
        spelling,
        channels: address.channel.clone().into_iter().collect(),
        home: address.channel.clone().unwrap_or_else(|| "#general".into()),
        device: device(),
        wants_token: used == Use::Login || !names_way,
        attended: used.keeps(),
        tells_typing: used.keeps(),
        follows,
        keeps: used.keeps(),
        seed: getrandom::u64().map_err(anyhow::Error::from)?,
    };
    Ok(Driver::new(address, settings, Folder::of_person()?)?)
}

/// Remembers a server that let this device in: it is the one that is meant where none is named, and the key by which an
/// invitation or an option made it known is asked about no more.
pub(super) fn remember(address: &Address) -> Result<(), Trouble> {
    let folder = Folder::of_person()?;
    if let Some(key) = address.fingerprint
        && trust::known(&folder, &address.key())?.is_none()
    {
        trust::remember(&folder, &address.key(), key)?;
    }
    Ok(last_server::remember(&folder, &address.to_string())?)
}

/// What this device is called: `amelie@desk3`.
fn device() -> String {
    let system = rustix::system::uname();
    let machine = system.nodename().to_string_lossy().into_owned();
    match std::env::var("USER") {
        Ok(user) if !user.is_empty() => format!("{user}@{machine}"),
        _ => machine,
    }
}

async fn ask_server(language: Language, lines: &mut Lines) -> Result<String, Trouble> {
    if !lines.is_terminal() {
        return Err(Trouble::new(
            Exit::Usage,
            text(language, "client-no-server"),
        ));
    }
    causette_client::lines::say(&text(language, "client-welcome"));
    prompt(&text(language, "client-ask-server"));
    lines
        .next()
        .await
        .ok_or_else(|| Trouble::new(Exit::Interrupted, ""))
}

/// The way in that the options name, if they do.
pub(super) fn way(matches: &ArgMatches, language: Language) -> Result<Option<Way>, Trouble> {
    if let Some(nick) = matches.get_one::<String>("guest") {
        return Ok(Some(Way::Guest { nick: nick.into() }));
    }
    let Some(account) = matches.get_one::<String>("account") else {
        return Ok(None);
    };
    let secret = if matches.get_flag("password-stdin") {
        password(language)?.expose().to_owned()
    } else {
        match std::env::var_os(PASSWORD_FILE) {
            Some(file) => std::fs::read_to_string(&file)
                .map_err(|error| anyhow::anyhow!("{}: {error}", file.to_string_lossy()))?
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            None => {
                return Err(Trouble::new(
                    Exit::Usage,
                    text(language, "client-no-password"),
                ));
            }
        }
    };
    Ok(Some(Way::SignIn {
        account: account.into(),
        secret: Secret::new(secret),
        kind: SecretKind::Password,
    }))
}

/// Brings a driver in, without asking anything.
pub(super) async fn enter(
    driver: &mut Driver,
    lines: &mut Lines,
    way: Option<Way>,
) -> Result<Vec<Output>, Trouble> {
    let outputs = Door::new(driver, lines, Asking::Never).enter(way).await?;
    remember(driver.address())?;
    Ok(outputs)
}
