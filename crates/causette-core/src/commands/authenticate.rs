//! AUTHENTICATE: sign in by SASL, with a password, the proof of one, or a certificate. <https://ircv3.net/specs/extensions/sasl-3.1>

pub(crate) mod scram;

use super::{Command, Needs, registration};
use crate::account::sign_in::{self, SignedIn};
use crate::account::trial::Claimant;
use crate::denied::{Denied, Why};
use crate::input::Answer;
use crate::limits;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::state::session::{Exchange, Stage};
use crate::state::waiting::{Claim, Then};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_proto::Message;
use causette_proto::numeric::{
    ERR_SASLABORTED, ERR_SASLALREADY, ERR_SASLFAIL, ERR_SASLTOOLONG, RPL_SASLMECHS, RPL_SASLSUCCESS,
};
use causette_proto::sasl::{Chunks, Plain, Progress};
use zeroize::Zeroizing;

pub(super) const AUTHENTICATE: Command = Command {
    verb: "AUTHENTICATE",
    params: 1,
    needs: Needs::Nothing,
    syntax: "AUTHENTICATE <PLAIN | EXTERNAL | SCRAM-SHA-256 | base64 | *>",
    summary: "command-authenticate",
    spec: "https://ircv3.net/specs/extensions/sasl-3.1",
    run,
};

/// The mechanisms that are offered, the value of the `sasl` capability.
pub(super) fn mechanisms(settings: &Settings) -> &'static str {
    if settings.scram {
        "PLAIN,EXTERNAL,SCRAM-SHA-256"
    } else {
        "PLAIN,EXTERNAL"
    }
}

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let param = message.params[0].as_str();
    if param == "*" {
        ctx.session_mut().sasl = None;
        return Err(aborted(ctx));
    }
    let Some(mut exchange) = ctx.session_mut().sasl.take() else {
        return choose(ctx, param);
    };
    let Some(payload) = receive(ctx, &mut exchange.chunks, param)? else {
        ctx.session_mut().sasl = Some(exchange);
        return Ok(());
    };
    match exchange.stage {
        Stage::Plain => plain(ctx, &payload),
        Stage::External => {
            let Ok(name) = std::str::from_utf8(&payload) else {
                return Err(malformed(ctx));
            };
            let certificate = ctx.session().peer.certificate.clone();
            let claimant = claimant(ctx, Mechanism::External);
            let certificate = certificate.as_deref();
            let signed_in = sign_in::by_certificate(&mut ctx.turn, &claimant, certificate, name);
            conclude(ctx, signed_in);
            Ok(())
        }
        Stage::Scram => scram::begin(ctx, &payload),
        Stage::ScramProof(challenged) => scram::finish(ctx, *challenged, &payload),
        Stage::ScramEnd(claim) => scram::end(ctx, *claim, &payload),
    }
}

/// Takes a piece of a message: the whole once it is there, nothing while more must come.
fn receive(
    ctx: &Ctx<'_>,
    chunks: &mut Chunks,
    param: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    match chunks.push(param) {
        Progress::More => Ok(None),
        Progress::TooLong => Err(ctx.refusal(ERR_SASLTOOLONG, &[], "sasl-too-long", &[])),
        Progress::TooMuch => Err(ctx.refusal(ERR_SASLFAIL, &[], "sasl-too-long", &[])),
        Progress::Done(encoded) => match STANDARD.decode(encoded.as_bytes()) {
            Ok(payload) => Ok(Some(Zeroizing::new(payload))),
            Err(_) => Err(malformed(ctx)),
        },
    }
}

fn plain(ctx: &mut Ctx<'_>, payload: &[u8]) -> Outcome {
    let Ok(plain) = Plain::parse(payload) else {
        return Err(malformed(ctx));
    };
    let begun = begin_plain(ctx, &plain);
    begun.unwrap_or_else(|denied| refuse(ctx, &denied));
    Ok(())
}

fn begin_plain(ctx: &mut Ctx<'_>, plain: &Plain<'_>) -> Result<(), Denied> {
    let mechanism = Mechanism::Plain;
    sign_in::permitted(ctx.turn.state, ctx.id, plain.authzid, plain.authcid)?;
    let (claimant, password) = (claimant(ctx, mechanism), Secret::new(plain.password));
    sign_in::begin(&mut ctx.turn, &claimant, plain.authcid, password, |claim| {
        Then::SignIn { claim, mechanism }
    })
}

