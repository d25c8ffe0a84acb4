//! What the client asked the server for, so that the answer finds its way.

use crate::core::buffer::BufferId;
use crate::core::entry::EntryId;

/// A request that waits for its labelled answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// A page of history.
    Page(BufferId, PageOf),
    /// The conversations that were active.
    Targets,
    /// The same, for somebody who wants only to know them.
    Active,
    /// A command of the person: what the server says of it belongs into this conversation.
    Command(BufferId),
    /// A message of the outbox.
    Said(u64),
    /// A token for this device.
    Device,
    /// What fits a search.
    Search(BufferId),
    /// Nothing to be told about: what it answers is known otherwise.
    Quiet,
}

/// Which page of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageOf {
    /// The newest messages, of a conversation of which nothing is known.
    Latest,
    /// What was missed behind an entry.
    Missed(EntryId),
    /// What is before an entry, or before what was read where nothing of it is shown.
    Before(Option<EntryId>),
    /// What somebody asked for, and nothing follows from.
    Asked,
}
