//! What those who run the server ask for about programs: their tokens, and what is entered before they, or anybody, are shown what the
//! register says.

use crate::account::program;
use crate::actor::Actor;
use crate::ask::administration::{Answered, done};
use crate::denied::{Denied, Why};
use crate::input::{Answer, Asker};
use crate::order::Order;
use crate::report::Report;
use crate::server::register;
use crate::state::waiting::{Orderer, WantedToken};
use crate::turn::Turn;

/// Does what is asked for, or starts to. Other orders are not for here.
pub(super) fn obey(
    turn: &mut Turn<'_>,
    asker: Asker,
    (actor, by): (&Actor, Orderer),
    order: Order,
) -> Result<Option<Answered>, Denied> {
    match order {
        Order::GiveToken {
            account,
            name,
            scopes,
            seconds,
        } => {
            let (whose, terms) = ((account.as_str(), name.as_str()), (scopes, seconds));
            program::begin(turn, actor, asker, whose, terms, by).map(|()| None)
        }
        Order::TakeToken {
            account,
            token,
            reason,
        } => {
            let taken = program::take(turn, actor, &account, token, &reason)?;
            let number = token.0.to_string();
            let variables = [
                ("account", taken.account.as_str()),
                ("number", &number),
                ("name", &taken.name),
            ];
            Ok(done(turn, "admin-token-taken", &variables, taken.mark))
        }
        Order::EnterReading { question } => {
            let mark = register::read(turn, actor, &question)?;
            Ok(done(turn, "admin-reading-entered", &[], mark))
        }
        _ => Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    }
}

/// Tells a token, now that there is one.
pub(super) fn given(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &WantedToken,
    answer: Answer,
) -> Result<Option<Answered>, Denied> {
    let given = program::settle(turn, actor, wanted, answer)?;
    let report = Report::Token {
        account: given.account.as_str().into(),
        number: given.number.0,
        token: given.token,
        until: given.until,
    };
    Ok(Some((report, Some(given.mark))))
}
