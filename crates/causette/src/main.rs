//! The `causette` program: its verbs, and nothing else. What they do lives in the crates.

mod cmd;

use causette_client::exit::Exit;
use causette_text::text_with;
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
            eprintln!("{}", text_with(language, "cli-error", &[("error", &text)]));
            return ExitCode::from(Exit::Usage as u8);
        }
    };
    match cmd::run(&matches, language) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(trouble) => {
            if !trouble.text.is_empty() {
                let variables = [("error", trouble.text.as_str())];
                eprintln!("{}", text_with(language, "cli-error", &variables));
            }
            ExitCode::from(trouble.exit as u8)
        }
    }
}
