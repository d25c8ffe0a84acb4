//! An account that somebody who runs the server has to approve before one can sign in to it: waiting for that, and signing
//! in by oneself when a service has told something.

use crate::core::client::Client;
use crate::core::entry::What;
use crate::core::hush::is_service;
use crate::core::input::{SecretKind, Way};
use crate::core::limits::DOOR_LINES_MAX;
use crate::core::output::{Arrival, Fault, Output};
use crate::core::receive::{last, msgid_of, nick_of, time_of};
use crate::core::registration::Step;
use causette_proto::{CompactString, Message};
use causette_text::{Language, text_with};

/// Comes back behind all that everybody is told who enters: what a service says from then on is about the account.
pub(crate) const SETTLED: &str = "settled";

/// An account that was made in this run and waits to be approved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    /// What was told over this connection. A sign-in that is refused in the same words tells that the account still waits; one
    /// that is refused in others tells something else.
    told: Vec<String>,
    /// Whether all that everybody is told who enters has come.
    is_settled: bool,
    /// Whether a service has said something since the server was last asked to let the person in.
    has_news: bool,
    /// In which words a sign-in was refused of which it is not known yet whether that is because the account waits.
    doubt: Option<String>,
}

impl Pending {
    /// Remembers what was told; says whether it is new.
    fn tell(&mut self, text: &str) -> bool {
        let is_new = !self.told.iter().any(|told| told == text);
        if is_new && self.told.len() < DOOR_LINES_MAX {
            self.told.push(text.to_owned());
        }
        is_new
    }
}

impl Client {
    /// The account is made, and there is no code that the person could give: it waits for others.
    pub(crate) fn made_to_wait(&mut self, account: &str, text: &str, out: &mut Vec<Output>) {
        if let Some(Way::SignUp { password, .. }) = &self.way {
            self.way = Some(Way::SignIn {
                account: account.into(),
                secret: password.clone(),
                kind: SecretKind::Password,
            });
        }
        let mut pending = Pending::default();
        pending.tell(text);
        self.pending = Some(pending);
        let text = text.to_owned();
        out.push(Output::Arrival(Arrival::Waiting { text }));
        self.wait_for_approval(out);
    }

    fn wait_for_approval(&mut self, out: &mut Vec<Output>) {
        self.link.step = Step::Waiting;
        let is_greeted = self.link.entering.is_greeted;
        if let Some(pending) = &mut self.pending {
            pending.is_settled = is_greeted;
            pending.has_news = false;
        }
        if !is_greeted {
            // In the lobby one has the time, and is told.
            out.push(Output::Send(Message::new("CAP").param("END")));
            out.push(Output::Send(Message::new("PING").param(SETTLED)));
        }
    }

    /// All that everybody is told who enters has come.
    pub(crate) fn settled(&mut self, out: &mut Vec<Output>) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        pending.is_settled = true;
        if pending.has_news {
            pending.doubt = None;
            self.try_to_sign_in(out);
            return;
        }
        if let Some(text) = pending.doubt.take() {
            // Nobody has told that the account waits: the sign-in was refused for another reason.
            self.pending = None;
            self.refuse(Fault::Credentials, text, out);
        }
    }

    /// A service says something while an account waits: it is shown, and may be what is waited for. Says whether it was that.
    pub(crate) fn told_while_waiting(&mut self, message: &Message, out: &mut Vec<Output>) -> bool {
        let step = self.link.step;
        let is_greeted = self.link.entering.is_greeted;
        let is_waiting = matches!(step, Step::Waiting | Step::Authenticating);
        let is_told = message.command == "NOTICE" && is_service(&nick_of(message));
        let Some(pending) = self.pending.as_mut().filter(|_| is_waiting && is_told) else {
            return false;
        };
        let text = last(message).to_owned();
        if pending.doubt.as_ref() == Some(&text) {
            pending.doubt = None;
        }
        if pending.tell(&text) {
            out.push(Output::Arrival(Arrival::Waiting { text: text.clone() }));
        }
        // What comes between the greeting and its end is for everybody.
        if pending.is_settled || !is_greeted {
            pending.has_news = true;
        }
        if pending.has_news && pending.is_settled && step == Step::Waiting {
            self.try_to_sign_in(out);
        }
        // It is said at the door; on the server's own page it is no news.
        let time = time_of(message, self.now);
        let entry = self.entry(time, msgid_of(message), What::Info(text));
        let server = self.server_buffer();
        self.add(server, entry, &mut Vec::new());
        true
    }

    fn try_to_sign_in(&mut self, out: &mut Vec<Output>) {
        if self.features.has("sasl") {
            self.link.step = Step::Authenticating;
            out.push(Output::Send(Message::new("AUTHENTICATE").param("PLAIN")));
        }
    }

    /// Name and password are on their way: what was said before is known to the server that looks at them.
    pub(crate) fn showed_who(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.has_news = false;
        }
    }

    /// Whether a sign-in that the person has just asked for was refused because the account waits: as the servers that know of
    /// such accounts say it. Who wants nothing kept does not want to wait either.
    fn is_told_to_wait(&self, text: &str) -> bool {
        let Some(Way::SignIn {
            account,
            kind: SecretKind::Password,
            ..
        }) = &self.way
        else {
            return false;
        };
        let variables = [("account", account.as_str())];
        let mut languages = Language::ALL.into_iter();
        self.settings.wants_token
            && languages.any(|language| text_with(language, "account-waits", &variables) == text)
    }

    /// The sign-in was refused. Says whether only because the account still waits; then there is nothing to be asked.
    pub(crate) fn still_waits(&mut self, text: &str, out: &mut Vec<Output>) -> bool {
        let is_greeted = self.link.entering.is_greeted;
        if self.pending.is_none() && !is_greeted && self.is_told_to_wait(text) {
            self.pending = Some(Pending::default());
        }
        let Some(pending) = &mut self.pending else {
            return false;
        };
        if !is_greeted {
            // The connection is new. Behind the greeting who waits is told so, in the same words.
            pending.told.clear();
            pending.doubt = Some(text.to_owned());
            self.wait_for_approval(out);
            return true;
        }
        if pending.has_news {
            self.try_to_sign_in(out);
            return true;
        }
        if pending.told.iter().any(|told| told == text) {
            self.link.step = Step::Waiting;
            return true;
        }
        self.pending = None;
        false
    }

    /// Whether an account waits to be approved, so that a lost connection is come back from.
    pub fn waits_for_approval(&self) -> bool {
        self.pending.is_some()
    }

    /// The account of a line that tells that it was made.
    pub(crate) fn account_of(&self, message: &Message) -> CompactString {
        let named = message.params.get(1).filter(|name| !name.is_empty());
        let own = || self.way.as_ref().map(|way| way.name().clone());
        named.cloned().or_else(own).unwrap_or_default()
    }
}
