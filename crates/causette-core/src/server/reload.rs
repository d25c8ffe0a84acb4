//! Other settings than those by which the server has ruled.

use crate::account::operator::{self, Ended};
use crate::actor::Actor;
use crate::denied::Denied;
use crate::id::SessionId;
use crate::input::Asker;
use crate::output::Output;
use crate::record::Fact;
use crate::right::Act;
use crate::room::auto_join;
use crate::settings::Settings;
use crate::state::waiting::Then;
use crate::turn::Turn;

/// Has the configuration read again; the session waits for what comes of it.
pub(crate) fn begin(turn: &mut Turn<'_>, session: SessionId) -> Result<(), Denied> {
    Actor::Session(session).must(turn.state, Act::Reload)?;
    turn.after(Output::Reload { session });
    turn.wait(Asker::Session(session), Then::Reload);
    Ok(())
}

/// Begins anew the time in which those have to sign in who came while nobody had to, where that has changed. Says who they are.
pub(crate) fn ask_for_accounts(turn: &mut Turn<'_>, old: &Settings) -> Vec<SessionId> {
    if old.accounts_required || !turn.settings.accounts_required {
        return Vec::new();
    }
    let sessions = turn.state.sessions.values_mut();
    let guests = sessions.filter(|session| session.welcomed && session.account.is_none());
    let mut guests: Vec<SessionId> = guests
        .map(|session| {
            session.lobby_from = session.age;
            session.id
        })
        .collect();
    *turn.mutated |= !guests.is_empty();
    guests.sort_unstable();
    guests
}

/// Brings about what follows from other settings; somebody asked for them, or a signal did. Says which sessions have
/// not any more what OPER made of them.
pub(crate) fn settle(turn: &mut Turn<'_>, actor: &Actor) -> Vec<Ended> {
    turn.commit(actor, Fact::Reloaded);
    turn.tell_operators(actor.session(), "notice-reloaded", &[]);
    auto_join::settle(turn);
    operator::revoke(turn)
}
