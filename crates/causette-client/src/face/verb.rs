//! The verbs: one thing done and told, for people in a hurry and for scripts.

pub mod device;
pub mod tail;

mod json;

use crate::core::command::Command;
use crate::core::entry::Manner;
use crate::core::input::Intent;
use crate::core::output::{Arrival, Output, Person};
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::print;
use crate::transport::Failure;
use causette_proto::CompactString;
use json::{MessageLine, PersonLine, WhoamiLine, print_json};
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

/// Ends a verb when the server does not let this device in any more.
pub(crate) fn check_refusal(output: &Output) -> Result<(), Trouble> {
    match output {
        Output::Arrival(Arrival::Refused(refused)) => {
            Err(Trouble::new(Exit::Credentials, refused.text.clone()))
        }
        _ => Ok(()),
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
                check_refusal(&output)?;
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

/// Says something, and prints what the server calls it once it is stored.
///
/// # Errors
/// It was not stored.
pub async fn send(
    mut driver: Driver,
    target: CompactString,
    text: &str,
    manner: Manner,
    reply_to: Option<CompactString>,
    form: Form,
) -> Result<Exit, Trouble> {
    if text.trim().is_empty() {
        return Err(Trouble::new(
            Exit::Usage,
            driver.locale().text("client-nothing-to-send"),
        ));
    }
    let intent = Intent::Post {
        target: target.clone(),
        text: text.to_owned(),
        manner,
        reply_to: reply_to.clone(),
    };
    let outputs = driver.intend(intent);
    let sent = driver.client().outbox().iter().count();
    let mut stored: Vec<CompactString> = Vec::new();
    let result = wait_for(&mut driver, outputs, |_, output| match output {
        Output::Stored { msgid, .. } => {
            stored.push(msgid.unwrap_or_default());
            (stored.len() >= sent).then_some(Ok(()))
        }
        Output::Failed { code, reason, .. } => {
            let exit = match code.as_str() {
                "401" | "403" => Exit::NotFound,
                "" => Exit::Network,
                _ => Exit::Refused,
            };
            Some(Err(Trouble::new(exit, reason)))
        }
        _ => None,
    })
    .await;
    for msgid in &stored {
        match form {
            Form::Json => {
                let server = driver.address().host.clone();
                let account = driver.client().account();
                print_json(&MessageLine {
                    v: 1,
                    r#type: "message",
                    id: Some(msgid)
                        .filter(|msgid| !msgid.is_empty())
                        .map(CompactString::as_str),
                    time: driver
                        .client()
                        .newest_time()
                        .unwrap_or_else(crate::driver::now)
                        .to_string(),
                    server: &server,
                    target: &target,
                    from: Some(driver.client().nick()),
                    account,
                    text,
                    reply_to: reply_to.as_deref(),
                })?;
            }
            Form::Text if msgid.is_empty() => {}
            Form::Text => print(msgid)?,
        }
    }
    driver.leave().await;
    match result {
        Ok(()) => Ok(Exit::Done),
        Err(trouble) if !stored.is_empty() => Err(Trouble::new(Exit::Partly, trouble.text)),
        Err(trouble) => Err(trouble),
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
