//! That people are told what became of a message that has words which are looked for.

use super::Ctx;
use crate::discipline::strike::Strike;

impl Ctx<'_> {
    /// Tells whoever said something to a channel that they should not have.
    pub(crate) fn tell_warned(&mut self, command: &str, target: &str, strike: &Strike) {
        let code = "MESSAGE_WARNED";
        self.tell_filtered(("NOTE", command, code), target, strike, "filter-warned");
    }

    /// Tells whoever wanted to say something to a channel that it waits. A client that asks what became of it, to send again what
    /// was lost, learns that it has not been said.
    pub(crate) fn tell_waits(&mut self, command: &str, target: &str, strike: &Strike) {
        let code = "MESSAGE_HELD";
        self.tell_filtered(("FAIL", command, code), target, strike, "filter-held");
    }

    fn tell_filtered(
        &mut self,
        (kind, command, code): (&str, &str, &str),
        target: &str,
        strike: &Strike,
        key: &str,
    ) {
        let variables = [("channel", target), ("reason", strike.reason.as_str())];
        let text = self.text_with(key, &variables);
        self.standard(kind, command, code, &[target], &text);
    }
}
