//! `tail`: what was said, and what is being said.

use super::json::print_entry;
use super::{Form, check_failure, check_refusal, wait_for};
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::command::Command;
use crate::core::entry::{EntryId, What};
use crate::core::input::{Intent, Since};
use crate::core::output::{Output, Page};
use crate::core::wording::one_line;
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::lines::print;
use causette_proto::{CompactString, Timestamp};

/// What `tail` shows.
#[derive(Clone, Debug)]
pub struct Tail {
    /// The conversations; none are all.
    pub targets: Vec<CompactString>,
    /// From where on.
    pub since: Since,
    /// Whether it goes on with what is said from now on.
    pub follows: bool,
    /// Whether coming, going and changes are shown too.
    pub events: bool,
    /// In which form.
    pub form: Form,
}

/// Prints what was said, and what is being said.
///
/// # Errors
/// A conversation may not be read, or the network fails.
pub async fn tail(mut driver: Driver, before: Vec<Output>, tail: Tail) -> Result<Exit, Trouble> {
    let mut targets = tail.targets.clone();
    if targets.is_empty() {
        // The channels that the server opens by itself; entering them comes behind the greeting, and before this answer.
        let here = driver.client().current().id;
        let mut outputs = before;
        outputs.extend(driver.intend(Intent::Command(
            here,
            Command::Who(Some(driver.client().nick().into())),
        )));
        wait_for(&mut driver, outputs, |_, output| {
            matches!(output, Output::People(_) | Output::Refused(..)).then_some(Ok(()))
        })
        .await?;
        targets = driver
            .client()
            .buffers()
            .iter()
            .skip(1)
            .map(|buffer| buffer.name.clone())
            .collect();
    }
    for target in &targets {
        match &tail.since {
            Since::Newest(count) | Since::Before(_, count) => {
                newest(&mut driver, target, *count, &tail).await?
            }
            Since::Moment(..) | Since::Msgid(..) => onwards(&mut driver, target, &tail).await?,
        }
    }
    if !tail.follows {
        driver.leave().await;
        return Ok(Exit::Done);
    }
    let wanted = |driver: &Driver, id: BufferId| {
        let client = driver.client();
        tail.targets.is_empty()
            || tail
                .targets
                .iter()
                .any(|target| client.find(target) == Some(id))
    };
    loop {
        let outputs = tokio::select! {
            outputs = driver.next() => outputs,
            _ = tokio::signal::ctrl_c() => {
                driver.leave().await;
                return Ok(Exit::Interrupted);
            }
        };
        for output in outputs {
            check_refusal(&output)?;
            match output {
                Output::Added(buffer, entry) if wanted(&driver, buffer) => {
                    show(&driver, buffer, entry, &tail)?;
                }
                // What was missed while the connection was away.
                Output::Loaded {
                    buffer,
                    entries,
                    page: Page::Missed,
                } if wanted(&driver, buffer) => {
                    for entry in entries {
                        show(&driver, buffer, entry, &tail)?;
                    }
                }
                _ => {}
            }
        }
        check_failure(&driver)?;
    }
}

/// Asks for a page and gives its new entries.
async fn page(
    driver: &mut Driver,
    target: &CompactString,
    since: Since,
) -> Result<(BufferId, Vec<EntryId>), Trouble> {
    let outputs = driver.intend(Intent::Read(target.clone(), since));
    wait_for(driver, outputs, |_, output| match output {
        Output::Loaded {
            buffer,
            entries,
            page: Page::Asked,
        } => Some(Ok((buffer, entries))),
        Output::Refused(_, text) => Some(Err(Trouble::new(Exit::NotFound, text))),
        _ => None,
    })
    .await
}

/// The msgid of the first or the last of some entries that have one.
fn msgid_of<'a>(
    driver: &Driver,
    buffer: BufferId,
    mut entries: impl Iterator<Item = &'a EntryId>,
) -> Option<CompactString> {
    let timeline = &driver.client().buffer(buffer)?.timeline;
    entries.find_map(|&entry| timeline.get(entry)?.msgid.clone())
}

