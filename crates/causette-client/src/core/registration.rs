//! Entering: capabilities, then signing in or up, until the server has greeted.
//!
//! <https://ircv3.net/specs/extensions/capability-negotiation>, <https://ircv3.net/specs/extensions/sasl-3.2>,
//! <https://ircv3.net/specs/extensions/account-registration>

use crate::core::client::Client;
use crate::core::connection::Phase;
use crate::core::features::WANTED;
use crate::core::input::{SecretKind, Way};
use crate::core::limits::NICKS_MAX;
use crate::core::output::{Arrival, Fault, Output, Refused};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_proto::limits::AUTHENTICATE_BYTES_MAX;
use causette_proto::{CompactString, Message};
use zeroize::Zeroizing;

/// What entering waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Step {
    /// A connection.
    #[default]
    Closed,
    /// The list of capabilities.
    Listing,
    /// The person, who must say how to enter.
    Asking,
    /// The answers to that many requests for capabilities.
    Requesting(usize),
    /// The end of SASL.
    Authenticating,
    /// The account that is being made.
    Registering,
    /// The code that the server has sent.
    Verifying,
    /// Somebody who runs the server, who has to approve the account.
    Waiting,
    /// The greeting.
    Greeting,
    /// Nothing more.
    Done,
}

/// What is known of entering over one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entering {
    /// What the server has said before it was told who comes.
    pub(crate) told: Vec<String>,
    /// Whether capabilities were asked for.
    pub(crate) has_requested: bool,
    /// Whether the server has greeted with 001.
    pub(crate) is_greeted: bool,
    /// Whether the account was made over this connection.
    pub(crate) is_new: bool,
    /// How often another nickname was tried.
    pub(crate) other_nicks: u32,
    /// The nickname that was asked for last.
    pub(crate) asked_nick: CompactString,
}

/// Bytes of the names of capabilities in one request: the line has room for them with its beginning.
const REQUEST_BYTES: usize = 400;

impl Client {
    pub(crate) fn begin_registration(&mut self, out: &mut Vec<Output>) {
        self.link.step = Step::Listing;
        self.link.entering = Entering::default();
        self.account = None;
        out.push(Output::Send(Message::new("CAP").param("LS").param("302")));
    }

    /// The person has said how to enter.
    pub(crate) fn enter(&mut self, way: Way, out: &mut Vec<Output>) {
        self.way = Some(way);
        self.link.may_retry = true;
        match self.link.phase {
            Phase::Offline => self.connect_now(out),
            Phase::Arriving if self.link.step == Step::Asking => self.proceed(out),
            Phase::Connecting | Phase::Arriving | Phase::Online => {}
        }
    }

    /// The person has given the code.
    pub(crate) fn verify(&mut self, code: &str, out: &mut Vec<Output>) {
        if let (Step::Verifying, Some(way)) = (self.link.step, &self.way) {
            let name = way.name().clone();
            out.push(Output::Send(Message::new("VERIFY").param(name).param(code)));
        }
    }

    pub(crate) fn received_cap(&mut self, message: &Message, out: &mut Vec<Output>) {
        let verb = message.params.get(1).map_or("", CompactString::as_str);
        let is_last = message.params.get(2).is_none_or(|param| param != "*");
        let list = message.params.last().map_or("", CompactString::as_str);
        match verb {
            "LS" | "NEW" => {
                for item in list.split_whitespace() {
                    let (name, value) = item.split_once('=').unwrap_or((item, ""));
                    if WANTED.contains(&name) || name == "draft/languages" {
                        self.features.offered.insert(name.into(), value.into());
                    }
                }
                if verb == "NEW" {
                    self.request_capabilities(list.split_whitespace(), out);
                } else if is_last && self.link.step == Step::Listing {
                    self.listed(out);
                }
            }
            "DEL" => {
                for name in list.split_whitespace() {
                    self.features.offered.remove(name);
                    self.features.enabled.remove(name);
                }
                out.push(Output::Changed);
            }
            "ACK" | "NAK" => {
                for item in list.split_whitespace().filter(|_| verb == "ACK") {
                    match item.strip_prefix('-') {
                        Some(name) => self.features.enabled.remove(name),
                        None if !WANTED.contains(&item) => false,
                        None => self.features.enabled.insert(item.into()),
                    };
                }
                if let Step::Requesting(waiting) = self.link.step {
                    self.link.step = Step::Requesting(waiting.saturating_sub(1));
                    self.continue_if_agreed(out);
                }
            }
            _ => {}
        }
    }

    /// All that the server offers is known; one that knows no capabilities offers none.
    pub(crate) fn listed(&mut self, out: &mut Vec<Output>) {
        if self.way.is_some() {
            self.proceed(out);
        } else {
            self.ask(Arrival::Who, out);
        }
    }

    /// What the server has said before it was told who comes: rules, and what is kept about people.
    pub fn told_at_the_door(&self) -> &[String] {
        &self.link.entering.told
    }

    fn ask(&mut self, arrival: Arrival, out: &mut Vec<Output>) {
        self.link.step = Step::Asking;
        out.push(Output::Arrival(arrival));
    }

