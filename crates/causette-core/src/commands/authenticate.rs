//! AUTHENTICATE: sign in by SASL, with a password, the proof of one, or a certificate. <https://ircv3.net/specs/extensions/sasl-3.1>

use super::{Command, Needs};
use crate::account::identity;
use crate::account::scram;
use crate::limits;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::state::session::{Exchange, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_proto::numeric::{
    ERR_SASLABORTED, ERR_SASLALREADY, ERR_SASLFAIL, ERR_SASLTOOLONG, RPL_SASLMECHS,
};
use causette_proto::sasl::{Chunks, Plain, Progress};
use causette_proto::{Capability, Message};
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
    if !ctx.has(Capability::Sasl) {
        return Err(ctx.refusal(ERR_SASLFAIL, &[], "sasl-not-negotiated", &[]));
    }
    if param == "*" {
        ctx.session_mut().sasl = None;
        return Err(ctx.refusal(ERR_SASLABORTED, &[], "sasl-aborted", &[]));
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
            identity::sign_in_by_certificate(ctx, name);
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
    permitted(ctx, plain.authzid, plain.authcid)?;
    identity::sign_in(
        ctx,
        plain.authcid,
        Secret::new(plain.password),
        Mechanism::Plain,
    );
    Ok(())
}

/// Whether the session may try to sign in under this name, which may have a device behind it.
pub(crate) fn permitted(ctx: &Ctx<'_>, authzid: &str, authcid: &str) -> Outcome {
    // Nobody may act for somebody else here: an authzid may only repeat the name.
    let name = authcid.split('@').next().unwrap_or_default();
    let authzid = authzid.split('@').next().unwrap_or_default();
    if !authzid.is_empty() && !ctx.turn.state.casemap.same(authzid, name) {
        return Err(ctx.refusal(ERR_SASLFAIL, &[], "sign-in-failed", &[]));
    }
    // Who is signed in may prove it again, and not become somebody else on the way.
    if let Some(account) = ctx.session().account {
        let held = &ctx.turn.state.accounts()[&account].name;
        if ctx.turn.state.casemap.fold(name) != held.key() {
            return Err(ctx.refusal(ERR_SASLALREADY, &[], "already-signed-in", &[]));
        }
    }
    Ok(())
}

pub(crate) fn malformed(ctx: &Ctx<'_>) -> Refusal {
    ctx.refusal(ERR_SASLFAIL, &[], "sasl-malformed", &[])
}

/// Makes ready for the next message of an exchange.
pub(crate) fn receive_next(ctx: &mut Ctx<'_>, stage: Stage) {
    let chunks = Chunks::new(limits::SASL_BYTES);
    ctx.session_mut().sasl = Some(Exchange { chunks, stage });
}

fn choose(ctx: &mut Ctx<'_>, mechanism: &str) -> Outcome {
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
