//! The `causette` program: its verbs, and nothing else. What they do lives in the crates.

mod cmd;

use causette_client::exit::{Exit, Trouble};
use causette_server::Signals;
use std::process::ExitCode;

/// Sessions allocate and free small lines all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything else: one that comes meanwhile would kill the server.
    let signals =
        cmd::serves(std::env::args_os().map(|argument| argument.to_string_lossy().into()))
            .then(Signals::install);
    let signals = match signals.transpose() {
        Ok(signals) => signals,
        Err(error) => {
            cmd::complain(&error.to_string(), cmd::language());
            return ExitCode::from(Exit::Failed as u8);
        }
    };
    let language = cmd::language();
    let matches = match cmd::command(language).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let Some(text) = cmd::usage::explain(&error, language) else {
                error.exit();
            };
            cmd::give_up(&Trouble::new(Exit::Usage, text), language);
            return ExitCode::from(Exit::Usage as u8);
        }
    };
    match cmd::run(&matches, language, signals) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(trouble) => {
            cmd::give_up(&trouble, language);
            ExitCode::from(trouble.exit as u8)
        }
    }
}
