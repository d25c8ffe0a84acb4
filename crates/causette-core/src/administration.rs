//! What the administrator asks for over the admin socket.

use crate::input::{Act, Answer, Asker};
use crate::output::{Ask, Output};
use crate::sign_up;
use crate::turn::Turn;
use causette_text::{text, text_with};

/// Acts waiting for an answer at most.
pub(crate) const PENDING_MAX: usize = 64;

/// Does what is asked, or starts to.
pub(crate) fn act(turn: &mut Turn<'_>, ticket: u64, act: Act) {
    match act {
        Act::CreateAccount { name, password } => {
            let language = turn.settings.language;
            let minimum = turn.settings.password_min.to_string();
            let acceptable = sign_up::acceptable(turn.settings, &name, &password);
            match acceptable {
                Ok(name) if let Some(key) = sign_up::taken(turn.state, &name, None) => {
                    let variables = [("account", name.as_str())];
                    tell(turn, ticket, Err(text_with(language, key, &variables)));
                }
                Ok(name) if turn.state.pending.len() < PENDING_MAX => {
                    *turn.mutated = true;
                    turn.state.pending.insert(ticket, name.clone());
                    turn.out.push(Output::Ask {
                        asker: Asker::Admin(ticket),
                        ask: Ask::HashPassword { name, password },
                    });
                }
                Ok(_) => tell(turn, ticket, Err(text(language, "unavailable"))),
                Err((_, key)) => {
                    let variables = [("account", name.as_str()), ("min", minimum.as_str())];
                    tell(turn, ticket, Err(text_with(language, key, &variables)));
                }
            }
        }
    }
}

/// Goes on with an act when its answer is there.
pub(crate) fn answer(turn: &mut Turn<'_>, ticket: u64, answer: Answer) {
    *turn.mutated = true;
    let language = turn.settings.language;
    let Some(name) = turn.state.pending.remove(&ticket) else {
        return;
    };
    let variables = [("account", name.as_str())];
    let result = match (answer, sign_up::taken(turn.state, &name, None)) {
        (Answer::Hashed(_), Some(key)) => Err(text_with(language, key, &variables)),
        (Answer::Hashed(verifier), None) => {
            sign_up::create(turn, None, name.clone(), verifier, true);
            Ok(text_with(language, "account-made", &variables))
        }
        (
            Answer::Verified(_)
            | Answer::VerifiedAnew(_)
            | Answer::Challenge(_)
            | Answer::Proved(_)
            | Answer::Found(_)
            | Answer::Token { .. }
            | Answer::Made { .. }
            | Answer::Unavailable,
            _,
        ) => Err(text(language, "unavailable")),
    };
    tell(turn, ticket, result);
}

fn tell(turn: &mut Turn<'_>, ticket: u64, result: Result<String, String>) {
    turn.out.push(Output::Told { ticket, result });
}
