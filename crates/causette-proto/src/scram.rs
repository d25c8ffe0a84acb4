//! SCRAM on the wire: what a client says in `AUTHENTICATE SCRAM-SHA-256`, and what it is answered.
//! Base64 is encoded and decoded elsewhere, and so is everything computed. Nothing here shows a proof in its `Debug` form.
//!
//! Channel binding is not offered, nor is any extension: what asks for one is refused, as the specification wants.
//!
//! <https://www.rfc-editor.org/rfc/rfc5802#section-7>

use std::borrow::Cow;
use std::fmt;

use crate::limits::SCRAM_NONCE_BYTES_MAX;

/// The client's first message: who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFirst<'a> {
    /// The GS2 header, as it came: the client's last message repeats it.
    pub gs2_header: &'a str,
    /// Whom the client wants to act as; empty for itself.
    pub authzid: Cow<'a, str>,
    /// Whose password it knows. Never empty.
    pub name: Cow<'a, str>,
    /// Its part of the nonce: of visible ASCII without commas, never empty, up to
    /// [`SCRAM_NONCE_BYTES_MAX`] bytes.
    pub nonce: &'a str,
    /// All that follows the GS2 header: the first part of what is signed.
    pub bare: &'a str,
}

/// The client's last message: its proof.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClientFinal<'a> {
    /// The GS2 header of its first message, in Base64.
    pub gs2_header: &'a str,
    /// Both parts of the nonce.
    pub nonce: &'a str,
    /// All that stands before the proof: the last part of what is signed.
    pub without_proof: &'a str,
    /// That it knows the password, in Base64.
    pub proof: &'a str,
}

/// Why a message is not SCRAM's, or not such as is taken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScramError {
    /// It is not UTF-8, or holds a NUL.
    InvalidText,
    /// An attribute is missing, empty or out of place.
    InvalidAttributes,
    /// A name has `=` without `2C` or `3D` behind it, or is empty.
    InvalidName,
    /// The nonce is not of visible ASCII.
    InvalidNonce,
    /// The nonce is longer than [`SCRAM_NONCE_BYTES_MAX`].
    NonceTooLong,
    /// What should be Base64 has other characters.
    InvalidBase64,
    /// It wants channel binding (`p=`).
    ChannelBinding,
    /// It wants an extension (`m=`).
    Extension,
}

impl<'a> ClientFirst<'a> {
    /// Reads the client's first message, already decoded from Base64.
    ///
    /// # Errors
    /// Says which rule the message breaks, and nothing of what it contains.
    pub fn parse(payload: &'a [u8]) -> Result<Self, ScramError> {
        let text = text(payload)?;
        let (binding, rest) = text.split_once(',').ok_or(ScramError::InvalidAttributes)?;
        match binding {
            // `y` is a client that could bind and thinks that we cannot: it is right.
            "n" | "y" => {}
            _ if binding.starts_with("p=") => return Err(ScramError::ChannelBinding),
            _ => return Err(ScramError::InvalidAttributes),
        }
        let (authzid, bare) = rest.split_once(',').ok_or(ScramError::InvalidAttributes)?;
        let authzid = if authzid.is_empty() {
            Cow::Borrowed("")
        } else {
            name(attribute(Some(authzid), "a=")?)?
        };
        let gs2_header = &text[..text.len() - bare.len()];
        let mut attributes = bare.split(',');
        let first = attributes.next();
        if first.is_some_and(is_extension) {
            return Err(ScramError::Extension);
        }
        let name = name(attribute(first, "n=")?)?;
        let nonce = attribute(attributes.next(), "r=")?;
        if !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScramError::InvalidNonce);
        }
        if nonce.len() > SCRAM_NONCE_BYTES_MAX {
            return Err(ScramError::NonceTooLong);
        }
        only_options(attributes)?;
        Ok(Self {
            gs2_header,
            authzid,
            name,
            nonce,
            bare,
        })
    }
}

