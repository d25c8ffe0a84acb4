//! The pool that finds out what the core asks: whether a password is right, and what to keep of a new one.

use crate::config::Argon2Cost;
use crate::delivery::Question;
use crate::engine::Arrival;
use crate::password;
use crate::work::WorkQueue;
use causette_core::input::{Answer, Input};
use causette_core::output::Ask;
use causette_core::secret::Verifier;
use causette_store::Reader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::mpsc;

/// What verifiers are made of and compared with.
#[derive(Clone, Debug)]
pub(crate) struct Verifiers {
    /// What a new one costs.
    pub(crate) cost: Argon2Cost,
    /// The server's own password.
    pub(crate) server: Option<Verifier>,
    /// One of a password that nobody has, for accounts that do not exist: they must take as long.
    pub(crate) nobody: Verifier,
}

/// Answers questions until the queue ends.
pub(crate) fn run(
    questions: &WorkQueue<Question>,
    verifiers: &Verifiers,
    mut reader: Reader,
    inbox: &mpsc::Sender<Arrival>,
) {
    while let Some(Question { asker, ask }) = questions.take() {
        // A question must have an answer: its session waits for it.
        let answer = catch_unwind(AssertUnwindSafe(|| answer(&ask, verifiers, &mut reader)));
        let answer = answer.unwrap_or(Answer::Unavailable);
        if inbox
            .blocking_send(Arrival::Input(Input::Answer { asker, answer }))
            .is_err()
        {
            return;
        }
    }
}

fn answer(ask: &Ask, verifiers: &Verifiers, reader: &mut Reader) -> Answer {
    match ask {
        Ask::VerifyPassword { account, password } => {
            let verifier = match account.map(|account| reader.verifier(account)) {
                None => None,
                Some(Ok(verifier)) => verifier,
                Some(Err(error)) => {
                    tracing::error!(event = "answers.store_failed", error = %error, "cannot read a verifier");
                    return Answer::Unavailable;
                }
            };
            let known = verifier.is_some();
            let right = password::verify(password, verifier.as_ref().unwrap_or(&verifiers.nobody));
            Answer::Verified(right && known)
        }
        Ask::VerifyServerPassword { password } => Answer::Verified(
            verifiers
                .server
                .as_ref()
                .is_some_and(|verifier| password::verify(password, verifier)),
        ),
        Ask::HashPassword { password, .. } => match password::hash(password, verifiers.cost) {
            Ok(verifier) => Answer::Hashed(verifier),
            Err(error) => {
                tracing::error!(event = "answers.hash_failed", error = %error, "cannot hash a password");
                Answer::Unavailable
            }
        },
    }
}
