//! NickServ RENAME: another name for somebody's account, by those who may decide that.

use super::nickserv::spoken;
use crate::account::rename;
use crate::commands::registration;
use crate::reply::{Ctx, Outcome};
use crate::reserved::Service;
use crate::service;

/// Gives an account another name.
pub(super) fn rename(ctx: &mut Ctx<'_>, account: &str, name: &str, reason: &str) -> Outcome {
    let actor = ctx.actor();
    let renamed = match rename::rename(&mut ctx.turn, &actor, account, name, reason) {
        Ok(renamed) => renamed,
        Err(denied) => return spoken(ctx, Err(denied)),
    };
    registration::tell_renamed(&mut ctx.turn, &renamed);
    if let Some(account) = ctx
        .session()
        .account
        .filter(|_| renamed.sessions.contains(&ctx.id))
    {
        registration::show_renamed(ctx, account);
    }
    let variables = [
        ("from", renamed.from.as_str()),
        ("account", renamed.name.as_str()),
    ];
    service::say(ctx, Service::Accounts, "admin-account-renamed", &variables);
    Ok(())
}
