//! The verbs: one thing done and told, for people in a hurry and for scripts.

use crate::arrival::{Asking, Door, Trusting, ask_trust};
use crate::buffer::{BufferId, BufferKind};
use crate::command::Command;
use crate::credentials;
use crate::driver::Driver;
use crate::entry::{Entry, EntryId, Manner, What};
use crate::exit::{Exit, Trouble};
use crate::input::{Intent, Since, Way};
use crate::lines::Lines;
use crate::output::{Output, Person};
use crate::transport::Failure;
use crate::trust::{self, Fingerprint};
use crate::wording::{one_line, sentence, text_of};
use causette_proto::{CompactString, Message, Timestamp};
use serde::Serialize;
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

/// A message as scripts read it. Fields are only ever added; what means something else gets another `v`.
#[derive(Serialize)]
struct MessageLine<'a> {
    v: u32,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    time: String,
    server: &'a str,
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<&'a str>,
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

/// Waits for what `look` looks for among what happens; the network must not fail meanwhile.
async fn wait_for<T>(
    driver: &mut Driver,
    mut before: Vec<Output>,
    mut look: impl FnMut(&Driver, Output) -> Option<Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let wait = async {
        loop {
            for output in std::mem::take(&mut before) {
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

fn print_json(value: &impl Serialize) {
    // Our own types are made of texts, which JSON can hold.
    if let Ok(line) = serde_json::to_string(value) {
        crate::lines::say(&line);
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
        reply_to,
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
                    reply_to: None,
                });
            }
            Form::Text if msgid.is_empty() => {}
            Form::Text => crate::lines::say(msgid),
        }
    }
    driver.leave().await;
    match result {
        Ok(()) => Ok(Exit::Done),
        Err(trouble) if !stored.is_empty() => Err(Trouble::new(Exit::Partly, trouble.text)),
        Err(trouble) => Err(trouble),
    }
}

/// What `tail` shows.
#[derive(Clone, Debug)]
pub struct Tail {
    /// The conversations; none are all.
    pub targets: Vec<CompactString>,
    /// From where on.
    pub since: Since,
    /// Whether it goes on with what is said from now on.
    pub follows: bool,
    /// Whether coming, going and changes are shown too.
    pub events: bool,
    /// In which form.
    pub form: Form,
}

/// Prints what was said, and what is being said.
///
/// # Errors
/// A conversation may not be read, or the network fails.
pub async fn tail(mut driver: Driver, before: Vec<Output>, tail: Tail) -> Result<Exit, Trouble> {
    let mut targets = tail.targets.clone();
    if targets.is_empty() {
        // The channels that the server opens by itself; entering them comes behind the greeting, and before this answer.
        let here = driver.client().current().id;
        let mut outputs = before;
        outputs.extend(driver.intend(Intent::Command(
            here,
            Command::Who(Some(driver.client().nick().into())),
        )));
        wait_for(&mut driver, outputs, |_, output| {
            matches!(output, Output::People(_) | Output::Refused(..)).then_some(Ok(()))
        })
        .await?;
        targets = driver
            .client()
            .buffers()
            .iter()
            .skip(1)
            .map(|buffer| buffer.name.clone())
            .collect();
    }
    for target in &targets {
        let outputs = driver.intend(Intent::Read(target.clone(), tail.since.clone()));
        let page = wait_for(&mut driver, outputs, |driver, output| match output {
            Output::Loaded {
                buffer, entries, ..
            } => {
                for entry in entries {
                    show(driver, buffer, entry, &tail);
                }
                Some(Ok(()))
            }
            Output::Refused(_, text) => Some(Err(Trouble::new(Exit::NotFound, text))),
            _ => None,
        });
        page.await?;
    }
    if !tail.follows {
        driver.leave().await;
        return Ok(Exit::Done);
    }
    let wanted = |driver: &Driver, id: BufferId| {
        let client = driver.client();
        tail.targets.is_empty()
            || tail
                .targets
                .iter()
                .any(|target| client.find(target) == Some(id))
    };
    loop {
        let outputs = tokio::select! {
            outputs = driver.next() => outputs,
            _ = tokio::signal::ctrl_c() => {
                driver.leave().await;
                return Ok(Exit::Interrupted);
            }
        };
        for output in outputs {
            match output {
                Output::Added(buffer, entry) if wanted(&driver, buffer) => {
                    show(&driver, buffer, entry, &tail)
                }
                // What was missed while the connection was away.
                Output::Loaded {
                    buffer,
                    entries,
                    is_first: false,
                } if wanted(&driver, buffer) => {
                    for entry in entries {
                        show(&driver, buffer, entry, &tail);
                    }
                }
                _ => {}
            }
        }
        check_failure(&driver)?;
    }
}

