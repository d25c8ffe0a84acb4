//! The pools that find out what the core asks: whether a password is right, whose a token is, who said a message. Each kind
//! has its own, so that who shows a token does not wait for those whose password is hashed.

use crate::config::live::Live;
use crate::config::{Config, Operator};
use crate::engine::Arrival;
use crate::engine::delivery::Question;
use crate::engine::lookup::Lookup;
use crate::engine::work::WorkQueue;
use crate::files;
use crate::identity::password::{self, Form};
use crate::identity::scram::{self, Decoy, Keys};
use crate::identity::token;
use crate::metrics::Counter;
use causette_core::id::{AccountId, Msgid, Room};
use causette_core::input::{Answer, Input};
use causette_core::output::Ask;
use causette_core::secret::{Secret, Verifier, code_of, is_token, read_code};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::mpsc;

/// What waits to be found out, a queue for each kind.
#[derive(Debug)]
pub(crate) struct Questions {
    /// What costs a hash: the threads of this one give way to all others.
    pub(crate) hashes: Arc<WorkQueue<Question>>,
    /// Tokens, and what SCRAM asks and proves.
    pub(crate) tokens: Arc<WorkQueue<Question>>,
    /// Messages that somebody refers to.
    pub(crate) messages: Arc<WorkQueue<Question>>,
}

impl Questions {
    /// Queues for up to `length_max` questions each.
    pub(crate) fn new(length_max: usize) -> Self {
        let queue = || Arc::new(WorkQueue::new(length_max));
        Self {
            hashes: queue(),
            tokens: queue(),
            messages: queue(),
        }
    }

    /// Puts a question where its kind is answered, or gives it back where too many wait there.
    pub(crate) fn push(&self, question: Question) -> Result<(), Question> {
        let queue = match &question.ask {
            Ask::VerifyPassword { password, .. } if is_token(password.expose()) => &self.tokens,
            Ask::ScramBegin { .. }
            | Ask::ScramFinish { .. }
            | Ask::FindToken { .. }
            | Ask::MakeToken
            | Ask::MakePermit
            | Ask::MakeCode
            | Ask::HashCode { .. } => &self.tokens,
            Ask::VerifyPassword { .. }
            | Ask::VerifyServerPassword { .. }
            | Ask::VerifyOperator { .. }
            | Ask::HashPassword { .. } => &self.hashes,
            Ask::FindMessage { .. } => &self.messages,
        };
        queue.push(question)
    }

    /// Lets the threads of all kinds go.
    pub(crate) fn end(&self) {
        self.hashes.end();
        self.tokens.end();
        self.messages.end();
    }
}

/// Answers questions until the queue ends.
pub(crate) fn run(
    questions: &WorkQueue<Question>,
    live: &Live,
    decoy: &Decoy,
    failures: &Counter,
    mut reader: Lookup,
    inbox: &mpsc::Sender<Arrival>,
) {
    while let Some(Question { asker, ask }) = questions.take() {
        // A question must have an answer: its session waits for it.
        let answer = catch_unwind(AssertUnwindSafe(|| {
            answer(&ask, &live.config(), decoy, &mut reader)
        }));
        let answer = answer.unwrap_or(Answer::Unavailable);
        if answer == Answer::Verified(false) {
            failures.increment();
        }
        if inbox
            .blocking_send(Arrival::Input(Input::Answer { asker, answer }))
            .is_err()
        {
            return;
        }
    }
}

