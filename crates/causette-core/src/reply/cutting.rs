//! How much of what people write fits on the lines that others see, and that they are told where it does not.

use super::Ctx;
use crate::fitting::{self, Cut};
use causette_proto::CompactString;

impl Ctx<'_> {
    /// Bytes of text that fit on a line `:source VERB words :text` of this session's user, at most `max`. Its client can
    /// reckon with the same: everybody sees the source that it is shown itself.
    pub(crate) fn text_bytes(&self, verb: &str, words: &[&str], max: usize) -> usize {
        let user = self
            .session()
            .user
            .and_then(|user| self.turn.state.users.get(&user));
        let source = user.map_or("", |user| user.source.as_str());
        fitting::text_bytes(source, verb, words, max)
    }

    /// A text that stands beside what its command does for certain: cut, and whoever wrote it told so. What may still be
    /// refused is cut by [`Cut::of`], and its author told when it is done.
    pub(crate) fn cut(&mut self, command: &str, text: &str, max: usize) -> CompactString {
        let cut = Cut::of(text, max);
        self.tell_cut(command, &cut);
        cut.kept
    }

    /// Tells whoever wrote a text how much of it is missing, if anything is.
    pub(crate) fn tell_cut(&mut self, command: &str, cut: &Cut) {
        if cut.missing > 0 {
            let (missing, bytes) = (cut.missing.to_string(), cut.kept.len().to_string());
            let variables = [("bytes", bytes.as_str()), ("missing", missing.as_str())];
            let warning = self.text_with("text-cut", &variables);
            let context = [&*cut.max.to_string()];
            self.standard("WARN", command, "TEXT_CUT", &context, &warning);
        }
    }
}
