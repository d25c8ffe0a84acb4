//! A range of addresses, as `192.0.2.0/24` or `2001:db8::/32`.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::str::FromStr;

/// A range of addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    /// The first bits; IPv4 as its IPv6 form.
    network: u128,
    /// How many bits of them count.
    bits: u32,
}

impl Cidr {
    /// Whether the address is in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.network & self.mask() == bits_of(address) & self.mask()
    }

    /// The range of the one address.
    pub fn only(address: IpAddr) -> Self {
        Self {
            network: bits_of(address),
            bits: 128,
        }
    }

    /// The one address of it, where there is only one.
    pub fn address(&self) -> Option<IpAddr> {
        let address = Ipv6Addr::from_bits(self.network);
        (self.bits == 128).then(|| {
            address
                .to_ipv4_mapped()
                .map_or(IpAddr::V6(address), IpAddr::V4)
        })
    }

    fn mask(&self) -> u128 {
        u128::MAX.checked_shl(128 - self.bits).unwrap_or(0)
    }
}

impl FromStr for Cidr {
    type Err = ();

    /// Reads a range; an address without `/` is a range of one.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(drop)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(drop)?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(bits_max);
        if bits > bits_max {
            return Err(());
        }
        Ok(Self {
            network: bits_of(address),
            bits: 128 - bits_max + bits,
        })
    }
}

impl fmt::Display for Cidr {
    /// As it is read: the first address, and how many bits count where not all of them do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Ipv6Addr::from_bits(self.network & self.mask());
        let (address, bits, bits_max) = match first.to_ipv4_mapped() {
            Some(first) if self.bits >= 96 => (IpAddr::V4(first), self.bits - 96, 32),
            _ => (IpAddr::V6(first), self.bits, 128),
        };
        if bits == bits_max {
            write!(f, "{address}")
        } else {
            write!(f, "{address}/{bits}")
        }
    }
}

/// The address as one number, the two forms of an IPv4 address being the same.
fn bits_of(address: IpAddr) -> u128 {
    let address: Ipv6Addr = match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    address.to_bits()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn ranges_hold_their_addresses_and_no_others() {
        let contains = |range: &str, address: &str| {
            range
                .parse::<Cidr>()
                .unwrap()
                .contains(address.parse().unwrap())
        };
        assert!(contains("127.0.0.0/8", "127.1.2.3"));
        assert!(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
        assert!(!contains("127.0.0.0/8", "128.0.0.1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::1"));
        assert!(contains("::1", "::1"));
        assert!(!contains("::1", "::2"));
        assert!(contains("0.0.0.0/0", "192.0.2.1"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1"));
    }

    #[test]
    fn ranges_are_written_as_they_are_read() {
        for (text, shown) in [
            ("192.0.2.77", "192.0.2.77"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1::1/32", "2001:db8::/32"),
            ("::1", "::1"),
            ("::/0", "::/0"),
        ] {
            let range: Cidr = text.parse().unwrap();
            assert_eq!(range.to_string(), shown);
            assert_eq!(shown.parse::<Cidr>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "localhost",
            "127.0.0.0/33",
            "::/129",
            "127.0.0.1/",
            "127.0.0.1/-1",
        ] {
            assert_eq!(text.parse::<Cidr>(), Err(()), "{text}");
        }
    }
}
