//! REHASH: read the configuration again. <https://modern.ircdocs.horse/#rehash-message>

use super::{Command, Needs, cap, greeting, oper};
use crate::actor::Actor;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use crate::server::reload;
use crate::settings::Settings;
use crate::turn::Turn;
use causette_proto::Message;
use causette_proto::numeric::RPL_REHASHING;

pub(super) const REHASH: Command = Command {
    verb: "REHASH",
    params: 0,
    needs: Needs::Right(Act::Reload),
    syntax: "REHASH",
    summary: "command-rehash",
    spec: "https://modern.ircdocs.horse/#rehash-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let session = ctx.id;
    reload::begin(&mut ctx.turn, session)?;
    Ok(())
}

/// Brings about what follows from other settings than the old ones, and tells those whom it concerns.
pub(crate) fn settle(turn: &mut Turn<'_>, actor: &Actor, old: &Settings) {
    for revoked in reload::settle(turn, actor) {
        oper::tell_revoked(turn, &revoked);
    }
    for guest in reload::ask_for_accounts(turn, old) {
        let mut ctx = Ctx::new(turn.reborrow(), guest, None);
        greeting::explain_required(&mut ctx);
        ctx.conclude();
    }
    cap::announce_changed(turn, old);
    if cap::sts_duration(turn.settings) != cap::sts_duration(old) {
        cap::announce_sts(turn);
    }
}

/// Tells what came of it.
pub(crate) fn answered(ctx: &mut Ctx<'_>, result: Result<(), String>) {
    match result {
        Ok(()) => {
            let text = ctx.text("rehashed");
            ctx.numeric(RPL_REHASHING, &["causette.toml"], &text);
            let set = ctx.turn.state.registration_set();
            if let Some(set) = set.filter(|set| *set != ctx.turn.settings.registration) {
                let variables = [("registration", set.name())];
                let text = ctx.text_with("registration-kept", &variables);
                ctx.notice(None, &text);
            }
        }
        Err(reason) => ctx.notice(None, &reason),
    }
}
