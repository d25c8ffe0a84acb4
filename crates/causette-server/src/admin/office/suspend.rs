//! An account with which nobody comes in for a while: a ban on it, of whoever comes by any other name.

use super::Office;
use crate::admin::Reply;
use causette_core::order::Order;
use causette_core::sanction::SanctionKind;
use causette_proto::CompactString;

impl Office {
    /// Suspends an account. A ban would take the name for that of a guest too, who is then kept out by where they come from: only
    /// what is an account is suspended.
    pub(super) async fn suspend(
        &self,
        by: &str,
        account: CompactString,
        seconds: Option<u64>,
        reason: CompactString,
    ) -> Reply {
        let name = account.clone();
        let shown = self.order(by, Order::ShowAccount { name }).await;
        if !shown.ok {
            return shown;
        }
        let order = Order::Sanction {
            kind: SanctionKind::Ban,
            whom: account,
            room: None,
            seconds,
            reason,
        };
        self.order(by, order).await
    }
}
