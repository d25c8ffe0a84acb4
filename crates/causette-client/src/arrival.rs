//! The conversation at the door: is the key trusted, would you like to sign up, who are you. The same questions in every
//! face, on plain lines, before anything is drawn.

use crate::core::buffer::BufferId;
use crate::core::entry::EntryId;
use crate::core::input::{Intent, SecretKind, Way};
use crate::core::limits::PATIENCE;
use crate::core::output::{Arrival, Fault, Output, Refused};
use crate::core::wording::sentence;
use crate::credentials;
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::face::verb::{is_unknown, kept_out};
use crate::lines::{Lines, prompt, say};
use crate::transport::{Failure, Protection};
use crate::trust;
use crate::trusting::{Trusting, ask_trust};
use std::time::Duration;
use tokio::time::timeout;

/// How often a name and a password may be tried.
const TRIES: u32 = 3;

/// Whether the person may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// They sit at a terminal.
    Allowed,
    /// Nobody is there to answer: what would be asked is an error.
    Never,
}

/// Brings a driver in.
#[derive(Debug)]
pub struct Door<'a> {
    pub(crate) driver: &'a mut Driver,
    pub(crate) lines: &'a mut Lines,
    asking: Asking,
    /// What the face has to know of what happened meanwhile.
    pub(crate) outputs: Vec<Output>,
    tries: u32,
    /// What was said so far, so that only what was wrong is asked again.
    attempt: Option<Way>,
    had_token: bool,
    /// Whether it was told that an account waits, and that the connection is gone meanwhile.
    has_waited: bool,
    has_lost: bool,
}

impl<'a> Door<'a> {
    /// A door for a driver that is not connected.
    pub fn new(driver: &'a mut Driver, lines: &'a mut Lines, asking: Asking) -> Self {
        Self {
            driver,
            lines,
            asking,
            outputs: Vec::new(),
            tries: 0,
            attempt: None,
            had_token: false,
            has_waited: false,
            has_lost: false,
        }
    }

    /// Connects and enters, in the way that is given, or by this device's token, or as the person says. Gives what the face
    /// has to know of what has happened.
    ///
    /// # Errors
    /// There is no connection, no trust or no way in; or the person does not want to.
    pub async fn enter(mut self, way: Option<Way>) -> Result<Vec<Output>, Trouble> {
        // Where a person sits they may think; a script must not wait for ever.
        let patience = match self.asking {
            Asking::Allowed => Duration::MAX,
            Asking::Never => PATIENCE,
        };
        let silent = Trouble::new(Exit::Network, self.text("client-no-answer"));
        tokio::select! {
            result = timeout(patience, self.come_in(way)) => result.unwrap_or(Err(silent))?,
            _ = tokio::signal::ctrl_c() => return Err(Trouble::new(Exit::Interrupted, "")),
        }
        Ok(self.outputs)
    }

    async fn come_in(&mut self, way: Option<Way>) -> Result<(), Trouble> {
        if let Some(way) = way.or(self.token()?) {
            self.attempt = Some(way.clone());
            self.want(Intent::Enter(way));
        }
        self.connect();
        loop {
            let outputs = self.driver.next().await;
            let mut arrivals = Vec::new();
            let mut others = Vec::new();
            for output in outputs {
                match output {
                    Output::Arrival(arrival) => arrivals.push(arrival),
                    other => others.push(other),
                }
            }
            // Who is in is asked nothing more, and reads first that they are.
            let is_in = arrivals
                .iter()
                .any(|arrival| matches!(arrival, Arrival::Welcome { .. }));
            if !is_in {
                self.take(std::mem::take(&mut others));
            }
            for arrival in arrivals {
                if self.arrival(arrival).await? {
                    self.take(others);
                    return Ok(());
                }
            }
            if self.driver.client().link().is_online() {
                continue;
            }
            match self.driver.failure().cloned() {
                Some(Failure::Unreachable(_)) if self.driver.client().waits_for_approval() => {
                    self.lost_while_waiting();
                }
                Some(failure) => self.failed(failure).await?,
                None => self.has_lost = false,
            }
        }
    }

    /// The connection is gone while an account waits to be approved: it comes back by itself.
    fn lost_while_waiting(&mut self) {
        if !std::mem::replace(&mut self.has_lost, true) {
            let reason = self.driver.client().link().reason.clone();
            say(&self.text_with("client-connection-lost", &[("reason", &reason)]));
        }
    }

    fn token(&mut self) -> Result<Option<Way>, Trouble> {
        let credential = self.driver.credential()?;
        self.had_token = credential.is_some();
        Ok(credential.map(|credential| Way::SignIn {
            account: credential.account.into(),
            secret: credential.token,
            kind: SecretKind::Token,
        }))
    }

