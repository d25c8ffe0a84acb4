//! What a file is called, as a request says.

/// The name of a `Content-Disposition`. <https://www.rfc-editor.org/rfc/rfc6266#section-4.3>
pub(super) fn of(header: &str) -> Option<String> {
    let mut plain = None;
    for parameter in split(header) {
        let Some((key, value)) = parameter.split_once('=') else {
            continue;
        };
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            // The form for all scripts goes before the other.
            "filename*" => {
                if let Some(name) = extended(value) {
                    return Some(name);
                }
            }
            "filename" => plain = Some(unquoted(value)),
            _ => {}
        }
    }
    plain
}

/// The parameters between semicolons, of which none in quotation marks counts.
fn split(header: &str) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (place, byte) in header.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b';' if !quoted => {
                parts.push(&header[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&header[begin..]);
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
    else {
        return value.to_owned();
    };
    let mut name = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        name.extend(match char {
            '\\' => chars.next(),
            char => Some(char),
        });
    }
    name
}

/// `UTF-8''percent-encoded`. <https://www.rfc-editor.org/rfc/rfc8187#section-3.2>
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_name_is_read_in_each_form() {
        for (header, name) in [
            ("attachment; filename=\"a.txt\"", Some("a.txt")),
            ("attachment; filename=a.txt", Some("a.txt")),
            (
                "attachment; filename=\"a\\\"b;c.txt\"; x=y",
                Some("a\"b;c.txt"),
            ),
            (
                "attachment; filename=\"_t_.txt\"; filename*=UTF-8''%C3%A9t%C3%A9.txt",
                Some("été.txt"),
            ),
            (
                "attachment; filename*=utf-8'fr'%e2%82%ac%20rates; filename=\"x\"",
                Some("€ rates"),
            ),
            (
                "attachment; filename*=ISO-8859-1''%E9; filename=e",
                Some("e"),
            ),
            ("attachment; filename*=UTF-8''%FF; filename=e", Some("e")),
            ("attachment; filename*=UTF-8''%4", None),
            ("inline", None),
            ("", None),
        ] {
            assert_eq!(of(header).as_deref(), name, "{header}");
        }
    }
}