fn answer(ask: &Ask, config: &Config, decoy: &Decoy, reader: &mut Lookup) -> Answer {
    match ask {
        Ask::ScramBegin { account, name } => scram_begin(*account, name, decoy, reader),
        Ask::ScramFinish {
            account,
            message,
            proof,
        } => scram_finish(*account, message, proof, reader),
        Ask::VerifyPassword { account, password } if is_token(password.expose()) => {
            verify_token(*account, password, reader)
        }
        Ask::VerifyPassword { account, password } => {
            verify_account(*account, password, config, reader)
        }
        Ask::VerifyServerPassword { password } => Answer::Verified(
            config
                .password_hash
                .as_ref()
                .is_some_and(|verifier| password::verify(password, verifier)),
        ),
        Ask::VerifyOperator { name, password } => verify_operator(name, password, config),
        Ask::FindMessage { room, msgid } => find_message(*room, msgid, reader),
        Ask::HashPassword { password, .. } => {
            match password::keep(password, config.argon2, config.settings.scram) {
                Ok(verifier) => Answer::Hashed(verifier),
                Err(error) => hash_failed(&error),
            }
        }
        Ask::FindToken { token } => find_token(token, reader),
        Ask::MakePermit => match files::permit_key() {
            Ok(key) => Answer::PermitKey(key),
            Err(error) => hash_failed(&error),
        },
        Ask::MakeCode => match token::make_code() {
            Ok((token, verifier)) => Answer::Made { token, verifier },
            Err(error) => hash_failed(&error),
        },
        Ask::HashCode { code } => Answer::Hashed(token::hash(code)),
        Ask::MakeToken => match token::make() {
            Ok((token, verifier)) => Answer::Made { token, verifier },
            Err(error) => hash_failed(&error),
        },
    }
}

fn hash_failed(error: &anyhow::Error) -> Answer {
    tracing::error!(event = "answers.hash_failed", error = %error, "cannot hash a password");
    Answer::Unavailable
}

/// The verifier of an account, where there are both; else the answer to who asked.
fn verifier(account: Option<AccountId>, reader: &mut Lookup) -> Result<Option<Verifier>, Answer> {
    // Who measures the time must not tell whether there is an account: one that cannot be is looked for all the same.
    let account = account.unwrap_or(AccountId(0));
    reader.verifier(account).map_err(|_| Answer::Unavailable)
}

fn scram_begin(
    account: Option<AccountId>,
    name: &str,
    decoy: &Decoy,
    reader: &mut Lookup,
) -> Answer {
    let keys = match verifier(account, reader) {
        Ok(verifier) => verifier.as_ref().and_then(Keys::of),
        Err(answer) => return answer,
    };
    match decoy.challenge(keys.as_ref(), name) {
        Ok(challenge) => Answer::Challenge(challenge),
        Err(error) => hash_failed(&error),
    }
}

fn scram_finish(
    account: Option<AccountId>,
    message: &str,
    proof: &Secret,
    reader: &mut Lookup,
) -> Answer {
    let keys = match verifier(account, reader) {
        Ok(verifier) => verifier.as_ref().and_then(Keys::of),
        Err(answer) => return answer,
    };
    match scram::prove(keys.as_ref(), message, proof) {
        Some(ours) => Answer::Proved(ours),
        None => Answer::Verified(false),
    }
}

/// Whether a token opens that account. Nothing slow is computed for one, whether it does or not.
fn verify_token(account: Option<AccountId>, token: &Secret, reader: &mut Lookup) -> Answer {
    match find_token(token, reader) {
        Answer::Token { account: owner, .. } if Some(owner) != account => Answer::Verified(false),
        answer => answer,
    }
}

fn find_token(token: &Secret, reader: &mut Lookup) -> Answer {
    match reader.find_token(&token::hash(token)) {
        Ok(Some((account, token))) => Answer::Token { account, token },
        Ok(None) => Answer::Verified(false),
        Err(_) => Answer::Unavailable,
    }
}

fn verify_account(
    account: Option<AccountId>,
    password: &Secret,
    config: &Config,
    reader: &mut Lookup,
) -> Answer {
    match verifier(account, reader) {
        Ok(None) => refuse(password, config),
        Ok(Some(verifier)) if let Some((until, hash)) = code_of(&verifier) => {
            // Who measures the time must not tell that there is a code and no password.
            match (refuse(password, config), read_code(password.expose())) {
                (Answer::Unavailable, _) => Answer::Unavailable,
                (_, Some(code)) if token::hash(&code) == hash => Answer::Code { until, hash },
                _ => Answer::Verified(false),
            }
        }
        Ok(Some(verifier)) => verified(password, &verifier, config),
        Err(answer) => answer,
    }
}