fn show(driver: &Driver, buffer: BufferId, entry: EntryId, tail: &Tail) {
    let Some(buffer) = driver
        .client()
        .buffer(buffer)
        .filter(|buffer| buffer.kind != BufferKind::Server)
    else {
        return;
    };
    let Some(entry) = buffer.timeline.get(entry) else {
        return;
    };
    let is_event = matches!(entry.what, What::Presence { .. } | What::Change { .. });
    if entry.said().is_none() && !(tail.events && is_event) {
        return;
    }
    match tail.form {
        Form::Text => crate::lines::say(&format!(
            "{} {}",
            buffer.name,
            one_line(entry, driver.locale())
        )),
        Form::Json => print_entry(driver, &buffer.name, entry),
    }
}

fn print_entry(driver: &Driver, target: &str, entry: &Entry) {
    let server = driver.address().host.as_str();
    let said = entry.said();
    let text = match said {
        Some(said) => text_of(said, driver.locale()),
        None => sentence(&entry.what, driver.locale()).unwrap_or_default(),
    };
    let kind = match (&entry.what, said.map(|said| said.manner)) {
        (_, Some(Manner::Message)) => "message",
        (_, Some(Manner::Notice)) => "notice",
        (_, Some(Manner::Action)) => "action",
        (What::Presence { .. }, _) => "presence",
        _ => "change",
    };
    print_json(&MessageLine {
        v: 1,
        r#type: kind,
        id: entry.msgid.as_deref(),
        time: entry.time.to_string(),
        server,
        target,
        from: said.map(|said| said.from.as_str()),
        account: said.and_then(|said| said.account.as_deref()),
        text: &text,
        reply_to: said.and_then(|said| said.reply_to.as_deref()),
    });
}

#[derive(Serialize)]
struct PersonLine<'a> {
    v: u32,
    r#type: &'static str,
    nick: &'a str,
    away: bool,
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
            Form::Text => crate::lines::say(&person.nick),
            Form::Json => print_json(&PersonLine {
                v: 1,
                r#type: "person",
                nick: &person.nick,
                away: person.is_away,
            }),
        }
    }
    driver.leave().await;
    Ok(if people.is_empty() {
        Exit::NotFound
    } else {
        Exit::Done
    })
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

#[derive(Serialize)]
struct WhoamiLine<'a> {
    v: u32,
    r#type: &'static str,
    server: &'a str,
    nick: &'a str,
    account: Option<&'a str>,
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
            crate::lines::say(&driver.locale().text_with("client-whoami", &variables));
        }
        Form::Json => print_json(&WhoamiLine {
            v: 1,
            r#type: "whoami",
            server: &server,
            nick: client.nick(),
            account: client.account(),
        }),
    }
    driver.leave().await;
    Ok(Exit::Done)
}

/// Makes the server and this device forget each other.
///
/// # Errors
/// The server could not be asked; this device forgets all the same, and says so.
pub async fn logout(mut driver: Driver) -> Result<Exit, Trouble> {
    let server = driver.address().name();
    let Some(credential) = driver.credential()? else {
        let text = driver
            .locale()
            .text_with("client-not-logged-in", &[("server", &server)]);
        return Err(Trouble::new(Exit::NotFound, text));
    };
    let revoked = revoke(&mut driver, &credential).await;
    credentials::forget(driver.folder(), &driver.address().key())?;
    let key = if revoked.is_ok() {
        "client-logged-out"
    } else {
        "client-logged-out-here"
    };
    let text = driver.locale().text_with(key, &[("server", &server)]);
    driver.leave().await;
    match revoked {
        Ok(()) => {
            crate::lines::say(&text);
            Ok(Exit::Done)
        }
        // A token that the server does not know any more is as good as revoked.
        Err(trouble) if trouble.exit == Exit::Credentials => {
            crate::lines::say(&text);
            Ok(Exit::Done)
        }
        Err(trouble) => Err(Trouble::new(
            Exit::Partly,
            format!("{text} ({})", trouble.text),
        )),
    }
}

async fn revoke(driver: &mut Driver, credential: &credentials::Credential) -> Result<(), Trouble> {
    let mut lines = Lines::standard();
    let before = Door::new(driver, &mut lines, Asking::Never)
        .enter(None)
        .await?;
    let here = driver.client().current().id;
    let line = Message::new("DEVICE")
        .param("DEL")
        .param(credential.id.as_str());
    let mut outputs = before;
    outputs.extend(driver.intend(Intent::Command(here, Command::Quote(line.to_string()))));
    wait_for(driver, outputs, |_, output| match output {
        Output::DeviceRemoved(id) if id == credential.id.as_str() => Some(Ok(())),
        Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
        _ => None,
    })
    .await
}

