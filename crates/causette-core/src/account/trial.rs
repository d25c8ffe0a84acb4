//! How a secret is tried, whichever command gives it: who must wait, what waits for its turn, and in which words somebody is
//! refused or put off.

use crate::input::Asker;
use crate::output::{Ask, Output};
use crate::record::{Fact, Factor, Mechanism};
use crate::reply::Ctx;
use crate::state::attempts::{Aim, Caller, Work};
use causette_proto::CompactString;
use causette_proto::numeric::{ERR_PASSWDMISMATCH, ERR_SASLABORTED, ERR_SASLFAIL};

/// Whether the session may try a secret now: neither its address nor what it aims at has failed too often. If not, it has been
/// put off in the words of the command.
pub(crate) fn may_try<'a>(
    ctx: &mut Ctx<'_>,
    aim: impl Into<Aim<'a>>,
    name: &str,
    mechanism: Mechanism,
) -> bool {
    let (caller, uptime) = (Caller::from(&ctx.session().peer), ctx.turn.state.uptime());
    let wait = ctx.turn.state.attempts.wait(caller, aim, uptime);
    if wait == 0 {
        return true;
    }
    note_refusal(ctx, name.into(), Factor::Throttled, mechanism);
    let seconds = wait.to_string();
    put_off(ctx, mechanism, "sign-in-wait", &[("seconds", &seconds)]);
    false
}

/// Asks whether a secret is right, as soon as it is its turn. Where it may not be tried, or too much waits, the session has
/// been put off in the words of the command.
pub(crate) fn try_one<'a>(
    ctx: &mut Ctx<'_>,
    (aim, name): (impl Into<Aim<'a>>, &str),
    work: Work,
    mechanism: Mechanism,
    ask: Ask,
) -> bool {
    let aim = aim.into();
    if !may_try(ctx, aim, name, mechanism) {
        return false;
    }
    let waits = enqueue(ctx, aim, work, ask);
    if !waits {
        put_off(ctx, mechanism, "sign-in-busy", &[]);
    }
    waits
}

/// Lets a question of the session wait for its turn; says whether there was room for it.
pub(crate) fn enqueue<'a>(
    ctx: &mut Ctx<'_>,
    aim: impl Into<Aim<'a>>,
    work: Work,
    ask: Ask,
) -> bool {
    let (caller, uptime) = (Caller::from(&ctx.session().peer), ctx.turn.state.uptime());
    *ctx.turn.mutated = true;
    let attempts = &mut ctx.turn.state.attempts;
    attempts.enqueue(ctx.id, caller, aim, work, ask, uptime)
}

/// Notes in the register that somebody was refused; of those who should wait and do not only some, as at the door: they must
/// not fill the disk.
pub(crate) fn note_refusal(
    ctx: &mut Ctx<'_>,
    name: CompactString,
    factor: Factor,
    mechanism: Mechanism,
) {
    let (caller, uptime) = (Caller::from(&ctx.session().peer), ctx.turn.state.uptime());
    let attempts = &mut ctx.turn.state.attempts;
    let waits = match factor {
        Factor::Throttled => true,
        Factor::Token | Factor::Certificate => {
            attempts.wait(caller, caller.nameless().as_str(), uptime) > 0
        }
        Factor::Name | Factor::Password | Factor::Code => false,
    };
    if waits && !attempts.refusal(caller.address, uptime) {
        return;
    }
    let fact = Fact::SignInRefused {
        account: ctx
            .turn
            .state
            .account_named(&name)
            .map(|account| account.id),
        name,
        factor,
        mechanism,
        address: caller.address,
    };
    ctx.turn.commit(&ctx.actor(), fact);
}

/// Asks for something that nobody can guess.
pub(crate) fn look_up(ctx: &mut Ctx<'_>, ask: Ask) {
    let (asker, caller) = (Asker::Session(ctx.id), Caller::from(&ctx.session().peer));
    *ctx.turn.mutated = true;
    let name = caller.nameless();
    ctx.turn.state.attempts.begin(asker, caller, &name);
    ctx.after(Output::Ask { asker, ask });
}

/// Refuses a sign-in in the words of the command that tried it.
pub(crate) fn refused(
    ctx: &mut Ctx<'_>,
    mechanism: Mechanism,
    key: &str,
    variables: &[(&str, &str)],
) {
    let text = &ctx.text_with(key, variables);
    match mechanism {
        Mechanism::Plain | Mechanism::External | Mechanism::Scram => {
            ctx.numeric(ERR_SASLFAIL, &[], text);
        }
        Mechanism::Identify | Mechanism::Register => ctx.notice(Some("NickServ"), text),
        Mechanism::Oper => ctx.numeric(ERR_PASSWDMISMATCH, &[], text),
        Mechanism::Pass => {
            ctx.numeric(ERR_PASSWDMISMATCH, &[], text);
            ctx.close_with(key, variables);
        }
        // No session signs in so: who asks by HTTP is answered there.
        Mechanism::Http => {}
    }
}

/// Says in the words of the command that a sign-in was not checked. Not as where it was wrong: clients would tell their
/// people so, or forget the password. <https://ircv3.net/specs/extensions/standard-replies>
pub(crate) fn put_off(
    ctx: &mut Ctx<'_>,
    mechanism: Mechanism,
    key: &str,
    variables: &[(&str, &str)],
) {
    let text = &ctx.text_with(key, variables);
    let code = "TEMPORARILY_UNAVAILABLE";
    match mechanism {
        Mechanism::Plain | Mechanism::External | Mechanism::Scram => {
            ctx.standard("FAIL", "AUTHENTICATE", code, &[], text);
            ctx.numeric(ERR_SASLABORTED, &[], text);
        }
        Mechanism::Identify | Mechanism::Register => ctx.notice(Some("NickServ"), text),
        Mechanism::Oper => ctx.standard("FAIL", "OPER", code, &[], text),
        Mechanism::Pass => {
            ctx.standard("FAIL", "PASS", code, &[], text);
            ctx.close_with(key, variables);
        }
        // No session signs in so: who asks by HTTP is answered there.
        Mechanism::Http => {}
    }
}
