//! What the register says of those who read it, and of programs that asked for what is not theirs.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::Cut;
use crate::limits::REGISTER_QUESTION_BYTES;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};

/// Enters that somebody reads the register, before they are shown what it says.
pub(crate) fn read(turn: &mut Turn<'_>, actor: &Actor, question: &str) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::ReadRegister)?;
    let question = on_one_line(question);
    if question.len() > REGISTER_QUESTION_BYTES {
        // Half of it would tell of another reading.
        let max = REGISTER_QUESTION_BYTES.to_string();
        let variables = [("target", "*"), ("max", max.as_str())];
        return Err(Denied::new(Why::TooLong, "register-too-long", &variables));
    }
    let question = question.into();
    Ok(turn.commit(actor, Fact::RegisterRead { question }))
}

/// Enters that a program asked for what its token is not good for; nothing, where the same was entered a moment ago.
pub(crate) fn refused(
    turn: &mut Turn<'_>,
    actor: &Actor,
    act: &str,
) -> Result<Option<Mark>, Denied> {
    let Actor::Account {
        account,
        token: Some(token),
        ..
    } = *actor
    else {
        // Nobody else has a token that could be named.
        return Err(Denied::new(Why::BadTarget, "refusal-without-token", &[]));
    };
    let act = Cut::of(&on_one_line(act), turn.settings.kick_bytes()).kept;
    let now = turn.steady();
    *turn.mutated = true;
    if !turn.state.refusals.enter((account, token), &act, now) {
        return Ok(None);
    }
    Ok(Some(turn.commit(actor, Fact::ActRefused { act, token })))
}

/// A text as it is entered.
fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}
