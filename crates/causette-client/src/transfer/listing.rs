//! What files the server has, as it tells of them.

use super::fault::Halt;
use super::site::Site;
use super::wire::{ask_soon, bare};
use crate::core::transfer::{Fault, FileRow, Listing, Which};
use causette_proto::percent_encoded;
use hyper::{Request, StatusCode};
use serde::de::DeserializeOwned;

/// Files that are asked for at once.
pub(crate) const PAGE: usize = 50;

/// Rooms of which the files are asked for: each is a question of its own.
const ROOMS_MAX: usize = 32;

/// Digits of the name that a file has in addresses.
const KEY_DIGITS: usize = 32;

async fn get<T: DeserializeOwned>(site: &Site, path: &str) -> Result<T, Halt> {
    let request = Request::builder().method("GET").uri(site.path(path));
    let answer = ask_soon(site, bare(request)).await?.accepted(site).await?;
    let body = answer.whole(site).await?;
    serde_json::from_slice(&body).map_err(|_| Halt::lost(site.locale.text("client-file-strange")))
}

/// The newest files that the person may see, before a number where one is given.
pub(crate) async fn list(site: &Site, which: &Which, before: Option<u64>) -> Result<Listing, Halt> {
    let rooms = match (which, list_part(site, which, before).await) {
        // A server from before it could be asked at once.
        (
            Which::Seen(rooms),
            Err(Halt::Answer {
                status: StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY,
                ..
            }),
        ) => rooms,
        (_, listed) => return listed,
    };
    let mut seen = Listing::default();
    for part in [Which::Public, Which::Own, Which::Sent] {
        seen.take(list_part(site, &part, before).await?);
    }
    for room in rooms.iter().take(ROOMS_MAX) {
        match list_part(site, &Which::Room(room.clone()), before).await {
            // They may have left it meanwhile.
            Err(Halt::Answer { .. }) => {}
            listed => seen.take(listed?),
        }
    }
    seen.cut();
    Ok(seen)
}

impl Listing {
    /// Takes the files of a part, each once.
    fn take(&mut self, part: Self) {
        self.more |= part.more;
        let known = |row: &FileRow| self.files.iter().any(|known| known.id == row.id);
        let new: Vec<FileRow> = part.files.into_iter().filter(|row| !known(row)).collect();
        self.files.extend(new);
    }

    /// Leaves the newest, as many as are a page.
    fn cut(&mut self) {
        self.files.sort_by_key(|row| std::cmp::Reverse(row.id));
        self.more |= self.files.len() > PAGE;
        self.files.truncate(PAGE);
    }
}

async fn list_part(site: &Site, which: &Which, before: Option<u64>) -> Result<Listing, Halt> {
    let (word, room) = match which {
        Which::Seen(_) => ("seen", None),
        Which::Public => ("public", None),
        Which::All => ("all", None),
        Which::Own => ("own", None),
        Which::Sent => ("sent", None),
        Which::Room(room) => ("room", Some(percent_encoded(room, ""))),
    };
    let mut path = format!("/files?which={word}&count={PAGE}");
    if let Some(room) = room {
        path.push_str(&format!("&room={room}"));
    }
    if let Some(before) = before {
        path.push_str(&format!("&before={before}"));
    }
    get(site, &path).await
}

/// The file that is meant by a number, a name or an address.
pub(crate) async fn find(site: &Site, wanted: &str) -> Result<FileRow, Halt> {
    let wanted = wanted.trim();
    if let Some(server) = site.elsewhere(wanted) {
        let server = crate::core::disarm::clean(server);
        let variables = [("server", &*server)];
        let text = site.locale.text_with("client-file-elsewhere", &variables);
        return Err(Halt::staying(Fault::Usage, text));
    }
    let named = || async move {
        let name = percent_encoded(wanted, "");
        get(site, &format!("/files/named/{name}")).await
    };
    let number = wanted.strip_prefix('#').unwrap_or(wanted);
    let by_key = key_in(wanted).or_else(|| number.parse::<u64>().ok().map(|id| id.to_string()));
    let Some(file) = by_key else {
        return named().await.map_err(|halt| unknown(halt, site, wanted));
    };
    match get(site, &format!("/files/{file}")).await {
        // What looks like a number may be a name.
        Err(Halt::Answer {
            status: StatusCode::NOT_FOUND,
            ..
        }) => named().await.map_err(|halt| unknown(halt, site, wanted)),
        other => other,
    }
}

/// That there is no such file, in words that name it.
fn unknown(halt: Halt, site: &Site, wanted: &str) -> Halt {
    match halt {
        Halt::Answer {
            status: status @ StatusCode::NOT_FOUND,
            code,
            ..
        } => Halt::Answer {
            text: site
                .locale
                .text_with("client-file-unknown", &[("name", wanted)]),
            status,
            code,
        },
        other => other,
    }
}

/// The name in an address: `https://host/files/KEY/name`, or by itself.
fn key_in(text: &str) -> Option<String> {
    let is_key = |part: &&str| {
        part.len() == KEY_DIGITS && part.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    let behind = text.rsplit_once("/files/").map(|(_, behind)| behind);
    let part = behind.map_or(text, |behind| behind.split('/').next().unwrap_or_default());
    Some(part).filter(is_key).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::key_in;

    #[test]
    fn an_address_of_a_file_names_it() {
        let key = "0123456789abcdef0123456789ABCDEF";
        let known = Some(key.to_lowercase());
        assert_eq!(key_in(key), known);
        assert_eq!(
            key_in(&format!("https://h:1/files/{key}/a%20b.txt?t=x")),
            known
        );
        assert_eq!(key_in("12"), None);
        assert_eq!(key_in("https://h/files/12/a"), None);
    }
}
