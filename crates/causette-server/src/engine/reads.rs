//! The pool that reads pages of history and puts them into the outbox of who asked.

use crate::config::live::Live;
use crate::engine::Arrival;
use crate::engine::delivery::PageRequest;
use crate::engine::lookup::Lookup;
use crate::engine::work::WorkQueue;
use bytes::Bytes;
use causette_core::history::{Query, Read};
use causette_core::input::{Input, ReadOutcome};
use causette_store::StoreError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::mpsc;

/// Reads pages until the queue ends.
pub(crate) fn run(
    pages: &WorkQueue<PageRequest>,
    mut reader: Lookup,
    live: &Live,
    inbox: &mpsc::Sender<Arrival>,
) {
    while let Some(PageRequest { read, session }) = pages.take() {
        // A read must end: its session waits for it.
        let outcome = match catch_unwind(AssertUnwindSafe(|| encode(&read, &mut reader))) {
            Ok(Ok(Some(page))) => {
                session.outbox.fill_place(page);
                ReadOutcome::Pushed
            }
            Ok(Ok(None)) => {
                session.outbox.fill_place(Bytes::new());
                ReadOutcome::Stale
            }
            Ok(Err(_)) | Err(_) => {
                session
                    .outbox
                    .fill_place(read.encode_failure(live.language()));
                ReadOutcome::Failed
            }
        };
        let done = Input::ReadDone {
            session: session.id,
            outcome,
        };
        if inbox.blocking_send(Arrival::Input(done)).is_err() {
            return;
        }
    }
}

/// The whole answer, or `None` when who may read has changed since it was judged.
fn encode(read: &Read, reader: &mut Lookup) -> Result<Option<Bytes>, StoreError> {
    Ok(Some(match &read.query {
        Query::Page(query) => {
            let page = reader.page(query)?;
            if page.acl_version != query.acl_version {
                return Ok(None);
            }
            read.encode_page(&page.events)
        }
        Query::Targets(query) => read.encode_targets(&reader.targets(query)?),
        Query::Replay(query) => {
            let replay = reader.replay(query, read.view.user)?;
            read.encode_replay(&replay.channels, &replay.direct)
        }
    }))
}
