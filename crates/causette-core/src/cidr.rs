//! A range of addresses, as `192.0.2.0/24` or `2001:db8::/32`.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// A range of addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    /// The first address, so that the same range is the same however it was written; IPv4 as its IPv6 form.
    network: u128,
    /// How many bits of them count.
    bits: u32,
}

impl Cidr {
    /// Whether the address is in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.network == bits_of(address) & mask(self.bits)
    }

    /// The range of the one address.
    pub fn only(address: IpAddr) -> Self {
        Self::around(address, 128)
    }

    /// The range around an address in which so many bits count, as [`Cidr::bits`] tells them.
    pub fn around(address: IpAddr, bits: u32) -> Self {
        Self {
            network: bits_of(address) & mask(bits),
            bits,
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

    /// How many bits count; those of an IPv4 address are the last 32 of 128.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether it holds a great part of a family's addresses: of IPv4 fewer than 8 bits count, of IPv6 fewer than 16, or all of IPv4 lies
    /// in it.
    pub fn is_wide(&self) -> bool {
        let first = Ipv6Addr::from_bits(self.network);
        if self.bits >= 96 && first.to_ipv4_mapped().is_some() {
            return self.bits < 96 + 8;
        }
        self.bits < 16 || self.contains(Ipv4Addr::UNSPECIFIED.into())
    }
}

/// The bits that count.
fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
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
        Ok(Self::around(address, 128 - bits_max + bits))
    }
}

impl fmt::Display for Cidr {
    /// As it is read: the first address, and how many bits count where not all of them do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Ipv6Addr::from_bits(self.network);
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
    fn a_range_is_the_same_however_it_is_written() {
        let parse = |text: &str| text.parse::<Cidr>().unwrap();
        assert_eq!(parse("192.0.2.77/24"), parse("::ffff:192.0.2.1/120"));
        assert_ne!(parse("192.0.2.0/24"), parse("192.0.2.0/25"));
        for (text, wide) in [
            ("0.0.0.0/0", true),
            ("0.0.0.0/7", true),
            ("10.0.0.0/8", false),
            ("::/0", true),
            ("2000::/15", true),
            ("2001::/16", false),
            ("::/80", true),
            ("::/96", false),
        ] {
            assert_eq!(parse(text).is_wide(), wide, "{text}");
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
