//! BATCH from clients: a message of several lines. <https://ircv3.net/specs/extensions/multiline>

use super::{Command, Needs, privmsg, service};
use crate::event::Verb;
use crate::limits;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::session::Multiline;
use causette_proto::tags::is_client_only;
use causette_proto::{Capability, CompactString, Message, split};

pub(super) const BATCH: Command = Command {
    verb: "BATCH",
    params: 1,
    needs: Needs::Online,
    syntax: "BATCH <+reference draft/multiline <target> | -reference>",
    summary: "command-batch",
    spec: "https://ircv3.net/specs/extensions/multiline",
    run,
};

const TYPE: &str = "draft/multiline";
const CONCAT: &str = "draft/multiline-concat";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if !understood(ctx) {
        return Err(invalid(ctx, "multiline-need-capability"));
    }
    let reference = message.params[0].as_str();
    match (reference.split_at_checked(1), message.params.get(1..)) {
        (Some(("+", reference)), Some([kind, target, ..])) if kind == TYPE => {
            open(ctx, reference, target, message)
        }
        (Some(("-", reference)), _) => close(ctx, reference),
        _ => Err(invalid(ctx, "multiline-invalid")),
    }
}

fn understood(ctx: &Ctx<'_>) -> bool {
    ctx.has(Capability::Multiline) && ctx.has(Capability::Batch)
}

/// Drops a message that is being received when the capabilities for it are given up: nothing could end it any more.
pub(super) fn capabilities_changed(ctx: &mut Ctx<'_>) {
    if !understood(ctx) && ctx.session_mut().multiline.take().is_some() {
        let refusal = invalid(ctx, "multiline-invalid");
        ctx.refuse(refusal);
    }
}

fn open(ctx: &mut Ctx<'_>, reference: &str, target: &str, message: &Message) -> Outcome {
    let valid = !reference.is_empty()
        && reference.len() <= limits::WORD_BYTES
        && reference
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '-');
    if !valid || target.contains(',') || service::named(ctx.turn.state.casemap, target).is_some() {
        return Err(invalid(ctx, "multiline-invalid"));
    }
    if ctx.session_mut().multiline.take().is_some() {
        return Err(invalid(ctx, "multiline-open"));
    }
    let mut tags = message.tags.clone();
    tags.retain(|key, _| is_client_only(key));
    // The answer to the whole bears the label; the opening itself is not answered.
    let label = ctx.defer();
    ctx.session_mut().multiline = Some(Box::new(Multiline {
        reference: reference.into(),
        target: target.into(),
        text: String::new(),
        lines: 0,
        tags,
        label,
        fault: None,
    }));
    Ok(())
}

/// Takes a line of the message that is being received.
pub(super) fn take(ctx: &mut Ctx<'_>, reference: &str, message: &Message) -> Outcome {
    let (bytes_max, lines_max) = (
        ctx.turn.settings.limits.multiline_bytes,
        ctx.turn.settings.limits.multiline_lines,
    );
    ctx.defer();
    let Some(mut multiline) = ctx.session_mut().multiline.take() else {
        return Ok(());
    };
    let target = message.params.first().map_or("", |target| target.as_str());
    let text = message.params.get(1).map_or("", |text| text.as_str());
    let goes_on = message.tags.contains(CONCAT);
    let first = multiline.lines == 0;
    let added = text.len() + usize::from(!first && !goes_on);
    let other_tags = message
        .tags
        .iter()
        .any(|(key, _)| !matches!(key, "batch" | CONCAT | "label"));
    let fault = if reference != multiline.reference || message.command != "PRIVMSG" || other_tags {
        Some(invalid(ctx, "multiline-invalid"))
    } else if !ctx.turn.state.casemap.same(target, &multiline.target) {
        let context = [multiline.target.as_str(), target];
        let key = "multiline-other-target";
        Some(ctx.failure("BATCH", "MULTILINE_INVALID_TARGET", &context, key, &[]))
    } else if goes_on && (first || text.is_empty()) {
        Some(invalid(ctx, "multiline-invalid"))
    } else if multiline.text.len() + added > bytes_max {
        let max = bytes_max.to_string();
        let variables = [("max", max.as_str())];
        let (code, key) = ("MULTILINE_MAX_BYTES", "multiline-too-long");
        Some(ctx.failure("BATCH", code, &[&max], key, &variables))
    } else if multiline.lines >= lines_max {
        let max = lines_max.to_string();
        let variables = [("max", max.as_str())];
        let (code, key) = ("MULTILINE_MAX_LINES", "multiline-too-many-lines");
        Some(ctx.failure("BATCH", code, &[&max], key, &variables))
    } else {
        None
    };
    if multiline.fault.is_none() {
        multiline.fault = fault;
    }
    if multiline.fault.is_none() {
        if !first {
            multiline.text.push(if goes_on { '\r' } else { '\n' });
        }
        multiline.text.push_str(text);
        multiline.lines += 1;
    }
    ctx.session_mut().multiline = Some(multiline);
    Ok(())
}

fn close(ctx: &mut Ctx<'_>, reference: &str) -> Outcome {
    let Some(multiline) = ctx.session_mut().multiline.take() else {
        return Err(invalid(ctx, "multiline-invalid"));
    };
    if let Some(label) = multiline.label {
        ctx.relabel(label);
    }
    if let Some(fault) = multiline.fault {
        return Err(fault);
    }
    let blank = multiline
        .text
        .chars()
        .all(|char| matches!(char, '\n' | '\r'));
    if reference != multiline.reference || blank {
        return Err(invalid(ctx, "multiline-invalid"));
    }
    privmsg::say_to(
        ctx,
        &multiline.target,
        Verb::Privmsg,
        &multiline.text,
        &multiline.tags,
    )
}

/// The text of a message of several lines, each cut into pieces that fit on a line.
pub(super) fn fitted(text: &str, max: usize) -> CompactString {
    let mut fitted = CompactString::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            fitted.push('\n');
        }
        for (index, mut piece) in line.split('\r').enumerate() {
            if index > 0 {
                fitted.push('\r');
            }
            while piece.len() > max {
                let part = split::cut(piece, max);
                fitted.push_str(part);
                fitted.push('\r');
                piece = &piece[part.len()..];
            }
            fitted.push_str(piece);
        }
    }
    fitted
}

fn invalid(ctx: &Ctx<'_>, key: &str) -> Refusal {
    ctx.failure("BATCH", "MULTILINE_INVALID", &[], key, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_do_not_fit_go_on_in_the_next() {
        assert_eq!(fitted("abc\n\ndefgh\rij", 3), "abc\n\ndef\rgh\rij");
        assert_eq!(fitted("éé", 3), "é\ré");
    }
}
