//! Going by another realname.

use crate::account::own;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{SessionId, UserId};
use crate::limits;
use crate::person::presence::{announce, tell_own};
use crate::state::account::Setting;
use crate::turn::Turn;
use causette_proto::{Capability, CompactString};

/// Takes a realname, which an account keeps, and tells those who see its user. Gives back the line that tells it.
/// <https://ircv3.net/specs/extensions/setname>
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    realname: &str,
) -> Result<String, Denied> {
    if realname.is_empty() || realname.len() > limits::REALNAME_BYTES {
        let max = limits::REALNAME_BYTES.to_string();
        let variables = [("max", max.as_str())];
        return Err(Denied::new(
            Why::BadRealname,
            "realname-invalid",
            &variables,
        ));
    }
    enforce::may_have_realname(turn, by)?;
    let source = turn.state.source_of(by).to_owned();
    let line = format!(":{source} SETNAME :{realname}");
    let realname = CompactString::new(realname);
    *turn.mutated = true;
    let user = turn.state.users.get_mut(&by);
    let account = user.and_then(|user| {
        user.realname = realname.clone();
        user.account
    });
    if let Some(account) = account {
        let name = CompactString::const_new(Setting::Realname.name());
        own::keep(turn, actor, account, name, realname);
    }
    tell(turn, by, actor.session());
    Ok(line)
}

/// Tells those who see somebody what their realname is now, and their own clients but one.
pub(super) fn tell(turn: &mut Turn<'_>, user: UserId, but: Option<SessionId>) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let (source, words) = (found.source.clone(), format!("SETNAME :{}", found.realname));
    announce(turn, user, (&source, &words), Capability::Setname);
    let line = format!(":{source} {words}");
    tell_own(turn, (user, but), line, Capability::Setname);
}
