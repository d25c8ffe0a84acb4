//! The `causette` program: its verbs, and nothing else. What they do lives in the crates.

mod cmd;

use causette_client::exit::Exit;
use std::process::ExitCode;

/// Sessions allocate and free small lines all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let language = cmd::language();
    let matches = match cmd::command(language).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let Some(text) = cmd::usage::explain(&error, language) else {
                error.exit();
            };
            cmd::complain(&text, language);
            return ExitCode::from(Exit::Usage as u8);
        }
    };
    match cmd::run(&matches, language) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(trouble) => {
            if !trouble.text.is_empty() {
                cmd::complain(&trouble.text, language);
            }
            ExitCode::from(trouble.exit as u8)
        }
    }
}
