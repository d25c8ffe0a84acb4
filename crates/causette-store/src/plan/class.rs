//! The classes of a room's events. A page is made of some of them, and each has a part of the index of its own, so that a
//! page never steps over what it does not show.

use crate::engine::Value;
use causette_core::event::{Event, Kind, Reach};

/// Who is shown an event. Kept by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// What is no message: for those who ask for events.
    Event = 0,
    /// PRIVMSG or NOTICE that everyone got: in every page.
    Message = 1,
    /// PRIVMSG or NOTICE that only some got: for those who may see such.
    RestrictedMessage = 2,
    /// It was said and taken back: for nobody. The row is still what its register entry commits to.
    Redacted = 3,
    /// TAGMSG that only some got, who came and went unseen, and that a message was taken back of which only some knew: for
    /// those who may see such and ask for events.
    RestrictedEvent = 4,
    /// PRIVMSG or NOTICE from a time at which not everyone could enter: for those who were there, and once it is opened for all.
    ClosedMessage = 5,
    /// What is no message, from such a time: for the same, where they ask for events.
    ClosedEvent = 6,
}

impl Class {
    /// The class in which an event begins.
    pub(crate) fn of(event: &Event) -> Self {
        Self::first(event.what.kind(), event.reach())
    }

    /// The class in which an event of this kind begins that so many got.
    pub(crate) fn first(kind: Kind, reach: Reach) -> Self {
        match (kind.is_message(), reach) {
            (true, Reach::Room) => Self::Message,
            (false, Reach::Room) => Self::Event,
            (true, Reach::Closed) => Self::ClosedMessage,
            (false, Reach::Closed) => Self::ClosedEvent,
            (true, _) => Self::RestrictedMessage,
            (false, _) => Self::RestrictedEvent,
        }
    }

    /// The classes of which a page is made; where nothing of the room is from a closed time, those of such need not be sought.
    pub(crate) fn shown(
        events: bool,
        restricted: bool,
        was_closed: bool,
    ) -> impl Iterator<Item = Self> {
        [
            (Self::Message, true),
            (Self::Event, events),
            (Self::RestrictedMessage, restricted),
            (Self::RestrictedEvent, events && restricted),
            (Self::ClosedMessage, was_closed),
            (Self::ClosedEvent, events && was_closed),
        ]
        .into_iter()
        .filter_map(|(class, is_shown)| is_shown.then_some(class))
    }

    /// Whether only a part of what it has is for a reader: see [`Readable`](causette_core::history::Readable).
    pub(crate) fn is_closed(self) -> bool {
        matches!(self, Self::ClosedMessage | Self::ClosedEvent)
    }
}

impl From<Class> for Value<'_> {
    fn from(class: Class) -> Self {
        Value::Int(class as i64)
    }
}