/// The newest so many, read page by page backwards and shown in their order.
async fn newest(
    driver: &mut Driver,
    target: &CompactString,
    count: usize,
    tail: &Tail,
) -> Result<(), Trouble> {
    let (buffer, mut entries) = page(driver, target, Since::Newest(count)).await?;
    let mut oldest = msgid_of(driver, buffer, entries.iter());
    while entries.len() < count
        && let Some(msgid) = oldest.take()
    {
        let (_, mut before) =
            page(driver, target, Since::Before(msgid, count - entries.len())).await?;
        oldest = msgid_of(driver, buffer, before.iter());
        before.append(&mut entries);
        entries = before;
    }
    for entry in entries {
        show(driver, buffer, entry, tail)?;
    }
    Ok(())
}

/// All from a place on, page by page.
async fn onwards(driver: &mut Driver, target: &CompactString, tail: &Tail) -> Result<(), Trouble> {
    let mut since = tail.since.clone();
    let mut left = match since {
        Since::Moment(_, count) | Since::Msgid(_, count) => count,
        Since::Newest(_) | Since::Before(..) => return Ok(()),
    };
    loop {
        let (buffer, entries) = page(driver, target, since).await?;
        for &entry in &entries {
            show(driver, buffer, entry, tail)?;
        }
        left = left.saturating_sub(entries.len());
        match msgid_of(driver, buffer, entries.iter().rev()) {
            Some(msgid) if left > 0 => since = Since::Msgid(msgid, left),
            _ => return Ok(()),
        }
    }
}

fn show(driver: &Driver, buffer: BufferId, entry: EntryId, tail: &Tail) -> Result<(), Trouble> {
    let Some(buffer) = driver
        .client()
        .buffer(buffer)
        .filter(|buffer| buffer.kind != BufferKind::Server)
    else {
        return Ok(());
    };
    let Some(entry) = buffer.timeline.get(entry) else {
        return Ok(());
    };
    let is_event = matches!(entry.what, What::Presence { .. } | What::Change { .. });
    if entry.said().is_none() && !(tail.events && is_event) {
        return Ok(());
    }
    match tail.form {
        Form::Text => print(&format!(
            "{} {}",
            buffer.name,
            one_line(entry, driver.locale())
        )),
        Form::Json => print_entry(driver, &buffer.name, entry),
    }
}

/// Reads `90s`, `15m`, `1h`, `7d` before now, a moment like `2026-11-22T14:00:00Z` or `2026-11-22`, or else a msgid.
pub fn since(text: &str, count: usize) -> Since {
    let unit = |unit: char| match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    };
    let ago = text.char_indices().next_back().and_then(|(index, last)| {
        let number = i64::from(text[..index].parse::<u32>().ok()?);
        number.checked_mul(unit(last)?)
    });
    if let Some(seconds) = ago {
        return Since::Moment(crate::driver::now().plus_seconds(-seconds), count);
    }
    match Timestamp::parse(text).or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z"))) {
        Some(time) => Since::Moment(time, count),
        None => Since::Msgid(text.into(), count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_three_ways() {
        let day = Timestamp::parse("2026-11-22T00:00:00Z").unwrap_or_default();
        assert_eq!(since("2026-11-22", 5), Since::Moment(day, 5));
        assert_eq!(since("2026-11-22T00:00:00Z", 5), Since::Moment(day, 5));
        assert!(matches!(since("1h", 5), Since::Moment(time, 5) if time > day));
        assert_eq!(
            since("06dqdpn81w0000000w000003", 5),
            Since::Msgid("06dqdpn81w0000000w000003".into(), 5)
        );
        assert_eq!(since("é", 5), Since::Msgid("é".into(), 5));
    }
}
