//! Which bytes of a file a request asks for. <https://www.rfc-editor.org/rfc/rfc9110#section-14>

use std::ops::Range;

/// Ranges of one request that are answered; who asks for more gets the whole. <https://www.rfc-editor.org/rfc/rfc9110#section-14.2>
const RANGES: usize = 16;

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The whole file, with 200.
    Whole,
    /// Parts of it, with 206: in the order of the request, and never none.
    Parts(Vec<Range<u64>>),
    /// Nothing of what is asked for is there: 416.
    Nothing,
}

/// What a `Range` header asks for, of a file of so many bytes. What is no range of bytes is as if it were not there.
pub(super) fn wanted(header: &str, size: u64) -> Wanted {
    let Some(list) = header.trim().strip_prefix("bytes=") else {
        return Wanted::Whole;
    };
    let mut parts = Vec::new();
    let mut count = 0;
    for spec in list.split(',') {
        let spec = spec.trim();
        if spec.is_empty() {
            continue;
        }
        count += 1;
        match part(spec, size) {
            Some(part) if !part.is_empty() => parts.push(part),
            Some(_) => {}
            None => return Wanted::Whole,
        }
    }
    if count == 0 || count > RANGES || overlaps(&parts) {
        return Wanted::Whole;
    }
    match parts.is_empty() {
        true => Wanted::Nothing,
        false => Wanted::Parts(parts),
    }
}

/// One range: `first-last`, `first-` or `-length`. Empty where it begins behind the end; `None` where it is none.
fn part(spec: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // What no number can hold is larger than any file.
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let length = number(last)?;
        return Some(size.saturating_sub(length)..size);
    }
    let first = number(first)?;
    let end = match last {
        "" => size,
        last => {
            let last = number(last)?;
            if last < first {
                return None;
            }
            last.saturating_add(1).min(size)
        }
    };
    Some(first.min(size)..end.max(first.min(size)))
}

/// Whether parts have bytes in common: then the whole costs less than what is asked for.
fn overlaps(parts: &[Range<u64>]) -> bool {
    let mut sorted: Vec<&Range<u64>> = parts.iter().collect();
    sorted.sort_unstable_by_key(|part| part.start);
    sorted.windows(2).any(|pair| pair[1].start < pair[0].end)
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::single_range_in_vec_init,
        reason = "a list of ranges with one in it is what is meant"
    )]
    use super::Wanted::{Nothing, Parts, Whole};
    use super::*;

    #[test]
    fn ranges_are_read_as_the_specification_says() {
        for (header, size, expected) in [
            ("bytes=0-499", 10_000, Parts(vec![0..500])),
            ("bytes=500-999", 10_000, Parts(vec![500..1000])),
            ("bytes=-500", 10_000, Parts(vec![9500..10_000])),
            ("bytes=9500-", 10_000, Parts(vec![9500..10_000])),
            ("bytes=0-0,-1", 10_000, Parts(vec![0..1, 9999..10_000])),
            (
                " bytes= 0-999, 4500-5499, -1000",
                10_000,
                Parts(vec![0..1000, 4500..5500, 9000..10_000]),
            ),
            ("bytes=0-20000", 10_000, Parts(vec![0..10_000])),
            ("bytes=-20000", 10_000, Parts(vec![0..10_000])),
            ("bytes=0-99999999999999999999999", 10, Parts(vec![0..10])),
            ("bytes=5-3", 10, Whole),
            ("bytes=10-", 10, Nothing),
            ("bytes=10-20,30-40", 10, Nothing),
            ("bytes=10-20,0-0", 10, Parts(vec![0..1])),
            ("bytes=-0", 10, Nothing),
            ("bytes=0-", 0, Nothing),
            ("bytes=", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=1", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("lines=1-2", 10, Whole),
            ("bytes=0-5,3-9", 10, Whole),
        ] {
            assert_eq!(wanted(header, size), expected, "{header}");
        }
        let many = format!("bytes={}", "0-0,".repeat(17));
        assert_eq!(wanted(&many, 10), Whole);
    }
}
