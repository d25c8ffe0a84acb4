//! What those who run the server ask for about everybody's files.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{File, size};
use crate::files::{aside, list, quota, remove};
use crate::order::Order;
use crate::report::Report;
use crate::right::Act;
use crate::turn::{Mark, Turn};
use causette_text::text_with;

/// Does what is asked for; says what came of it, and by which fact, where there is one. Other orders are not for here.
pub(super) fn obey(
    turn: &mut Turn<'_>,
    actor: &Actor,
    order: Order,
) -> Result<(Report, Option<Mark>), Denied> {
    Ok(match order {
        Order::ListFiles(search) => {
            let list::Page { files, more } = list::search(turn, actor, &search)?;
            (Report::Files { files, more }, None)
        }
        Order::ShowFile { file } => {
            actor.must(turn.state, Act::RuleFiles)?;
            let report = list::show(turn, actor, &file)?;
            (Report::File(Box::new(report)), None)
        }
        Order::RemoveFile { file, reason } => {
            actor.must(turn.state, Act::RuleFiles)?;
            let (file, mark) = remove::remove(turn, actor, &file, &reason)?;
            (done(turn, "fileserv-deleted", &file), Some(mark))
        }
        Order::PutFileAside {
            file,
            aside,
            reason,
        } => {
            let (file, mark) = aside::put(turn, actor, &file, aside, &reason)?;
            let key = match aside {
                true => "fileserv-put-aside",
                false => "fileserv-released",
            };
            (done(turn, key, &file), Some(mark))
        }
        Order::ShowQuota { account } => {
            let quota = quota::show(turn, actor, &account)?;
            let report = Report::Quota {
                account: quota.account.as_str().into(),
                usage: quota.usage,
                own: quota.own,
            };
            (report, None)
        }
        Order::SetQuota {
            account,
            bytes,
            reason,
        } => {
            let (quota, mark) = quota::set(turn, actor, &account, bytes, &reason)?;
            let max = size(quota.usage.bytes_max);
            let variables = [("account", quota.account.as_str()), ("max", max.as_str())];
            let text = text_with(turn.language, "file-quota-is", &variables);
            (Report::Done(text), Some(mark))
        }
        _ => return Err(Denied::new(Why::Unavailable, "unavailable", &[])),
    })
}

fn done(turn: &Turn<'_>, key: &str, file: &File) -> Report {
    let id = file.id.0.to_string();
    let variables = [("id", id.as_str()), ("name", file.name.as_str())];
    Report::Done(text_with(turn.language, key, &variables))
}
