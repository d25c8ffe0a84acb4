//! The tokens that servers gave to this device. No password is ever here.

use crate::folder::Folder;
use anyhow::Context as _;
use causette_proto::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The file, TOML, one table for each server.
pub const FILE: &str = "credentials.toml";

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
    let mut all = all(folder)?;
    let kept = Kept {
        account: credential.account.clone(),
        id: credential.id.clone(),
        token: credential.token.expose().to_owned(),
    };
    all.insert(server.to_owned(), kept);
    write(folder, &all)
}

/// Forgets the token for a server. Says whether there was one.
///
/// # Errors
/// The file cannot be written.
pub fn forget(folder: &Folder, server: &str) -> anyhow::Result<bool> {
    let mut all = all(folder)?;
    let was_there = all.remove(server).is_some();
    if was_there {
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
        assert!(forget(&folder, "a:1").unwrap() && !forget(&folder, "a:1").unwrap());
        assert_eq!(find(&folder, "a:1").unwrap(), None);
        assert!(!format!("{:?}", credential("one")).contains("one\""));
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
