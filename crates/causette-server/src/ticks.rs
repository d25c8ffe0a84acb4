//! The seconds that pass.

use crate::engine::pipe::Pipe;
use crate::engine::{Arrival, recorder};
use crate::status::Status;
use causette_core::input::Input;
use causette_core::limits::COMMIT_STALL_SECONDS;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// Tells the core each second that time passes, and looks at what has run out.
pub(crate) async fn tell(inbox: mpsc::Sender<Arrival>, status: Arc<Status>, pipe: Arc<Pipe>) {
    let patience = Duration::from_secs(COMMIT_STALL_SECONDS);
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = ticks.tick().await.into_std();
        status.metrics.inbox.look(inbox.capacity() == 0, now);
        status.metrics.shortages.look(now);
        // Before the engine is told, which may be waiting for the recorder itself.
        if pipe.look(patience) {
            recorder::tell_stall(patience);
        }
        if inbox.send(Arrival::Input(Input::Tick)).await.is_err() {
            return;
        }
    }
}
