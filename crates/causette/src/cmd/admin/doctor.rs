//! `causette admin doctor`: what is wrong with the server and around it, and what to do; where it does not run, what is there
//! without it.

use super::super::{data_dir, say, unheard, written};
use super::order::say_reply;
use causette_client::exit::{Exit, Trouble};
use causette_server::admin::{Reply, Request, Unanswered, ask};
use causette_server::doctor::{self, Finding};
use causette_text::Language;
use clap::ArgMatches;

pub(super) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let as_json = matches.get_flag("json");
    let reply = match data_dir(matches, language) {
        // Where the server is, is not known.
        Err(unusable) => told(&doctor::unreadable(unusable.reasons()), language),
        Ok(data_dir) => match ask(&data_dir, &Request::new("doctor").answered_in(language)) {
            Ok(reply) => reply,
            Err(Unanswered::Absent) => told(&without_server(matches, language), language),
            Err(unanswered) => return Err(unheard(&unanswered, &data_dir, language)),
        },
    };
    if !reply.ok {
        return say_reply(reply, as_json, language);
    }
    let is_well = reply.data.as_ref().is_some_and(|data| data["well"] == true);
    match as_json {
        true => say(&serde_json::to_string(&reply)?)?,
        false => say(&reply.text)?,
    }
    match is_well {
        true => Ok(()),
        // What is wrong was told.
        false => Err(Trouble::new(Exit::Failed, "").into()),
    }
}

fn without_server(matches: &ArgMatches, language: Language) -> Vec<Finding> {
    match written(matches, language) {
        Err(unusable) => doctor::unreadable(unusable.reasons()),
        Ok(mut config) => {
            // Who asks reads the answer, whatever language the server has.
            config.settings.language = language;
            doctor::examine_stopped(&config)
        }
    }
}

fn told(findings: &[Finding], language: Language) -> Reply {
    Reply {
        ok: true,
        text: doctor::lines(findings, language),
        entry: None,
        kind: None,
        data: Some(doctor::data(findings, language)),
    }
}
