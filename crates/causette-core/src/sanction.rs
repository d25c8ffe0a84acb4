//! What keeps somebody out of the server or of a room, or silent there.

use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SanctionId};
use crate::right::Role;
use causette_proto::{CompactString, Timestamp};

/// A sanction that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// Its id.
    pub id: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// To whom.
    pub whom: Whom,
    /// In which room; `None` for the whole server.
    pub room: Option<RoomId>,
    /// Why, as they are told.
    pub reason: CompactString,
    /// Who decided it, as they are named to those who run the server.
    pub by: CompactString,
    /// What they were on the server then. Somebody whom that role does not reach is not kept out by what does not name their account.
    pub role: Role,
    /// When it was decided, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
    /// When it ends, alike; `None` for never.
    pub until: Option<Timestamp>,
}

impl Sanction {
    /// Whether it holds for somebody of a role whom it covers: whoever decided it could decide over them, or it is for their account,
    /// by which it was judged when it was decided.
    pub fn binds(&self, role: Role) -> bool {
        matches!(self.whom, Whom::Account(_)) || self.role.reaches(role)
    }
}

/// What a sanction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SanctionKind {
    /// Keeps them out.
    Ban,
    /// Lets them read and say nothing.
    Mute,
}

impl SanctionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Ban, Self::Mute];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Mute => "mute",
        }
    }

    /// The kind of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whom a sanction is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// An account, by whatever nickname and from wherever its owner comes.
    Account(AccountId),
    /// Whoever comes from a range of addresses.
    Network(Cidr),
    /// Whoever a mask `nick!user@host` covers, by the host that others see or by the address behind it, as a ban of a channel does.
    Mask(CompactString),
}

/// For how long a sanction is to hold, as people write it: `30m`, `12h`, `7d`, `2w`, `1y`, several of them in a row, or `perm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duration {
    /// For so many seconds.
    Seconds(u64),
    /// Until it is lifted.
    Forever,
}

impl Duration {
    /// Reads one; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if ["perm", "permanent", "forever"].contains(&text.to_ascii_lowercase().as_str()) {
            return Some(Self::Forever);
        }
        let mut seconds = 0_u64;
        let mut number = None;
        for char in text.chars() {
            if let Some(digit) = char.to_digit(10) {
                let held: u64 = number.unwrap_or(0);
                number = Some(held.checked_mul(10)?.checked_add(digit.into())?);
                continue;
            }
            let unit = match char.to_ascii_lowercase() {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 24 * 3600,
                'w' => 7 * 24 * 3600,
                'y' => 365 * 24 * 3600,
                _ => return None,
            };
            seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
        }
        (number.is_none() && !text.is_empty()).then_some(Self::Seconds(seconds))
    }

    /// For how many seconds; `None` for ever.
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Seconds(seconds) => Some(seconds),
            Self::Forever => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("30m", 1800),
            ("12H", 43_200),
            ("1d12h", 129_600),
            ("2w", 1_209_600),
            ("1y", 31_536_000),
            ("0s", 0),
        ] {
            assert_eq!(
                Duration::parse(text),
                Some(Duration::Seconds(seconds)),
                "{text}"
            );
        }
        assert_eq!(Duration::parse("Perm"), Some(Duration::Forever));
        for text in [
            "",
            "30",
            "m",
            "1h30",
            "-1h",
            "1x",
            "1 h",
            "99999999999999999999y",
            "9999999999999999y",
        ] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
