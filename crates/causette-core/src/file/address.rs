//! Addresses of files that are signed for one account: who comes by one needs no password, and may fetch what that account may, as long as
//! it may and the address is good.
//!
//! What is signed is for whom, until when and which file; the address says the first two beside the signature.

use super::{File, FileKey, PermitKey};
use crate::id::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causette_proto::{CompactString, FileName, Timestamp, percent_encoded};
use compact_str::format_compact;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// What stands before what is signed or hashed, so that it means nothing elsewhere.
const DOMAIN: &[u8] = b"causette file\0";

/// Bytes of the account, of the minute at which it ends, and of the signature.
const ACCOUNT: usize = 8;
const MINUTE: usize = 4;
const SIGNATURE: usize = 16;

/// Bytes that the name may have in an address that stands in a message, so that the whole fits on a line.
const NAME_BYTES: usize = 96;

/// Bytes of what stands behind the last dot, where that is kept when a name is shortened.
const EXTENSION_BYTES: usize = 16;

/// The secret by which addresses are signed. Without one, none is, and none opens anything.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressKey(Option<[u8; 32]>);

impl AddressKey {
    /// The one of so many random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Some(bytes))
    }

    /// What stands behind `?t=` in the address of a file for somebody, until a moment.
    #[must_use]
    pub fn sign(self, file: FileKey, account: AccountId, until: Timestamp) -> Option<String> {
        let minute = u32::try_from(until.seconds() / 60).ok()?.to_be_bytes();
        let account = account.0.to_be_bytes();
        let signature = self.mac(file, account, minute)?.finalize().into_bytes();
        let mut token = [0; ACCOUNT + MINUTE + SIGNATURE];
        token[..ACCOUNT].copy_from_slice(&account);
        token[ACCOUNT..ACCOUNT + MINUTE].copy_from_slice(&minute);
        token[ACCOUNT + MINUTE..].copy_from_slice(&signature[..SIGNATURE]);
        Some(URL_SAFE_NO_PAD.encode(token))
    }

    /// For whom the address of a file was signed, where it is good at a moment.
    #[must_use]
    pub fn verify(self, file: FileKey, token: &str, now: Timestamp) -> Option<AccountId> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (account, rest) = token.split_first_chunk::<ACCOUNT>()?;
        let (minute, signature) = rest.split_first_chunk::<MINUTE>()?;
        if signature.len() != SIGNATURE {
            return None;
        }
        let mac = self.mac(file, *account, *minute)?;
        // In the same time wherever it differs.
        mac.verify_truncated_left(signature).ok()?;
        let until = i64::from(u32::from_be_bytes(*minute)) * 60;
        (now.seconds() < until).then(|| AccountId(u64::from_be_bytes(*account)))
    }

    fn mac(
        self,
        file: FileKey,
        account: [u8; ACCOUNT],
        minute: [u8; MINUTE],
    ) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0?).ok()?;
        mac.update(DOMAIN);
        mac.update(&file.0);
        mac.update(&account);
        mac.update(&minute);
        Some(mac)
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressKey(…)")
    }
}

impl FileKey {
    /// That of the file which comes of an upload: who asks again for what became of it finds the same, and who only knows the address of a
    /// file does not find the secret by which it came.
    #[must_use]
    pub fn of(permit: PermitKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(permit.0);
        let hash = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Self(key)
    }
}

/// Where a file is, as people open it, below where all are.
pub(crate) fn of(url: &str, file: &File) -> String {
    let name = in_address(&file.name);
    format!("{url}/files/{}/{name}", file.key)
}

/// A name as it stands in an address: the file is found by its key, so that of a long one the beginning and the extension do.
fn in_address(name: &FileName) -> String {
    let name = name.as_str();
    let whole = percent_encoded(name, "");
    if whole.len() <= NAME_BYTES {
        return whole;
    }
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = match extension.len() {
        2..=EXTENSION_BYTES => percent_encoded(extension, ""),
        _ => String::new(),
    };
    let mut short = String::new();
    for char in name.chars() {
        let char = percent_encoded(char.encode_utf8(&mut [0; 4]), "");
        if short.len() + char.len() + extension.len() > NAME_BYTES {
            break;
        }
        short.push_str(&char);
    }
    short + &extension
}

/// By what addresses are signed for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The secret.
    pub key: AddressKey,
    /// Where files are, as their addresses begin.
    pub url: CompactString,
    /// For whom.
    pub account: AccountId,
    /// Until when they are good, by [`Record::steady`](crate::record::Record::steady).
    pub until: Timestamp,
}

impl Signer {
    /// The address of a file, signed.
    #[must_use]
    pub fn address(&self, file: &File) -> String {
        let address = of(&self.url, file);
        match self.key.sign(file.key, self.account, self.until) {
            Some(token) => format!("{address}?t={token}"),
            None => address,
        }
    }

