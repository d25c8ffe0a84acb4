//! Making an account.
//!
//! <https://ircv3.net/specs/extensions/account-registration>

use crate::core::client::Client;
use crate::core::input::Way;
use crate::core::output::{Arrival, Output};
use crate::core::registration::Step;
use causette_proto::{CompactString, Message, Secret};

impl Client {
    /// Asks for an account.
    pub(crate) fn register(&mut self, out: &mut Vec<Output>) {
        let Some(Way::SignUp {
            account,
            password,
            email,
            code,
        }) = &self.way
        else {
            return;
        };
        let named = self
            .features
            .value_has("draft/account-registration", "custom-account-name");
        let account = if named { account.as_str() } else { "*" };
        let code = code.as_ref().map(Secret::expose);
        // A server that wants both has the code in front.
        let beside = match (code, email.as_deref()) {
            (Some(code), Some(email)) => format!("{code},{email}"),
            (Some(given), None) | (None, Some(given)) => given.to_owned(),
            (None, None) => "*".to_owned(),
        };
        let message = Message::new("REGISTER")
            .param(account)
            .param(beside)
            .param(password.expose());
        self.link.step = Step::Registering;
        out.push(Output::Send(message));
    }

    /// Whether the code of an invitation stood in the place of the address.
    pub(crate) fn gives_code(&self) -> bool {
        matches!(
            &self.way,
            Some(Way::SignUp {
                email: None,
                code: Some(_),
                ..
            })
        )
    }

    /// What came of it.
    pub(crate) fn received_register(&mut self, message: &Message, out: &mut Vec<Output>) {
        let text = message.params.last().map_or("", CompactString::as_str);
        match message.params.first().map(CompactString::as_str) {
            Some("SUCCESS") => {
                if let Some(account) = message.params.get(1) {
                    self.account = Some(account.clone());
                }
                self.link.entering.is_new = true;
                self.identified(out);
            }
            // Nothing was sent that could hold a code; Causette sends none, whatever it asks for.
            Some("VERIFICATION_REQUIRED")
                if self.features.has("causette/devices")
                    || !matches!(
                        self.way,
                        Some(Way::SignUp {
                            email: Some(_),
                            code: None,
                            ..
                        })
                    ) =>
            {
                let account = self.account_of(message);
                self.made_to_wait(&account, text, out);
            }
            Some("VERIFICATION_REQUIRED") => {
                self.link.step = Step::Verifying;
                let text = text.to_owned();
                out.push(Output::Arrival(Arrival::Code { text }));
            }
            _ => {}
        }
    }
}
