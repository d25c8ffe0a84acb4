//! What a client says of what it uploads: words with values in Base64. <https://tus.io/protocols/resumable-upload#upload-metadata>

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_core::file::{Audience, Digest};
use causette_proto::FileName;
use std::collections::BTreeMap;

/// Bytes of it: they are kept with the upload.
const BYTES: usize = 4096;

/// What is understood of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) name: FileName,
    pub(super) audience: Audience,
    /// What all bytes must have.
    pub(super) sha256: Option<Digest>,
}

/// What is wrong with it: the word of which.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong(pub(super) String);

/// Reads what a header says. What is not understood is left alone.
///
/// # Errors
/// It is no such header, or a word that is understood says what cannot be.
pub(super) fn read(header: &str) -> Result<Metadata, Wrong> {
    let words = words(header)?;
    let of = |word: &str| words.get(word).map(String::as_str).unwrap_or_default();
    let wrong = |word: &str| Wrong(word.to_owned());
    let sha256 = match of("sha256") {
        "" => None,
        text => Some(Digest::parse(&text.to_ascii_lowercase()).ok_or_else(|| wrong("sha256"))?),
    };
    let audience = match (of("to"), of("room"), of("visibility")) {
        ("", "", "" | "private") => Audience::Private,
        ("", "", "public") => Audience::Public,
        ("", "", "link") => Audience::Link,
        ("", "", "room") => return Err(wrong("room")),
        ("", room, "" | "room") => Audience::Room(room.into()),
        (to, "", "" | "private") => Audience::To(to.into()),
        _ => return Err(wrong("visibility")),
    };
    // Some clients call it otherwise.
    let name = match of("filename") {
        "" => of("name"),
        name => name,
    };
    Ok(Metadata {
        name: FileName::nearest(name),
        audience,
        sha256,
    })
}

fn words(header: &str) -> Result<BTreeMap<&str, String>, Wrong> {
    let mut words = BTreeMap::new();
    if header.len() > BYTES {
        return Err(Wrong(String::new()));
    }
    for pair in header.split(',').map(str::trim) {
        if pair.is_empty() {
            continue;
        }
        let (word, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = BASE64_STANDARD.decode(value.trim());
        let value = value.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or_else(|| Wrong(word.to_owned()))?;
        if words.insert(word, value).is_some() {
            return Err(Wrong(word.to_owned()));
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn header(pairs: &[(&str, &str)]) -> String {
        let pairs = pairs.iter();
        let pairs = pairs.map(|(word, value)| format!("{word} {}", BASE64_STANDARD.encode(value)));
        pairs.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn for_whom_it_is_follows_from_the_words() {
        for (pairs, audience) in [
            (&[][..], Audience::Private),
            (&[("visibility", "public")], Audience::Public),
            (&[("visibility", "link")], Audience::Link),
            (
                &[("visibility", "room"), ("room", "#thé")],
                Audience::Room("#thé".into()),
            ),
            (&[("room", "#thé")], Audience::Room("#thé".into())),
            (&[("to", "bob")], Audience::To("bob".into())),
            (
                &[("visibility", "private"), ("to", "bob")],
                Audience::To("bob".into()),
            ),
        ] {
            assert_eq!(
                read(&header(pairs)).unwrap().audience,
                audience,
                "{pairs:?}"
            );
        }
        for (pairs, word) in [
            (&[("visibility", "room")][..], "room"),
            (&[("visibility", "all")], "visibility"),
            (&[("visibility", "public"), ("to", "bob")], "visibility"),
            (&[("room", "#a"), ("to", "bob")], "visibility"),
            (&[("sha256", "00")], "sha256"),
            (&[("filename", "a"), ("filename", "b")], "filename"),
        ] {
            assert_eq!(
                read(&header(pairs)),
                Err(Wrong(word.to_owned())),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn names_are_made_safe_and_what_is_unknown_is_left_alone() {
        let read = |header: &str| read(header).unwrap();
        let named = header(&[("filename", "../été.txt"), ("filetype", "text/plain")]);
        assert_eq!(
            read(&format!("{named}, is_confidential")).name.as_str(),
            "été.txt"
        );
        assert_eq!(read(&header(&[("name", "b.txt")])).name.as_str(), "b.txt");
        assert_eq!(read("").name.as_str(), "file");
        let sha256 = "AB".repeat(32);
        let found = read(&header(&[("sha256", &sha256)])).sha256;
        assert_eq!(found, Some(Digest([0xab; 32])));
        for wrong in ["filename !", "filename /w=="] {
            assert_eq!(super::read(wrong), Err(Wrong("filename".to_owned())));
        }
        assert!(super::read(&"x ,".repeat(2000)).is_err());
    }
}
