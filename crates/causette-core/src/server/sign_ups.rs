//! Opening and closing the sign-up while the server runs.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
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
    let rules = turn.state.registration(turn.settings).name();
    if turn.state.registration_set() == registration {
        let key = match registration {
            Some(_) => "registration-set-already",
            None => "registration-configured-already",
        };
        let variables = [("registration", rules)];
        return Err(Denied::new(Why::AlreadySo, key, &variables));
    }
    let mark = turn.commit(actor, Fact::RegistrationSet { registration });
    let by = actor.name(turn.state);
    let rules = turn.state.registration(turn.settings).name();
    let variables = [("by", by.as_str()), ("registration", rules)];
    turn.tell_acted(actor, "notice-registration-set", &variables);
    Ok(mark)
}
