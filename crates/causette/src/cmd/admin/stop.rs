//! `causette admin stop`: tells the server to stop, and waits for its end.

use super::super::{data_dir, done, say, unheard};
use super::order;
use anyhow::{Context as _, anyhow, bail};
use causette_server::admin::{Reply, Stop, Unanswered, Verb, span};
use causette_server::wait_until_free;
use causette_text::{Language, text_with};
use clap::ArgMatches;
use std::time::Duration;

/// How long a stop may take: under a second, and the time of a slow disk.
const END_PATIENCE: Duration = Duration::from_secs(30);

/// Waits for the end: what comes next may be another server on the same folder, or its files. The server says last whether its
/// stop is recorded; one that was killed meanwhile says nothing, which is no success. One that was stopping already says it to
/// others, so that only its end is told.
pub(super) fn run(verb: &Verb, matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let request = order::request(verb, matches).answered_in(language);
    let ahead = matches
        .get_one::<String>("in")
        .and_then(|ahead| span::seconds(ahead));
    let patience = END_PATIENCE + Duration::from_secs(ahead.unwrap_or(0));
    let data_dir = data_dir(matches, language)?;
    let folder = data_dir.display().to_string();
    let told = causette_server::admin::stop(&data_dir, &request, END_PATIENCE);
    let (reply, farewell) = match told.map_err(|error| unheard(&error, &data_dir, language))? {
        Stop::Answered(reply, farewell) => (reply, farewell),
        Stop::Ended => return say(&text_with(language, "cli-ended", &[("folder", &folder)])),
    };
    order::say_reply(reply, matches.get_flag("json"), language)?;
    farewell.wait_for(patience);
    let heard = farewell.hear();
    if let Ok(Reply {
        kind: Some(_),
        text,
        ..
    }) = &heard
    {
        // It was called off: the server goes on.
        bail!(text.clone());
    }
    let is_late = matches!(heard, Err(Unanswered::Late));
    if is_late || !wait_until_free(&data_dir, END_PATIENCE).with_context(|| folder.clone())? {
        bail!(text_with(language, "cli-not-ended", &[("folder", &folder)]));
    }
    let killed = |unanswered: Unanswered| anyhow!(unanswered.message(&data_dir, language));
    done(heard.map_err(killed)?).map(drop)
}