impl<'a> ClientFinal<'a> {
    /// Reads the client's last message, already decoded from Base64.
    ///
    /// # Errors
    /// Says which rule the message breaks, and nothing of what it contains.
    pub fn parse(payload: &'a [u8]) -> Result<Self, ScramError> {
        let text = text(payload)?;
        let (without_proof, proof) = text
            .rsplit_once(",p=")
            .ok_or(ScramError::InvalidAttributes)?;
        let mut attributes = without_proof.split(',');
        let gs2_header = attribute(attributes.next(), "c=")?;
        let nonce = attribute(attributes.next(), "r=")?;
        only_options(attributes)?;
        if !is_base64(proof) || !is_base64(gs2_header) {
            return Err(ScramError::InvalidBase64);
        }
        Ok(Self {
            gs2_header,
            nonce,
            without_proof,
            proof,
        })
    }
}

impl fmt::Debug for ClientFinal<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ClientFinal")
            .field("gs2_header", &self.gs2_header)
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}

/// The server's first message: what the client needs for its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFirst<'a> {
    /// Both parts of the nonce.
    pub nonce: &'a str,
    /// The salt, in Base64.
    pub salt: &'a str,
    /// How often the password is hashed.
    pub iterations: u32,
}

impl fmt::Display for ServerFirst<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            nonce,
            salt,
            iterations,
        } = self;
        write!(out, "r={nonce},s={salt},i={iterations}")
    }
}

/// The server's last message, where the client's proof is right: the server's own, in Base64. Of a wrong one IRC tells by a
/// numeric, and clients that got an error here too would answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFinal<'a>(pub &'a str);

impl fmt::Display for ServerFinal<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "v={}", self.0)
    }
}

impl fmt::Display for ScramError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::InvalidText => "the message is not text",
            Self::InvalidAttributes => "an attribute is missing or out of place",
            Self::InvalidName => "the name is empty or not escaped",
            Self::InvalidNonce => "the nonce has other characters than visible ones of ASCII",
            Self::NonceTooLong => "the nonce is too long",
            Self::InvalidBase64 => "what should be Base64 is not",
            Self::ChannelBinding => "channel binding is not offered",
            Self::Extension => "no extension is known",
        })
    }
}

impl std::error::Error for ScramError {}

/// Writes a name as an attribute holds it.
pub fn escape_name(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

fn name(escaped: &str) -> Result<Cow<'_, str>, ScramError> {
    let mut pieces = escaped.split('=');
    let first = pieces.next().unwrap_or_default();
    if first.len() == escaped.len() {
        return Ok(Cow::Borrowed(escaped));
    }
    let mut name = first.to_owned();
    for piece in pieces {
        let (character, rest) = match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (_, Some(rest)) => ('=', rest),
            _ => return Err(ScramError::InvalidName),
        };
        name.push(character);
        name.push_str(rest);
    }
    Ok(Cow::Owned(name))
}

fn text(payload: &[u8]) -> Result<&str, ScramError> {
    match std::str::from_utf8(payload) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(ScramError::InvalidText),
    }
}

/// The value of an attribute that must stand here.
fn attribute<'a>(attribute: Option<&'a str>, key: &str) -> Result<&'a str, ScramError> {
    attribute
        .and_then(|attribute| attribute.strip_prefix(key))
        .filter(|value| !value.is_empty())
        .ok_or(ScramError::InvalidAttributes)
}

/// Lets attributes pass that nobody has to understand.
fn only_options<'a>(attributes: impl Iterator<Item = &'a str>) -> Result<(), ScramError> {
    for attribute in attributes {
        if is_extension(attribute) {
            return Err(ScramError::Extension);
        }
        let known_form = match attribute.as_bytes() {
            [letter, b'=', _, ..] => letter.is_ascii_alphabetic(),
            _ => false,
        };
        if !known_form {
            return Err(ScramError::InvalidAttributes);
        }
    }
    Ok(())
}

