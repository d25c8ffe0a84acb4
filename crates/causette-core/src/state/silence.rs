//! The connections that ended without having said anything, by their address: they are recorded together, once a minute.

use crate::limits::{SILENT_ADDRESSES, SILENT_SECONDS};
use causette_proto::Timestamp;
use core::net::IpAddr;
use std::collections::BTreeMap;

/// Those that are not yet recorded.
#[derive(Debug, Default)]
pub(crate) struct Silences(BTreeMap<IpAddr, Silence>);

/// Those of one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// How many.
    pub(crate) count: u32,
    /// When the first of them was accepted, as people are shown it.
    pub(crate) since: Timestamp,
    /// When the first of them was counted, in seconds since the start.
    begun: i64,
}

impl Silences {
    /// Counts one that was accepted at a time. Gives it back where as many addresses are counted as may be: then it is recorded at
    /// once.
    pub(crate) fn count(
        &mut self,
        address: IpAddr,
        since: Timestamp,
        uptime: i64,
    ) -> Option<Silence> {
        let one = Silence {
            count: 1,
            since,
            begun: uptime,
        };
        if let Some(silence) = self.0.get_mut(&address) {
            silence.count = silence.count.saturating_add(1);
            return None;
        }
        if self.0.len() >= SILENT_ADDRESSES {
            return Some(one);
        }
        self.0.insert(address, one);
        None
    }

    /// Takes those that have been counted for a minute, in the order of their addresses.
    pub(crate) fn due(&mut self, uptime: i64) -> Vec<(IpAddr, Silence)> {
        let due = self
            .0
            .extract_if(.., |_, silence| uptime - silence.begun >= SILENT_SECONDS);
        due.collect()
    }

    /// Takes all of them.
    pub(crate) fn all(&mut self) -> Vec<(IpAddr, Silence)> {
        std::mem::take(&mut self.0).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_counted_for_a_minute() {
        let mut silences = Silences::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        for second in 0..SILENT_SECONDS {
            assert_eq!(silences.count(address, Timestamp(second), second), None);
            assert!(silences.due(second).is_empty());
        }
        let due = silences.due(SILENT_SECONDS);
        let [(of, silence)] = due[..] else {
            panic!("{due:?}");
        };
        assert_eq!((of, silence.since), (address, Timestamp(0)));
        assert_eq!(i64::from(silence.count), SILENT_SECONDS);
        assert!(silences.all().is_empty());
    }

    #[test]
    fn no_more_addresses_are_kept_than_may_be() {
        let mut silences = Silences::default();
        let address = |number: usize| IpAddr::from((number as u128).to_be_bytes());
        for number in 0..SILENT_ADDRESSES {
            assert_eq!(silences.count(address(number), Timestamp(1), 0), None);
        }
        let beyond = silences.count(address(SILENT_ADDRESSES), Timestamp(2), 3);
        let silence = beyond.map(|silence| (silence.count, silence.since));
        assert_eq!(silence, Some((1, Timestamp(2))));
        assert_eq!(silences.count(address(0), Timestamp(2), 3), None);
        assert_eq!(silences.all().len(), SILENT_ADDRESSES);
    }
}
