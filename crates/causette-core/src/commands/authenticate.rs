//! AUTHENTICATE: sign in by SASL, with a password or a certificate. <https://ircv3.net/specs/extensions/sasl-3.1>

use super::{Command, Needs};
use crate::identity;
use crate::limits;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::secret::Secret;
use crate::session::Exchange;
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
    syntax: "AUTHENTICATE <PLAIN | EXTERNAL | base64 | *>",
    summary: "command-authenticate",
    spec: "https://ircv3.net/specs/extensions/sasl-3.1",
    run,
};

/// The mechanisms that are offered, the value of the `sasl` capability.
pub(super) const MECHANISMS: &str = "PLAIN,EXTERNAL";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let param = message.params[0].as_str();
    if !ctx.has(Capability::Sasl) {
        return Err(ctx.refusal(ERR_SASLFAIL, &[], "sasl-not-negotiated", &[]));
    }
    if param == "*" {
        ctx.session_mut().sasl = None;
        return Err(ctx.refusal(ERR_SASLABORTED, &[], "sasl-aborted", &[]));
    }
    match ctx.session_mut().sasl.take() {
        None => choose(ctx, param),
        Some(Exchange::Plain(chunks)) => {
            let Some(payload) = receive(ctx, chunks, param, Exchange::Plain)? else {
                return Ok(());
            };
            plain(ctx, &payload)
        }
        Some(Exchange::External(chunks)) => {
            let Some(payload) = receive(ctx, chunks, param, Exchange::External)? else {
                return Ok(());
            };
            let Ok(name) = std::str::from_utf8(&payload) else {
                return Err(malformed(ctx));
            };
            let name = name.to_owned();
            identity::sign_in_by_certificate(ctx, &name);
            Ok(())
        }
    }
}

/// Takes a piece of a message: the whole once it is there, nothing while more must come.
fn receive(
    ctx: &mut Ctx<'_>,
    mut chunks: Chunks,
    param: &str,
    exchange: fn(Chunks) -> Exchange,
) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    match chunks.push(param) {
        Progress::More => {
            ctx.session_mut().sasl = Some(exchange(chunks));
            Ok(None)
        }
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
    // Nobody may act for somebody else here: an authzid may only repeat the name.
    let name = plain.authcid.split('@').next().unwrap_or_default();
    if !plain.authzid.is_empty() && !ctx.turn.state.casemap.same(plain.authzid, name) {
        return Err(ctx.refusal(ERR_SASLFAIL, &[], "sign-in-failed", &[]));
    }
    // Who is signed in may prove it again, and not become somebody else on the way.
    if let Some(account) = ctx.session().account {
        let held = &ctx.turn.state.accounts[&account].name;
        if ctx.turn.state.casemap.fold(name) != held.key() {
            return Err(ctx.refusal(ERR_SASLALREADY, &[], "already-signed-in", &[]));
        }
    }
    identity::sign_in(
        ctx,
        plain.authcid,
        Secret::new(plain.password),
        Mechanism::Plain,
    );
    Ok(())
}

fn malformed(ctx: &Ctx<'_>) -> Refusal {
    ctx.refusal(ERR_SASLFAIL, &[], "sasl-malformed", &[])
}

fn choose(ctx: &mut Ctx<'_>, mechanism: &str) -> Outcome {
    let chunks = Chunks::new(limits::SASL_BYTES);
    let exchange = match mechanism.to_ascii_uppercase().as_str() {
        "PLAIN" => Exchange::Plain(chunks),
        "EXTERNAL" => Exchange::External(chunks),
        _ => {
            let text = ctx.text("sasl-mechanisms");
            ctx.numeric(RPL_SASLMECHS, &[MECHANISMS], &text);
            return Err(ctx.refusal(
                ERR_SASLFAIL,
                &[],
                "sasl-unknown-mechanism",
                &[("mechanisms", MECHANISMS)],
            ));
        }
    };
    ctx.session_mut().sasl = Some(exchange);
    ctx.line_from("AUTHENTICATE +".to_owned());
    Ok(())
}
