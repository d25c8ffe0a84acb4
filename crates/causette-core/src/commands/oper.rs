//! OPER: become an operator of the server. <https://modern.ircdocs.horse/#oper-message>

use super::{Command, Needs, user_mode};
use crate::account::trial;
use crate::actor::Actor;
use crate::id::SessionId;
use crate::input::Answer;
use crate::output::Ask;
use crate::record::{Fact, Factor, Mechanism};
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::state::attempts::Work;
use crate::state::waiting::Then;
use crate::turn::Turn;
use causette_proto::numeric::{ERR_PASSWDMISMATCH, RPL_YOUREOPER};
use causette_proto::{CompactString, Message, split};

pub(super) const OPER: Command = Command {
    verb: "OPER",
    params: 2,
    needs: Needs::Online,
    syntax: "OPER <name> <password>",
    summary: "command-oper",
    spec: "https://modern.ircdocs.horse/#oper-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let name = CompactString::new(split::cut(&message.params[0], crate::limits::WORD_BYTES));
    // Blanks in it may have come without a colon in front.
    let password = Secret::new(message.params[1..].join(" "));
    // Guessing is as slow as at a sign-in, for the address and for the operator's name.
    let ask = Ask::VerifyOperator {
        name: name.clone(),
        password,
    };
    let key = format!("\0oper {name}");
    if trial::try_one(
        ctx,
        (key.as_str(), &name),
        Work::Check,
        Mechanism::Oper,
        ask,
    ) {
        ctx.hold(Then::Oper { name });
    }
    Ok(())
}

/// Makes the session an operator's, where the password was right.
pub(crate) fn answered(ctx: &mut Ctx<'_>, name: CompactString, answer: &Answer) -> Outcome {
    let operators = &ctx.turn.settings.operators;
    let known = operators
        .iter()
        .find(|operator| operator.name.eq_ignore_ascii_case(&name))
        .cloned();
    let id = ctx.id;
    let operator = match (answer, known) {
        (Answer::Verified(true), Some(operator)) => operator,
        (Answer::Verified(_), known) => {
            let factor = if known.is_some() {
                Factor::Password
            } else {
                Factor::Name
            };
            let fact = Fact::SignInRefused {
                name,
                account: ctx.session().account,
                factor,
                mechanism: Mechanism::Oper,
                address: ctx.session().peer.address,
            };
            ctx.turn.commit(&Actor::Session(id), fact);
            let nick = ctx.nick();
            let variables = [("nick", nick.as_str())];
            ctx.turn
                .tell_operators(Some(id), "notice-oper-failed", &variables);
            return Err(ctx.refusal(ERR_PASSWDMISMATCH, &[], "oper-failed", &[]));
        }
        _ => {
            trial::put_off(ctx, Mechanism::Oper, "sign-in-busy", &[]);
            return Ok(());
        }
    };
    let fact = Fact::BecameOperator {
        name: operator.name.clone(),
        class: operator.class.clone(),
    };
    ctx.turn.commit(&Actor::Session(id), fact);
    let nick = ctx.nick();
    let variables = [("nick", nick.as_str()), ("class", operator.class.as_str())];
    ctx.turn.tell_operators(Some(id), "notice-oper", &variables);
    let user = ctx.user().id;
    if let Some(user) = ctx.turn.state.users.get_mut(&user) {
        user.modes.set('s', true);
        user.modes.set('w', true);
    }
    let source = ctx.user().source.clone();
    let (nick, modes) = (ctx.nick(), user_mode::shown(ctx).text());
    ctx.line_from(format!(":{source} MODE {nick} {modes}"));
    let text = ctx.text("oper-welcome");
    ctx.numeric(RPL_YOUREOPER, &[], &text);
    Ok(())
}

/// Takes the rights from the sessions whose operator the configuration no longer names.
pub(crate) fn revoke(turn: &mut Turn<'_>) {
    let operators = &turn.settings.operators;
    let sessions = turn.state.sessions.values();
    let mut revoked: Vec<SessionId> = sessions
        .filter(|session| {
            let operator = session.operator.as_ref();
            operator.is_some_and(|operator| !operators.contains(operator))
        })
        .map(|session| session.id)
        .collect();
    revoked.sort_unstable();
    for session in revoked {
        let mut ctx = Ctx::new(turn.reborrow(), session, None);
        ctx.session_mut().operator = None;
        let source = ctx.user().source.clone();
        let nick = ctx.nick();
        ctx.line_from(format!(":{source} MODE {nick} -o"));
        let text = ctx.text("oper-revoked");
        ctx.notice(None, &text);
        ctx.conclude();
    }
}
