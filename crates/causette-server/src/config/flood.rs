//! How fast connections may come and a session may speak, and whom no limit concerns: `[flood]`.

use super::reader::Section;
use super::set;
use causette_core::cidr::Cidr;
use std::net::IpAddr;

/// How fast a session may speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flood {
    /// The addresses that no throttle and no limit per address concerns.
    pub exempt: Vec<Cidr>,
    /// Lines per second, once the burst is spent.
    pub rate: usize,
    /// Lines that go through at once.
    pub burst: usize,
    /// Connections of one address in a second, once the burst is spent. An IPv6 /64 counts as one.
    pub connection_rate: usize,
    /// Connections of one address that come in at once.
    pub connection_burst: usize,
    /// Connections of all addresses in a second, once the burst is spent.
    pub connection_rate_total: usize,
    /// Connections of all addresses that come in at once.
    pub connection_burst_total: usize,
}

impl Flood {
    /// Whether limits and throttles do not concern the address.
    pub fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|range| range.contains(address))
    }

    /// Reads `[flood]`.
    pub(super) fn read(&mut self, mut section: Section<'_>) {
        set(&mut self.exempt, section.ranges("exempt"));
        set(&mut self.rate, section.number("rate", 1..=1_000_000));
        set(&mut self.burst, section.number("burst", 1..=1_000_000));
        for (name, number) in [
            ("connection_rate", &mut self.connection_rate),
            ("connection_burst", &mut self.connection_burst),
            ("connection_rate_total", &mut self.connection_rate_total),
            ("connection_burst_total", &mut self.connection_burst_total),
        ] {
            set(number, section.number(name, 1..=1_000_000));
        }
        section.finish();
    }
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            exempt: Vec::new(),
            rate: 4,
            burst: 20,
            // Twice the connections that an address may have; then one a second, which is what an impatient client does.
            connection_rate: 1,
            connection_burst: 256,
            // What two cores shake hands with, with room for those who talk; then those who come back after a restart.
            connection_rate_total: 100,
            connection_burst_total: 2000,
        }
    }
}
