//! Uploads and downloads, as the server tells the core of them.

use crate::world::World;
use causette_core::file::{
    Arrived, Audience, Coming, Digest, FileKey, FileReport, Permit, PermitKey,
};
use causette_core::input::{Credential, FileWish, Input, Visit, Wish};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::Origin;
use causette_core::report::Report;
use causette_core::secret::Secret;
use causette_proto::FileName;
use causette_text::Language;

pub(crate) const FROM: Origin = Origin {
    address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 99)),
    port: 4711,
};

/// Somebody by HTTP: with their password, or without a name.
#[derive(Clone, Copy)]
pub(crate) enum By<'a> {
    Account(&'a str),
    Token(&'a str),
    Nobody,
    /// By what stands behind `?t=` in an address.
    Address(&'a str),
}

pub(crate) fn ask(world: &mut World, by: By<'_>, wish: FileWish) -> Result<Done, Undone> {
    ask_from(world, by, false, wish)
}

/// The same, from where limits do not apply or from where they do.
pub(crate) fn ask_from(
    world: &mut World,
    by: By<'_>,
    exempt: bool,
    wish: FileWish,
) -> Result<Done, Undone> {
    let credential = match by {
        By::Account(name) => Credential::Password {
            name: name.into(),
            password: Secret::new("correct-horse-battery"),
        },
        By::Token(token) => Credential::Token(Secret::new(token)),
        By::Nobody => Credential::None,
        By::Address(token) => Credential::Address(token.into()),
    };
    let ticket = world.visited.len() as u64;
    let visit = Visit {
        address: FROM.address,
        exempt,
        language: Language::En,
        credential,
        wish: Wish::File(Box::new(wish)),
    };
    world.input(Input::Visit { ticket, visit });
    world.settle();
    let (answered, result) = world.visited.last().unwrap().clone();
    assert_eq!(answered, ticket);
    result
}

pub(crate) fn fault(result: Result<Done, Undone>) -> Fault {
    result.expect_err("it is refused").fault
}

pub(crate) fn file(result: Result<Done, Undone>) -> FileReport {
    match result {
        Ok(Done::File(report)) => *report,
        other => panic!("no file: {other:?}"),
    }
}

pub(crate) fn wanted(number: u8, name: &str, bytes: u64, audience: Audience) -> FileWish {
    FileWish::Upload {
        permit: PermitKey([number; 16]),
        name: FileName::nearest(name),
        bytes: Some(bytes),
        audience,
        from: FROM,
    }
}

/// All bytes of an upload are there.
pub(crate) fn arrive(world: &mut World, number: u8, bytes: u64) -> Result<Done, Undone> {
    arrive_saying(world, number, bytes, false)
}

/// The same, of what may say something beside what it shows.
fn arrive_saying(
    world: &mut World,
    number: u8,
    bytes: u64,
    says_beside: bool,
) -> Result<Done, Undone> {
    let ticket = world.visited.len() as u64;
    world.input(Input::Arrived {
        ticket: Some(ticket),
        permit: PermitKey([number; 16]),
        arrived: Arrived::Whole {
            key: FileKey([number; 16]),
            media_type: "text/plain".into(),
            size: bytes,
            sha256: Digest([number; 32]),
            says_beside,
            verdict: None,
        },
        from: Some(FROM),
        language: Language::En,
    });
    world.settle();
    world.visited.last().unwrap().1.clone()
}

/// Uploads a file of as many bytes as its number says.
pub(crate) fn upload(world: &mut World, by: &str, number: u8, audience: Audience) -> FileReport {
    let wish = wanted(number, "notes.txt", number.into(), audience);
    let permitted = ask(world, By::Account(by), wish);
    assert!(matches!(permitted, Ok(Done::Permitted(_))), "{permitted:?}");
    file(arrive(world, number, number.into()))
}

pub(crate) fn fetch(world: &mut World, by: By<'_>, number: u8) -> Result<Done, Undone> {
    let file = FileKey([number; 16]);
    ask(
        world,
        by,
        FileWish::Fetch {
            file,
            from: FROM,
            looks: false,
        },
    )
}

/// For whom something is, in a word: `public`, `link`, `private`, a room, or who it is sent to.
pub(crate) fn audience(word: &str) -> Audience {
    match word {
        "public" => Audience::Public,
        "link" => Audience::Link,
        "private" => Audience::Private,
        room if room.starts_with('#') => Audience::Room(room.into()),
        name => Audience::To(name.into()),
    }
}

/// Uploads a file of a name and a length.
pub(crate) fn upload_named(
    world: &mut World,
    by: &str,
    (number, name, bytes): (u8, &str, u64),
    audience: Audience,
) -> Result<Done, Undone> {
    ask(
        world,
        By::Account(by),
        wanted(number, name, bytes, audience),
    )?;
    // Here photographs are not cleaned.
    arrive_saying(world, number, bytes, name.ends_with(".jpg"))
}

/// Comes by an address as it was shown.
pub(crate) fn open(world: &mut World, address: &str) -> Result<Done, Undone> {
    let (place, token) = address.split_once("?t=").unzip();
    let key = place.unwrap_or(address).split('/').nth(4).unwrap();
    let wish = FileWish::Fetch {
        file: FileKey::parse(key).unwrap(),
        from: FROM,
        looks: false,
    };
    ask(world, token.map_or(By::Nobody, By::Address), wish)
}

/// `OWNER NAME BYTES AUDIENCE`.
pub(crate) fn step(world: &mut World, words: &str) {
    let words: Vec<&str> = words.split(' ').collect();
    let [owner, name, bytes, whom] = words[..] else {
        panic!("no such upload: {words:?}");
    };
    let number = world.memory.files.last as u8 + 1;
    let file = (number, name, bytes.parse().unwrap());
    // Whatever came of it is told by who looks at what was answered.
    let _ = upload_named(world, owner, file, audience(whom));
}

/// What came of something that was asked by HTTP, in a few words.
pub(crate) fn told(result: &Result<Done, Undone>) -> String {
    match result {
        Ok(Done::File(report)) => format!("#{} {}", report.file.id.0, report.file.name),
        Ok(Done::Coming(coming)) => {
            let line = |upload: &Coming| format!("{} {}", upload.number, upload.name);
            let lines: Vec<String> = coming.iter().map(line).collect();
            format!("under way: {}", lines.join(", "))
        }
        Ok(Done::Permitted(permit)) => format!("{} bytes may come", permit.bytes),
        Ok(done) => format!("{done:?}"),
        Err(undone) => format!("{:?}: {}", undone.fault, undone.text),
    }
}

/// What those who run the server are told of files, in a few words.
pub(crate) fn reported(report: &Report) -> Option<String> {
    let line = |report: &FileReport| {
        let FileReport { file, owner, .. } = report;
        let (id, name, size) = (file.id.0, &file.name, file.size);
        let shown = report
            .room
            .as_deref()
            .unwrap_or_else(|| file.visibility.name());
        let (owner, to) = (owner.as_deref().unwrap_or("*"), report.granted.join(","));
        let aside = if file.aside.is_some() { " aside" } else { "" };
        format!("#{id} {name} {size} {owner} {shown} [{to}]{aside}")
    };
    Some(match report {
        Report::Files { files, .. } if files.is_empty() => "no files".to_owned(),
        Report::Files { files, .. } => files.iter().map(line).collect::<Vec<_>>().join("\n"),
        Report::File(report) => line(report),
        Report::Quota {
            account,
            usage,
            own,
        } => {
            let (files, bytes, max) = (usage.files, usage.bytes, usage.bytes_max);
            format!("{account}: {files} files, {bytes} of {max} bytes, own: {own}")
        }
        _ => return None,
    })
}

/// All that may come by a permit has come. What comes by some of them is the same.
pub(crate) fn whole(permit: &Permit) -> Input {
    Input::Arrived {
        ticket: None,
        permit: permit.key,
        arrived: Arrived::Whole {
            key: FileKey::of(permit.key),
            media_type: "text/plain".into(),
            size: permit.bytes.min(1000),
            sha256: Digest([permit.key.0[0] % 7; 32]),
            says_beside: false,
            verdict: None,
        },
        from: Some(FROM),
        language: Language::En,
    }
}
