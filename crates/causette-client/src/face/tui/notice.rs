//! A call for the person when they look elsewhere, in the way that their terminal knows.

use std::env;

/// How a terminal is asked to call its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notifier {
    /// OSC 99. <https://sw.kovidgoyal.net/kitty/desktop-notifications/>
    Kitty,
    /// OSC 777, of urxvt, foot and those that are made with VTE.
    Urxvt,
    /// OSC 9, of iTerm2, WezTerm and Windows Terminal. <https://iterm2.com/documentation-escape-codes.html>
    Iterm,
    /// The bell, which every terminal has.
    Bell,
}

impl Notifier {
    /// The way of this terminal.
    pub(crate) fn of_terminal() -> Self {
        Self::of(|name| env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        let program = variable("TERM_PROGRAM").unwrap_or_default();
        if has("TMUX") || has("STY") {
            // What stands between does not pass the others on by itself.
            Self::Bell
        } else if term == "xterm-kitty" {
            Self::Kitty
        } else if term.starts_with("foot") || term.starts_with("rxvt-unicode") || has("VTE_VERSION")
        {
            Self::Urxvt
        } else if matches!(program.as_str(), "iTerm.app" | "WezTerm") || has("WT_SESSION") {
            Self::Iterm
        } else {
            Self::Bell
        }
    }

    /// What is to be written. `words` say who calls, never what they say: others may see the screen.
    pub(crate) fn write(self, words: &str) -> String {
        // Our own separators, out of a name.
        let words: String = words
            .chars()
            .filter(|&character| character != ';')
            .collect();
        match self {
            Self::Kitty => format!("\x1b]99;;{words}\x1b\\"),
            Self::Urxvt => format!("\x1b]777;notify;Causette;{words}\x1b\\"),
            Self::Iterm => format!("\x1b]9;{words}\x07"),
            Self::Bell => "\x07".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_is_called_in_its_own_way() {
        let of = |set: &[(&str, &str)]| {
            Notifier::of(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Notifier::Kitty);
        assert_eq!(of(&[("TERM", "foot-extra")]), Notifier::Urxvt);
        assert_eq!(
            of(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7200")]),
            Notifier::Urxvt
        );
        assert_eq!(of(&[("TERM_PROGRAM", "WezTerm")]), Notifier::Iterm);
        assert_eq!(
            of(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")]),
            Notifier::Bell
        );
        assert_eq!(of(&[]), Notifier::Bell);
        assert_eq!(
            Notifier::Urxvt.write("bob; rm"),
            "\x1b]777;notify;Causette;bob rm\x1b\\"
        );
    }
}
