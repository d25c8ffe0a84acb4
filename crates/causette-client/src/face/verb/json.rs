//! What scripts read: one JSON object on a line.

use crate::core::entry::{Entry, Manner, What};
use crate::core::locale::Locale;
use crate::core::wording::{sentence, text_of};
use crate::exit::Trouble;
use crate::lines::print;
use serde::Serialize;

/// A message as scripts read it. Fields are only ever added; what means something else gets another `v`.
#[derive(Serialize)]
pub(super) struct MessageLine<'a> {
    pub(super) v: u32,
    pub(super) r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) time: String,
    pub(super) server: &'a str,
    pub(super) target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<&'a str>,
    pub(super) text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<&'a str>,
    /// The number of the file that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<u64>,
}

pub(super) fn print_json(value: &impl Serialize) -> Result<(), Trouble> {
    let line = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    print(&line)
}

pub(super) fn print_entry(
    server: &str,
    locale: &Locale,
    target: &str,
    entry: &Entry,
) -> Result<(), Trouble> {
    let said = entry.said();
    let text = match (said, &entry.what) {
        // A program fetches it by the address that is in it.
        (Some(said), _) if said.file.is_some() => said.text.clone(),
        (Some(said), _) => text_of(said, locale),
        (None, What::Alert { text, .. }) => text.clone(),
        (None, _) => sentence(&entry.what, locale).unwrap_or_default(),
    };
    let kind = match (&entry.what, said.map(|said| said.manner)) {
        (_, Some(Manner::Message)) => "message",
        (_, Some(Manner::Notice)) => "notice",
        (_, Some(Manner::Action)) => "action",
        (What::Presence { .. }, _) => "presence",
        (What::Alert { .. }, _) => "alert",
        _ => "change",
    };
    print_json(&MessageLine {
        v: 1,
        r#type: kind,
        id: entry.msgid.as_deref(),
        time: entry.time.to_string(),
        server,
        target,
        from: match &entry.what {
            What::Said(said) => Some(&said.from),
            What::Alert { from, .. } => from.as_deref(),
            _ => None,
        },
        account: said.and_then(|said| said.account.as_deref()),
        text: &text,
        reply_to: said.and_then(|said| said.reply_to.as_deref()),
        file: said.and_then(|said| Some(said.file.as_ref()?.number)),
    })
}

#[derive(Serialize)]
pub(super) struct PersonLine<'a> {
    pub(super) v: u32,
    pub(super) r#type: &'static str,
    pub(super) nick: &'a str,
    pub(super) away: bool,
}

#[derive(Serialize)]
pub(super) struct WhoamiLine<'a> {
    pub(super) v: u32,
    pub(super) r#type: &'static str,
    pub(super) server: &'a str,
    pub(super) nick: &'a str,
    pub(super) account: Option<&'a str>,
}
