//! That people are told what became of a message that has words which are looked for.

use super::Ctx;
use crate::discipline::strike::Strike;

impl Ctx<'_> {
    /// Tells whoever said something to a channel that they should not have.
    pub(crate) fn tell_warned(&mut self, command: &str, target: &str, strike: &Strike) {
        self.tell_filtered(command, target, strike, ("MESSAGE_WARNED", "filter-warned"));
    }

    /// Tells whoever wanted to say something to a channel that it waits.
    pub(crate) fn tell_waits(&mut self, command: &str, target: &str, strike: &Strike) {
        self.tell_filtered(command, target, strike, ("MESSAGE_HELD", "filter-held"));
    }

    fn tell_filtered(
        &mut self,
        command: &str,
        target: &str,
        strike: &Strike,
        (code, key): (&str, &str),
    ) {
        let variables = [("channel", target), ("reason", strike.reason.as_str())];
        let text = self.text_with(key, &variables);
        self.standard("NOTE", command, code, &[target], &text);
    }
}
