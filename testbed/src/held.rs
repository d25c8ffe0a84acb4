//! Somebody who has something locked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

/// What the client prints when it has done what it was told.
const DONE: &str = "held by a test";

/// A connection of the engine's own client, which ends with this value, and with it its transaction.
#[derive(Debug)]
pub struct Held {
    client: Child,
}

impl Held {
    pub(crate) fn new(mut client: Command, statements: &str) -> anyhow::Result<Self> {
        let program = client.get_program().display().to_string();
        let client = client
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let mut held = Self { client };
        // Kept open: at its end the client leaves.
        let input = held.client.stdin.as_mut().context("no input")?;
        // A client that ends early says itself why.
        let _ = write!(input, "{statements};\nSELECT '{DONE}';\n").and_then(|()| input.flush());
        let output = held.client.stdout.as_mut().context("no output")?;
        for line in BufReader::new(output).lines() {
            if line? == DONE {
                return Ok(held);
            }
        }
        let mut complaint = String::new();
        if let Some(errors) = &mut held.client.stderr {
            errors.read_to_string(&mut complaint)?;
        }
        bail!("{program}: {}", complaint.trim())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.client.stdin.take());
        // It has nothing more to do, and one that hangs must not hang the test.
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}
