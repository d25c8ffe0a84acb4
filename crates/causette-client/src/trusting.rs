//! Asking whether a key is trusted.

use crate::core::locale::Locale;
use crate::exit::{Exit, Trouble};
use crate::lines::{Lines, prompt, say};
use crate::trust::Fingerprint;

/// For how long a key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trusting {
    /// From now on.
    Always,
    /// In this run.
    Once,
}

/// Shows a key and asks whether it is trusted; the answer must be written out.
///
/// # Errors
/// It is not.
pub async fn ask_trust(
    locale: &Locale,
    server: &str,
    key: Fingerprint,
    lines: &mut Lines,
) -> Result<Trusting, Trouble> {
    say(&locale.text_with("client-untrusted", &[("server", server)]));
    say(&locale.text("client-fingerprint"));
    for line in key.for_eyes() {
        say(&format!("    {line}"));
    }
    say(&locale.text("client-fingerprint-where"));
    prompt(&locale.text("client-ask-trust"));
    let answer = tokio::select! {
        line = lines.next() => line.unwrap_or_default(),
        _ = tokio::signal::ctrl_c() => return Err(Trouble::new(Exit::Interrupted, "")),
    };
    let answer = answer.trim().to_lowercase();
    if answer == locale.text("client-trust-yes") {
        Ok(Trusting::Always)
    } else if answer == locale.text("client-trust-once") {
        Ok(Trusting::Once)
    } else {
        Err(Trouble::new(
            Exit::Trust,
            locale.text_with("client-not-trusted", &[("server", server)]),
        ))
    }
}
