//! `causette upload`, `causette download` and `causette files`: one thing carried or listed, shown as it goes.

use super::json::print_json;
use super::{Form, wait_for};
use crate::core::command::Command;
use crate::core::input::Intent;
use crate::core::locale::Locale;
use crate::core::measure::size;
use crate::core::output::Output;
use crate::core::transfer::{
    Act, Audience, Fault, FileRow, Outcome, Setback, Source, Stage, Transfer, TransferId, Which,
};
use crate::driver::Driver;
use crate::exit::{Exit, Trouble};
use crate::face::bar::Bar;
use crate::lines::print;
use crate::transfer::fault::Halt;
use crate::transfer::job::{Shelf, Target};
use crate::transfer::listing::list;
use crate::transfer::porter::{Call, Habits, Porter, Told, Wanted};
use crate::transfer::site::{Kind, Site};
use causette_proto::CompactString;
use serde::Serialize;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The files; `-` is standard input.
    pub files: Vec<String>,
    /// What the one file is called, where not as it is here.
    pub name: Option<String>,
    /// For whom.
    pub audience: Audience,
    /// In which form it is told.
    pub form: Form,
}

/// What is fetched, and to where.
#[derive(Clone, Debug)]
pub struct Download {
    /// Its number, its name or its address.
    pub wanted: String,
    /// Where it is put; `-` is standard output, and nothing the folder in which one is.
    pub output: Option<String>,
    /// In which form it is told.
    pub form: Form,
}

/// Something that happens to a file, for scripts.
#[derive(Serialize)]
struct EventLine<'a> {
    v: u32,
    r#type: &'static str,
    name: &'a str,
    done: u64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pace: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds_left: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// A file that is there, for scripts.
#[derive(Serialize)]
struct FileLine<'a> {
    v: u32,
    r#type: &'static str,
    /// What the server says of it, in its own words.
    #[serde(rename = "file", skip_serializing_if = "Option::is_none")]
    row: Option<&'a FileRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved: Option<&'a str>,
}

/// Who carries for a verb, and shows how far it is.
struct Hands {
    porter: Porter,
    shelf: Shelf,
    locale: Locale,
    form: Form,
    bar: Bar,
    next: u32,
}

/// Leaves the conversation behind: what is carried needs its own connections only.
async fn hands(driver: Driver, form: Form) -> Result<(Hands, Site), Trouble> {
    let locale = driver.locale().clone();
    let Some(site) = driver.site() else {
        let key = if driver.client().account().is_none() {
            "client-files-sign-in"
        } else {
            "client-no-files"
        };
        let text = locale.text(key);
        driver.leave().await;
        return Err(Trouble::new(Exit::Refused, text));
    };
    let shelf = driver.shelf();
    driver.leave().await;
    let porter = Porter::hire(shelf.clone(), Habits::new(locale.clone(), true))?;
    let _heard = porter.call(Call::Site(Arc::new(site.clone())));
    let hands = Hands {
        bar: Bar::new(form == Form::Text),
        porter,
        shelf,
        locale,
        form,
        next: 0,
    };
    Ok((hands, site))
}

/// Sends files.
///
/// # Errors
/// None of them has arrived, or the person has interrupted it.
pub async fn upload(driver: Driver, upload: Upload) -> Result<Exit, Trouble> {
    let (mut hands, _) = hands(driver, upload.form).await?;
    let count = upload.files.len();
    let mut failed = Vec::new();
    for file in &upload.files {
        let id = hands.new_id();
        let is_input = file == "-";
        let source = if is_input {
            Source::Path(hands.spool(&id).await?.display().to_string())
        } else {
            Source::Path(file.clone())
        };
        let wanted = Wanted::Up {
            source,
            is_ours: is_input,
            name: upload.name.clone(),
            audience: upload.audience.clone(),
        };
        match hands.carry(id, wanted).await? {
            Ok(outcome) => hands.tell_sent(&outcome)?,
            Err(setback) => {
                if count > 1 {
                    let words = setback.about(file, &hands.locale);
                    let _ = writeln!(std::io::stderr(), "{words}");
                }
                failed.push(setback);
            }
        }
    }
    hands.porter.dismiss().await;
    match failed.pop() {
        None => Ok(Exit::Done),
        Some(_) if failed.len() + 1 < count => Ok(Exit::Partly),
        // Each was told already.
        Some(setback) if count > 1 => Err(Trouble::new(exit_of(setback.kind), "")),
        Some(setback) => Err(trouble_of(setback)),
    }
}

