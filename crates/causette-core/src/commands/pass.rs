//! PASS: the server's password, or `account:password` for clients without SASL.
//! <https://modern.ircdocs.horse/#pass-message>

use super::{Command, Needs, registration};
use crate::account::trial::Claimant;
use crate::account::{admission, sign_in};
use crate::denied::{Denied, Why};
use crate::input::Answer;
use crate::person::departure;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::state::waiting::{Claim, Then};
use causette_proto::Message;
use causette_proto::numeric::ERR_ALREADYREGISTERED;

pub(super) const PASS: Command = Command {
    verb: "PASS",
    params: 1,
    needs: Needs::Nothing,
    syntax: "PASS <server password | account:password>",
    summary: "command-pass",
    spec: "https://modern.ircdocs.horse/#pass-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if ctx.session().welcomed {
        return Err(ctx.refusal(ERR_ALREADYREGISTERED, &[], "already-registered", &[]));
    }
    // Blanks in it may have come without a colon in front.
    ctx.session_mut().pass = Some(Secret::new(message.params.join(" ")));
    Ok(())
}

/// Starts to check the server's password.
pub(super) fn admit(ctx: &mut Ctx<'_>, pass: Secret) {
    let session = ctx.id;
    if let Err(denied) = admission::begin(&mut ctx.turn, session, pass) {
        refuse(ctx, &denied);
    }
}

/// An account opens the door as well: what is not the server's password may be an account's.
pub(crate) fn admitted(ctx: &mut Ctx<'_>, pass: &Secret, answer: &Answer) {
    let session = ctx.id;
    match admission::settle(&mut ctx.turn, session, answer) {
        Ok(()) => registration::complete(ctx),
        Err(denied) if denied.why == Why::NotAdmitted && sign_in(ctx, pass) => {}
        Err(denied) => refuse(ctx, &denied),
    }
}

/// Takes it for `account:password`, where it has that form and the session has no account yet; says whether it did.
pub(super) fn sign_in(ctx: &mut Ctx<'_>, pass: &Secret) -> bool {
    let Some((name, password)) = pass.expose().split_once(':') else {
        return false;
    };
    if ctx.session().account.is_some() {
        return false;
    }
    let claimant = claimant(ctx);
    let password = Secret::new(password);
    let begun = sign_in::begin(&mut ctx.turn, &claimant, name, password, |claim| {
        let mechanism = Mechanism::Pass;
        Then::SignIn { claim, mechanism }
    });
    if let Err(denied) = begun {
        refuse(ctx, &denied);
    }
    true
}

/// Lets in who has signed in so.
pub(crate) fn signed_in(ctx: &mut Ctx<'_>, claim: Claim, answer: Answer) {
    let claimant = claimant(ctx);
    match sign_in::settle(&mut ctx.turn, &claimant, claim, answer) {
        Ok(signed_in) => {
            registration::tell_signed_in(ctx, signed_in.account);
            registration::arrive(ctx, signed_in);
        }
        Err(denied) => refuse(ctx, &denied),
    }
}

fn claimant(ctx: &Ctx<'_>) -> Claimant {
    Claimant::session(ctx.turn.state, ctx.id, Mechanism::Pass)
}

/// Says why it opens nothing, and closes the connection.
pub(super) fn refuse(ctx: &mut Ctx<'_>, denied: &Denied) {
    let refusal = ctx.failed("PASS", &[], denied);
    ctx.refuse(refusal);
    departure::end_with(&mut ctx.turn, ctx.id, denied.key, &denied.variables());
}
