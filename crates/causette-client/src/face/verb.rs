//! The verbs: one thing done and told, for people in a hurry and for scripts.

pub mod carry;
pub mod device;
pub mod follow;
pub mod ground;
pub mod send;
pub mod tail;

mod json;

use crate::core::client::Client;
use crate::core::command::Command;
use crate::core::input::Intent;
use crate::core::output::{Arrival, Fault, Output, Person, Refused};
use crate::core::wording::one_line_of_day;
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::print;
use crate::transport::Failure;
use causette_proto::CompactString;
use causette_text::Language;
use json::{PersonLine, WhoamiLine, print_json};
use std::io::Write as _;
use std::time::Duration;
use tokio::time::timeout;

/// How long a verb waits for the server's answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// In which form a verb tells what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One JSON object on a line.
    Json,
}

/// Why the connection will not come back by itself, if that is so.
pub(crate) fn check_failure(driver: &Driver) -> Result<(), Trouble> {
    let server = driver.address().name();
    let key = match driver.failure() {
        Some(Failure::Changed(_)) => "client-key-changed",
        Some(Failure::Unknown(_)) => "client-not-trusted",
        _ => return Ok(()),
    };
    let text = driver.locale().text_with(key, &[("server", &server)]);
    Err(Trouble::new(Exit::Trust, text))
}

/// The server does not let this device in any more: what the person is told. A token that was taken back is forgotten.
pub(crate) fn sign_out(driver: &mut Driver, refused: &Refused) -> Trouble {
    if refused.fault == Fault::KeptOut {
        return kept_out(driver, &refused.text);
    }
    if refused.fault != Fault::Token {
        return Trouble::new(Exit::Credentials, refused.text.clone());
    }
    if !is_unknown(&refused.text) {
        return Trouble::new(Exit::Credentials, refused.text.clone());
    }
    if let Err(error) = driver.forget_token() {
        return error.into();
    }
    let server = driver.address().name();
    let text = driver
        .locale()
        .text_with("client-signed-out", &[("server", &server)]);
    Trouble::new(Exit::Credentials, text)
}

/// Whether a server refuses a token in the words in which one that gives tokens refuses what it does not know. Refused in any
/// others, it may be good another day: its person may be kept out.
pub(crate) fn is_unknown(text: &str) -> bool {
    let mut languages = Language::ALL.into_iter();
    languages.any(|language| causette_text::text(language, "sign-in-failed") == text)
}

/// Those who run the server keep the person out: what they read last.
pub(crate) fn kept_out(driver: &Driver, text: &str) -> Trouble {
    let locale = driver.locale();
    let text = locale.text_with("client-kept-out", &[("reason", text)]);
    Trouble::new(Exit::Refused, text)
}

/// Tells an alert beside what was asked for: it may be told to no other connection of the person.
pub(crate) fn tell_alert(client: &Client, output: &Output) {
    let Output::Added(buffer, entry) = output else {
        return;
    };
    let place = client.buffer(*buffer);
    let entry = place.and_then(|place| place.timeline.get(*entry));
    if let Some(alert) = entry.filter(|entry| entry.is_alert()) {
        let line = one_line_of_day(alert, &client.settings().locale);
        // Nobody may read it.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Waits for what `look` looks for among what happens; the network must not fail meanwhile.
async fn wait_for<T>(
    driver: &mut Driver,
    mut before: Vec<Output>,
    mut look: impl FnMut(&Driver, Output) -> Option<Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let wait = async {
        loop {
            for output in std::mem::take(&mut before) {
                if let Output::Arrival(Arrival::Refused(refused)) = &output {
                    return Err(sign_out(driver, refused));
                }
                tell_alert(driver.client(), &output);
                if let Some(found) = look(driver, output) {
                    return found;
                }
            }
            if driver.failure().is_some() {
                check_failure(driver)?;
                let reason = driver.client().link().reason.clone();
                return Err(Trouble::new(Exit::Network, reason));
            }
            before = driver.next().await;
        }
    };
    match timeout(PATIENCE, wait).await {
        Ok(found) => found,
        Err(_) => Err(Trouble::new(
            Exit::Network,
            driver.locale().text("client-no-answer"),
        )),
    }
}

/// Prints who is in a channel, or who is connected.
///
/// # Errors
/// The server does not tell.
pub async fn who(
    mut driver: Driver,
    target: Option<CompactString>,
    form: Form,
) -> Result<Exit, Trouble> {
    let here = driver.client().current().id;
    let mask = target.unwrap_or_else(|| "*".into());
    let outputs = driver.intend(Intent::Command(here, Command::Who(Some(mask))));
    let people: Vec<Person> = wait_for(&mut driver, outputs, |_, output| match output {
        Output::People(people) => Some(Ok(people)),
        Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
        _ => None,
    })
    .await?;
    for person in &people {
        match form {
            Form::Text => print(&person.nick)?,
            Form::Json => print_json(&PersonLine {
                v: 1,
                r#type: "person",
                nick: &person.nick,
                away: person.is_away,
            })?,
        }
    }
    let nobody = driver.locale().text("client-nobody");
    driver.leave().await;
    if people.is_empty() {
        return Err(Trouble::new(Exit::NotFound, nobody));
    }
    Ok(Exit::Done)
}

/// Prints what was said that fits some words.
///
/// # Errors
/// The server has no search.
pub async fn search(driver: Driver) -> Result<Exit, Trouble> {
    let text = driver.locale().text("client-no-search");
    driver.leave().await;
    Err(Trouble::new(Exit::Refused, text))
}

/// Prints as whom this device enters.
///
/// # Errors
/// None; the way in has shown all that can fail.
pub async fn whoami(driver: Driver, form: Form) -> Result<Exit, Trouble> {
    let client = driver.client();
    let server = driver.address().name();
    match form {
        Form::Text => {
            let name = client.account().unwrap_or_else(|| client.nick());
            let variables = [("nick", name), ("server", server.as_str())];
            print(&driver.locale().text_with("client-whoami", &variables))?;
        }
        Form::Json => print_json(&WhoamiLine {
            v: 1,
            r#type: "whoami",
            server: &server,
            nick: client.nick(),
            account: client.account(),
        })?,
    }
    driver.leave().await;
    Ok(Exit::Done)
}