/// Whether an attribute stands for what both sides would have to understand.
fn is_extension(attribute: &str) -> bool {
    attribute.starts_with("m=")
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// The example of <https://www.rfc-editor.org/rfc/rfc7677#section-3>.
    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const BOTH: &str = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let first = ClientFirst::parse(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!(
            (first.gs2_header, &*first.authzid, &*first.name, first.nonce),
            ("n,,", "", "user", NONCE)
        );
        assert_eq!(first.bare, "n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge = ServerFirst {
            nonce: BOTH,
            salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
            iterations: 4096,
        };
        assert_eq!(
            challenge.to_string(),
            format!("r={BOTH},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
        );
        let payload = format!("c=biws,r={BOTH},p={PROOF}");
        let last = ClientFinal::parse(payload.as_bytes()).unwrap();
        assert_eq!(
            (last.gs2_header, last.nonce, last.proof),
            ("biws", BOTH, PROOF)
        );
        assert_eq!(last.without_proof, format!("c=biws,r={BOTH}"));
        assert!(!format!("{last:?}").contains(PROOF));
        let signature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(ServerFinal(signature).to_string(), format!("v={signature}"));
    }

    #[test]
    fn a_name_is_unescaped_and_an_authzid_may_stand_before_it() {
        let first = ClientFirst::parse("y,a=é=2C=3D,n==3D3D=2Cb=2C,r=x,z=more".as_bytes()).unwrap();
        assert_eq!(first.gs2_header, "y,a=é=2C=3D,");
        assert_eq!((&*first.authzid, &*first.name), ("é,=", "=3D,b,"));
        assert_eq!(first.bare, "n==3D3D=2Cb=2C,r=x,z=more");
        assert_eq!(escape_name("=3D,b,"), "=3D3D=2Cb=2C");
    }

    #[test]
    fn what_is_not_taken_names_its_reason() {
        let first = |text: &str| ClientFirst::parse(text.as_bytes()).unwrap_err();
        assert_eq!(
            ClientFirst::parse(b"n,,n=\xff,r=x"),
            Err(ScramError::InvalidText)
        );
        assert_eq!(first("n,,n=a\0b,r=x"), ScramError::InvalidText);
        assert_eq!(first("p=tls-exporter,,n=a,r=x"), ScramError::ChannelBinding);
        assert_eq!(first("n,,m=future,n=a,r=x"), ScramError::Extension);
        assert_eq!(first("n,,n=a,r=x,m=future"), ScramError::Extension);
        for wrong in [
            "",
            "n",
            "n,",
            "n,,",
            "x,,n=a,r=x",
            "n,b=a,n=a,r=x",
            "n,a=,n=a,r=x",
            "n,,n=,r=x",
            "n,,r=x,n=a",
            "n,,n=a",
            "n,,n=a,r=",
            "n,,n=a,r=x,",
            "n,,n=a,r=x,z",
            "n,,n=a,r=x,1=2",
        ] {
            assert_eq!(first(wrong), ScramError::InvalidAttributes, "{wrong}");
        }
        for wrong in ["n,,n=a=,r=x", "n,,n=a=2c,r=x", "n,a==,n=a,r=x"] {
            assert_eq!(first(wrong), ScramError::InvalidName, "{wrong}");
        }
        assert_eq!(first("n,,n=a,r=x y"), ScramError::InvalidNonce);
        assert_eq!(first("n,,n=a,r=é"), ScramError::InvalidNonce);
        let long = "x".repeat(SCRAM_NONCE_BYTES_MAX + 1);
        assert_eq!(first(&format!("n,,n=a,r={long}")), ScramError::NonceTooLong);
        let last = |text: &str| ClientFinal::parse(text.as_bytes()).unwrap_err();
        for wrong in [
            "",
            "c=biws,r=x",
            "r=x,p=eA==",
            "c=biws,p=eA==",
            "c=,r=x,p=eA==",
        ] {
            assert_eq!(last(wrong), ScramError::InvalidAttributes, "{wrong}");
        }
        assert_eq!(last("c=biws,r=x,m=y,p=eA=="), ScramError::Extension);
        for wrong in ["c=biws,r=x,p=", "c=biws,r=x,p=e A", "c=n.,r=x,p=eA=="] {
            assert_eq!(last(wrong), ScramError::InvalidBase64, "{wrong}");
        }
    }
}
