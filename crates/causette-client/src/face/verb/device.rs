//! `login`, `logout` and `trust`: what this device and a server know of each other.

use super::wait_for;
use crate::address::Encryption;
use crate::arrival::{Asking, Door};
use crate::core::command::Command;
use crate::core::input::{Intent, SecretKind, Way};
use crate::core::output::Output;
use crate::credentials;
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::{Lines, print};
use crate::transport::Failure;
use crate::trust::{self, Fingerprint};
use crate::trusting::{Trusting, ask_trust};
use causette_proto::Message;

/// Makes the server and this device forget each other.
///
/// # Errors
/// The server could not be asked; this device forgets all the same, and says so.
pub async fn logout(mut driver: Driver) -> Result<Exit, Trouble> {
    let server = driver.address().name();
    let Some(credential) = driver.credential()? else {
        let text = driver
            .locale()
            .text_with("client-not-logged-in", &[("server", &server)]);
        return Err(Trouble::new(Exit::NotFound, text));
    };
    let revoked = revoke(&mut driver, &credential).await;
    let server_key = driver.address().credential_key();
    credentials::forget(driver.folder(), &server_key, &credential.token)?;
    let key = if revoked.is_ok() {
        "client-logged-out"
    } else {
        "client-logged-out-here"
    };
    let text = driver.locale().text_with(key, &[("server", &server)]);
    driver.leave().await;
    match revoked {
        Ok(()) => {
            print(&text)?;
            Ok(Exit::Done)
        }
        // A token that the server does not know any more is as good as revoked.
        Err(trouble) if trouble.exit == Exit::Credentials => {
            print(&text)?;
            Ok(Exit::Done)
        }
        Err(trouble) => Err(Trouble::new(
            Exit::Partly,
            format!("{text} ({})", trouble.text),
        )),
    }
}

async fn revoke(driver: &mut Driver, credential: &credentials::Credential) -> Result<(), Trouble> {
    let mut lines = Lines::standard();
    let before = Door::new(driver, &mut lines, Asking::Never)
        .enter(None)
        .await?;
    remove(driver, before, &credential.id).await
}

/// Takes the token of a device back.
async fn remove(driver: &mut Driver, before: Vec<Output>, id: &str) -> Result<(), Trouble> {
    let here = driver.client().current().id;
    let line = Message::new("DEVICE").param("DEL").param(id);
    let mut outputs = before;
    outputs.extend(driver.intend(Intent::Command(here, Command::Quote(line.to_string()))));
    wait_for(driver, outputs, |_, output| match output {
        Output::DeviceRemoved(removed) if removed == id => Some(Ok(())),
        Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
        _ => None,
    })
    .await
}

/// Signs in and remembers this device.
///
/// # Errors
/// The sign-in was refused.
pub async fn login(
    mut driver: Driver,
    lines: &mut Lines,
    way: Option<Way>,
) -> Result<Exit, Trouble> {
    let asking = if lines.is_terminal() && way.is_none() {
        Asking::Allowed
    } else {
        Asking::Never
    };
    let by_password = matches!(
        way,
        Some(Way::SignIn {
            kind: SecretKind::Password,
            ..
        })
    );
    let old = driver.credential()?;
    let outputs = Door::new(&mut driver, lines, asking).enter(way).await?;
    let has_devices = driver.client().features().has("causette/devices");
    if by_password && has_devices {
        wait_for(&mut driver, outputs, |_, output| match output {
            Output::KeepToken { .. } => Some(Ok(())),
            Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
            _ => None,
        })
        .await?;
        if let Some(old) = old.filter(|old| driver.client().account() == Some(&old.account)) {
            // The device has one token: a server that has forgotten the old one is as well.
            let _ = remove(&mut driver, Vec::new(), &old.id).await;
        }
    }
    let trouble = driver.take_trouble();
    driver.leave().await;
    match trouble {
        Some(error) => Err(Trouble::new(Exit::Failed, error)),
        None => Ok(Exit::Done),
    }
}

/// Whether a key that is known may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Yes: the person knows that the server has a new key.
    Allowed,
    /// No.
    Never,
}

/// Looks at a server's key and trusts it, if the person says so or has named it.
///
/// # Errors
/// The key is another one, or is not trusted.
pub async fn trust(
    mut driver: Driver,
    lines: &mut Lines,
    named: Option<Fingerprint>,
    replace: Replace,
) -> Result<Exit, Trouble> {
    let server = driver.address().name();
    if driver.address().encryption == Encryption::Clear {
        let text = driver
            .locale()
            .text_with("client-no-key", &[("server", &server)]);
        return Err(Trouble::new(Exit::Usage, text));
    }
    drop(driver.intend(Intent::Connect));
    let failure = loop {
        drop(driver.next().await);
        match driver.failure() {
            Some(failure) => break Some(failure.clone()),
            None if driver.client().link().phase >= crate::core::connection::Phase::Arriving => {
                break None;
            }
            None => {}
        }
    };
    let say = |driver: &Driver, key: &str| driver.locale().text_with(key, &[("server", &server)]);
    let key = match failure {
        None if named.is_some() && named != driver.key() => {
            return Err(Trouble::new(Exit::Trust, say(&driver, "client-key-wrong")));
        }
        None => {
            print(&say(&driver, "client-key-already"))?;
            driver.finish().await;
            return Ok(Exit::Done);
        }
        Some(Failure::Unreachable(error)) => {
            let variables = [("server", server.as_str()), ("error", error.as_str())];
            return Err(Trouble::new(
                Exit::Network,
                driver.locale().text_with("client-unreachable", &variables),
            ));
        }
        Some(Failure::Changed(_)) if replace == Replace::Never => {
            return Err(Trouble::new(
                Exit::Trust,
                say(&driver, "client-key-changed"),
            ));
        }
        Some(Failure::Changed(key) | Failure::Unknown(key)) => key,
    };
    match named {
        Some(named) if named == key => {}
        Some(_) => return Err(Trouble::new(Exit::Trust, say(&driver, "client-key-wrong"))),
        None if !lines.is_terminal() => {
            return Err(Trouble::new(
                Exit::Trust,
                say(&driver, "client-not-trusted"),
            ));
        }
        None => {
            if ask_trust(driver.locale(), &server, key, lines).await? == Trusting::Once {
                return Ok(Exit::Done);
            }
        }
    }
    trust::remember(driver.folder(), &driver.address().key(), key)?;
    print(&say(&driver, "client-key-trusted"))?;
    Ok(Exit::Done)
}