/// Signs in and remembers this device.
///
/// # Errors
/// The sign-in was refused.
pub async fn login(
    mut driver: Driver,
    lines: &mut Lines,
    way: Option<Way>,
) -> Result<Exit, Trouble> {
    let asking = if lines.is_terminal() && way.is_none() {
        Asking::Allowed
    } else {
        Asking::Never
    };
    let outputs = Door::new(&mut driver, lines, asking).enter(way).await?;
    let has_devices = driver.client().features().has("causette/devices");
    let was_kept = outputs
        .iter()
        .any(|output| matches!(output, Output::KeepToken { .. }));
    if asking == Asking::Never && has_devices && !was_kept && driver.credential()?.is_none() {
        wait_for(&mut driver, outputs, |_, output| match output {
            Output::KeepToken { .. } => Some(Ok(())),
            Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
            _ => None,
        })
        .await?;
    }
    let trouble = driver.take_trouble();
    driver.leave().await;
    match trouble {
        Some(error) => Err(Trouble::new(Exit::Failed, error)),
        None => Ok(Exit::Done),
    }
}

/// Whether a key that is known may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Yes: the person knows that the server has a new key.
    Allowed,
    /// No.
    Never,
}

/// Looks at a server's key and trusts it, if the person says so or has named it.
///
/// # Errors
/// The key is another one, or is not trusted.
pub async fn trust(
    mut driver: Driver,
    lines: &mut Lines,
    named: Option<Fingerprint>,
    replace: Replace,
) -> Result<Exit, Trouble> {
    let server = driver.address().name();
    drop(driver.intend(Intent::Connect));
    let failure = loop {
        drop(driver.next().await);
        match driver.failure() {
            Some(failure) => break Some(failure.clone()),
            None if driver.client().link().phase >= crate::connection::Phase::Arriving => {
                break None;
            }
            None => {}
        }
    };
    let say = |driver: &Driver, key: &str| driver.locale().text_with(key, &[("server", &server)]);
    let key = match failure {
        None => {
            crate::lines::say(&say(&driver, "client-key-already"));
            driver.finish().await;
            return Ok(Exit::Done);
        }
        Some(Failure::Unreachable(error)) => {
            let variables = [("server", server.as_str()), ("error", error.as_str())];
            return Err(Trouble::new(
                Exit::Network,
                driver.locale().text_with("client-unreachable", &variables),
            ));
        }
        Some(Failure::Changed(_)) if replace == Replace::Never => {
            return Err(Trouble::new(
                Exit::Trust,
                say(&driver, "client-key-changed"),
            ));
        }
        Some(Failure::Changed(key) | Failure::Unknown(key)) => key,
    };
    match named {
        Some(named) if named == key => {}
        Some(_) => return Err(Trouble::new(Exit::Trust, say(&driver, "client-key-wrong"))),
        None if !lines.is_terminal() => {
            return Err(Trouble::new(
                Exit::Trust,
                say(&driver, "client-not-trusted"),
            ));
        }
        None => {
            if ask_trust(driver.locale(), &server, key, lines).await? == Trusting::Once {
                return Ok(Exit::Done);
            }
        }
    }
    trust::remember(driver.folder(), &driver.address().key(), key)?;
    crate::lines::say(&say(&driver, "client-key-trusted"));
    Ok(Exit::Done)
}

/// Reads `90s`, `15m`, `1h`, `7d` before now, a moment like `2026-11-22T14:00:00Z` or `2026-11-22`, or else a msgid.
pub fn since(text: &str, count: usize) -> Since {
    let unit = |unit: char| match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    };
    let ago = text.char_indices().next_back().and_then(|(index, last)| {
        let number: i64 = text[..index].parse().ok()?;
        number.checked_mul(unit(last)?)
    });
    if let Some(seconds) = ago {
        return Since::Moment(crate::driver::now().plus_seconds(-seconds), count);
    }
    match Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z"))) {
        Some(time) => Since::Moment(time, count),
        None => Since::Msgid(text.into(), count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_three_ways() {
        let day = Timestamp::parse("2026-11-22T00:00:00Z").unwrap_or_default();
        assert_eq!(since("2026-11-22", 5), Since::Moment(day, 5));
        assert_eq!(since("2026-11-22T00:00:00Z", 5), Since::Moment(day, 5));
        assert!(matches!(since("1h", 5), Since::Moment(time, 5) if time > day));
        assert_eq!(
            since("06dqdpn81w0000000w000003", 5),
            Since::Msgid("06dqdpn81w0000000w000003".into(), 5)
        );
        assert_eq!(since("é", 5), Since::Msgid("é".into(), 5));
    }
}
