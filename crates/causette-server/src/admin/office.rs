//! What answers the administrator's requests.

pub(crate) mod invite;

use super::PATIENCE;
use super::register::{Asked, Raw, Shelf};
use super::request::{Kind, Obeyed, Reply, Request};
use super::system_user;
use super::wanted::Wanted;
use crate::config::live::Live;
use crate::config::reload::Requester;
use crate::countdown::{self, StopOrder};
use crate::engine::ticket::Tickets;
use crate::engine::{Arrival, now};
use crate::identity::fingerprint;
use crate::identity::vigil;
use crate::net::shortage::Resource;
use crate::net::tls::Tls;
use crate::status::Status;
use causette_core::input::{By, Input};
use causette_core::limits::{ADMIN_REQUEST_BYTES, STOP_AHEAD_SECONDS_MAX};
use causette_core::order::Order;
use causette_core::plain;
use causette_text::{Language, text, text_with};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::WriteHalf;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// What answers requests.
#[derive(Clone)]
pub(crate) struct Office {
    /// The engine's inbox.
    pub(crate) inbox: mpsc::Sender<Arrival>,
    /// The acts that wait.
    pub(crate) tickets: Arc<Tickets<Obeyed>>,
    /// Asks for the stop, with its reason.
    pub(crate) stop: mpsc::Sender<StopOrder>,
    /// Asks for the configuration to be read again.
    pub(crate) reloads: mpsc::Sender<Requester>,
    /// How the server is.
    pub(crate) status: Arc<Status>,
    /// What the configuration says.
    pub(crate) live: Arc<Live>,
    /// In which language to answer; `None` for the server's.
    pub(crate) spoken: Option<Language>,
    /// By what clients know the server.
    pub(crate) tls: Arc<Tls>,
    /// The port that people come to.
    pub(crate) port: u16,
    /// Where the register is read.
    pub(crate) shelf: Shelf,
    /// Where one doctor at a time looks at everything.
    pub(crate) examination: Arc<Semaphore>,
}

/// How long whoever reads many pages of the register may look at one before they take the next.
const READERS_PATIENCE: Duration = Duration::from_secs(600);

impl Office {
    /// The same, answering in a language; `None` for the server's.
    pub(crate) fn speaking(&self, spoken: Option<Language>) -> Self {
        Self {
            spoken,
            ..self.clone()
        }
    }

    /// In which language it answers.
    pub(crate) fn language(&self) -> Language {
        self.spoken.unwrap_or_else(|| self.live.language())
    }

    /// Tells somebody that too many ask at once, or that no more files may be open.
    pub(super) fn turn_away(&self, stream: UnixStream, resource: Resource) {
        self.status.metrics.shortages.turn_away(resource);
        let key = match resource {
            Resource::Files => "admin-no-files",
            _ => "admin-busy",
        };
        let reply = Reply::refusal(text(self.language(), key));
        let told = serde_json::to_vec(&reply).map_err(std::io::Error::other);
        // The buffer of a new connection is empty: it takes a line, or the other end has left.
        let _ = told.and_then(|mut told| {
            told.push(b'\n');
            stream.into_std()?.write_all(&told)
        });
    }

