//! Operators of the server: who becomes one, and who is one no more.

use crate::account::trial::{self, Claimant, busy};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::SessionId;
use crate::input::Answer;
use crate::limits;
use crate::modes::Letters;
use crate::output::Ask;
use crate::person::mode;
use crate::record::{Fact, Factor, Mechanism};
use crate::secret::Secret;
use crate::state::attempts::Work;
use crate::state::waiting::Then;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Starts to check an operator's password; the session waits for the answer.
pub(crate) fn begin(
    turn: &mut Turn<'_>,
    session: SessionId,
    name: CompactString,
    password: Secret,
) -> Result<(), Denied> {
    let claimant = Claimant::session(turn.state, session, Mechanism::Oper);
    let ask = Ask::VerifyOperator {
        name: name.clone(),
        password,
    };
    // Guessing is as slow as at a sign-in, for the address and for the operator's name.
    let key = format!("\0oper {name}");
    trial::try_one(turn, &claimant, (key.as_str(), &name), Work::Check, ask)?;
    turn.wait(claimant.asker, Then::Oper { name });
    Ok(())
}

/// Makes the session an operator's, where the password was right.
pub(crate) fn settle(
    turn: &mut Turn<'_>,
    session: SessionId,
    name: &str,
    answer: &Answer,
) -> Result<(), Denied> {
    let operators = &turn.settings.operators;
    let known = operators
        .iter()
        .find(|operator| operator.name.eq_ignore_ascii_case(name));
    let operator = match (answer, known) {
        (Answer::Verified(true), Some(operator)) => operator.clone(),
        (Answer::Verified(_), known) => {
            let factor = if known.is_some() {
                Factor::Password
            } else {
                Factor::Name
            };
            return Err(wrong(turn, session, name, factor));
        }
        _ => return Err(busy()),
    };
    let fact = Fact::BecameOperator {
        name: operator.name.clone(),
        class: operator.class.clone(),
    };
    turn.commit(&Actor::Session(session), fact);
    let nick = nick_of(turn, session);
    let variables = [("nick", nick.as_str()), ("class", operator.class.as_str())];
    turn.tell_operators(Some(session), "notice-oper", &variables);
    mode::hear_by_oper(turn, session);
    Ok(())
}

fn wrong(turn: &mut Turn<'_>, session: SessionId, name: &str, factor: Factor) -> Denied {
    let claimant = Claimant::session(turn.state, session, Mechanism::Oper);
    let account = Actor::Session(session).account(turn.state);
    trial::note_refusal_of(turn, &claimant, (account, name), factor);
    let nick = nick_of(turn, session);
    let variables = [("nick", nick.as_str())];
    turn.tell_operators(Some(session), "notice-oper-failed", &variables);
    Denied::new(Why::SignInFailed, "oper-failed", &[])
}

fn nick_of(turn: &Turn<'_>, session: SessionId) -> CompactString {
    let user = turn
        .state
        .sessions
        .get(&session)
        .and_then(|found| found.user);
    user.map_or(CompactString::const_new("*"), |user| {
        turn.state.nick_of(user)
    })
}

/// What becomes of a session that has not any more what OPER made of it.
pub(crate) struct Ended {
    pub(crate) session: SessionId,
    /// Whether it is no operator's any more, not by the role of its account either.
    pub(crate) is_none: bool,
    /// The modes that its person has no more.
    pub(crate) gone: Letters,
}

/// Takes the rights from the sessions whose operator the configuration no longer names, down to those of their accounts; says what
/// became of them.
pub(crate) fn revoke(turn: &mut Turn<'_>) -> Vec<Ended> {
    let operators = &turn.settings.operators;
    let sessions = turn.state.sessions.values();
    let revoked = sessions.filter(|session| {
        let operator = session.operator.as_ref();
        operator.is_some_and(|opered| !operators.contains(&opered.operator))
    });
    let mut revoked: Vec<SessionId> = revoked.map(|session| session.id).collect();
    revoked.sort_unstable();
    let revoked = revoked.into_iter();
    let revoked = revoked.map(|session| lose(turn, session)).collect();
    turn.clear_administration_room();
    revoked
}

/// Takes the rights from the sessions to which OPER gave them an hour ago, so many at a time, down to those of their accounts.
pub(crate) fn expire(turn: &mut Turn<'_>) -> Vec<Ended> {
    let over = turn.steady().plus_seconds(-limits::OPER_SECONDS);
    let expired = turn.state.opered_until(over, limits::OPERS_ENDED);
    let expired = expired.into_iter();
    expired.map(|session| lose(turn, session)).collect()
}

/// Lets a session lose what it had beside the role of its account, by which it may still be an operator's.
fn lose(turn: &mut Turn<'_>, session: SessionId) -> Ended {
    let gone = mode::take_back(turn, session);
    let user = turn.state.sessions.get(&session);
    if let Some(user) = user.and_then(|found| found.user) {
        mode::tell_others(turn, (user, session), false, gone);
        // What their role kept off holds for them from now on.
        enforce::uphold(turn, user);
    }
    Ended {
        session,
        is_none: !turn.state.is_operators(session),
        gone,
    }
}
