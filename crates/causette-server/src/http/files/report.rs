//! What is told of files, as JSON.

use crate::config::Config;
use causette_core::file::{Coming, File, FileReport, Usage};
use causette_proto::percent_encoded;
use serde_json::{Value, json};

/// A file. Its whole address is told where the administrator says where files are: elsewhere it is where the request was answered.
pub(super) fn file(report: &FileReport, config: &Config) -> Value {
    let FileReport {
        file,
        owner,
        room,
        granted,
        since,
        until,
    } = report;
    let path = path(file);
    let url = &config.settings.files.url;
    json!({
        "id": file.id.0,
        "key": file.key.to_string(),
        "name": file.name.as_str(),
        "owner": owner.as_deref(),
        "type": file.media_type.as_str(),
        "size": file.size,
        "sha256": file.sha256.to_string(),
        "visibility": file.visibility.name(),
        "room": room.as_deref(),
        "sent_to": granted.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "quarantined": file.aside.is_some(),
        "since": since.to_string(),
        "until": until.map(|until| until.to_string()),
        "address": config.files.has_url.then(|| format!("{url}{path}")),
        "path": path,
    })
}

/// Where a file is, as the path of its address.
pub(super) fn path(file: &File) -> String {
    format!(
        "/files/{}/{}",
        file.key,
        percent_encoded(file.name.as_str(), "")
    )
}

/// An upload that is under way.
pub(super) fn coming(upload: &Coming) -> Value {
    json!({
        "number": upload.number,
        "name": upload.name.as_str(),
        "bytes_max": upload.bytes,
        "visibility": upload.visibility.name(),
        "room": upload.room.as_deref(),
        "to": upload.to.as_deref(),
        "since": upload.since.to_string(),
        "until": upload.until.to_string(),
    })
}

/// How much somebody keeps, and may.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "files": usage.files,
        "bytes": usage.bytes,
        "awaited": usage.awaited,
        "bytes_max": usage.bytes_max,
        "file_bytes_max": usage.file_bytes_max,
        "today": usage.today,
    })
}
