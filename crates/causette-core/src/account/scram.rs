//! Signing in by SCRAM-SHA-256, message by message. What is computed is asked for: here is only who says what when.
//!
//! The password stays with the client, and each side proves to the other that it knows it, or what the store keeps of it.
//! The proof is what is tried and charged; a name that nobody has is asked the same as an account.
//!
//! <https://www.rfc-editor.org/rfc/rfc5802#section-5>, <https://www.rfc-editor.org/rfc/rfc7677>

use crate::account::identity::{self, sign_in_answered};
use crate::account::trial::{self, may_try, put_off};
use crate::commands::authenticate::{malformed, permitted, receive_next};
use crate::input::{Answer, Asker};
use crate::output::{Ask, Output};
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::state::attempts::Work;
use crate::state::session::Stage;
use crate::state::waiting::{Challenged, Opening};
use crate::state::waiting::{Claim, Then};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_proto::scram::{ClientFinal, ClientFirst, ServerFinal, ServerFirst};

/// Takes the client's first message; the session waits for what it is to be asked.
pub(crate) fn begin(ctx: &mut Ctx<'_>, payload: &[u8]) -> Outcome {
    let Ok(first) = ClientFirst::parse(payload) else {
        return Err(malformed(ctx));
    };
    permitted(ctx, &first.authzid, &first.name)?;
    let claim = identity::claim(ctx.turn.state, &first.name);
    if !may_try(ctx, claim.name.as_str(), &claim.name, Mechanism::Scram) {
        return Ok(());
    }
    let ask = Ask::ScramBegin {
        account: claim.account,
        name: ctx.turn.state.casemap.fold(&claim.name),
    };
    let asker = Asker::Session(ctx.id);
    ctx.after(Output::Ask { asker, ask });
    ctx.hold(Then::ScramBegin(Box::new(Opening {
        claim,
        gs2_header: STANDARD.encode(first.gs2_header),
        nonce: first.nonce.to_owned(),
        bare: first.bare.to_owned(),
    })));
    Ok(())
}

/// Asks the client for its proof.
pub(crate) fn challenged(ctx: &mut Ctx<'_>, opening: Opening, answer: Answer) {
    let Answer::Challenge(challenge) = answer else {
        return put_off(ctx, Mechanism::Scram, "sign-in-busy", &[]);
    };
    let nonce = opening.nonce + &challenge.nonce;
    let first = ServerFirst {
        nonce: &nonce,
        salt: &challenge.salt,
        iterations: challenge.iterations,
    }
    .to_string();
    say(ctx, &first);
    let challenged = Challenged {
        claim: opening.claim,
        gs2_header: opening.gs2_header,
        said: format!("{},{first}", opening.bare),
        nonce,
    };
    receive_next(ctx, Stage::ScramProof(Box::new(challenged)));
}

/// Takes the client's proof; the session waits for the verdict.
pub(crate) fn finish(ctx: &mut Ctx<'_>, challenged: Challenged, payload: &[u8]) -> Outcome {
    let Challenged {
        claim,
        gs2_header,
        nonce,
        said,
    } = challenged;
    let last = match ClientFinal::parse(payload) {
        Ok(last) if last.nonce == nonce && last.gs2_header == gs2_header => last,
        _ => return Err(malformed(ctx)),
    };
    let ask = Ask::ScramFinish {
        account: claim.account,
        message: format!("{said},{}", last.without_proof),
        proof: Secret::new(last.proof),
    };
    let names = (claim.name.as_str(), claim.name.as_str());
    if trial::try_one(ctx, names, Work::Check, Mechanism::Scram, ask) {
        ctx.hold(Then::ScramFinish(Box::new(claim)));
    }
    Ok(())
}

/// Tells the client that its proof was wrong; or gives it ours, and waits for it to say that it believes us.
pub(crate) fn proved(ctx: &mut Ctx<'_>, claim: Box<Claim>, answer: Answer) {
    match answer {
        Answer::Proved(signature) => {
            say(ctx, &ServerFinal::Verified(&signature).to_string());
            receive_next(ctx, Stage::ScramEnd(claim));
        }
        answer => {
            if answer == Answer::Verified(false) {
                say(ctx, &ServerFinal::InvalidProof.to_string());
            }
            sign_in_answered(ctx, *claim, Mechanism::Scram, answer);
        }
    }
}

/// Signs in who believes our proof.
pub(crate) fn end(ctx: &mut Ctx<'_>, claim: Claim, payload: &[u8]) -> Outcome {
    if !payload.is_empty() {
        return Err(malformed(ctx));
    }
    // The client may take its time over this. Meanwhile the session may have signed in to another account.
    permitted(ctx, "", &claim.name)?;
    sign_in_answered(ctx, claim, Mechanism::Scram, Answer::Verified(true));
    Ok(())
}

/// Says one message of ours. The bound of the client's nonce lets it fit in one piece.
fn say(ctx: &mut Ctx<'_>, message: &str) {
    ctx.line_from(format!("AUTHENTICATE {}", STANDARD.encode(message)));
}
