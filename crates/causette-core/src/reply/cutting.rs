//! That people are told where what they write does not fit on the lines that others see.

use super::Ctx;
use crate::fitting::Cut;
use causette_proto::CompactString;

impl Ctx<'_> {
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
