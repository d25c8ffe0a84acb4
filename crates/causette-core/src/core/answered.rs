//! Who goes on with what a session waited for.

use crate::account::{device, identity, own, scram, sign_up};
use crate::commands;
use crate::input::Answer;
use crate::reply::{Ctx, Outcome};
use crate::state::waiting::Then;

/// Acts upon the answer to an Ask.
pub(super) fn answered(ctx: &mut Ctx<'_>, then: Then, answer: Answer) {
    match then {
        Then::SignIn { claim, mechanism } => {
            identity::sign_in_answered(ctx, claim, mechanism, answer)
        }
        Then::ScramBegin(opening) => scram::challenged(ctx, *opening, answer),
        Then::ScramFinish(claim) => scram::proved(ctx, claim, answer),
        Then::Oper { name } => {
            let outcome = commands::oper::answered(ctx, name, &answer);
            settle(ctx, outcome);
        }
        Then::Redact {
            target,
            msgid,
            reason,
        } => {
            ctx.verb = "REDACT";
            let outcome = commands::redact::answered(ctx, &target, msgid, reason, &answer);
            settle(ctx, outcome);
        }
        Then::CheckPassword { claim, new } => own::password_checked(ctx, claim, new, &answer),
        Then::Password { claim } => own::password_changed(ctx, &claim, answer),
        Then::AddDevice {
            account,
            name,
            door,
        } => device::added(ctx, account, name, door, answer),
        Then::Admit { pass } => identity::admit_answered(ctx, &pass, &answer),
        Then::SignUp { name, door } => sign_up::answered(ctx, name, door, answer),
        Then::Page { .. } | Then::Replay | Then::Reload => {}
    }
}

fn settle(ctx: &mut Ctx<'_>, outcome: Outcome) {
    if let Err(refusal) = outcome {
        ctx.refuse(refusal);
    }
}
