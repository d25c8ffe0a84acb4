//! Who may do what with which file, as one table without an empty cell: `tests/files.txt`, which `UPDATE_EXPECT=1` rewrites.

use super::*;
use crate::world::World;
use causette_core::file::{ComingRef, Listing};
use causette_core::order::Order;
use std::fmt::Write;
use std::path::Path;

/// Who asks: whose it is, who is in the room, to whom it was sent, who has an account, a guest, who comes by HTTP without a name, a moderator, an
/// administrator.
const PEOPLE: [&str; 8] = [
    "owner", "reader", "sent", "stranger", "guest", "nobody", "keeper", "ruler",
];

const VISIBILITIES: [&str; 4] = ["public", "#tea", "link", "private"];

/// What is asked for. By HTTP with the password but for what those who run the server do, who ask by IRC; a guest asks by IRC, and nobody
/// is who comes by HTTP without a name.
const OPERATIONS: [&str; 14] = [
    "list",
    "info by number",
    "info by address",
    "fetch",
    "fetch by own signed address",
    "send",
    "show to others",
    "take back",
    "delete",
    "put aside",
    "fetch when put aside",
    "by signed address when put aside",
    "list what is under way",
    "cancel what is under way",
];

fn stage(visibility: &str) -> World {
    let mut settings = settings();
    settings.accounts_required = false;
    let mut world = World::new(settings);
    for name in ["owner", "reader", "sent", "stranger", "keeper", "ruler"] {
        world.place += 1;
        world.arrive(name, "");
    }
    world.place += 1;
    world.greet("guest");
    for name in ["owner", "reader"] {
        world.say_all(name, "JOIN #tea");
    }
    for (account, role) in [("keeper", Role::Moderator), ("ruler", Role::Admin)] {
        world.obey(Order::GiveRole {
            account: account.into(),
            role,
            reason: "trusted".into(),
        });
    }
    upload_named(&mut world, "owner", (1, "tea.txt", 3), audience(visibility)).unwrap();
    world.say_all("owner", "FS SEND sent 1");
    world
}

/// What somebody is told by FileServ, in a word.
fn by_irc(world: &mut World, who: &str, line: &str) -> String {
    let told = world.say_all(who, line);
    let word = match told.as_str() {
        told if told.contains("Sign in") || told.contains("sign in") => "sign in",
        told if told.contains("There is no file")
            || told.contains("There are no such")
            || told.contains("upload of yours") =>
        {
            "unknown"
        }
        told if told.contains("not yours") || told.contains("role") => "refused",
        told if told.contains("put aside") && line.starts_with("FS GET") => "put aside",
        told if told.contains("reason") && told.contains("Give") => "needs a reason",
        _ => "yes",
    };
    word.to_owned()
}

fn by_http(world: &mut World, who: &str, wish: FileWish) -> String {
    let by = match who {
        "nobody" => By::Nobody,
        who => By::Account(who),
    };
    match ask(world, by, wish) {
        Ok(Done::Files { files, .. }) if files.is_empty() => "unknown".to_owned(),
        Ok(Done::Coming(coming)) if coming.is_empty() => "unknown".to_owned(),
        Ok(_) => "yes".to_owned(),
        Err(undone) => match undone.fault {
            Fault::NotFound => "unknown".to_owned(),
            Fault::Forbidden => "refused".to_owned(),
            Fault::Refused => "sign in".to_owned(),
            fault => format!("{fault:?}"),
        },
    }
}

/// Comes by the address that FileServ gives somebody who asks for one.
fn by_signed(world: &mut World, who: &str, aside: bool) -> String {
    world.clear();
    world.say_all(who, "FS GET 1");
    let lines = &world.inboxes[&world.names[who]];
    let mut words = lines.iter().flat_map(|line| line.split(' '));
    let Some(address) = words.find(|word| word.contains("?t=")) else {
        return "no address".to_owned();
    };
    let address = address.trim_start_matches(':').to_owned();
    if aside {
        world.say_all("ruler", "FS QUARANTINE 1 why");
    }
    match open(world, &address) {
        Ok(_) => "yes".to_owned(),
        Err(undone) if undone.fault == Fault::NotFound => "unknown".to_owned(),
        Err(undone) => format!("{:?}", undone.fault),
    }
}

