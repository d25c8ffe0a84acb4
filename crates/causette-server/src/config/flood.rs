//! How fast a session may speak, and whom no limit concerns: `[flood]`.

use super::cidr::Cidr;
use super::reader::Section;
use super::set;
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
        section.finish();
    }
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            exempt: Vec::new(),
            rate: 4,
            burst: 20,
        }
    }
}
