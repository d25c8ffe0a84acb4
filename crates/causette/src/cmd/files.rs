//! The verbs that carry files: `upload`, `download`, `files`.

use super::client::{self, Use, block_on, enter, server_option, with_server};
use super::help::{option, verb, word};
use causette_client::core::transfer::{Audience, Which};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::Form;
use causette_client::face::verb::carry::{self, Download, Upload};
use causette_client::lines::Lines;
use causette_text::{Language, text_with};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command};

const VERBS: [&str; 3] = ["upload", "download", "files"];

pub(crate) fn knows(verb: &str) -> bool {
    VERBS.contains(&verb)
}

pub(crate) fn commands(language: Language) -> Vec<Command> {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let valued = |name: &'static str, value: &str| {
        Arg::new(name).long(name).value_name(word(language, value))
    };
    let json = || option(language, flag("json"), "cli-json-events");
    let of_server = |name: &'static str, about: &str| {
        with_server(
            language,
            verb(language, name, about).arg(server_option(language)),
        )
    };
    let file = || {
        Arg::new("file")
            .value_name(word(language, "cli-value-file"))
            .required(true)
    };
    let audience = ArgGroup::new("audience").args(["to", "room", "public", "link", "private"]);
    vec![
        of_server("upload", "cli-upload")
            .arg(option(language, file().num_args(1..), "cli-upload-file"))
            .arg(option(
                language,
                valued("to", "cli-value-nick"),
                "cli-upload-to",
            ))
            .arg(option(
                language,
                valued("room", "cli-value-room"),
                "cli-upload-room",
            ))
            .arg(option(language, flag("public"), "cli-upload-public"))
            .arg(option(language, flag("link"), "cli-upload-link"))
            .arg(option(language, flag("private"), "cli-upload-private"))
            .arg(option(
                language,
                valued("name", "cli-value-name"),
                "cli-upload-name",
            ))
            .arg(json())
            .group(audience),
        of_server("download", "cli-download")
            .arg(option(language, file(), "cli-download-file"))
            .arg(option(
                language,
                valued("output", "cli-value-file").short('o'),
                "cli-download-output",
            ))
            .arg(json()),
        of_server("files", "cli-files")
            .arg(option(
                language,
                valued("which", "cli-value-which"),
                "cli-files-which",
            ))
            .arg(option(language, flag("json"), "cli-json")),
    ]
}

pub(crate) fn run(verb: &str, matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let way = client::way(matches, language)?;
    let form = if matches.get_flag("json") {
        Form::Json
    } else {
        Form::Text
    };
    let misused = |key: &str, variables: &[(&str, &str)]| {
        Trouble::new(Exit::Usage, text_with(language, key, variables))
    };
    // What is written as it must not be is told before anybody is asked anything.
    let wish = match verb {
        "upload" => {
            let upload = upload_of(matches, form);
            let is_one = upload.files.len() == 1;
            let reads_input = upload.files.iter().any(|file| file == "-");
            if (upload.name.is_some() || reads_input) && !is_one {
                return Err(misused("client-upload-one", &[]));
            }
            if reads_input && upload.name.is_none() {
                return Err(misused("client-upload-name", &[]));
            }
            Wish::Upload(upload)
        }
        "download" => {
            let output = matches.get_one::<String>("output").cloned();
            if output.as_deref() == Some("-") && form == Form::Json {
                return Err(misused("client-download-both", &[]));
            }
            Wish::Download(Download {
                wanted: given(matches, "file"),
                output,
                form,
            })
        }
        _ => {
            let named = matches.get_one::<String>("which");
            let which = match named {
                None => Which::Seen(Vec::new()),
                Some(word) => Which::parse(word)
                    .ok_or_else(|| misused("client-bad-which", &[("which", word)]))?,
            };
            Wish::Files(which)
        }
    };
    block_on(async {
        let come_in = async {
            let mut lines = Lines::standard();
            let address = client::address(matches, language, &mut lines).await?;
            let mut driver = client::driver(address, matches, language, Use::Once)?;
            enter(&mut driver, &mut lines, way).await?;
            Ok::<_, Trouble>(driver)
        };
        let driver = tokio::select! {
            driver = come_in => driver?,
            _ = tokio::signal::ctrl_c() => return Err(Trouble::new(Exit::Interrupted, "")),
        };
        // From here on they hear Ctrl+C themselves, and leave what goes on the next time.
        match wish {
            Wish::Upload(upload) => Box::pin(carry::upload(driver, upload)).await,
            Wish::Download(download) => Box::pin(carry::download(driver, download)).await,
            Wish::Files(which) => tokio::select! {
                listed = carry::files(driver, which, form) => listed,
                _ = tokio::signal::ctrl_c() => Err(Trouble::new(Exit::Interrupted, "")),
            },
        }
    })
}

/// What is wanted.
enum Wish {
    Upload(Upload),
    Download(Download),
    Files(Which),
}

fn given(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}

fn upload_of(matches: &ArgMatches, form: Form) -> Upload {
    let named = |name: &str| matches.get_one::<String>(name);
    let audience = match (named("to"), named("room")) {
        (Some(nick), _) => Audience::To(nick.into()),
        (None, Some(room)) => Audience::Room(room.into()),
        _ if matches.get_flag("public") => Audience::Public,
        _ if matches.get_flag("link") => Audience::Link,
        // Where nothing is said, nobody else sees it.
        _ => Audience::Private,
    };
    let files = matches.get_many::<String>("file").into_iter().flatten();
    Upload {
        files: files.cloned().collect(),
        name: named("name").cloned(),
        audience,
        form,
    }
}
