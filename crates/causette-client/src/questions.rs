//! The questions that are asked at the door, one by one.

use crate::address::code_of;
use crate::arrival::Door;
use crate::core::input::{Intent, SecretKind, Way};
use crate::core::output::Fault;
use crate::exit::{Exit, Trouble};
use crate::lines::{Hidden, prompt, say};
use causette_proto::{CompactString, Secret};

/// Characters that a new password must have, where the server says no more.
const PASSWORD_MIN: &str = "12";

impl Door<'_> {
    pub(crate) async fn ask_sign_up(&mut self) -> Result<Way, Trouble> {
        let account = self.ask_name().await?;
        let password = self.ask_new_password().await?;
        let needs_email = self
            .driver
            .client()
            .features()
            .value_has("draft/account-registration", "email-required");
        let email = if needs_email {
            Some(self.ask("client-ask-email").await?.trim().into())
        } else {
            None
        };
        Ok(Way::SignUp {
            account,
            password,
            email,
            code: self.driver.address().code.clone(),
        })
    }

    /// Asks again for what was wrong with a sign-up, and for nothing else.
    pub(crate) async fn ask_again(&mut self, fault: Fault, mut way: Way) -> Result<Way, Trouble> {
        if let Way::SignUp {
            account,
            password,
            email,
            code,
        } = &mut way
        {
            match fault {
                Fault::Password => *password = self.ask_new_password().await?,
                Fault::Email => *email = Some(self.ask("client-ask-email").await?.trim().into()),
                Fault::Invitation => *code = self.ask_invitation().await?,
                _ => *account = self.ask_name().await?,
            }
        }
        Ok(way)
    }

    /// Name and password; without a password, a guest.
    pub(crate) async fn ask_sign_in(&mut self) -> Result<Way, Trouble> {
        let account = self.ask_name().await?;
        let password = self.ask_hidden("client-ask-password").await?;
        if password.expose().is_empty() {
            return Ok(Way::Guest { nick: account });
        }
        Ok(Way::SignIn {
            account,
            secret: password,
            kind: SecretKind::Password,
        })
    }

    pub(crate) async fn ask_name(&mut self) -> Result<CompactString, Trouble> {
        loop {
            let name = self.ask("client-ask-nick").await?;
            // A name with a space in it would be two words on the wire.
            let name: CompactString = name.split_whitespace().collect();
            if !name.is_empty() {
                return Ok(name);
            }
        }
    }

    pub(crate) async fn ask_new_password(&mut self) -> Result<Secret, Trouble> {
        loop {
            let question = self.text_with("client-ask-password-new", &[("minimum", PASSWORD_MIN)]);
            let password = self.hidden_answer(&question).await?;
            let again = self.ask_hidden("client-ask-password-again").await?;
            if password == again && !password.expose().is_empty() {
                return Ok(password);
            }
            say(&self.text("client-passwords-differ"));
        }
    }

    pub(crate) async fn ask_code(&mut self) -> Result<(), Trouble> {
        let code = self.ask("client-ask-code").await?;
        self.want(Intent::Verify(code.trim().to_owned()));
        Ok(())
    }

    /// The code of an invitation; none where the person has none.
    pub(crate) async fn ask_invitation(&mut self) -> Result<Option<Secret>, Trouble> {
        let code = self.ask("client-ask-invitation").await?;
        Ok(code_of(&code))
    }

    pub(crate) async fn ask(&mut self, key: &str) -> Result<String, Trouble> {
        let question = self.text(key);
        self.answer(&question).await
    }

    async fn ask_hidden(&mut self, key: &str) -> Result<Secret, Trouble> {
        let question = self.text(key);
        self.hidden_answer(&question).await
    }

    async fn hidden_answer(&mut self, question: &str) -> Result<Secret, Trouble> {
        let hidden = Hidden::new();
        let answer = self.answer(question).await;
        drop(hidden);
        answer.map(Secret::new)
    }

    /// Asks, and keeps the connection alive while the person thinks.
    async fn answer(&mut self, question: &str) -> Result<String, Trouble> {
        self.may_ask()?;
        prompt(question);
        loop {
            tokio::select! {
                line = self.lines.next() => {
                    return line.ok_or_else(|| Trouble::new(Exit::Interrupted, ""));
                }
                outputs = self.driver.next() => self.take(outputs),
                _ = tokio::signal::ctrl_c() => return Err(Trouble::new(Exit::Interrupted, "")),
            }
        }
    }
}