    /// Answers the requests of one connection.
    pub(super) async fn converse(&self, mut stream: UnixStream) -> anyhow::Result<()> {
        let peer = stream.peer_cred()?;
        // Its end is not that of the socket: a witness of the stop has it still.
        let (reader, mut writer) = stream.split();
        if peer.uid() != 0 && peer.uid() != rustix::process::geteuid().as_raw() {
            let text = text(self.language(), "admin-forbidden");
            write(&mut writer, &Reply::refusal_of(Kind::Refused, text)).await?;
            anyhow::bail!("user {} may not administer this server", peer.uid());
        }
        let by = system_user::name(peer.uid());
        let mut reader = tokio::io::BufReader::new(reader);
        loop {
            let mut line = Zeroizing::new(Vec::new());
            let mut request = (&mut reader).take(ADMIN_REQUEST_BYTES as u64);
            if timeout(PATIENCE, request.read_until(b'\n', &mut line)).await?? == 0 {
                return Ok(());
            }
            let whole = line.ends_with(b"\n");
            let request = serde_json::from_slice::<Request>(&line).ok();
            let request = request.filter(|_| whole);
            let office = self.speaking(request.as_ref().and_then(Request::language));
            let reply = match office.understand(request) {
                Ok(Wanted::Watch) => return office.tell_watcher(&mut reader, &mut writer).await,
                Ok(Wanted::Register(raw)) if raw.pages => {
                    match office
                        .tell_register(*raw, &by, &mut reader, &mut writer)
                        .await?
                    {
                        Some(refusal) => refusal,
                        None => return Ok(()),
                    }
                }
                Ok(wanted) => {
                    if let Wanted::Stop { .. } = wanted {
                        self.status.witnesses.add(writer.as_ref());
                    }
                    office.answer(wanted, &by).await
                }
                Err(reply) => reply,
            };
            write(&mut writer, &reply).await?;
            if !whole {
                return Ok(());
            }
        }
    }

    /// Tells what happens, until the other end has left.
    async fn tell_watcher(
        &self,
        reader: &mut (impl AsyncReadExt + Unpin),
        writer: &mut WriteHalf<'_>,
    ) -> anyhow::Result<()> {
        let mut watcher = self.status.watchers.join();
        let told = Ok::<_, String>(text(self.language(), "admin-watching"));
        write(writer, &Reply::from(told)).await?;
        let mut said = [0; 64];
        loop {
            tokio::select! {
                event = watcher.next(now, self.language()) => match event {
                    Some(event) => write(writer, &event).await?,
                    None => return Ok(()),
                },
                // Whoever watches says nothing more: this is their end.
                _ = reader.read(&mut said) => return Ok(()),
            }
        }
    }

    /// Tells what the register says, page by page, until all is told or the other end has left; or why it is not told.
    async fn tell_register(
        &self,
        raw: Raw,
        by: &str,
        reader: &mut (impl AsyncReadExt + Unpin),
        writer: &mut WriteHalf<'_>,
    ) -> anyhow::Result<Option<Reply>> {
        let begun = match self.asked(raw) {
            Ok(asked) => self.begin_reading(by, asked).await,
            Err(reply) => Err(reply),
        };
        let mut telling = match begun {
            Ok(telling) => telling,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut said = [0; 64];
        loop {
            let page = tokio::select! {
                page = telling.page(self) => page,
                // Whoever reads says nothing more: this is their end.
                _ = reader.read(&mut said) => return Ok(None),
            };
            let reply;
            (telling, reply) = match page {
                Ok(told) => told,
                Err(refusal) => return Ok(Some(refusal)),
            };
            // People read what they get before they want more of it.
            write_within(writer, &reply, READERS_PATIENCE).await?;
            if telling.has_ended() {
                return Ok(None);
            }
        }
    }

    /// A question to the register, or what is wrong with it.
    pub(crate) fn asked(&self, raw: Raw) -> Result<Asked, Reply> {
        Asked::of(raw, now(), &self.shelf.zone, self.language())
            .map_err(|text| Reply::refusal_of(Kind::Malformed, text))
    }

    /// What a request wants, or what is wrong with it; `None` for a line that is none.
    fn understand(&self, request: Option<Request>) -> Result<Wanted, Reply> {
        let language = self.language();
        let malformed = |text| Err(Reply::refusal_of(Kind::Malformed, text));
        let Some(mut request) = request else {
            return malformed(text(language, "admin-malformed"));
        };
        let wanted = match request.understand(language) {
            Ok(wanted) => wanted,
            Err(text) => return malformed(text),
        };
        match self.check(&wanted) {
            Ok(()) => Ok(wanted),
            Err(text) => malformed(text),
        }
    }

    /// Whether what is wanted can be, as far as the core does not judge it.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn check(&self, wanted: &Wanted) -> Result<(), String> {
        let Wanted::Stop { reason, seconds } = wanted else {
            return Ok(());
        };
        let language = self.language();
        let settings = &self.live.config().settings;
        let max = match seconds {
            0 => settings.stop_bytes(),
            // It is announced before: what does not fit then would be told to nobody.
            _ => settings.stop_bytes().min(countdown::reason_bytes(settings)),
        };
        if reason.as_ref().is_some_and(|reason| reason.len() > max) {
            // People would not read it to its end.
            let variables = [("max", &*max.to_string())];
            return Err(text_with(language, "admin-stop-too-long", &variables));
        }
        if *seconds > STOP_AHEAD_SECONDS_MAX {
            let hours = (STOP_AHEAD_SECONDS_MAX / 3_600).to_string();
            let variables = [("hours", hours.as_str())];
            return Err(text_with(language, "admin-stop-too-late", &variables));
        }
        Ok(())
    }

