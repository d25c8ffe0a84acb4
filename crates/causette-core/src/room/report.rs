//! Which rooms there are, as those who run the server are told.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::order::Portion;
use crate::report::{Report, RoomReport};
use crate::right::Act;
use crate::state::State;
use crate::state::channel::Channel;
use causette_proto::CompactString;

/// The rooms, those included that others do not see, in the order of their names.
pub(crate) fn list(state: &State, actor: &Actor, portion: &Portion) -> Result<Report, Denied> {
    actor.must(state, Act::InspectPerson)?;
    let channels = state.channels().values();
    let (page, more) = portion.page(state.casemap, channels, |channel| channel.name.key());
    let rooms = page.into_iter().map(|channel| of(state, channel));
    Ok(Report::Rooms {
        rooms: rooms.collect(),
        more,
    })
}

fn of(state: &State, channel: &Channel) -> RoomReport {
    let founder = channel.founder.and_then(|id| state.accounts().get(&id));
    let topic = channel.topic.as_ref();
    RoomReport {
        name: channel.name.as_str().into(),
        members: channel.members.len(),
        // A key opens the room: it is its members' own.
        modes: channel.modes.text(false),
        topic: topic.map(|topic| topic.text.clone()).unwrap_or_default(),
        founder: founder.map(|account| CompactString::new(account.name.as_str())),
        since: state.clock.shown_at(channel.created),
    }
}
