//! A file to a server that is not ours, which takes it in one request: what is cut begins anew. <https://soju.im/FILEHOST>

use super::carrier::Carrier;
use super::fault::{Halt, of_io};
use super::job::Up;
use super::site::{Site, is_whole, place};
use super::upload::{FileBody, patience};
use super::wire::{Payload, ask};
use crate::core::transfer::{Fault, Outcome, Stage};
use causette_proto::percent_encoded;
use hyper::Request;
use std::fs::File;
use std::sync::PoisonError;

/// How often it is tried whole: nobody wants to send gigabytes again and again.
const TRIES_MAX: u32 = 3;

/// Sends a file whole, and gives its address.
pub(crate) async fn post(
    carrier: &mut Carrier<Up>,
    site: &Site,
    file: File,
    length: u64,
) -> Result<Outcome, Halt> {
    carrier.beginnings += 1;
    let is_last = carrier.beginnings >= TRIES_MAX;
    let sent = post_once(carrier, site, file, length).await;
    match sent {
        Err(Halt::Passing(setback)) if is_last => Err(Halt::Staying(setback)),
        other => other,
    }
}

async fn post_once(
    carrier: &mut Carrier<Up>,
    site: &Site,
    file: File,
    length: u64,
) -> Result<Outcome, Halt> {
    let gauge = carrier.gauge.clone();
    let up = &carrier.load;
    gauge.set_done(0);
    gauge.set_stage(Stage::Moving);
    let (body, broken) = FileBody::new(file, 0..length, gauge.clone())
        .map_err(|error| of_io(&error, &up.path, &site.locale))?;
    // The name in any script. <https://www.rfc-editor.org/rfc/rfc8187>
    let name = percent_encoded(&up.name, "");
    let request = Request::builder()
        .method("POST")
        .uri(&site.base)
        .header("content-type", "application/octet-stream")
        .header(
            "content-disposition",
            format!("attachment; filename*=UTF-8''{name}"),
        )
        .body(Payload::Streamed(body));
    let answered = ask(site, request, patience(gauge, length)).await;
    if let Some(error) = broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(of_io(&error, &up.path, &site.locale));
    }
    let answer = answered?.accepted(site).await?;
    let address = answer
        .header("location")
        .and_then(|location| resolved(site, location));
    let strange = || Halt::staying(Fault::Refused, site.locale.text("client-file-strange"));
    Ok(Outcome {
        address: Some(address.ok_or_else(strange)?),
        file: None,
        path: None,
    })
}

/// The whole address of what a server has put somewhere. It goes into a message, and so must be one.
fn resolved(site: &Site, location: &str) -> Option<String> {
    if is_whole(location) {
        return Some(location.to_owned());
    }
    let is_safe = location.chars().all(|letter| letter.is_ascii_graphic());
    let (_, path) = place(&site.address, location).filter(|_| is_safe)?;
    Some(site.address_of(&path))
}