    async fn answer(&self, wanted: Wanted, by: &str) -> Reply {
        let language = self.language();
        match wanted {
            Wanted::Order(order) => self.order(by, order).await,
            Wanted::Stop { reason, seconds } => self.stop(by, reason, seconds).await,
            Wanted::CancelStop => self.cancel_stop(by).await,
            Wanted::Fingerprint => {
                let text = self.fingerprints();
                self.order(by, Order::ShowFingerprints { text }).await
            }
            Wanted::Reload => self.reload(by).await,
            Wanted::Invite {
                address,
                room,
                uses,
                seconds,
            } => {
                let terms = invite::terms(uses, seconds);
                self.invite(by, address.as_deref(), room, terms).await
            }
            Wanted::Status => {
                let certificate = vigil::describe(&self.tls.certificate(), now(), language);
                let mut told = format!("{}\n{certificate}", self.status.text(language));
                let config = self.live.config();
                let database = config.database();
                if database.is_on_server() {
                    let variables = [("database", &*database.to_string())];
                    let line = text_with(language, "admin-status-database", &variables);
                    told = format!("{told}\n{line}");
                }
                if config.backup.every.is_some() {
                    told = format!("{told}\n{}", self.status.backups.text(language));
                }
                match self.status.trouble() {
                    None => Ok(told).into(),
                    Some(_) => Reply::refusal(told),
                }
            }
            Wanted::Register(raw) => match self.asked(*raw) {
                Ok(asked) => self.read_register(by, asked).await,
                Err(reply) => reply,
            },
            Wanted::Doctor => self.examine().await,
            // It is no question.
            Wanted::Watch => Reply::refusal_of(Kind::Malformed, text(language, "admin-malformed")),
        }
    }

    async fn stop(&self, by: &str, reason: Option<String>, seconds: u64) -> Reply {
        self.stop_by(By::System(by.into()), reason, seconds).await
    }

