//! What is asked for of files by HTTP, in plain data.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::files::fetch::{self, Visitor};
use crate::files::permit;
use crate::files::{list, remove, share};
use crate::input::{Credential, FileWish};
use crate::output::Done;
use crate::state::waiting::WantedUpload;
use crate::turn::Turn;

/// Does what somebody asks for who has signed in for it.
pub(super) fn grant(turn: &mut Turn<'_>, actor: &Actor, wish: FileWish) -> Result<Done, Denied> {
    let told = |report| Done::File(Box::new(report));
    match wish {
        FileWish::Upload {
            permit,
            name,
            bytes,
            audience,
            from,
        } => {
            let wanted = WantedUpload {
                name,
                bytes,
                audience,
            };
            let permit = permit::give(turn, actor, permit, &wanted, Some(from))?;
            Ok(Done::Permitted(Box::new(permit)))
        }
        FileWish::List(listing) => {
            let list::Page { files, more } = list::list(turn.state, actor, &listing)?;
            Ok(Done::Files { files, more })
        }
        FileWish::Show(file) => list::show(turn.state, actor, &file).map(told),
        FileWish::Fetch { file, from, looks } => {
            fetch::fetch(turn, &Visitor::Known(actor), file, from, looks).map(told)
        }
        FileWish::Send { file, to } => share::send(turn, actor, &file, &to).map(told),
        FileWish::TakeBack { file, from } => share::take_back(turn, actor, &file, &from).map(told),
        FileWish::Share { file, audience } => share::share(turn, actor, &file, &audience).map(told),
        FileWish::Remove { file, reason } => {
            remove::remove(turn, actor, &file, &reason).map(|_| Done::FileRemoved)
        }
        FileWish::Arrival(_) => Err(Denied::new(Why::NoSuchUpload, "file-no-upload", &[])),
        FileWish::Usage => {
            let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
            let account = actor.account(turn.state).ok_or_else(needed)?;
            Ok(Done::Usage(permit::usage(turn, account)))
        }
    }
}

/// Does what somebody asks for of whom nothing is known but an address: that opens a file, and nothing else.
pub(super) fn open(
    turn: &mut Turn<'_>,
    credential: &Credential,
    wish: &FileWish,
) -> Result<Done, Denied> {
    let FileWish::Fetch { file, from, looks } = wish else {
        return Err(Denied::new(Why::SignInFirst, "file-account-needed", &[]));
    };
    let visitor = match credential {
        Credential::Address(account) => Visitor::ByAddressOf(*account),
        _ => Visitor::Unknown,
    };
    let report = fetch::fetch(turn, &visitor, *file, *from, *looks)?;
    Ok(Done::File(Box::new(report)))
}
