//! Does what is wanted, where the core says that who asks may: most of it the core does itself, the rest the office does as it does
//! for the socket.

use super::super::Site;
use super::super::api::{Visitor, visit};
use super::problem::{Problem, Refusal};
use crate::admin::register::{Form, Raw};
use crate::admin::{Kind, Reply, Wanted, data_of, invitation_terms as terms};
use axum::http::StatusCode;
use causette_core::input::{By, Wish};
use causette_core::limits::REGISTER_LISTED;
use causette_core::order::Order;
use causette_core::output::{Done, Entry, Fault, Told, Undone};
use causette_core::report::Report;
use causette_core::right::Act;
use causette_text::{Language, text};
use serde_json::{Value, json};

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// In a sentence, where it is one.
    pub(super) text: Option<String>,
    /// What was found out, or made.
    pub(super) data: Option<Value>,
    /// The number of its entry in the register.
    pub(super) entry: Option<u64>,
}

/// Does what is wanted; `act` is how the register names it to a token that is not good for it.
pub(super) async fn obey(
    site: &Site,
    visitor: Visitor<'_>,
    act: &str,
    wanted: Wanted,
) -> Result<Outcome, Refusal> {
    let language = visitor.language;
    let office = site.office.speaking(Some(language));
    if let Err(text) = office.check(&wanted) {
        return Err(Problem::unprocessable(text).into());
    }
    match wanted {
        Wanted::Order(order) => order_of(site, visitor, act, order).await.map(Outcome::of),
        Wanted::Invite {
            address,
            room,
            uses,
            seconds,
        } => {
            let terms = terms(uses, seconds);
            let order = office.invitation(address.as_deref(), room, terms);
            let order = order.map_err(Problem::unprocessable)?;
            order_of(site, visitor, act, order).await.map(Outcome::of)
        }
        Wanted::Fingerprint => {
            let text = String::new();
            let told = order_of(site, visitor, act, Order::ShowFingerprints { text }).await?;
            let certificate = office.tls.certificate();
            let data = json!({
                "certificate": certificate.fingerprint,
                "public_key": certificate.public_key,
            });
            Ok(Outcome {
                text: None,
                data: Some(data),
                ..Outcome::of(told)
            })
        }
        Wanted::Status => {
            permitted(site, visitor, act, Act::Inspect).await?;
            Ok(Outcome {
                data: Some(site.status.data()),
                ..Outcome::default()
            })
        }
        Wanted::Reload => {
            let by = permitted(site, visitor, act, Act::Reload).await?;
            replied(office.reload_by(by).await)
        }
        Wanted::Stop { reason, seconds } => {
            let by = permitted(site, visitor, act, Act::Stop).await?;
            replied(office.stop_by(by, reason, seconds).await)
        }
        Wanted::CancelStop => {
            let by = permitted(site, visitor, act, Act::Stop).await?;
            replied(office.cancel_stop_by(by).await)
        }
        Wanted::Register(raw) => {
            // Whoever says nothing of the last ones reads from the first on.
            let limit = raw
                .limit
                .or_else(|| raw.last.is_none().then_some(REGISTER_LISTED));
            let asked = office.asked(Raw {
                form: Form::Jsonl,
                limit,
                ..*raw
            });
            let asked = match asked {
                Ok(asked) => asked,
                Err(reply) => return replied(reply),
            };
            let question = asked.words.as_str().into();
            let entered = order_of(site, visitor, act, Order::EnterReading { question }).await?;
            match entered.entry {
                Entry::Number(reading) => {
                    let page = office.register_page(asked, reading).await;
                    if page.kind == Some(Kind::Refused) {
                        // Nobody and nothing has the name that is asked about.
                        let status = StatusCode::NOT_FOUND;
                        return Err(Problem::new(status, "NOT_FOUND", page.text.clone()).into());
                    }
                    replied(page).map(Outcome::without_text)
                }
                // What is not entered is not told.
                _ => Err(unavailable(language).into()),
            }
        }
        Wanted::Doctor => {
            permitted(site, visitor, act, Act::Inspect).await?;
            replied(office.examine().await).map(Outcome::without_text)
        }
        // No route asks for it.
        Wanted::Watch => Err(Problem::not_found(language).into()),
    }
}

/// What the core says of an order.
async fn order_of(
    site: &Site,
    visitor: Visitor<'_>,
    act: &str,
    order: Order,
) -> Result<Told, Refusal> {
    let language = visitor.language;
    let order = Box::new(order);
    let act = act.into();
    match visit(site, visitor, Wish::Order { act, order }).await {
        Ok(Done::Told(told)) => Ok(told),
        // It answers an order by what came of it.
        Ok(_) => Err(unavailable(language).into()),
        Err(undone) => Err(undone.into()),
    }
}

/// Has the core judge whether who asks may do what the server does by itself; gives by whom the record is to say it was done.
async fn permitted(site: &Site, visitor: Visitor<'_>, name: &str, act: Act) -> Result<By, Refusal> {
    let language = visitor.language;
    let told = order_of(site, visitor, name, Order::Permit { act }).await?;
    match told.report {
        Report::Permitted { by } => Ok(by),
        _ => Err(unavailable(language).into()),
    }
}

fn unavailable(language: Language) -> Undone {
    Undone {
        fault: Fault::Unavailable,
        text: text(language, "unavailable"),
    }
}

/// What the office says.
fn replied(reply: Reply) -> Result<Outcome, Refusal> {
    let problem = |status, error, text| Err(Problem::new(status, error, text).into());
    match reply.kind {
        _ if reply.ok => Ok(Outcome {
            text: Some(reply.text),
            data: reply.data,
            entry: reply.entry,
        }),
        Some(Kind::Unavailable) => Err(Undone {
            fault: Fault::Unavailable,
            text: reply.text,
        }
        .into()),
        Some(Kind::Malformed) => Err(Problem::unprocessable(reply.text).into()),
        Some(Kind::Configuration) => problem(StatusCode::CONFLICT, "CONFIGURATION", reply.text),
        Some(Kind::Refused) | None => problem(StatusCode::CONFLICT, "CONFLICT", reply.text),
    }
}

impl Outcome {
    /// The same, where the data say it all.
    fn without_text(self) -> Self {
        Self { text: None, ..self }
    }

    fn of(told: Told) -> Self {
        let entry = match told.entry {
            Entry::Number(number) => Some(number),
            Entry::None | Entry::Before(_) => None,
        };
        let data = data_of(&told.report);
        let text = match told.report {
            Report::Done(text) | Report::Made { text, .. } | Report::Invited { text, .. } => {
                Some(text)
            }
            _ => None,
        };
        Self { text, data, entry }
    }
}
