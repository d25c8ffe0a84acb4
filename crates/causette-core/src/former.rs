//! The names of those who are gone: accounts that were dropped, guests who left. Their conversations stay to be read by who
//! had them, under a name that nobody can take: the last one, `~`, and their id, which is never given again.

use crate::id::UserId;
use causette_proto::CompactString;
use compact_str::format_compact;

/// In small letters only, so that the name is the same in every case.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The name under which somebody is found who is gone.
pub fn name(last: &str, user: UserId) -> CompactString {
    let mut digits = Vec::new();
    let mut rest = user.0;
    while rest > 0 || digits.is_empty() {
        digits.push(DIGITS[(rest % 36) as usize]);
        rest /= 36;
    }
    let id: String = digits.iter().rev().copied().map(char::from).collect();
    format_compact!("{last}~{id}")
}

/// Whose name of that kind it is, where it is one.
pub fn read(name: &str) -> Option<UserId> {
    let (last, id) = name.rsplit_once('~')?;
    // `from_str_radix` takes a sign too.
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if last.is_empty() || !digits {
        return None;
    }
    u64::from_str_radix(id, 36).ok().map(UserId)
}

/// `nick!user@host` with another nickname.
pub fn renamed(source: &str, nick: &str) -> CompactString {
    match source.split_once('!') {
        Some((_, rest)) => format_compact!("{nick}!{rest}"),
        None => nick.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causette_proto::{Casemap, Nick};

    #[test]
    fn a_former_name_leads_to_one_who_is_gone_and_is_nobody_s_nickname() {
        for id in [0, 1, 35, 36, 1_767_225_600_000 << 20, u64::MAX] {
            let name = name("bob", UserId(id));
            assert_eq!(read(&name), Some(UserId(id)), "{name}");
            assert_eq!(read(&name.to_uppercase()), Some(UserId(id)));
            for casemap in [Casemap::Ascii, Casemap::Precis] {
                assert!(Nick::parse(&name, 64, casemap).is_err());
            }
        }
        for text in [
            "",
            "bob",
            "~1",
            "bob~",
            "bob~+1",
            "bob~-",
            "bob~zzzzzzzzzzzzzzzz",
            "#a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(renamed("bob!b@h", "bob~11"), "bob~11!b@h");
    }
}