    fn proceed(&mut self, out: &mut Vec<Output>) {
        if self.link.entering.has_requested {
            self.identify(out);
            return;
        }
        self.link.entering.has_requested = true;
        let wanted = WANTED.iter().copied();
        let requests = self.request_capabilities(wanted, out);
        self.link.step = Step::Requesting(requests);
        let language = self.settings.locale.language.tag();
        if self.features.value_has("draft/languages", language) {
            // So that the server speaks as the client does.
            out.push(Output::Send(Message::new("LANGUAGE").param(language)));
        }
        self.introduce(out);
        self.continue_if_agreed(out);
    }

    /// Says who comes, where it has changed.
    fn introduce(&mut self, out: &mut Vec<Output>) {
        let Some(name) = self.way.as_ref().map(|way| way.name().clone()) else {
            return;
        };
        let is_first = self.link.entering.asked_nick.is_empty();
        if self.link.entering.asked_nick != name {
            out.push(Output::Send(Message::new("NICK").param(name.clone())));
        }
        if is_first {
            let user = Message::new("USER").param(user_name(&name));
            out.push(Output::Send(user.param("0").param("*").param(name.clone())));
        }
        self.link.entering.asked_nick = name;
    }

    fn request_capabilities<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        out: &mut Vec<Output>,
    ) -> usize {
        let mut requests: Vec<String> = Vec::new();
        for name in names {
            let name = name.split('=').next().unwrap_or(name);
            if !WANTED.contains(&name)
                || !self.features.offered.contains_key(name)
                || self.features.has(name)
            {
                continue;
            }
            match requests.last_mut() {
                Some(line) if line.len() + 1 + name.len() <= REQUEST_BYTES => {
                    line.push(' ');
                    line.push_str(name);
                }
                _ => requests.push(name.to_owned()),
            }
        }
        for line in &requests {
            let request = Message::new("CAP").param("REQ").param(line.as_str());
            out.push(Output::Send(request));
        }
        requests.len()
    }

    fn continue_if_agreed(&mut self, out: &mut Vec<Output>) {
        if self.link.step == Step::Requesting(0) {
            self.identify(out);
        }
    }

    /// Shows who the person is, in the way that they chose.
    fn identify(&mut self, out: &mut Vec<Output>) {
        self.introduce(out);
        let is_greeted = self.link.entering.is_greeted;
        match &self.way {
            Some(Way::SignIn { .. }) if self.features.has("sasl") => {
                self.link.step = Step::Authenticating;
                out.push(Output::Send(Message::new("AUTHENTICATE").param("PLAIN")));
            }
            // A password or token is for the server alone: whoever is called NickServ here may be anybody.
            Some(Way::SignIn { .. }) => {
                let text = self.settings.locale.text("client-no-sasl");
                self.refuse(Fault::Server, text, out);
            }
            Some(Way::SignUp { .. }) if !self.features.registers() => {
                let text = self.settings.locale.text("client-no-sign-up");
                self.refuse(Fault::Server, text, out);
            }
            Some(Way::SignUp { .. })
                if is_greeted
                    || self
                        .features
                        .value_has("draft/account-registration", "before-connect") =>
            {
                self.register(out);
            }
            _ if is_greeted => self.arrived(out),
            _ => self.end_negotiation(out),
        }
    }

    fn end_negotiation(&mut self, out: &mut Vec<Output>) {
        self.link.step = Step::Greeting;
        self.say_away_early(out);
        out.push(Output::Send(Message::new("CAP").param("END")));
    }

    pub(crate) fn received_authenticate(&mut self, message: &Message, out: &mut Vec<Output>) {
        let is_prompt = message.params.first().is_some_and(|param| param == "+");
        let Some(Way::SignIn {
            account, secret, ..
        }) = &self.way
        else {
            return;
        };
        if self.link.step != Step::Authenticating || !is_prompt {
            return;
        }
        let payload = Zeroizing::new(format!("\0{account}\0{}", secret.expose()));
        let encoded = Zeroizing::new(STANDARD.encode(payload.as_bytes()));
        let mut pieces = encoded.as_bytes().chunks(AUTHENTICATE_BYTES_MAX);
        let mut last = 0;
        for piece in &mut pieces {
            last = piece.len();
            // Base64 is ASCII.
            let piece = String::from_utf8_lossy(piece);
            out.push(Output::Send(Message::new("AUTHENTICATE").param(&*piece)));
        }
        if last == AUTHENTICATE_BYTES_MAX {
            out.push(Output::Send(Message::new("AUTHENTICATE").param("+")));
        }
        self.showed_who();
    }

    /// 900: the server knows the account.
    pub(crate) fn logged_in(&mut self, account: CompactString, out: &mut Vec<Output>) {
        self.account = Some(account);
        out.push(Output::Changed);
    }

    /// SASL or registration has succeeded.
    pub(crate) fn identified(&mut self, out: &mut Vec<Output>) {
        if self.link.entering.is_greeted {
            self.arrived(out);
        } else {
            self.end_negotiation(out);
        }
    }

    /// 904 and its kin: the sign-in was refused.
    pub(crate) fn not_identified(&mut self, text: String, out: &mut Vec<Output>) {
        if self.link.step != Step::Authenticating || self.still_waits(&text, out) {
            return;
        }
        if self.is_why_it_ended(&text) {
            self.keep_out(&text, out);
            return;
        }
        let fault = match &self.way {
            Some(Way::SignIn {
                kind: SecretKind::Token,
                ..
            }) => Fault::Token,
            _ => Fault::Credentials,
        };
        self.refuse(fault, text, out);
    }

    pub(crate) fn refuse(&mut self, fault: Fault, text: String, out: &mut Vec<Output>) {
        // What was refused would be refused again: only the person can go on from here.
        self.way = None;
        self.link.may_retry = false;
        self.ask(Arrival::Refused(Refused { fault, text }), out);
    }

    /// A FAIL while entering. Says whether it was one of the answers that entering waits for.
    pub(crate) fn entering_failed(&mut self, message: &Message, out: &mut Vec<Output>) -> bool {
        let text = message
            .params
            .last()
            .map_or("", CompactString::as_str)
            .to_owned();
        let command = message.params.first().map_or("", CompactString::as_str);
        let code = message.params.get(1).map_or("", CompactString::as_str);
        match (self.link.step, command) {
            (Step::Registering, "REGISTER") => {
                let fault = match code {
                    "ACCOUNT_EXISTS"
                    | "BAD_ACCOUNT_NAME"
                    | "ACCOUNT_NAME_MUST_BE_NICK"
                    | "NEED_NICK" => Fault::Name,
                    "WEAK_PASSWORD" | "UNACCEPTABLE_PASSWORD" => Fault::Password,
                    "INVITATION_REQUIRED" | "INVALID_INVITATION" => Fault::Invitation,
                    "INVALID_EMAIL" if self.gives_code() => Fault::Invitation,
                    "INVALID_EMAIL" | "UNACCEPTABLE_EMAIL" => Fault::Email,
                    _ => Fault::Server,
                };
                self.refuse(fault, text, out);
            }
            (Step::Verifying, "VERIFY") => {
                let refused = Refused {
                    fault: Fault::Code,
                    text,
                };
                // The account waits for its code; everything else stays as it is.
                out.push(Output::Arrival(Arrival::Refused(refused)));
            }
            // Nothing was looked at, so nothing was wrong: it is tried again by itself.
            (Step::Authenticating, "AUTHENTICATE") if code == "TEMPORARILY_UNAVAILABLE" => {
                out.push(Output::Hangup);
                self.closed(text, out);
            }
            (Step::Authenticating, "AUTHENTICATE") => self.not_identified(text, out),
            _ => return false,
        }
        true
    }

    /// The nickname cannot be had: 432, 433, 437.
    pub(crate) fn nick_refused(&mut self, text: &str, out: &mut Vec<Output>) {
        match &self.way {
            // Who was here before comes back, if under another name.
            Some(way) if matches!(way, Way::SignIn { .. }) || !self.nick.is_empty() => {
                self.link.entering.other_nicks += 1;
                if self.link.entering.other_nicks > NICKS_MAX {
                    self.refuse(Fault::Name, text.to_owned(), out);
                    return;
                }
                let mut other = self.link.entering.asked_nick.clone();
                other.push('_');
                self.link.entering.asked_nick = other.clone();
                out.push(Output::Send(Message::new("NICK").param(other)));
            }
            Some(_) => self.refuse(Fault::Name, text.to_owned(), out),
            None => {}
        }
    }

    /// 001: the server has greeted, and says by which name.
    pub(crate) fn greeted(&mut self, nick: &CompactString, out: &mut Vec<Output>) {
        self.nick = nick.clone();
        self.link.entering.is_greeted = true;
        out.push(Output::Changed);
    }

    /// The end of the greeting: 376 or 422.
    pub(crate) fn greeting_ended(&mut self, out: &mut Vec<Output>) {
        if self.link.phase != Phase::Arriving || self.link.step != Step::Greeting {
            return;
        }
        match &self.way {
            Some(Way::SignUp { .. }) if self.account.is_none() => self.register(out),
            _ => self.arrived(out),
        }
    }

    /// The person is in.
    fn arrived(&mut self, out: &mut Vec<Output>) {
        self.link.phase = Phase::Online;
        self.link.step = Step::Done;
        self.link.since = self.now;
        self.link.farewell.clear();
        self.pending = None;
        let is_new = std::mem::take(&mut self.link.entering.is_new);
        out.push(Output::Arrival(Arrival::Welcome {
            nick: self.nick.clone(),
            account: self.account.clone(),
            is_new,
        }));
        out.push(Output::Changed);
        self.say_away_late(out);
        self.remember_device(out);
        self.follow_profiles(out);
        self.come_back(out);
    }
}

/// What stands between `!` and `@`, where only ASCII is safe everywhere.
fn user_name(name: &str) -> CompactString {
    let kept: CompactString = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(9)
        .collect();
    if kept.is_empty() {
        "causette".into()
    } else {
        kept
    }
}