fn cell(visibility: &str, operation: &str, who: &str) -> String {
    let mut world = stage(visibility);
    let by_number = || FileRef::Id(FileId(1));
    let key = FileKey([1; 16]);
    let fetch = FileWish::Fetch {
        file: key,
        from: FROM,
        looks: false,
    };
    let by_irc_alone = who == "guest";
    let wish = match operation {
        "list" if by_irc_alone => return by_irc(&mut world, who, "FS LIST"),
        "list" => {
            let which = match visibility {
                "#tea" => Listed::Room("#tea".into()),
                _ => Listed::Public,
            };
            FileWish::List(Listing {
                which,
                pattern: "".into(),
                before: None,
                count: 9,
            })
        }
        "info by number" if by_irc_alone => return by_irc(&mut world, who, "FS INFO 1"),
        "info by number" => FileWish::Show(by_number()),
        // No word of FileServ takes an address; whoever has none comes by HTTP as nobody does.
        "info by address" if by_irc_alone => {
            return by_http(&mut world, "nobody", FileWish::Show(FileRef::Key(key)));
        }
        "info by address" => FileWish::Show(FileRef::Key(key)),
        "fetch" if by_irc_alone => return by_http(&mut world, "nobody", fetch),
        "fetch" => fetch,
        "fetch by own signed address" if who == "nobody" => return "no address".to_owned(),
        "fetch by own signed address" => return by_signed(&mut world, who, false),
        "by signed address when put aside" if who == "nobody" => return "no address".to_owned(),
        "by signed address when put aside" => return by_signed(&mut world, who, true),
        "fetch when put aside" => {
            world.say_all("ruler", "FS QUARANTINE 1 why");
            match who {
                "guest" => return by_http(&mut world, "nobody", fetch),
                _ => fetch,
            }
        }
        "send" if by_irc_alone => return by_irc(&mut world, who, "FS SEND stranger 1"),
        "send" => FileWish::Send {
            file: by_number(),
            to: "stranger".into(),
        },
        "show to others" => {
            let other = if visibility == "private" {
                "link"
            } else {
                "private"
            };
            if by_irc_alone {
                return by_irc(&mut world, who, &format!("FS SHARE 1 {other}"));
            }
            FileWish::Share {
                file: by_number(),
                audience: audience(other),
            }
        }
        "take back" if by_irc_alone => return by_irc(&mut world, who, "FS REVOKE 1 sent"),
        "take back" => FileWish::TakeBack {
            file: by_number(),
            from: "sent".into(),
        },
        "delete" if by_irc_alone => return by_irc(&mut world, who, "FS DELETE 1 why"),
        "delete" => FileWish::Remove {
            file: by_number(),
            reason: "why".into(),
        },
        "put aside" if who == "nobody" => return "sign in".to_owned(),
        "put aside" => return by_irc(&mut world, who, "FS QUARANTINE 1 why"),
        "list what is under way" | "cancel what is under way" => {
            let wanted = wanted(2, "cups.txt", 3, audience(visibility));
            ask(&mut world, By::Account("owner"), wanted).unwrap();
            let lists = operation.starts_with("list");
            match (who, lists) {
                ("guest", true) => return by_irc(&mut world, who, "FS QUOTA"),
                ("guest", false) => return by_irc(&mut world, who, "FS CANCEL 2"),
                (_, true) => FileWish::Coming,
                (_, false) => FileWish::Cancel(ComingRef::Number(2)),
            }
        }
        other => panic!("no such operation: {other}"),
    };
    by_http(&mut world, who, wish)
}

#[test]
fn who_may_do_what_with_which_file_is_as_the_table_says() {
    let mut table = String::from(
        "# What becomes of what somebody asks about a file: whom it is for and what they ask, then who asks. It was sent to `sent` besides; a keeper is\n\
         # a moderator and a ruler an administrator. `unknown` is also the answer for a file that there is not.\n",
    );
    for visibility in VISIBILITIES {
        for operation in OPERATIONS {
            let _ = writeln!(table, "\n{visibility}: {operation}");
            for who in PEOPLE {
                let cell = cell(visibility, operation, who);
                assert!(!cell.is_empty(), "{visibility}, {operation}, {who}");
                let _ = writeln!(table, "    {who:<10} {cell}");
            }
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == table,
        "the table differs; UPDATE_EXPECT=1 writes what is seen now"
    );
}