/// Fetches a file.
///
/// # Errors
/// It has not arrived, or the person has interrupted it.
pub async fn download(driver: Driver, download: Download) -> Result<Exit, Trouble> {
    let (mut hands, site) = hands(driver, download.form).await?;
    must_be_ours(&hands, &site)?;
    let target = match download.output.as_deref() {
        None => Target::Folder(std::env::current_dir()?),
        Some("-") => Target::Output,
        Some(path) => {
            let path = std::path::absolute(path)?;
            if path.is_dir() {
                Target::Folder(path)
            } else {
                Target::File(path)
            }
        }
    };
    let is_poured = target == Target::Output;
    let wanted = Wanted::Down {
        wanted: download.wanted,
        target,
    };
    let id = hands.new_id();
    let carried = hands.carry(id, wanted).await?;
    let outcome = carried.map_err(trouble_of)?;
    if !is_poured {
        hands.tell_fetched(&outcome)?;
    }
    hands.porter.dismiss().await;
    Ok(Exit::Done)
}

/// Lists the files that the person may see.
///
/// # Errors
/// The server does not tell.
pub async fn files(mut driver: Driver, which: Which, form: Form) -> Result<Exit, Trouble> {
    let which = match which {
        Which::Seen(_) => Which::Seen(rooms(&mut driver).await?),
        other => other,
    };
    let account = driver.client().account().map(str::to_owned);
    let (hands, site) = hands(driver, form).await?;
    must_be_ours(&hands, &site)?;
    let mut before = None;
    loop {
        let listed = list(&site, &which, before).await.map_err(Halt::setback);
        let listing = listed.map_err(trouble_of)?;
        for row in &listing.files {
            match form {
                Form::Text => print(&row.in_words(&hands.locale, account.as_deref()))?,
                Form::Json => print_json(&FileLine {
                    v: 1,
                    r#type: "file",
                    row: Some(row),
                    address: site.address_of_file(row).as_deref(),
                    saved: None,
                })?,
            }
        }
        before = listing.files.last().map(|row| row.id);
        if !listing.more || before.is_none() {
            hands.porter.dismiss().await;
            return Ok(Exit::Done);
        }
    }
}

/// The rooms in which the person is: those are told on arriving, before what is asked behind it is answered.
async fn rooms(driver: &mut Driver) -> Result<Vec<CompactString>, Trouble> {
    let here = driver.client().current().id;
    let me = driver.client().nick().into();
    let outputs = driver.intend(Intent::Command(here, Command::Who(Some(me))));
    wait_for(driver, outputs, |_, output| match output {
        Output::People(_) => Some(Ok(())),
        Output::Refused(_, text) => Some(Err(Trouble::new(Exit::Refused, text))),
        _ => None,
    })
    .await?;
    Ok(driver.client().rooms())
}

fn must_be_ours(hands: &Hands, site: &Site) -> Result<(), Trouble> {
    match site.kind {
        Kind::Causette => Ok(()),
        Kind::FileHost => Err(Trouble::new(
            Exit::Refused,
            hands.locale.text("client-no-files"),
        )),
    }
}

impl Hands {
    fn new_id(&mut self) -> TransferId {
        self.next += 1;
        let random = getrandom::u64().unwrap_or_default();
        format!("{random:016x}{}", self.next).into()
    }

    /// What comes by standard input, as a file: its length must be known before it is sent.
    async fn spool(&self, id: &str) -> Result<PathBuf, Trouble> {
        let (shelf, id) = (self.shelf.clone(), id.to_owned());
        let path = shelf.path(&id, "data");
        let copied = tokio::task::spawn_blocking(move || shelf.write_from(&id, std::io::stdin()));
        let copied = async { copied.await.map_err(anyhow::Error::from).flatten() };
        tokio::select! {
            copied = copied => {
                if copied.is_err() {
                    let _ = std::fs::remove_file(&path);
                }
                copied?;
            }
            _ = tokio::signal::ctrl_c() => {
                let _ = std::fs::remove_file(&path);
                return Err(Trouble::new(Exit::Interrupted, ""));
            }
        }
        Ok(path)
    }