    /// A text that ends in the address of a file of this server, with that address signed; `None` where it does not. Whatever somebody else
    /// may have written before it, nobody else is given what opens a file.
    #[must_use]
    pub fn signed(&self, text: &str) -> Option<CompactString> {
        let (_, address) = text.rsplit_once(' ')?;
        let path = address
            .strip_prefix(self.url.as_str())?
            .strip_prefix("/files/")?;
        let (key, name) = path.split_once('/')?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        if !name.bytes().all(is_plain) {
            return None;
        }
        let token = self
            .key
            .sign(FileKey::parse(key)?, self.account, self.until)?;
        Some(format_compact!("{text}?t={token}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const FILE: FileKey = FileKey([7; 16]);
    const BOB: AccountId = AccountId(0x0102_0304_0506_0708);

    fn key() -> AddressKey {
        AddressKey::new([1; 32])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(0).plus_seconds(seconds)
    }

    #[test]
    fn an_address_opens_its_file_for_whom_it_was_signed_until_it_ends() {
        let token = key().sign(FILE, BOB, at(600)).unwrap();
        assert_eq!(token.len(), 38);
        let opens = |key: AddressKey, file, token: &str, now| key.verify(file, token, now);
        assert_eq!(opens(key(), FILE, &token, at(0)), Some(BOB));
        assert_eq!(opens(key(), FILE, &token, at(599)), Some(BOB));
        assert_eq!(opens(key(), FILE, &token, at(600)), None);
        assert_eq!(opens(key(), FileKey([8; 16]), &token, at(0)), None);
        let other = AddressKey::new([2; 32]);
        assert_eq!(opens(other, FILE, &token, at(0)), None);
        for key in [key(), AddressKey::default()] {
            for wrong in ["", "AA", "é", &token[1..], &format!("{token}AA")] {
                assert_eq!(opens(key, FILE, wrong, at(0)), None, "{wrong}");
            }
        }
    }

    #[test]
    fn each_character_of_a_token_counts() {
        let token = key().sign(FILE, BOB, at(600)).unwrap();
        for place in 0..token.len() {
            let mut damaged: Vec<u8> = token.bytes().collect();
            damaged[place] = if damaged[place] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert_eq!(key().verify(FILE, &damaged, at(0)), None, "{damaged}");
        }
    }

    #[test]
    fn without_a_secret_nothing_is_signed() {
        assert_eq!(AddressKey::default().sign(FILE, BOB, at(600)), None);
        assert_eq!(format!("{:?}", key()), "AddressKey(…)");
    }

    #[test]
    fn what_is_signed_is_as_it_is_written_down() {
        // Computed by other means: hmac and hashlib of Python.
        let token = key().sign(FILE, AccountId(2), at(60)).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        assert_eq!(bytes[..12], [0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]);
        let signature: String = bytes[12..].iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(signature, "ab15c241186ccbc138f81ead678148f0");
        let key = FileKey::of(PermitKey([3; 16]));
        assert_eq!(key.to_string(), "a54f90ae8f47e110afce0f59bd895c10");
    }

    #[test]
    fn only_an_address_of_this_server_is_signed() {
        let signer = Signer {
            key: key(),
            url: "https://chat.example.org".into(),
            account: BOB,
            until: at(600),
        };
        let address = |base: &str| format!("📎 a.txt (1 B) {base}/files/{FILE}/a.txt");
        let own = address("https://chat.example.org");
        let signed = signer.signed(&own).unwrap();
        let token = signed.strip_prefix(&format!("{own}?t=")).unwrap();
        assert_eq!(key().verify(FILE, token, at(0)), Some(BOB));
        for other in [
            address("https://evil.example.org"),
            address("https://chat.example.org.evil.example.org"),
            address("https://chat.example.org@evil.example.org"),
            address("https://chat.example.org/files/../x?"),
            signed.to_string(),
            format!("{own}#x"),
            "hello".to_owned(),
        ] {
            assert_eq!(signer.signed(&other), None, "{other}");
        }
    }

    #[test]
    fn a_long_name_is_shortened_and_keeps_its_extension() {
        let name = FileName::nearest(&format!("{}.pdf", "é".repeat(120)));
        let short = in_address(&name);
        assert!(
            short.len() <= NAME_BYTES && short.len() > NAME_BYTES - 6,
            "{short}"
        );
        assert!(
            short.starts_with("%C3%A9") && short.ends_with("%A9.pdf"),
            "{short}"
        );
        assert_eq!(in_address(&FileName::nearest("a b.txt")), "a%20b.txt");
    }
}