fn claimant(ctx: &Ctx<'_>, mechanism: Mechanism) -> Claimant {
    Claimant::session(ctx.turn.state, ctx.id, mechanism)
}

/// Signs in or refuses to, as the answer says.
pub(crate) fn answered(ctx: &mut Ctx<'_>, claim: Claim, mechanism: Mechanism, answer: Answer) {
    let claimant = claimant(ctx, mechanism);
    let signed_in = sign_in::settle(&mut ctx.turn, &claimant, claim, answer);
    conclude(ctx, signed_in);
}

/// Tells what came of an exchange.
fn conclude(ctx: &mut Ctx<'_>, signed_in: Result<SignedIn, Denied>) {
    match signed_in {
        Ok(signed_in) => {
            registration::tell_signed_in(ctx, signed_in.account);
            let text = ctx.text("sasl-success");
            ctx.numeric(RPL_SASLSUCCESS, &[], &text);
            registration::arrive(ctx, signed_in);
        }
        Err(denied) => refuse(ctx, &denied),
    }
}

/// Ends an exchange that signed nobody in. What was not checked is not said as what was wrong: clients would tell their people
/// so, or forget the password. <https://ircv3.net/specs/extensions/standard-replies>
fn refuse(ctx: &mut Ctx<'_>, denied: &Denied) {
    let text = ctx.denied_text(denied);
    match denied.why {
        Why::MustWait | Why::Busy => {
            let refusal = ctx.failed("AUTHENTICATE", &[], denied);
            ctx.refuse(refusal);
            ctx.numeric(ERR_SASLABORTED, &[], &text);
        }
        Why::AlreadySignedIn => ctx.numeric(ERR_SASLALREADY, &[], &text),
        Why::KeptOut | Why::ConnectedAlready => {
            // Nothing is wrong with the password: clients know by this numeric that trying on does not help.
            let refusal = ctx.failed("AUTHENTICATE", &[], denied);
            ctx.refuse(refusal);
            ctx.numeric(ERR_SASLFAIL, &[], &text);
        }
        _ => ctx.numeric(ERR_SASLFAIL, &[], &text),
    }
}

/// Ends an exchange that the client lets lie: it goes on with its registration.
/// <https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command>
pub(super) fn abandon(ctx: &mut Ctx<'_>) {
    if ctx.session_mut().sasl.take().is_some() {
        let refusal = aborted(ctx);
        ctx.refuse(refusal);
    }
}

fn aborted(ctx: &Ctx<'_>) -> Refusal {
    ctx.refusal(ERR_SASLABORTED, &[], "sasl-aborted", &[])
}

fn malformed(ctx: &Ctx<'_>) -> Refusal {
    ctx.refusal(ERR_SASLFAIL, &[], "sasl-malformed", &[])
}

/// Makes ready for the next message of an exchange.
fn receive_next(ctx: &mut Ctx<'_>, stage: Stage) {
    let chunks = Chunks::new(limits::SASL_BYTES);
    ctx.session_mut().sasl = Some(Exchange { chunks, stage });
}

fn choose(ctx: &mut Ctx<'_>, mechanism: &str) -> Outcome {
    let session = ctx.session();
    if session.welcomed && session.account.is_some() {
        return Err(ctx.refusal(ERR_SASLALREADY, &[], "already-signed-in", &[]));
    }
    let stage = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => Stage::Plain,
        "EXTERNAL" => Stage::External,
        "SCRAM-SHA-256" if ctx.turn.settings.scram => Stage::Scram,
        _ => {
            let mechanisms = mechanisms(ctx.turn.settings);
            let text = ctx.text("sasl-mechanisms");
            ctx.numeric(RPL_SASLMECHS, &[mechanisms], &text);
            return Err(ctx.refusal(
                ERR_SASLFAIL,
                &[],
                "sasl-unknown-mechanism",
                &[("mechanisms", mechanisms)],
            ));
        }
    };
    receive_next(ctx, stage);
    ctx.line_from("AUTHENTICATE +".to_owned());
    Ok(())
}
