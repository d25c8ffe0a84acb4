//! What others see of an address: a name from which nobody can tell it, and which is the same for the same network.
//!
//! `HOST.NET.ip`: HOST stands for the IPv4 address or the IPv6 /64, which is what one customer gets; NET for the IPv4 /16 or
//! the IPv6 /48 around it, so that a ban of `*!*@*.NET.ip` keeps out who moves within it. Without the key of this server one
//! cannot find out which address a name stands for by trying all of them.

use crate::data_dir::write_private;
use anyhow::{Context as _, anyhow};
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use causette_proto::CompactString;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

/// The key's file in the data folder. Who deletes it gives everybody another name, and makes bans of the old ones void.
pub(crate) const KEY: &str = "cloak.key";

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// Characters that stand for the address. Each is worth five bits: hardly two of a million addresses share fifty of them.
const HOST_CHARACTERS: usize = 10;

/// Characters that stand for the network around it.
const NET_CHARACTERS: usize = 8;

/// The digits of base32, in lower case. <https://www.rfc-editor.org/rfc/rfc4648#section-6>
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Makes cloaks.
pub(crate) struct Cloak(Key);

impl Cloak {
    /// Reads the key from the data folder, which gets one when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key.
    pub(crate) fn load(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(KEY);
        let key = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = vec![0; KEY_BYTES];
                getrandom::fill(&mut key)?;
                write_private(&path, &key).with_context(|| path.display().to_string())?;
                tracing::info!(
                    event = "cloak.made",
                    file = %path.display(),
                    "made a new key for the names that stand for addresses: bans of earlier ones hold no more"
                );
                key
            }
            read => read.with_context(|| path.display().to_string())?,
        };
        if key.len() != KEY_BYTES {
            return Err(anyhow!("{}: {KEY_BYTES} bytes expected", path.display()));
        }
        Ok(Self::new(&key))
    }

    /// Another key of this server, which lasts as long as the file: one for each purpose, none of which tells another. A
    /// purpose has more bytes than what is signed of an address, so that no cloak shows a part of a key.
    pub(crate) fn derive(&self, purpose: &str) -> Key {
        Key::new(HMAC_SHA256, &self.derive_bytes(purpose))
    }

    /// The bytes of such a key.
    pub(crate) fn derive_bytes(&self, purpose: &str) -> [u8; KEY_BYTES] {
        debug_assert!(purpose.len() > 8);
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(hmac::sign(&self.0, purpose.as_bytes()).as_ref());
        key
    }

    fn new(key: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// The name of an address.
    pub(crate) fn of(&self, address: IpAddr) -> CompactString {
        let (host, net) = match address.to_canonical() {
            IpAddr::V4(address) => {
                let octets = address.octets();
                (octets.to_vec(), octets[..2].to_vec())
            }
            IpAddr::V6(address) => {
                let octets = address.octets();
                (octets[..8].to_vec(), octets[..6].to_vec())
            }
        };
        let mut cloak = CompactString::default();
        self.name(&host, HOST_CHARACTERS, &mut cloak);
        cloak.push('.');
        self.name(&net, NET_CHARACTERS, &mut cloak);
        cloak.push_str(".ip");
        cloak
    }

    /// Networks of each family and size differ in the number of their bytes, so that none shares a name with another.
    fn name(&self, network: &[u8], characters: usize, name: &mut CompactString) {
        let tag = hmac::sign(&self.0, network);
        let mut bits = 0_u64;
        let mut count = 0;
        let mut bytes = tag.as_ref().iter();
        for _ in 0..characters {
            if count < 5 {
                // The tag has 32 bytes, which are 51 characters: more than any name has.
                bits = bits << 8 | u64::from(bytes.next().copied().unwrap_or_default());
                count += 8;
            }
            count -= 5;
            name.push(char::from(DIGITS[(bits >> count & 31) as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use std::os::unix::fs::PermissionsExt;

    fn of(cloak: &Cloak, address: &str) -> String {
        cloak.of(address.parse().unwrap()).into()
    }

    #[test]
    fn the_names_of_a_key_never_change() {
        // Computed with Python: base64.b32encode(hmac.digest(bytes(32), network, "sha256")).
        let cloak = Cloak::new(&[0; KEY_BYTES]);
        assert_eq!(of(&cloak, "192.0.2.1"), "ztuedp4gbr.zqfohorp.ip");
        assert_eq!(of(&cloak, "::ffff:192.0.2.1"), "ztuedp4gbr.zqfohorp.ip");
        assert_eq!(of(&cloak, "2001:db8:1:2::3"), "xukll5jozt.qy4rf2ez.ip");
    }

    #[test]
    fn one_network_has_one_name_and_the_one_around_it_shows() {
        let cloak = Cloak::new(&[7; KEY_BYTES]);
        let parts = |address: &str| {
            let name = of(&cloak, address);
            let (host, net) = name.split_once('.').unwrap();
            (host.to_owned(), net.to_owned())
        };
        for (one, other, same_host, same_net) in [
            ("192.0.2.1", "192.0.2.1", true, true),
            ("192.0.2.1", "192.0.200.1", false, true),
            ("192.0.2.1", "192.1.2.1", false, false),
            ("2001:db8:1:2::3", "2001:db8:1:2:ffff::", true, true),
            ("2001:db8:1:2::3", "2001:db8:1:3::3", false, true),
            ("2001:db8:1:2::3", "2001:db8:2:2::3", false, false),
        ] {
            let (one_host, one_net) = parts(one);
            let (other_host, other_net) = parts(other);
            assert_eq!(one_host == other_host, same_host, "{one} {other}");
            assert_eq!(one_net == other_net, same_net, "{one} {other}");
        }
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_only() {
        let folder = Folder::new();
        let first = of(&Cloak::load(&folder.0).unwrap(), "192.0.2.1");
        assert_eq!(of(&Cloak::load(&folder.0).unwrap(), "192.0.2.1"), first);
        let path = folder.0.join(KEY);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::write(&path, "short").unwrap();
        assert!(Cloak::load(&folder.0).is_err());
    }

    #[test]
    fn another_key_gives_other_names() {
        let (one, other) = (Cloak::new(&[1; KEY_BYTES]), Cloak::new(&[2; KEY_BYTES]));
        assert_ne!(of(&one, "192.0.2.1"), of(&other, "192.0.2.1"));
    }
}
