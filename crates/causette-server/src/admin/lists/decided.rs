//! What was decided about who may come in and what may be said: invitations, filters, messages that wait, tokens.

use super::{Writer, moment};
use causette_core::report::{FilterReport, HeldReport, InvitationReport};
use causette_core::secret::Secret;
use causette_proto::{CompactString, Timestamp};
use causette_text::text_with;

/// Characters of a message that a table shows; programs are given all of it.
const TEXT_CHARS: usize = 60;

impl Writer {
    pub(super) fn invitations(&self, invitations: &[InvitationReport]) -> String {
        let row = |invitation: &InvitationReport| {
            vec![
                invitation.number.0.to_string(),
                super::or_nothing(invitation.room.as_ref()),
                invitation.uses.to_string(),
                moment(invitation.since),
                self.end(invitation.until),
                invitation.by.to_string(),
            ]
        };
        let rows = invitations.iter().map(row).collect();
        let counts = [("invitations", invitations.len())];
        let last = self.count("admin-list-invitations-count", &counts);
        self.listed("admin-list-invitations", rows, last)
    }

    pub(super) fn filters(&self, filters: &[FilterReport]) -> String {
        let row = |filter: &FilterReport| {
            vec![
                filter.number.0.to_string(),
                filter.pattern.to_string(),
                self.text(&format!("admin-filter-{}", filter.action.name())),
                self.place(filter.room.as_ref()),
                filter.by.to_string(),
                filter.reason.to_string(),
            ]
        };
        let rows = filters.iter().map(row).collect();
        let last = self.count("admin-list-filters-count", &[("filters", filters.len())]);
        self.listed("admin-list-filters", rows, last)
    }

    pub(super) fn held(&self, messages: &[HeldReport]) -> String {
        let row = |held: &HeldReport| {
            vec![
                held.number.0.to_string(),
                self.ago(held.since),
                held.room.to_string(),
                held.from.to_string(),
                held.filter.0.to_string(),
                beginning(&held.text),
            ]
        };
        let rows = messages.iter().map(row).collect();
        let last = self.count("admin-list-held-count", &[("messages", messages.len())]);
        self.listed("admin-list-held", rows, last)
    }

    /// The only time that a token is shown.
    pub(super) fn token(
        &self,
        account: &CompactString,
        number: u64,
        token: &Secret,
        until: Timestamp,
    ) -> String {
        let variables = [
            ("account", account.as_str()),
            ("number", &number.to_string()),
            ("until", &moment(until)),
            ("token", token.expose()),
        ];
        text_with(self.language, "admin-token-made", &variables)
    }
}

/// What a message begins with.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
