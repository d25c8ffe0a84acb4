//! Other settings than those by which the server has ruled.

use crate::account::operator::{self, Revoked};
use crate::actor::Actor;
use crate::denied::Denied;
use crate::id::SessionId;
use crate::input::Asker;
use crate::output::Output;
use crate::record::Fact;
use crate::right::Act;
use crate::room::auto_join;
use crate::state::waiting::Then;
use crate::turn::Turn;

/// Has the configuration read again; the session waits for what comes of it.
pub(crate) fn begin(turn: &mut Turn<'_>, session: SessionId) -> Result<(), Denied> {
    Actor::Session(session).must(turn.state, Act::Reload)?;
    turn.after(Output::Reload { session });
    turn.wait(Asker::Session(session), Then::Reload);
    Ok(())
}

/// Brings about what follows from other settings; somebody asked for them, or a signal did. Says which sessions are no
/// operators' any more.
pub(crate) fn settle(turn: &mut Turn<'_>, actor: &Actor) -> Vec<Revoked> {
    turn.commit(actor, Fact::Reloaded);
    turn.tell_operators(actor.session(), "notice-reloaded", &[]);
    auto_join::settle(turn);
    operator::revoke(turn)
}
