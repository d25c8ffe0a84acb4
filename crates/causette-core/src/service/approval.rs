//! NickServ APPROVE, REFUSE and WAITING: the accounts that wait to be approved, for those who may decide of them.

use super::nickserv::spoken;
use crate::account::approval::{self, Judged};
use crate::denied::Denied;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;
use crate::turn::words::minute;

/// Lets an account in.
pub(super) fn approve(ctx: &mut Ctx<'_>, name: &str) -> Outcome {
    let actor = ctx.actor();
    let approved = approval::approve(&mut ctx.turn, &actor, name);
    tell(ctx, "admin-account-approved", approved)
}

/// Does not let an account in.
pub(super) fn refuse(ctx: &mut Ctx<'_>, name: &str, reason: &str) -> Outcome {
    let actor = ctx.actor();
    let refused = approval::refuse(&mut ctx.turn, &actor, name, reason);
    tell(ctx, "admin-account-refused", refused)
}

fn tell(ctx: &mut Ctx<'_>, key: &str, judged: Result<Judged, Denied>) -> Outcome {
    match judged {
        Ok(Judged { name, .. }) => {
            let variables = [("account", name.as_str())];
            service::say(ctx, Service::Accounts, key, &variables);
            Ok(())
        }
        Err(denied) => spoken(ctx, Err(denied)),
    }
}

/// Shows which accounts wait, the oldest first.
pub(super) fn list(ctx: &mut Ctx<'_>) -> Outcome {
    let waiting = match approval::waiting(ctx.turn.state, &ctx.actor()) {
        Ok(waiting) => waiting,
        Err(denied) => return spoken(ctx, Err(denied)),
    };
    for (name, created) in waiting.first {
        let time = minute(created);
        let variables = [("account", name.as_str()), ("time", &time)];
        service::say(ctx, Service::Accounts, "nickserv-waiting", &variables);
    }
    let number = waiting.number.to_string();
    let variables = [("number", number.as_str())];
    service::say(
        ctx,
        Service::Accounts,
        "nickserv-waiting-number",
        &variables,
    );
    service::say(ctx, Service::Accounts, "nickserv-approve-syntax", &[]);
    Ok(())
}
