//! From where somebody may sign in to an account: from anywhere, from some ranges of addresses, or from where they first did.

use crate::cidr::Cidr;
use crate::limits;
use core::fmt;
use core::net::IpAddr;

/// From where somebody may sign in to an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LoginPolicy {
    /// From anywhere.
    #[default]
    Any,
    /// From the address of the sign-up, or of the first sign-in where there was none.
    PinFirst,
    /// From these ranges alone. Where there is none, from nowhere.
    Ranges(Vec<Cidr>),
}

/// Why words are no such policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginFault {
    /// Nothing was said.
    Nothing,
    /// This is neither an address, nor a range, nor one of the two words.
    NoRange(String),
    /// There are more ranges than an account keeps.
    TooMany,
}

impl LoginPolicy {
    /// The setting of an account that keeps it.
    pub const SETTING: &str = "login";
    /// The setting that keeps the address to which an account is pinned, as [`pin_of`] makes it.
    pub const ADDRESS_SETTING: &str = "login-address";
    /// The word for anywhere.
    pub const ANY: &str = "any";
    /// The word for the first address.
    pub const PIN_FIRST: &str = "pin-first";

    /// Reads `any`, `pin-first`, or addresses and ranges with blanks or commas between them.
    pub fn read(text: &str) -> Result<Self, LoginFault> {
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        match words.as_slice() {
            [] => Err(LoginFault::Nothing),
            [word] if word.eq_ignore_ascii_case(Self::ANY) => Ok(Self::Any),
            [word] if word.eq_ignore_ascii_case(Self::PIN_FIRST) => Ok(Self::PinFirst),
            words => Self::ranges(words),
        }
    }

    fn ranges(words: &[&str]) -> Result<Self, LoginFault> {
        let mut ranges: Vec<Cidr> = Vec::new();
        for word in words {
            let range = word
                .parse()
                .map_err(|()| LoginFault::NoRange((*word).to_owned()))?;
            if !ranges.contains(&range) {
                ranges.push(range);
            }
        }
        if ranges.len() > limits::LOGIN_RANGES {
            return Err(LoginFault::TooMany);
        }
        Ok(Self::Ranges(ranges))
    }

    /// The one that is kept of an account as a setting. What nobody understands lets nobody in: somebody has altered it.
    pub(crate) fn kept(setting: Option<&str>) -> Self {
        match setting {
            None => Self::Any,
            Some(text) => Self::read(text).unwrap_or(Self::Ranges(Vec::new())),
        }
    }

    /// As a setting of an account keeps it: that everybody may sign in from anywhere needs none.
    pub fn setting(&self) -> String {
        match self {
            Self::Any => String::new(),
            policy => policy.to_string(),
        }
    }

    /// What kind it is, in a word for texts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Any => Self::ANY,
            Self::PinFirst => Self::PIN_FIRST,
            Self::Ranges(_) => "ranges",
        }
    }

    /// What it is made of, word by word, as it is read.
    pub fn words(&self) -> Vec<String> {
        match self {
            Self::Any => vec![Self::ANY.to_owned()],
            Self::PinFirst => vec![Self::PIN_FIRST.to_owned()],
            Self::Ranges(ranges) => ranges.iter().map(Cidr::to_string).collect(),
        }
    }
}

impl fmt::Display for LoginPolicy {
    /// As it is read, with commas between ranges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(","))
    }
}

/// What an address is pinned as: of IPv6 the /64, within which a device changes its address by itself. The one of the machine itself
/// stands alone: in its /64 lies all of IPv4.
pub fn pin_of(address: IpAddr) -> Cidr {
    match address.to_canonical() {
        IpAddr::V6(address) if address.to_bits() >> 64 != 0 => Cidr::around(address.into(), 64),
        address => Cidr::only(address),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_policy_is_read_as_it_is_written() {
        for (text, shown) in [
            ("any", "any"),
            ("ANY", "any"),
            ("Pin-First", "pin-first"),
            ("192.0.2.77/24", "192.0.2.0/24"),
            (
                "192.0.2.1, 2001:db8::1/32 192.0.2.1",
                "192.0.2.1,2001:db8::/32",
            ),
        ] {
            let policy = LoginPolicy::read(text).unwrap();
            assert_eq!(policy.to_string(), shown);
            assert_eq!(LoginPolicy::read(shown).unwrap(), policy);
            let setting = policy.setting();
            let kept = Some(setting.as_str()).filter(|text| !text.is_empty());
            assert_eq!(LoginPolicy::kept(kept), policy);
        }
    }

    #[test]
    fn what_is_no_policy_is_refused_by_what_is_wrong_with_it() {
        assert_eq!(LoginPolicy::read(" , "), Err(LoginFault::Nothing));
        for (text, wrong) in [
            ("nowhere", "nowhere"),
            ("any 192.0.2.1", "any"),
            ("192.0.2.1,192.0.2.0/33", "192.0.2.0/33"),
        ] {
            let fault = LoginFault::NoRange(wrong.to_owned());
            assert_eq!(LoginPolicy::read(text), Err(fault), "{text}");
        }
        let ranges = |number| {
            let ranges: Vec<String> = (0..number).map(|last| format!("192.0.2.{last}")).collect();
            LoginPolicy::read(&ranges.join(" "))
        };
        assert!(ranges(limits::LOGIN_RANGES).is_ok());
        assert_eq!(ranges(limits::LOGIN_RANGES + 1), Err(LoginFault::TooMany));
    }

    #[test]
    fn what_somebody_altered_lets_nobody_in() {
        let nowhere = LoginPolicy::Ranges(Vec::new());
        assert_eq!(LoginPolicy::kept(Some("everywhere")), nowhere);
        assert_eq!(LoginPolicy::kept(None), LoginPolicy::Any);
    }

    #[test]
    fn an_address_is_pinned_alone_and_of_ipv6_with_its_network() {
        let pinned = |address: &str| pin_of(address.parse().unwrap()).to_string();
        assert_eq!(pinned("192.0.2.7"), "192.0.2.7");
        assert_eq!(pinned("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(pinned("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(pinned("::1"), "::1");
    }
}
