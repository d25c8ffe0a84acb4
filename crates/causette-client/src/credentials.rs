//! The tokens that servers gave to this device. No password is ever here.

use crate::folder::Folder;
use anyhow::Context as _;
use causette_proto::Secret;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;

/// The file, TOML, one table for each server.
pub const FILE: &str = "credentials.toml";

/// Locked by whoever changes it.
const LOCK: &str = "credentials.lock";

/// How this device signs in to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The account.
    pub account: String,
    /// By which the token is revoked.
    pub id: String,
    /// The token.
    pub token: Secret,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    account: String,
    id: String,
    token: String,
}

type All = BTreeMap<String, Kept>;

fn all(folder: &Folder) -> anyhow::Result<All> {
    let text = folder.read(FILE)?.unwrap_or_default();
    toml::from_str(&text).with_context(|| folder.path(FILE).display().to_string())
}

/// Nobody else changes the file while this lives.
fn lock(folder: &Folder) -> anyhow::Result<File> {
    let lock = folder.lock_file(LOCK)?;
    flock(&lock, FlockOperation::LockExclusive)
        .with_context(|| folder.path(LOCK).display().to_string())?;
    Ok(lock)
}

fn write(folder: &Folder, all: &All) -> anyhow::Result<()> {
    folder.write(FILE, &toml::to_string(all)?)
}

/// The token for a server, if there is one.
///
/// # Errors
/// The file cannot be read, or others may read it.
pub fn find(folder: &Folder, server: &str) -> anyhow::Result<Option<Credential>> {
    let found = all(folder)?.remove(server);
    Ok(found.map(|kept| Credential {
        account: kept.account,
        id: kept.id,
        token: Secret::new(kept.token),
    }))
}

/// Keeps the token for a server, in place of any other.
///
/// # Errors
/// The file cannot be written.
pub fn keep(folder: &Folder, server: &str, credential: &Credential) -> anyhow::Result<()> {
    let _lock = lock(folder)?;
    let mut all = all(folder)?;
    let kept = Kept {
        account: credential.account.clone(),
        id: credential.id.clone(),
        token: credential.token.expose().to_owned(),
    };
    all.insert(server.to_owned(), kept);
    write(folder, &all)
}

/// Forgets the token for a server, unless another one has taken its place meanwhile. Says whether it was there.
///
/// # Errors
/// The file cannot be written.
pub fn forget(folder: &Folder, server: &str, token: &Secret) -> anyhow::Result<bool> {
    let _lock = lock(folder)?;
    let mut all = all(folder)?;
    let was_there = all
        .get(server)
        .is_some_and(|kept| kept.token == token.expose());
    if was_there {
        all.remove(server);
        write(folder, &all)?;
    }
    Ok(was_there)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn each_server_has_its_token() {
        let folder = Folder::for_test();
        let credential = |token: &str| Credential {
            account: "amélie".to_owned(),
            id: "7".to_owned(),
            token: Secret::new(token),
        };
        assert_eq!(find(&folder, "a:1").unwrap(), None);
        keep(&folder, "a:1", &credential("one")).unwrap();
        keep(&folder, "[::1]:2", &credential("two")).unwrap();
        assert_eq!(find(&folder, "[::1]:2").unwrap(), Some(credential("two")));
        let forget = |token: &str| forget(&folder, "a:1", &Secret::new(token)).unwrap();
        // Whoever held the token before takes nothing away from who holds the one of now.
        assert!(!forget("zero"));
        assert_eq!(find(&folder, "a:1").unwrap(), Some(credential("one")));
        assert!(forget("one") && !forget("one"));
        assert_eq!(find(&folder, "a:1").unwrap(), None);
        assert!(!format!("{:?}", credential("one")).contains("one\""));
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
