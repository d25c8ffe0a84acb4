//! Opening and closing the sign-up while the server runs.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::record::Fact;
use crate::right::Act;
use crate::settings::Registration;
use crate::turn::{Mark, Turn};

/// Says who may sign up from now on, whatever the configuration says; `None` lets that rule again.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    registration: Option<Registration>,
) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::SetRegistration)?;
    let mark = turn.commit(actor, Fact::RegistrationSet { registration });
    let by = actor.name(turn.state);
    let rules = turn.state.registration(turn.settings).name();
    let variables = [("by", by.as_str()), ("registration", rules)];
    turn.tell_acted(actor, "notice-registration-set", &variables);
    Ok(mark)
}