/// Whether the password is the verifier's; with a better one where that has not the form that is kept now, or lacks what SCRAM
/// needs where that is wanted.
fn verified(password: &Secret, verifier: &Verifier, config: &Config) -> Answer {
    let completed = match (password::form(password, verifier), password.enforced()) {
        (None, _) => return Answer::Verified(false),
        // From now on it is this account's in every spelling.
        (Some(Form::Typed), Ok(enforced)) => {
            password::keep(&enforced, config.argon2, config.settings.scram).map(Some)
        }
        (Some(Form::Enforced), Ok(enforced)) if config.settings.scram => {
            password::complete(&enforced, verifier)
        }
        (Some(_), _) => Ok(None),
    };
    match completed {
        Ok(Some(completed)) => Answer::VerifiedAnew(completed),
        Ok(None) => Answer::Verified(true),
        Err(error) => {
            // The password was right: the rest waits for the next sign-in.
            hash_failed(&error);
            Answer::Verified(true)
        }
    }
}

fn verify_operator(name: &str, password: &Secret, config: &Config) -> Answer {
    let named = |operator: &&Operator| operator.name.eq_ignore_ascii_case(name);
    match (
        config.operators.iter().find(named),
        config.operators.first(),
    ) {
        (Some(operator), _) => {
            Answer::Verified(password::verify(password, &operator.password_hash))
        }
        // Who guesses names must not tell from the time whether there is one: a real hash is computed for them too.
        (None, Some(other)) => {
            password::verify(password, &other.password_hash);
            Answer::Verified(false)
        }
        (None, None) => refuse(password, config),
    }
}

/// Says no to who names what does not exist, after as long as for what does.
fn refuse(password: &Secret, config: &Config) -> Answer {
    let Ok(nobody) = password::of_nobody(config.argon2) else {
        return Answer::Unavailable;
    };
    password::verify(password, &nobody);
    Answer::Verified(false)
}

fn find_message(room: Room, msgid: &Msgid, reader: &mut Lookup) -> Answer {
    match reader.find_message(room, msgid) {
        Ok(found) => Answer::Found(found),
        Err(_) => Answer::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Argon2Cost;

    const CHEAP: Argon2Cost = Argon2Cost {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };

    fn operator(name: &str, password: &str) -> Operator {
        Operator {
            name: name.into(),
            class: "admin".into(),
            password_hash: password::hash(&Secret::new(password), CHEAP).unwrap(),
        }
    }

    #[test]
    fn an_operator_has_one_password_and_a_stranger_none() {
        let mut config = Config {
            argon2: CHEAP,
            ..Config::default()
        };
        let asked = |config: &Config, name: &str, password: &str| {
            verify_operator(name, &Secret::new(password), config)
        };
        assert_eq!(asked(&config, "root", "sesame"), Answer::Verified(false));
        config.operators = vec![operator("root", "sesame"), operator("eve", "barley")];
        assert_eq!(asked(&config, "root", "sesame"), Answer::Verified(true));
        assert_eq!(asked(&config, "ROOT", "sesame"), Answer::Verified(true));
        assert_eq!(asked(&config, "root", "barley"), Answer::Verified(false));
        assert_eq!(asked(&config, "eve", "barley"), Answer::Verified(true));
        // The first one's password is nobody else's.
        assert_eq!(asked(&config, "mallory", "sesame"), Answer::Verified(false));
    }

    #[test]
    fn a_verifier_gets_what_scram_needs_where_it_is_wanted() {
        let (right, wrong) = (Secret::new("correct horse"), Secret::new("wrong horse"));
        let verifier = password::hash(&right, CHEAP).unwrap();
        let mut config = Config::default();
        assert_eq!(verified(&right, &verifier, &config), Answer::Verified(true));
        config.settings.scram = true;
        assert_eq!(
            verified(&wrong, &verifier, &config),
            Answer::Verified(false)
        );
        let Answer::VerifiedAnew(completed) = verified(&right, &verifier, &config) else {
            panic!("nothing is to be kept");
        };
        assert_eq!(
            verified(&right, &completed, &config),
            Answer::Verified(true)
        );
    }
}
