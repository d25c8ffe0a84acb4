//! The token by which this device signs in, in place of a password.

use crate::core::client::Client;
use crate::core::input::{SecretKind, Way};
use crate::core::output::Output;
use crate::core::request::Request;
use causette_proto::{Message, Secret};

impl Client {
    /// Asks for a token in place of a password that the person just gave.
    pub(crate) fn remember_device(&mut self, out: &mut Vec<Output>) {
        let password_known = matches!(
            self.way,
            Some(
                Way::SignUp { .. }
                    | Way::SignIn {
                        kind: SecretKind::Password,
                        ..
                    }
            )
        );
        let (Some(account), true) = (self.account.clone(), password_known) else {
            return;
        };
        if let Some(Way::SignUp { password, .. }) = &self.way {
            // The account is made: from now on it is signed in to.
            self.way = Some(Way::SignIn {
                account,
                secret: password.clone(),
                kind: SecretKind::Password,
            });
        }
        if self.settings.wants_token && self.features.has("causette/devices") {
            let name = self.settings.device.clone();
            let message = Message::new("DEVICE").param("ADD").param(name);
            self.request(message, Request::Device, out);
        }
    }

    /// `DEVICE ADD <id> <token> :<name>`, where this device asked for it: it signs in by itself from now on. One that the
    /// person asked for is of another program. `DEVICE DEL <id>`: one does no longer.
    pub(crate) fn received_device(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        match &message.params[..] {
            [verb, id, token, ..] if verb == "ADD" && request == Some(&Request::Device) => {
                let Some(account) = self.account.clone() else {
                    return;
                };
                let token = Secret::new(token.as_str());
                self.way = Some(Way::SignIn {
                    account: account.clone(),
                    secret: token.clone(),
                    kind: SecretKind::Token,
                });
                out.push(Output::KeepToken {
                    account,
                    id: id.clone(),
                    token,
                });
            }
            [verb, id] if verb == "DEL" => out.push(Output::DeviceRemoved(id.clone())),
            _ => {}
        }
    }
}
