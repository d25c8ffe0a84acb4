//! Pages of history: what is asked for rides in the batch of the answer, and is read behind it.

use super::Ctx;
use crate::history::{Query, Read, View};
use crate::input::Asker;
use crate::output::Output;
use crate::state::waiting::Then;

impl Ctx<'_> {
    /// Asks for a page, behind this input's bundle; the session waits for it.
    pub(crate) fn read(&mut self, query: Query, then: Then) {
        let label = if matches!(then, Then::Page { .. }) {
            self.turn.own.defer()
        } else {
            None
        };
        let reference = self.session_mut().next_batch();
        let view = View {
            user: self.user().id,
            nick: self.nick(),
            enabled: self.session().enabled,
            now: self.turn.now(),
            reference,
            server: self.turn.settings.server.clone(),
            signer: self
                .session()
                .account
                .map(|account| Box::new(self.turn.signer(account))),
        };
        let read = Read {
            session: self.id,
            view,
            label,
            query,
        };
        self.turn.after(Output::Read(Box::new(read)));
        self.turn.wait(Asker::Session(self.id), then);
    }
}
