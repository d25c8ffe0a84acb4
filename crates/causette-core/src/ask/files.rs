//! What is asked for of files by HTTP, in plain data.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::PermitKey;
use crate::files::fetch::{self, Visitor};
use crate::files::permit;
use crate::files::{coming, keep, list, remove, share};
use crate::input::{Credential, FileWish};
use crate::output::Done;
use crate::right::Scope;
use crate::state::waiting::WantedUpload;
use crate::turn::Turn;

/// Does what somebody asks for who has signed in for it.
pub(super) fn grant(
    turn: &mut Turn<'_>,
    actor: &Actor,
    exempt: bool,
    wish: FileWish,
) -> Result<Done, Denied> {
    if let Some(scopes) = actor.scopes(turn.state)
        && !scopes.has(Scope::Files)
    {
        let variables = [("scope", Scope::Files.name())];
        let key = "program-token-out-of-scope";
        return Err(Denied::new(Why::NoRight, key, &variables));
    }
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
            let permit = permit::give(turn, actor, permit, &wanted, (Some(from), exempt))?;
            Ok(Done::Permitted(Box::new(permit)))
        }
        FileWish::List(listing) => {
            let list::Page { files, more } = list::list(turn, actor, &listing)?;
            Ok(Done::Files { files, more })
        }
        FileWish::Show(file) => list::show(turn, actor, &file).map(told),
        FileWish::Fetch { file, from, looks } => {
            fetch::fetch(turn, &Visitor::Known(actor), file, from, looks).map(told)
        }
        FileWish::Send { file, to } => share::send(turn, actor, &file, &to).map(told),
        FileWish::TakeBack { file, from } => share::take_back(turn, actor, &file, &from).map(told),
        FileWish::Share { file, audience } => share::share(turn, actor, &file, &audience).map(told),
        FileWish::Remove { file, reason } => {
            remove::remove(turn, actor, &file, &reason).map(|_| Done::FileRemoved)
        }
        FileWish::Arrival(permit) => arrival(turn, Some(actor), permit),
        FileWish::Coming => coming::list(turn, actor).map(Done::Coming),
        FileWish::Cancel(wanted) => coming::cancel(turn, actor, &wanted).map(Done::Coming),
        FileWish::Usage => {
            let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
            let account = actor.account(turn.state).ok_or_else(needed)?;
            Ok(Done::Usage(permit::usage(turn, account)))
        }
    }
}

fn arrival(turn: &Turn<'_>, actor: Option<&Actor>, permit: PermitKey) -> Result<Done, Denied> {
    keep::arrived(turn, actor, permit).map(|report| Done::File(Box::new(report)))
}

/// Does what somebody asks for of whom nothing is known but an address: that opens a file, or tells what became of an upload, and nothing else.
pub(super) fn open(
    turn: &mut Turn<'_>,
    credential: &Credential,
    wish: &FileWish,
) -> Result<Done, Denied> {
    let (file, from, looks) = match wish {
        FileWish::Fetch { file, from, looks } => (file, from, looks),
        FileWish::Arrival(permit) => return arrival(turn, None, *permit),
        _ => return Err(Denied::new(Why::SignInFirst, "file-account-needed", &[])),
    };
    let visitor = match credential {
        Credential::Address(token) => Visitor::ByAddress(token),
        _ => Visitor::Unknown,
    };
    let report = fetch::fetch(turn, &visitor, *file, *from, *looks)?;
    Ok(Done::File(Box::new(report)))
}
