//! Who sets a mode. For most modes of channels their table says it; for ranks and the modes of users the commands do, and a
//! test tries whether they do as it stands here.

use crate::people::People;
use causette_core::modes::{CHANNEL_MODES, Mode, USER_MODES};
use causette_core::settings::Settings;

/// Who sets a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setter {
    /// Members of this rank and above.
    Rank(char),
    /// Each user for themselves.
    Oneself,
    /// Operators of the server, for themselves.
    Operator,
    /// The command OPER.
    Oper,
    /// The server, as the connection is.
    Server,
}

/// The ranks, the highest first.
const RANKS: &str = "qaohv";

/// Who sets a mode of one of the tables.
pub(crate) fn setter(table: &[Mode], mode: &Mode) -> Setter {
    let of_channels = table == CHANNEL_MODES;
    match (mode.needs, mode.letter) {
        (Some(rank), _) => Setter::Rank(rank),
        (None, 'q' | 'a') if of_channels => Setter::Rank('q'),
        (None, 'v') if of_channels => Setter::Rank('h'),
        (None, _) if of_channels => Setter::Rank('o'),
        (None, 'o') => Setter::Oper,
        (None, 's') => Setter::Operator,
        (None, 'Z') => Setter::Server,
        (None, _) => Setter::Oneself,
    }
}

/// A server on which guests talk, who come without modes and are answered at once: a replay would hold their next line.
fn guests() -> People {
    People::new(Settings {
        accounts_required: false,
        default_user_modes: "".into(),
        replay_on_join: 0,
        ..Settings::default()
    })
}

#[test]
fn guests_set_those_modes_of_theirs_that_the_page_leaves_to_them() {
    let mut people = guests();
    let alice = people.arrive("alice");
    for mode in USER_MODES {
        let answer = people.say(alice, &format!("MODE alice +{}", mode.letter));
        let done = answer.contains(&format!(" MODE alice +{}", mode.letter));
        let expected = setter(USER_MODES, mode) == Setter::Oneself;
        assert_eq!(done, expected, "{}: {answer}", mode.letter);
    }
}

#[test]
fn members_set_the_modes_that_the_page_gives_to_their_rank() {
    let mut people = guests();
    let alice = people.arrive("alice");
    let bob = people.arrive("bob");
    let carol = people.arrive("carol");
    for session in [alice, bob, carol] {
        people.say(session, "JOIN #tea");
    }
    // Where bob may send people on to.
    people.say(bob, "JOIN #biscuits");
    for rank in ['o', 'h', 'v'] {
        people.say(alice, &format!("MODE #tea +{rank} bob"));
        for mode in CHANNEL_MODES {
            let Setter::Rank(needed) = setter(CHANNEL_MODES, mode) else {
                panic!("a rank sets the modes of channels");
            };
            let change = match mode.letter {
                'b' | 'e' | 'I' => format!("{} *!*@example.org", mode.letter),
                'k' => "k sesame".to_owned(),
                'f' => "f #biscuits".to_owned(),
                'l' => "l 12".to_owned(),
                letter if RANKS.contains(letter) => format!("{letter} carol"),
                letter => letter.to_string(),
            };
            // New channels have some of them.
            people.say(alice, &format!("MODE #tea -{change}"));
            let answer = people.say(bob, &format!("MODE #tea +{change}"));
            let done = answer.contains(&format!(" MODE #tea +{change}"));
            let place = |rank| RANKS.find(rank);
            assert_eq!(
                done,
                place(rank) <= place(needed),
                "{rank} sets {change}: {answer}"
            );
            people.say(alice, &format!("MODE #tea -{change}"));
        }
        people.say(alice, &format!("MODE #tea -{rank} bob"));
    }
}
