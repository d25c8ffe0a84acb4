//! What the register says of those who read it, and of programs that asked for what is not theirs.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::Cut;
use crate::record::Fact;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// Enters that somebody reads the register, before they are shown what it says.
pub(crate) fn read(turn: &mut Turn<'_>, actor: &Actor, question: &str) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::ReadRegister)?;
    let question = entered(turn, question);
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
    let act = entered(turn, act);
    let now = turn.steady();
    *turn.mutated = true;
    if !turn.state.refusals.enter((account, token), &act, now) {
        return Ok(None);
    }
    Ok(Some(turn.commit(actor, Fact::ActRefused { act, token })))
}

/// A text as it is entered: on one line, and not without end.
fn entered(turn: &Turn<'_>, text: &str) -> CompactString {
    let text = text.replace(char::is_control, " ");
    Cut::of(text.trim(), turn.settings.kick_bytes()).kept
}
