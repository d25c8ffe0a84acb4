//! Which names look alike.
//!
//! <https://www.unicode.org/reports/tr39/#Confusable_Detection>

use compact_str::CompactString;

/// What a text looks like: texts that can be taken for one another have the same skeleton. Cyrillic `а` and Latin `a` are the
/// same, `1`, `l` and `I` too, and `m` and `rn`. It is for comparing and means nothing by itself.
///
/// In small letters, so that texts that differ in their case alone look alike.
pub fn skeleton(text: &str) -> CompactString {
    unicode_security::skeleton(text)
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        for (one, other) in [
            ("alice", "аlice"),
            ("paypal", "раураl"),
            ("Alice", "AIice"),
            ("alice", "a1ice"),
            ("tom", "torn"),
            ("bob0", "bobo"),
            ("élodie", "e\u{301}lodie"),
            ("ＢＯＢ", "ВОВ"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} and {other}");
        }
        for (one, other) in [("alice", "alise"), ("é", "e"), ("ß", "ss"), ("日", "目")] {
            assert_ne!(skeleton(one), skeleton(other), "{one} and {other}");
        }
    }
}
