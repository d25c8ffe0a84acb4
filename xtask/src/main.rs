//! `cargo xtask COMMAND`: the project's own commands, so that a contributor needs nothing but cargo.
//!
//! Here: the table of commands, and the way from the command line to one of them.
//! Not here: what a command does (`command.rs`), and the checks of the project's shape (`tidy.rs`), which are
//! ordinary tests and run with all the others.

mod command;
mod engines;
mod package;
mod source;
mod step;
#[cfg(test)]
mod tidy;

use std::process::ExitCode;

/// One word of the command line and what it starts.
struct Command {
    name: &'static str,
    /// What may follow the name, as the usage text shows it.
    arguments: &'static str,
    summary: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "test",
        arguments: "",
        summary: "run every test that needs only this machine, on each database engine that is installed, and say which were left out",
        run: command::test,
    },
    Command {
        name: "engines",
        arguments: "",
        summary: "start a throwaway server of each database engine that is installed, until Ctrl+C, and print the variable by which tests find them",
        run: engines::engines,
    },
    Command {
        name: "lint",
        arguments: "",
        summary: "formatting, clippy, rustdoc and cargo-deny; a warning is an error",
        run: command::lint,
    },
    Command {
        name: "ci",
        arguments: "",
        summary: "lint, then test: what to run before a pull request",
        run: command::ci,
    },
    Command {
        name: "crash",
        arguments: "[--rounds N] [--engine E]… [--kill server|database]…",
        summary: "kill the real server, or that of its database, N times under load and compare what was seen with what is kept (200); E is sqlite, postgres, mariadb or mysql",
        run: command::crash,
    },
    Command {
        name: "faults",
        arguments: "",
        summary: "put the database of the real server out of reach in each way for as long as it happens to people: killed, cut off, full, locked",
        run: command::faults,
    },
    Command {
        name: "files",
        arguments: "",
        summary: "cut, kill and fill the real server while files come and go, at full length",
        run: command::files,
    },
    Command {
        name: "other-process",
        arguments: "[--rounds N]",
        summary: "lock, change and copy the database of the real server from another process, kill it, and compare likewise (100)",
        run: command::other_process,
    },
    Command {
        name: "simulate",
        arguments: "[--seeds N]",
        summary: "play N random stories through the core and check its promises (1000000)",
        run: command::simulate,
    },
    Command {
        name: "plausible",
        arguments: "[--lines N]",
        summary: "send N plausible lines to the core in random sequences and check what must hold (10000000)",
        run: command::plausible,
    },
    Command {
        name: "package",
        arguments: "[--test]",
        summary: "build the Debian package; --test installs, upgrades and removes it in a new Debian (as root)",
        run: package::package,
    },
    Command {
        name: "bench",
        arguments: "[ARGUMENTS]",
        summary: "build the server for release and measure it; the arguments go to causette-bench",
        run: command::bench,
    },
    Command {
        name: "fuzz",
        arguments: "TARGET [--runs N]",
        summary: "fuzz one parser (10000000); needs a nightly toolchain and cargo-fuzz",
        run: command::fuzz,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        eprint!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let nearest = nearest(name);
        eprintln!("xtask: no command is called `{name}`; the nearest is `{nearest}`\n");
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<command::Misuse>() => {
            eprintln!("xtask: {error}");
            eprintln!("usage: cargo xtask {} {}", command.name, command.arguments);
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND\n\n");
    for command in COMMANDS {
        let call = format!("{} {}", command.name, command.arguments);
        text += &format!("  {call:<24} {}\n", command.summary);
    }
    text + "\nThe number in brackets is the one taken when none is given.\n"
}

/// The command whose name needs the fewest edits to become `word`.
fn nearest(word: &str) -> &'static str {
    COMMANDS
        .iter()
        .map(|command| command.name)
        .min_by_key(|name| edit_distance(word, name))
        .expect("the table of commands is not empty")
}

/// Levenshtein's distance, in characters.
fn edit_distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, from) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, edit_distance, nearest, usage};

    #[test]
    fn a_slip_of_the_finger_finds_the_command_that_was_meant() {
        assert_eq!(nearest("tset"), "test");
        assert_eq!(nearest("simulation"), "simulate");
        assert_eq!(nearest("clash"), "crash");
    }

    #[test]
    fn the_distance_counts_insertions_removals_and_replacements() {
        assert_eq!(edit_distance("", "ci"), 2);
        assert_eq!(edit_distance("bench", "bench"), 0);
        assert_eq!(edit_distance("fuz", "fuzz"), 1);
        assert_eq!(edit_distance("lint", "list"), 1);
    }

    #[test]
    fn the_usage_names_every_command() {
        for command in COMMANDS {
            assert!(
                usage().contains(&format!("  {} ", command.name)),
                "{}",
                command.name
            );
        }
    }
}
