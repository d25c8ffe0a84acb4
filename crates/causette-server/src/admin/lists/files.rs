//! Files, and how much of them an account may keep.

use super::{NOTHING, Writer, moment, or_nothing};
use crate::admin::plain::table;
use causette_core::file::{FileReport, Usage, Visibility, size};
use causette_proto::CompactString;
use causette_text::text_with;

impl Writer {
    pub(super) fn files(&self, files: &[FileReport], more: bool) -> String {
        let row = |report: &FileReport| {
            let file = &report.file;
            vec![
                file.id.0.to_string(),
                file.name.to_string(),
                size(file.size),
                or_nothing(report.owner.as_ref()),
                moment(report.since),
                self.shown(report),
            ]
        };
        let rows = files.iter().map(row).collect();
        let mut last = self.count("admin-list-files-count", &[("files", files.len())]);
        if let Some(oldest) = files.last().filter(|_| more) {
            let number = oldest.file.id.0.to_string();
            let more = text_with(
                self.language,
                "admin-list-files-more",
                &[("number", &number)],
            );
            last = format!("{last}\n  {more}");
        }
        self.listed("admin-list-files", rows, last)
    }

    /// All that there is about one.
    pub(super) fn file(&self, report: &FileReport) -> String {
        let file = &report.file;
        let pairs = [
            ("admin-file-number", file.id.0.to_string()),
            ("admin-file-name", file.name.to_string()),
            (
                "admin-file-size",
                format!("{} ({})", size(file.size), file.size),
            ),
            ("admin-file-type", file.media_type.to_string()),
            ("admin-file-sha256", file.sha256.to_string()),
            ("admin-file-owner", or_nothing(report.owner.as_ref())),
            ("admin-file-shown", self.shown(report)),
            ("admin-file-sent", report.granted.join(", ")),
            ("admin-file-since", moment(report.since)),
            (
                "admin-file-until",
                report.until.map(moment).unwrap_or_default(),
            ),
        ];
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let rows = filled.map(|(key, value)| vec![self.text(key), value]);
        table(rows.collect())
    }

    /// Who may see it, and whether it was put aside.
    fn shown(&self, report: &FileReport) -> String {
        let shown = match report.file.visibility {
            Visibility::Public => self.text("file-shown-public"),
            Visibility::Room(_) => report.room.as_deref().unwrap_or(NOTHING).to_owned(),
            Visibility::Link => self.text("file-shown-link"),
            Visibility::Private => self.text("file-shown-private"),
        };
        match report.file.aside.is_some() {
            true => format!("{shown}, {}", self.text("file-shown-aside")),
            false => shown,
        }
    }

    pub(super) fn quota(&self, account: &CompactString, usage: &Usage, own: bool) -> String {
        let (files, bytes, max) = (
            usage.files.to_string(),
            size(usage.bytes),
            size(usage.bytes_max),
        );
        let variables = [
            ("account", account.as_str()),
            ("files", &files),
            ("bytes", &bytes),
            ("max", &max),
            ("own", if own { "yes" } else { "no" }),
        ];
        text_with(self.language, "admin-quota", &variables)
    }
}
