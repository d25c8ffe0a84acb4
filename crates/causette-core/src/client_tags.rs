//! Which client-only tags are not passed on. <https://ircv3.net/specs/extensions/message-tags#rpl_isupport-tokens>

use causette_proto::tags::is_valid_key;
use causette_proto::{CompactString, Tags};

/// The client-only tags that are dropped from what people say: these, or all but these. `server.client_tags_denied`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeniedClientTags {
    /// Whether all are denied but the named ones.
    all: bool,
    /// Without the `+`, each once, in the order in which they were given.
    named: Vec<CompactString>,
}

impl DeniedClientTags {
    /// Reads a list as CLIENTTAGDENY has it: names without `+`, or first `*` and then names with `-` before them, which stay allowed.
    /// `None` where it is another list.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut words = words.into_iter().peekable();
        let all = words.next_if_eq(&"*").is_some();
        let mut named: Vec<CompactString> = Vec::new();
        for word in words {
            let name = if all { word.strip_prefix('-')? } else { word };
            let is_name = !name.starts_with(['+', '-']) && is_valid_key(name);
            if !is_name || named.iter().any(|known| known == name) {
                return None;
            }
            named.push(name.into());
        }
        Some(Self { all, named })
    }

    /// Whether nothing is denied.
    pub fn is_empty(&self) -> bool {
        !self.all && self.named.is_empty()
    }

    /// The value of CLIENTTAGDENY.
    pub(crate) fn token(&self) -> String {
        let mut words = Vec::new();
        if self.all {
            words.push("*".to_owned());
        }
        let before = if self.all { "-" } else { "" };
        words.extend(self.named.iter().map(|name| format!("{before}{name}")));
        words.join(",")
    }

    /// Drops the tags that are denied. Whether there were any.
    pub(crate) fn drop_from(&self, tags: &mut Tags) -> bool {
        if self.is_empty() {
            return false;
        }
        let before = tags.len();
        tags.retain(|key, _| !self.denies(key));
        tags.len() < before
    }

    fn denies(&self, key: &str) -> bool {
        let Some(name) = key.strip_prefix('+') else {
            return false;
        };
        self.all != self.named.iter().any(|known| known == name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn left(denied: &DeniedClientTags, tags: &str) -> String {
        let mut tags = Tags::parse(tags).unwrap();
        let any = denied.drop_from(&mut tags);
        format!("{tags} {any}")
    }

    #[test]
    fn named_tags_are_dropped_or_all_but_these() {
        let some = DeniedClientTags::of(["typing", "example.org/a"]).unwrap();
        assert_eq!(some.token(), "typing,example.org/a");
        let tags = "+typing=active;+reply=x;+example.org/a;bot";
        assert_eq!(left(&some, tags), "+reply=x;bot true");
        assert_eq!(left(&some, "+draft/typing"), "+draft/typing false");
        let all = DeniedClientTags::of(["*", "-reply"]).unwrap();
        assert_eq!(all.token(), "*,-reply");
        assert_eq!(left(&all, tags), "+reply=x;bot true");
        assert_eq!(DeniedClientTags::of(["*"]).unwrap().token(), "*");
        let none = DeniedClientTags::of([]).unwrap();
        assert!(none.is_empty());
        assert_eq!(left(&none, tags), format!("{tags} false"));
    }

    #[test]
    fn a_list_of_another_form_is_none() {
        for words in [
            &["+typing"][..],
            &["-typing"],
            &["*", "typing"],
            &["typing", "*"],
            &["typing", "typing"],
            &["a b"],
            &[""],
        ] {
            assert_eq!(
                DeniedClientTags::of(words.iter().copied()),
                None,
                "{words:?}"
            );
        }
    }
}
