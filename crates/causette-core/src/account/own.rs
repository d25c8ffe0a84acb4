//! What the owner of an account sets of it.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::AccountId;
use crate::record::{AccountChange, Fact};
use crate::settings::AlwaysOn;
use crate::state::account::Setting;
use crate::turn::Turn;
use causette_proto::CompactString;

/// Sets something of an account, or takes it back by an empty value. The session that sets the language is spoken to in it from now
/// on.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    setting: Setting,
    value: CompactString,
) -> Result<(), Denied> {
    let nobody_stays = turn.settings.always_on == AlwaysOn::Off;
    if setting == Setting::AlwaysOn && value == "on" && nobody_stays {
        let key = "nickserv-always-on-off-here";
        return Err(Denied::new(Why::Unavailable, key, &[]));
    }
    let session = actor.session().filter(|_| setting == Setting::Language);
    if let Some(session) = session.and_then(|id| turn.state.sessions.get_mut(&id)) {
        *turn.mutated = true;
        session.speak(&value);
    }
    keep(
        turn,
        actor,
        id,
        CompactString::const_new(setting.name()),
        value,
    );
    Ok(())
}

/// The same by the name under which it is kept.
pub(crate) fn keep(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    name: CompactString,
    value: CompactString,
) {
    let Some(account) = turn.state.accounts().get(&id) else {
        return;
    };
    let held = account.settings.get(&name);
    if held.map_or("", CompactString::as_str) == value {
        return;
    }
    let change = AccountChange::Setting { name, value };
    let fact = Fact::AccountChanged {
        account: id,
        change,
    };
    turn.commit(actor, fact);
}
