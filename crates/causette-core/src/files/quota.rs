//! How much one account may keep here, where that is another length than the configuration gives everybody.

use super::permit;
use crate::account::target;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Usage, size};
use crate::id::AccountId;
use crate::record::{AccountChange, Fact};
use crate::right::Act;
use crate::state::account::Setting;
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, CompactString};

/// What an account keeps and may.
pub(crate) struct Quota {
    pub(crate) account: AccountName,
    pub(crate) usage: Usage,
    /// Whether it was decided for this account.
    pub(crate) own: bool,
}

/// Bytes that an account may keep.
pub(super) fn of(turn: &Turn<'_>, account: AccountId) -> u64 {
    let own = own(turn, account);
    own.unwrap_or(turn.settings.files.account_bytes)
}

fn own(turn: &Turn<'_>, account: AccountId) -> Option<u64> {
    let account = turn.state.accounts().get(&account)?;
    account.setting(Setting::FileQuota)?.parse().ok()
}

/// How much an account keeps, and may.
pub(crate) fn show(turn: &Turn<'_>, actor: &Actor, account: &str) -> Result<Quota, Denied> {
    actor.must(turn.state, Act::RuleFiles)?;
    let account = target::named(turn.state, account)?;
    Ok(Quota {
        account: account.name.clone(),
        usage: permit::usage(turn, account.id),
        own: own(turn, account.id).is_some(),
    })
}

/// Decides how many bytes an account may keep; `None` for as many as everybody. What it has stays, also where that is more.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    bytes: Option<u64>,
    reason: &str,
) -> Result<(Quota, Mark), Denied> {
    actor.must(turn.state, Act::SetQuota)?;
    let found = target::within_reach(turn.state, actor, account)?;
    let (id, name) = (found.id, found.name.clone());
    if own(turn, id) == bytes {
        return Err(Denied::new(Why::AlreadySo, "file-quota-already", &[]));
    }
    let reason = target::reason(turn.settings, reason)?.kept;
    let value = bytes.map(|bytes| bytes.to_string()).unwrap_or_default();
    let change = AccountChange::SettingImposed {
        name: CompactString::const_new(Setting::FileQuota.name()),
        value: value.into(),
        reason: reason.clone(),
    };
    let account = id;
    let mark = turn.commit(actor, Fact::AccountChanged { account, change });
    let usage = permit::usage(turn, id);
    let (by, max) = (actor.name(turn.state), size(usage.bytes_max));
    let variables = [
        ("account", name.as_str()),
        ("max", &max),
        ("reason", &reason),
        ("by", &by),
    ];
    for session in turn.state.sessions_of(id) {
        turn.tell_session(session, "FileServ", "file-quota-set", &variables);
    }
    turn.tell_acted(actor, "notice-file-quota", &variables);
    let quota = Quota {
        account: name,
        usage,
        own: bytes.is_some(),
    };
    Ok((quota, mark))
}