    pub(crate) fn want(&mut self, intent: Intent) {
        let outputs = self.driver.intend(intent);
        self.take(outputs);
    }

    /// Keeps what the face has to know. An alert is told here already, where somebody reads it.
    pub(crate) fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            if let (Asking::Allowed, Output::Added(buffer, entry)) = (self.asking, &output)
                && let Some(alert) = self.alert(*buffer, *entry)
            {
                if !self.driver.client().link().is_online() {
                    // A question may stand on the line.
                    self.end_line();
                }
                say(&alert);
                continue;
            }
            self.outputs.push(output);
        }
    }

    fn alert(&self, buffer: BufferId, entry: EntryId) -> Option<String> {
        let buffer = self.driver.client().buffer(buffer)?;
        let entry = buffer
            .timeline
            .get(entry)
            .filter(|entry| entry.is_alert())?;
        sentence(&entry.what, self.driver.locale())
    }

    fn connect(&mut self) {
        if self.asking == Asking::Allowed {
            let server = self.driver.address().name();
            prompt(&self.text_with("client-connecting", &[("server", &server)]));
        }
        self.want(Intent::Connect);
    }

    pub(crate) fn text(&self, key: &str) -> String {
        self.driver.locale().text(key)
    }

    pub(crate) fn text_with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        self.driver.locale().text_with(key, variables)
    }

    /// Says how the connection is protected, on the line that said that it is being opened.
    fn say_protection(&self) {
        if self.asking == Asking::Allowed {
            say(&format!(
                " {}",
                match self.driver.protection() {
                    Protection::Clear => self.text("client-connected-clear"),
                    Protection::Tls(version) =>
                        self.text_with("client-connected-tls", &[("protocol", version)]),
                }
            ));
        }
    }

    /// Takes a step. Says whether the person is in.
    async fn arrival(&mut self, arrival: Arrival) -> Result<bool, Trouble> {
        match arrival {
            Arrival::Who => {
                self.say_protection();
                for line in self.driver.client().told_at_the_door() {
                    say(&format!(" {line}"));
                }
                let way = self.ask_who().await?;
                self.go(way);
            }
            Arrival::Code { text } => {
                say(&text);
                self.ask_code().await?;
            }
            Arrival::Waiting { text } => self.waiting(text)?,
            Arrival::Refused(refused) => self.refused(refused).await?,
            Arrival::Welcome {
                nick,
                account,
                is_new,
            } => {
                self.welcome(&nick, account.as_deref(), is_new).await;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The account waits for somebody who runs the server. Where nobody sits, nobody waits for them.
    fn waiting(&mut self, text: String) -> Result<(), Trouble> {
        if self.asking == Asking::Never {
            return Err(Trouble::new(Exit::Credentials, text));
        }
        say(&text);
        if !std::mem::replace(&mut self.has_waited, true) {
            say(&self.text("client-waiting"));
        }
        Ok(())
    }

    fn go(&mut self, way: Way) {
        self.attempt = Some(way.clone());
        self.want(Intent::Enter(way));
    }

    pub(crate) fn may_ask(&self) -> Result<(), Trouble> {
        if self.asking == Asking::Allowed {
            return Ok(());
        }
        let server = self.driver.address().name();
        Err(Trouble::new(
            Exit::Credentials,
            self.text_with("client-sign-in-first", &[("server", &server)]),
        ))
    }

    async fn ask_who(&mut self) -> Result<Way, Trouble> {
        self.may_ask()?;
        if self.driver.client().features().registers() {
            let answer = self.ask("client-ask-sign-up").await?;
            let yes = self.text("client-yes");
            if answer.trim().to_lowercase().starts_with(&yes) {
                return self.ask_sign_up().await;
            }
        }
        self.ask_sign_in().await
    }

    async fn refused(&mut self, refused: Refused) -> Result<(), Trouble> {
        let Refused { fault, text } = refused;
        if fault == Fault::KeptOut {
            self.end_line();
            return Err(kept_out(self.driver, &text));
        }
        if self.asking == Asking::Never {
            let exit = if fault == Fault::Server {
                Exit::Refused
            } else {
                Exit::Credentials
            };
            return Err(Trouble::new(exit, text));
        }
        let attempt = self.attempt.take();
        match (fault, attempt) {
            (Fault::Token, _) => {
                say("");
                if is_unknown(&text) {
                    self.driver.forget_token()?;
                    say(&self.text("client-token-refused"));
                } else {
                    say(&text);
                }
                let way = self.ask_who().await?;
                self.go(way);
            }
            (
                Fault::Name | Fault::Password | Fault::Email | Fault::Invitation,
                Some(way @ Way::SignUp { .. }),
            ) => {
                say(&text);
                let way = self.ask_again(fault, way).await?;
                self.go(way);
            }
            (Fault::Name, Some(Way::Guest { .. })) => {
                say(&text);
                let nick = self.ask_name().await?;
                self.go(Way::Guest { nick });
            }
            (Fault::Code, attempt) => {
                self.attempt = attempt;
                say(&text);
                self.ask_code().await?;
            }
            (Fault::Server | Fault::KeptOut, _) => return Err(Trouble::new(Exit::Refused, text)),
            (
                Fault::Credentials
                | Fault::Name
                | Fault::Password
                | Fault::Email
                | Fault::Invitation,
                _,
            ) => {
                say(&text);
                self.tries += 1;
                if self.tries >= TRIES {
                    return Err(Trouble::new(
                        Exit::Credentials,
                        self.text("client-too-many-tries"),
                    ));
                }
                let way = self.ask_sign_in().await?;
                self.go(way);
            }
        }
        Ok(())
    }

    /// Greets, and waits for the token that replaces the password.
    async fn welcome(&mut self, nick: &str, account: Option<&str>, is_new: bool) {
        if self.asking == Asking::Never {
            return;
        }
        match account {
            Some(account) if is_new => {
                self.tell(self.text_with("client-account-created", &[("account", account)]))
            }
            Some(_) if self.had_token && self.tries == 0 => self.say_protection(),
            Some(account) => self.tell(self.text_with("client-signed-in", &[("account", account)])),
            None => self.tell(self.text_with("client-guest", &[("nick", nick)])),
        }
        let by_password = matches!(
            self.attempt,
            Some(
                Way::SignUp { .. }
                    | Way::SignIn {
                        kind: SecretKind::Password,
                        ..
                    }
            )
        );
        let client = self.driver.client();
        if account.is_none()
            || !by_password
            || !client.settings().wants_token
            || !client.features().has("causette/devices")
        {
            return;
        }
        let remembered = timeout(PATIENCE, self.token_kept()).await;
        match (remembered, self.driver.take_trouble()) {
            (Ok(true), None) => {
                let file = self
                    .driver
                    .folder()
                    .path(credentials::FILE)
                    .display()
                    .to_string();
                self.tell(self.text_with("client-remembered", &[("file", &file)]));
                self.tell(format!("  {}", self.text("client-to-forget")));
            }
            (_, Some(error)) => {
                self.tell(self.text_with("client-not-remembered", &[("error", &error)]))
            }
            _ => {}
        }
    }

    /// Says something that is worth being found again on the screen that is drawn next.
    fn tell(&mut self, text: String) {
        say(&text);
        self.driver.greet(text);
    }

    /// Waits for the token, or for the server's refusal.
    async fn token_kept(&mut self) -> bool {
        loop {
            for output in self.driver.next().await {
                match output {
                    Output::KeepToken { .. } => return true,
                    Output::Refused(..) => return false,
                    other => self.take(vec![other]),
                }
            }
            if self.driver.failure().is_some() {
                return false;
            }
        }
    }

    async fn failed(&mut self, failure: Failure) -> Result<(), Trouble> {
        let server = self.driver.address().name();
        match failure {
            Failure::Unreachable(error) => {
                let said = self.driver.client().link().reason.clone();
                let error = if error.is_empty() { said } else { error };
                self.end_line();
                let variables = [("server", server.as_str()), ("error", error.as_str())];
                Err(Trouble::new(
                    Exit::Network,
                    self.text_with("client-unreachable", &variables),
                ))
            }
            Failure::Unknown(key) if self.asking == Asking::Allowed => {
                self.end_line();
                match ask_trust(self.driver.locale(), &server, key, self.lines).await? {
                    Trusting::Always => {
                        trust::remember(self.driver.folder(), &self.driver.address().key(), key)?
                    }
                    Trusting::Once => self.driver.trust_once(key),
                }
                self.connect();
                Ok(())
            }
            Failure::Unknown(_) => Err(Trouble::new(
                Exit::Trust,
                self.text_with("client-not-trusted", &[("server", &server)]),
            )),
            Failure::Changed(_) => {
                self.end_line();
                let asked = self.driver.address().fingerprint.is_some();
                let key = if asked {
                    "client-key-wrong"
                } else {
                    "client-key-changed"
                };
                Err(Trouble::new(
                    Exit::Trust,
                    self.text_with(key, &[("server", &server)]),
                ))
            }
        }
    }

    fn end_line(&self) {
        if self.asking == Asking::Allowed {
            say("");
        }
    }
}