    /// Stops the server, in the name of whoever may.
    pub(crate) async fn stop_by(&self, by: By, reason: Option<String>, seconds: u64) -> Reply {
        let language = self.language();
        // People would read that there is a reason, and none.
        let said = reason.map(|reason| plain(&reason));
        let said = said.filter(|reason| !reason.is_empty());
        let reason = said.unwrap_or_else(|| text(language, "stop-by-administrator"));
        let (told, heard) = oneshot::channel();
        let order = StopOrder::Stop {
            reason: reason.into(),
            by,
            after: Duration::from_secs(seconds),
            told: (seconds > 0).then_some(told),
        };
        match self.stop.send_timeout(order, PATIENCE).await {
            Ok(()) => {}
            // A stop that is already under way needs no second one.
            Err(SendTimeoutError::Closed(_)) => {
                return Ok(text(language, "admin-stopping")).into();
            }
            Err(SendTimeoutError::Timeout(_)) => return self.unavailable(),
        }
        if seconds > 0 {
            match timeout(PATIENCE, heard).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(left))) => {
                    let variables = [("seconds", &*left.as_secs().to_string())];
                    let text = text_with(language, "admin-stop-sooner", &variables);
                    return Reply::refusal_of(Kind::Refused, text);
                }
                _ => return self.unavailable(),
            }
        }
        let told = match seconds {
            0 => text(language, "admin-stopping"),
            _ => text_with(
                language,
                "admin-stopping-in",
                &[("seconds", &seconds.to_string())],
            ),
        };
        Ok(told).into()
    }

    async fn cancel_stop(&self, by: &str) -> Reply {
        self.cancel_stop_by(By::System(by.into())).await
    }

    /// Calls a stop off that is to come, in the name of whoever may.
    pub(crate) async fn cancel_stop_by(&self, by: By) -> Reply {
        let (told, heard) = oneshot::channel();
        let order = StopOrder::Cancel { by, told };
        if self.stop.send_timeout(order, PATIENCE).await.is_err() {
            return self.unavailable();
        }
        let language = self.language();
        match timeout(PATIENCE, heard).await {
            Ok(Ok(true)) => Ok(text(language, "stop-cancelled")).into(),
            Ok(Ok(false)) => Reply::refusal_of(Kind::Refused, text(language, "admin-no-stop")),
            _ => self.unavailable(),
        }
    }

    async fn reload(&self, by: &str) -> Reply {
        self.reload_by(By::System(by.into())).await
    }

    /// Has the configuration read again, in the name of whoever may.
    pub(crate) async fn reload_by(&self, by: By) -> Reply {
        let (waiting, told) = oneshot::channel();
        let asked = self.reloads.try_send(Requester::Administrator(by, waiting));
        if asked.is_err() {
            return self.unavailable();
        }
        match timeout(PATIENCE, told).await {
            Ok(Ok(Ok(()))) => Ok(text(self.language(), "rehashed")).into(),
            Ok(Ok(Err(unusable))) => Reply {
                kind: (!unusable.may_pass()).then_some(Kind::Configuration),
                ..Reply::refusal(unusable.to_string())
            },
            Ok(Err(_)) | Err(_) => self.unavailable(),
        }
    }

    pub(super) fn unavailable(&self) -> Reply {
        Reply::refusal_of(
            Kind::Unavailable,
            text(self.language(), "admin-unavailable"),
        )
    }

    fn fingerprints(&self) -> String {
        let (certificate, language) = (self.tls.certificate(), self.language());
        let mut lines = vec![
            text(language, "admin-fingerprint-certificate"),
            format!("  {}", certificate.fingerprint),
            text(language, "admin-fingerprint-public-key"),
        ];
        let rows = fingerprint::rows(&certificate.public_key);
        lines.extend(rows.iter().map(|row| format!("  {row}")));
        lines.push(format!("  sha256:{}", certificate.public_key));
        lines.join("\n")
    }

    pub(super) async fn order(&self, by: &str, order: Order) -> Reply {
        match self.obeyed(by, order).await {
            Some(result) => Reply::of(result, now(), self.language()),
            None => self.unavailable(),
        }
    }

    /// What the core says of an order; `None` where it says nothing in time.
    async fn obeyed(&self, by: &str, order: Order) -> Option<Obeyed> {
        let by = by.into();
        let (ticket, result) = self.tickets.draw();
        let asked = async {
            let arrival = Arrival::Input(Input::Admin {
                ticket,
                by,
                language: self.spoken,
                order,
            });
            self.inbox.send(arrival).await.ok()?;
            result.await.ok()
        };
        timeout(PATIENCE, asked).await.ok().flatten()
    }
}

/// Says one thing, on a line of its own. Who does not read for long is left.
async fn write(writer: &mut WriteHalf<'_>, told: &impl serde::Serialize) -> anyhow::Result<()> {
    write_within(writer, told, PATIENCE).await
}

async fn write_within(
    writer: &mut WriteHalf<'_>,
    told: &impl serde::Serialize,
    patience: Duration,
) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(told)?;
    line.push(b'\n');
    timeout(patience, writer.write_all(&line)).await??;
    Ok(())
}

#[cfg(any(test, feature = "fuzzing"))]
mod idle;
#[cfg(test)]
mod tests;
