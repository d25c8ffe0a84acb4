//! SCRAM-SHA-256, message by message: who says what when.
//!
//! The password stays with the client, and each side proves to the other that it knows it, or what the store keeps of it.
//!
//! <https://www.rfc-editor.org/rfc/rfc5802#section-5>, <https://www.rfc-editor.org/rfc/rfc7677>

use super::{answered, malformed, receive_next, refuse};
use crate::account::trial::busy;
use crate::account::{scram, sign_in};
use crate::input::Answer;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::state::session::Stage;
use crate::state::waiting::{Challenged, Claim, Opening, Then};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_proto::scram::{ClientFinal, ClientFirst, ServerFinal, ServerFirst};

/// Takes the client's first message; the session waits for what it is to be asked.
pub(super) fn begin(ctx: &mut Ctx<'_>, payload: &[u8]) -> Outcome {
    let Ok(first) = ClientFirst::parse(payload) else {
        return Err(malformed(ctx));
    };
    let (session, names) = (ctx.id, (first.authzid.as_ref(), first.name.as_ref()));
    let begun = scram::begin(&mut ctx.turn, session, names, |claim| {
        Then::ScramBegin(Box::new(Opening {
            claim,
            gs2_header: STANDARD.encode(first.gs2_header),
            nonce: first.nonce.to_owned(),
            bare: first.bare.to_owned(),
        }))
    });
    begun.unwrap_or_else(|denied| refuse(ctx, &denied));
    Ok(())
}

/// Asks the client for its proof.
pub(crate) fn challenged(ctx: &mut Ctx<'_>, opening: Opening, answer: Answer) {
    let Answer::Challenge(challenge) = answer else {
        return refuse(ctx, &busy());
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
pub(super) fn finish(ctx: &mut Ctx<'_>, challenged: Challenged, payload: &[u8]) -> Outcome {
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
    let (session, proof) = (ctx.id, Secret::new(last.proof));
    let message = format!("{said},{}", last.without_proof);
    let begun = scram::try_proof(&mut ctx.turn, session, claim, message, proof);
    begun.unwrap_or_else(|denied| refuse(ctx, &denied));
    Ok(())
}

/// Gives the client our proof, and waits for it to say that it believes us; or refuses to sign it in.
pub(crate) fn proved(ctx: &mut Ctx<'_>, claim: Box<Claim>, answer: Answer) {
    match answer {
        Answer::Proved(signature) => {
            say(ctx, &ServerFinal(&signature).to_string());
            receive_next(ctx, Stage::ScramEnd(claim));
        }
        answer => answered(ctx, *claim, Mechanism::Scram, answer),
    }
}

/// Signs in who believes our proof.
pub(super) fn end(ctx: &mut Ctx<'_>, claim: Claim, payload: &[u8]) -> Outcome {
    if !payload.is_empty() {
        return Err(malformed(ctx));
    }
    // The client may take its time over this. Meanwhile the session may have signed in to another account.
    match sign_in::permitted(ctx.turn.state, ctx.id, "", &claim.name) {
        Ok(()) => answered(ctx, claim, Mechanism::Scram, Answer::Verified(true)),
        Err(denied) => refuse(ctx, &denied),
    }
    Ok(())
}

/// Says one message of ours. The bound of the client's nonce lets it fit in one piece.
fn say(ctx: &mut Ctx<'_>, message: &str) {
    ctx.line_from(format!("AUTHENTICATE {}", STANDARD.encode(message)));
}
