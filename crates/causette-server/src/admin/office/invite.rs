//! An invitation, of which the server knows what the core does not: where people come to.

use super::Office;
use crate::admin::Reply;
use crate::identity::invitation::{self, Destination};
use causette_core::order::{InvitationTerms, Order};
use causette_text::text_with;

/// What the code of an invitation is to be good for; `None` where nobody says anything of it, and it bears none but where nobody signs up without.
pub(crate) fn terms(uses: Option<u64>, seconds: Option<u64>) -> Option<InvitationTerms> {
    if uses.is_none() && seconds.is_none() {
        return None;
    }
    let usual = InvitationTerms::default();
    Some(InvitationTerms {
        // More than there can be is refused with its bound.
        uses: uses.map_or(usual.uses, |uses| u32::try_from(uses).unwrap_or(u32::MAX)),
        seconds: seconds.or(usual.seconds),
    })
}

impl Office {
    /// Makes a link that invites people.
    pub(super) async fn invite(
        &self,
        by: &str,
        address: Option<&str>,
        room: Option<String>,
        terms: Option<InvitationTerms>,
    ) -> Reply {
        match self.invitation(address, room, terms) {
            Ok(order) => self.order(by, order).await,
            Err(text) => Reply::refusal(text),
        }
    }

    /// The order that makes such a link.
    ///
    /// # Errors
    /// A sentence that says why none can be made.
    pub(crate) fn invitation(
        &self,
        address: Option<&str>,
        room: Option<String>,
        terms: Option<InvitationTerms>,
    ) -> Result<Order, String> {
        let config = self.live.config();
        let place = Destination {
            server: &config.settings.server,
            machine: &invitation::machine(),
            port: self.port,
        };
        let Some(address) = place.address(address) else {
            let key = "admin-invite-address";
            let variables = [("address", address.unwrap_or_default())];
            return Err(text_with(self.language(), key, &variables));
        };
        let public_key = place.public_key(&address, &self.tls.certificate());
        Ok(Order::Invite {
            address: address.into(),
            room: room.map(Into::into),
            public_key: public_key.map(Into::into),
            terms,
        })
    }
}
