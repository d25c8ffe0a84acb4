//! AUTHENTICATE: sign in by SASL PLAIN. <https://ircv3.net/specs/extensions/sasl-3.1>

use super::{Command, Needs};
use crate::identity;
use crate::limits;
use crate::record::Mechanism;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
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
    syntax: "AUTHENTICATE <PLAIN | base64 | *>",
    summary: "command-authenticate",
    spec: "https://ircv3.net/specs/extensions/sasl-3.1",
    run,
};

/// The mechanisms that are offered, the value of the `sasl` capability.
pub(super) const MECHANISMS: &str = "PLAIN";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let param = message.params[0].as_str();
    if ctx.session().account.is_some() {
        return Err(ctx.refusal(ERR_SASLALREADY, &[], "already-signed-in", &[]));
    }
    if !ctx.has(Capability::Sasl) {
        return Err(ctx.refusal(ERR_SASLFAIL, &[], "sasl-not-negotiated", &[]));
    }
    if param == "*" {
        ctx.session_mut().sasl = None;
        return Err(ctx.refusal(ERR_SASLABORTED, &[], "sasl-aborted", &[]));
    }
    let Some(mut chunks) = ctx.session_mut().sasl.take() else {
        return choose(ctx, param);
    };
    match chunks.push(param) {
        Progress::More => {
            ctx.session_mut().sasl = Some(chunks);
            Ok(())
        }
        Progress::TooLong => Err(ctx.refusal(ERR_SASLTOOLONG, &[], "sasl-too-long", &[])),
        Progress::Done(encoded) => {
            let payload = STANDARD.decode(encoded.as_bytes()).map(Zeroizing::new).ok();
            let plain = payload
                .as_ref()
                .and_then(|payload| Plain::parse(payload).ok());
            let Some(plain) = plain else {
                return Err(ctx.refusal(ERR_SASLFAIL, &[], "sasl-malformed", &[]));
            };
            // Nobody may act for somebody else here: an authzid may only repeat the name.
            if !plain.authzid.is_empty() && !plain.authzid.eq_ignore_ascii_case(plain.authcid) {
                return Err(ctx.refusal(ERR_SASLFAIL, &[], "sign-in-failed", &[]));
            }
            identity::sign_in(
                ctx,
                plain.authcid,
                Secret::new(plain.password),
                Mechanism::Plain,
            );
            Ok(())
        }
    }
}

fn choose(ctx: &mut Ctx<'_>, mechanism: &str) -> Outcome {
    if !mechanism.eq_ignore_ascii_case(MECHANISMS) {
        let text = ctx.text("sasl-mechanisms");
        ctx.numeric(RPL_SASLMECHS, &[MECHANISMS], &text);
        return Err(ctx.refusal(
            ERR_SASLFAIL,
            &[],
            "sasl-unknown-mechanism",
            &[("mechanisms", MECHANISMS)],
        ));
    }
    ctx.session_mut().sasl = Some(Chunks::new(limits::SASL_BYTES));
    ctx.line_from("AUTHENTICATE +".to_owned());
    Ok(())
}