    /// Has something carried, and shows how far it is until it is over.
    async fn carry(
        &mut self,
        id: TransferId,
        wanted: Wanted,
    ) -> Result<Result<Outcome, Setback>, Trouble> {
        let is_ours = matches!(wanted, Wanted::Up { is_ours: true, .. });
        let _heard = self.porter.call(Call::Carry(id.clone(), wanted));
        loop {
            let told = tokio::select! {
                told = self.porter.told() => told,
                _ = tokio::signal::ctrl_c() => return Err(self.interrupted(id, is_ours).await),
            };
            let Told::Transfer(transfer) = told else {
                continue;
            };
            if transfer.id != id {
                continue;
            }
            self.show(&transfer)?;
            match transfer.stage {
                Stage::Done(outcome) => return Ok(Ok(outcome)),
                Stage::Failed(setback) => return Ok(Err(setback)),
                _ => {}
            }
        }
    }

    /// What has arrived stays; what nobody could go on with is given up.
    async fn interrupted(&mut self, id: TransferId, is_ours: bool) -> Trouble {
        self.bar.clear();
        let key = if is_ours {
            let _heard = self.porter.call(Call::Act(id.clone(), Act::Cancel));
            "client-interrupted-input"
        } else {
            "client-interrupted"
        };
        self.porter.rest().await;
        Trouble::new(Exit::Interrupted, self.locale.text(key))
    }

    fn show(&mut self, transfer: &Transfer) -> Result<(), Trouble> {
        if self.form == Form::Text {
            self.bar.show(transfer, &self.locale);
            return Ok(());
        }
        let (kind, text) = match &transfer.stage {
            Stage::Moving => ("progress", None),
            Stage::Away(reason) => ("away", Some(reason.as_str())),
            Stage::Failed(setback) => ("failed", Some(setback.text.as_str())),
            _ => return Ok(()),
        };
        print_json(&EventLine {
            v: 1,
            r#type: kind,
            name: &transfer.name,
            done: transfer.done,
            size: transfer.size,
            pace: (transfer.pace > 0).then_some(transfer.pace),
            seconds_left: transfer.time_left().map(|left| left.as_secs()),
            text,
        })
    }

    /// The address of what has arrived, for pipes, and the rest for people.
    fn tell_sent(&mut self, outcome: &Outcome) -> Result<(), Trouble> {
        self.bar.clear();
        let row = outcome.file.as_deref();
        let address = outcome.address.as_deref();
        if self.form == Form::Json {
            return print_json(&FileLine {
                v: 1,
                r#type: "file",
                row,
                address,
                saved: None,
            });
        }
        if let Some(row) = row {
            let (number, size) = (row.id.to_string(), size(row.size, &self.locale));
            let variables = [
                ("name", row.name.as_str()),
                ("size", size.as_str()),
                ("number", number.as_str()),
            ];
            let words = self.locale.text_with("client-sent", &variables);
            let _ = writeln!(std::io::stderr(), "{words}");
        }
        print(address.unwrap_or_default())
    }

    fn tell_fetched(&mut self, outcome: &Outcome) -> Result<(), Trouble> {
        self.bar.clear();
        let path = outcome.path.as_deref();
        if self.form == Form::Json {
            return print_json(&FileLine {
                v: 1,
                r#type: "file",
                row: outcome.file.as_deref(),
                address: None,
                saved: path,
            });
        }
        if let Some(row) = &outcome.file {
            let size = size(row.size, &self.locale);
            let variables = [("name", row.name.as_str()), ("size", size.as_str())];
            let words = self.locale.text_with("client-fetched", &variables);
            let _ = writeln!(std::io::stderr(), "{words}");
        }
        print(path.unwrap_or_default())
    }
}

fn exit_of(kind: Fault) -> Exit {
    match kind {
        Fault::Network => Exit::Network,
        Fault::Trust => Exit::Trust,
        Fault::Credentials => Exit::Credentials,
        Fault::Refused => Exit::Refused,
        Fault::NotFound => Exit::NotFound,
        Fault::Usage => Exit::Usage,
        Fault::Here => Exit::Failed,
    }
}

fn trouble_of(setback: Setback) -> Trouble {
    Trouble::new(exit_of(setback.kind), setback.text)
}
