//! The tokens that are good until a time, the soonest over first.

use crate::id::{AccountId, TokenId};
use crate::snapshot::TokenRow;
use crate::state::State;

impl State {
    /// Notes until when a token is good, where it is not for ever.
    pub(super) fn note_end(&mut self, account: AccountId, token: &TokenRow) {
        if let Some(until) = token.until {
            self.token_ends.insert((until, account, token.id));
        }
    }

    /// Forgets until when a token is good that is no more.
    pub(super) fn forget_end(&mut self, account: AccountId, token: &TokenRow) {
        if let Some(until) = token.until {
            self.token_ends.remove(&(until, account, token.id));
        }
    }

    /// The tokens whose time is over: so many at most.
    pub(crate) fn tokens_over(&self, most: usize) -> Vec<(AccountId, TokenId)> {
        let now = self.clock.steady();
        let ends = self.token_ends.iter();
        let over = ends.take_while(|(until, ..)| *until <= now).take(most);
        over.map(|(_, account, token)| (*account, *token)).collect()
    }
}
