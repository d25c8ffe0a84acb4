//! Mode strings: `+o-v alice bob` as a list of changes, and back.
//! Which modes exist and who may change them is decided in `causette-core`.
//!
//! <https://modern.ircdocs.horse/#mode-message>

use compact_str::CompactString;

/// When a mode takes an argument: the four types of `CHANMODES`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arity {
    /// Never (type D), like `+n`.
    Never,
    /// Only when it is set (type C), like `+l`.
    WhenSet,
    /// When it is set and when it is unset (type B and prefix modes), like `+k` and `+o`.
    Always,
    /// It adds to a list or takes from it (type A), like `+b`; without argument it asks for the list.
    List,
}

/// One letter of a mode string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// Whether the mode is set (`+`) or unset (`-`).
    pub add: bool,
    /// The letter.
    pub mode: char,
    /// The argument. `None` for a mode that takes one means that the client gave none: for
    /// [`Arity::List`] a question, otherwise a mistake.
    pub arg: Option<CompactString>,
}

/// Reads a mode string, whose changes take their arguments from `args` in order. A string without a
/// leading sign sets modes. Also returns the letters for which `arity` knows nothing, each once;
/// arguments beyond what the modes take are ignored.
pub fn parse_changes(
    modes: &str,
    args: &[CompactString],
    arity: impl Fn(char) -> Option<Arity>,
) -> (Vec<Change>, Vec<char>) {
    let mut changes = Vec::new();
    let mut unknown = Vec::new();
    let mut args = args.iter();
    let mut add = true;
    for mode in modes.chars() {
        let takes_arg = match (mode, arity(mode)) {
            ('+' | '-', _) => {
                add = mode == '+';
                continue;
            }
            (_, None) => {
                if !unknown.contains(&mode) {
                    unknown.push(mode);
                }
                continue;
            }
            (_, Some(Arity::Never)) => false,
            (_, Some(Arity::WhenSet)) => add,
            (_, Some(Arity::Always | Arity::List)) => true,
        };
        let arg = if takes_arg {
            args.next().cloned()
        } else {
            None
        };
        changes.push(Change { add, mode, arg });
    }
    (changes, unknown)
}

/// The shortest mode string for `changes`, followed by their arguments: `+o-v alice bob`.
pub fn format_changes(changes: &[Change]) -> String {
    let mut text = String::new();
    let mut sign = None;
    for change in changes {
        if sign != Some(change.add) {
            text.push(if change.add { '+' } else { '-' });
            sign = Some(change.add);
        }
        text.push(change.mode);
    }
    for arg in changes.iter().filter_map(|change| change.arg.as_deref()) {
        text.push(' ');
        text.push_str(arg);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(modes: &str, args: &[&str]) -> (Vec<Change>, Vec<char>) {
        let args: Vec<_> = args.iter().copied().map(CompactString::new).collect();
        parse_changes(modes, &args, |mode| match mode {
            'b' => Some(Arity::List),
            'o' | 'v' | 'k' => Some(Arity::Always),
            'l' => Some(Arity::WhenSet),
            'n' | 't' => Some(Arity::Never),
            _ => None,
        })
    }

    fn change(add: bool, mode: char, arg: Option<&str>) -> Change {
        Change {
            add,
            mode,
            arg: arg.map(CompactString::new),
        }
    }

    #[test]
    fn arguments_go_to_the_modes_that_take_one() {
        let (changes, unknown) = parse("nl-l+o-vk", &["5", "alice", "bob", "key", "left"]);
        let expected = [
            change(true, 'n', None),
            change(true, 'l', Some("5")),
            change(false, 'l', None),
            change(true, 'o', Some("alice")),
            change(false, 'v', Some("bob")),
            change(false, 'k', Some("key")),
        ];
        assert_eq!(
            (changes.as_slice(), unknown.as_slice()),
            (expected.as_slice(), [].as_slice())
        );
        assert_eq!(format_changes(&changes), "+nl-l+o-vk 5 alice bob key");
    }

    #[test]
    fn a_list_without_argument_is_a_question() {
        assert_eq!(parse("b", &[]).0, [change(true, 'b', None)]);
        assert_eq!(
            parse("-b+b", &["x!*@*"]).0,
            [change(false, 'b', Some("x!*@*")), change(true, 'b', None)]
        );
    }

    #[test]
    fn missing_arguments_and_unknown_letters_are_told() {
        let (changes, unknown) = parse("+oXé-X+t", &[]);
        assert_eq!(changes, [change(true, 'o', None), change(true, 't', None)]);
        assert_eq!(unknown, ['X', 'é']);
        assert_eq!(parse("+-+", &["a"]), (Vec::new(), Vec::new()));
    }

    #[test]
    fn signs_are_written_only_where_they_change() {
        let changes = [
            change(true, 'n', None),
            change(true, 't', None),
            change(false, 'o', Some("a")),
        ];
        assert_eq!(format_changes(&changes), "+nt-o a");
        assert_eq!(format_changes(&[]), "");
    }
}
