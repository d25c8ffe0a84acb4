//! BATCH from clients: a message of several lines. <https://ircv3.net/specs/extensions/multiline>
//!
//! A message is said whole or not at all. The first thing that is wrong with it is answered at once, under the label of its
//! opening; what still comes of it is dropped without a further word until it is ended.

use super::{Command, Needs, privmsg};
use crate::event::Verb;
use crate::id::SessionId;
use crate::limits;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::reserved;
use crate::room::speak::Saying;
use crate::state::session::{Multiline, Session};
use crate::turn::Turn;
use causette_proto::{Capability, Message, split};

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
    match message.params[0].split_at_checked(1) {
        Some(("+", reference)) => {
            open(ctx, reference, message).map_err(|fault| {
                let session = ctx.session_mut();
                if session.is_receiving(reference) {
                    // Which of the two what comes now belongs to, nobody knows.
                    return give_up_for(ctx, fault);
                }
                // What was meant to be in it will come all the same.
                session.refuse_batch(reference);
                fault
            })
        }
        Some(("-", reference)) => close(ctx, reference),
        _ => Err(invalid(ctx, "multiline-invalid")),
    }
}

fn understood(ctx: &Ctx<'_>) -> bool {
    ctx.has(Capability::Multiline) && ctx.has(Capability::Batch)
}

fn open(ctx: &mut Ctx<'_>, reference: &str, message: &Message) -> Outcome {
    if !understood(ctx) {
        return Err(invalid(ctx, "multiline-need-capability"));
    }
    let Some([kind, rest @ ..]) = message.params.get(1..) else {
        return Err(invalid(ctx, "multiline-invalid"));
    };
    if kind != TYPE {
        return Err(invalid_with(ctx, "multiline-type", &[("type", kind)]));
    }
    let is_reference = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let [target, ..] = rest else {
        return Err(invalid(ctx, "multiline-invalid"));
    };
    if reference.is_empty()
        || reference.len() > limits::WORD_BYTES
        || !reference.chars().all(is_reference)
    {
        return Err(invalid(ctx, "multiline-reference"));
    }
    if target.contains(',') {
        return Err(invalid(ctx, "multiline-targets"));
    }
    if reserved::service_named(ctx.turn.state.casemap, target).is_some() {
        return Err(invalid(ctx, "multiline-service"));
    }
    if ctx.session().is_receiving(reference) {
        return Err(invalid(ctx, "multiline-twice"));
    }
    if ctx.session().multiline.is_some() {
        return Err(invalid(ctx, "multiline-open"));
    }
    let (tags, _) = privmsg::client_tags(ctx, message);
    // The answer to the whole bears the label; the opening itself is not answered.
    let label = ctx.turn.own.defer();
    let session = ctx.session_mut();
    let touched = session.age;
    session.admit_batch(reference);
    session.multiline = Some(Box::new(Multiline {
        reference: reference.into(),
        target: target.clone(),
        verb: None,
        text: String::new(),
        lines: 0,
        tags,
        label,
        touched,
    }));
    Ok(())
}

/// Takes a line that names a batch: one of the message that is being received, or one of a batch that is not open, which
/// nobody sees.
pub(super) fn take(ctx: &mut Ctx<'_>, reference: &str, message: &Message) -> Outcome {
    let open = ctx.session().multiline.as_deref();
    let Some(multiline) = open.filter(|multiline| multiline.reference == reference) else {
        return not_open(ctx, reference);
    };
    let verb = match judge(ctx, multiline, message) {
        Ok(verb) => verb,
        Err(fault) => return Err(give_up_for(ctx, fault)),
    };
    let text = text_of(message);
    let session = ctx.session_mut();
    let touched = session.age;
    if let Some(multiline) = &mut session.multiline {
        if multiline.lines > 0 {
            let goes_on = message.tags.contains(CONCAT);
            multiline.text.push(if goes_on { '\r' } else { '\n' });
        }
        multiline.text.push_str(text);
        multiline.lines += 1;
        multiline.verb = Some(verb);
        multiline.touched = touched;
    }
    Ok(())
}

/// Whether a line may be the next one of a message, and with which verb.
fn judge(ctx: &Ctx<'_>, multiline: &Multiline, message: &Message) -> Result<Verb, Refusal> {
    let verb = match message.command.as_str() {
        "PRIVMSG" => Verb::Privmsg,
        "NOTICE" => Verb::Notice,
        _ => return Err(invalid(ctx, "multiline-verb")),
    };
    if multiline.verb.is_some_and(|first| first != verb) {
        return Err(invalid(ctx, "multiline-verb"));
    }
    let mut tags = message.tags.iter();
    if tags.any(|(key, _)| !matches!(key, "batch" | CONCAT)) {
        return Err(invalid(ctx, "multiline-tags"));
    }
    let target = message.params.first().map_or("", |target| target.as_str());
    if !ctx.turn.state.casemap.same(target, &multiline.target) {
        let context = [multiline.target.as_str(), target];
        let (code, key) = ("MULTILINE_INVALID_TARGET", "multiline-other-target");
        return Err(ctx.failure("BATCH", code, &context, key, &[]));
    }
    let text = text_of(message);
    let goes_on = message.tags.contains(CONCAT);
    let first = multiline.lines == 0;
    if goes_on && (first || text.is_empty()) {
        return Err(invalid(ctx, "multiline-concat"));
    }
    let limits = &ctx.turn.settings.limits;
    let bytes = multiline.text.len() + text.len() + usize::from(!first && !goes_on);
    if bytes > limits.multiline_bytes {
        let max = limits.multiline_bytes.to_string();
        let (code, key) = ("MULTILINE_MAX_BYTES", "multiline-too-long");
        return Err(ctx.failure("BATCH", code, &[&max], key, &[("max", &max)]));
    }
    if multiline.lines >= limits.multiline_lines {
        let max = limits.multiline_lines.to_string();
        let (code, key) = ("MULTILINE_MAX_LINES", "multiline-too-many-lines");
        return Err(ctx.failure("BATCH", code, &[&max], key, &[("max", &max)]));
    }
    Ok(verb)
}

fn text_of(message: &Message) -> &str {
    message.params.get(1).map_or("", |text| text.as_str())
}

/// What names a batch that is not open is dropped: with a word the first time, and to whoever labels it.
fn not_open(ctx: &mut Ctx<'_>, reference: &str) -> Outcome {
    if !ctx.is_labelled() && ctx.session().has_refused_batch(reference) {
        return Err(Refusal::Silent);
    }
    ctx.session_mut().refuse_batch(reference);
    let reference = split::cut(reference, limits::WORD_BYTES);
    let variables = [("reference", reference)];
    Err(invalid_with(ctx, "multiline-not-open", &variables))
}

fn close(ctx: &mut Ctx<'_>, reference: &str) -> Outcome {
    let session = ctx.session_mut();
    let open = session
        .multiline
        .take_if(|multiline| multiline.reference == reference);
    let refused = session.admit_batch(reference);
    let Some(multiline) = open else {
        if refused {
            // Its end was awaited, and why nothing of it was sent has been told.
            return Err(if ctx.is_labelled() {
                invalid(ctx, "multiline-refused")
            } else {
                Refusal::Silent
            });
        }
        let reference = split::cut(reference, limits::WORD_BYTES);
        let variables = [("reference", reference)];
        return Err(invalid_with(ctx, "multiline-not-open", &variables));
    };
    if let Some(label) = multiline.label {
        ctx.turn.own.relabel(label);
    }
    let is_blank = multiline.text.chars().all(|char| "\n\r".contains(char));
    let Some(verb) = multiline.verb.filter(|_| !is_blank) else {
        return Err(invalid(ctx, "multiline-blank"));
    };
    let (text, tags) = (multiline.text.as_str(), &multiline.tags);
    privmsg::say_to(
        ctx,
        &multiline.target,
        Saying {
            verb,
            text,
            tags,
            relayed: None,
        },
    )
    .or_else(|refusal| privmsg::quietly(ctx, verb, refusal))
}

/// Drops a message that is being received when the capabilities for it are given up: nothing could end it any more.
pub(super) fn capabilities_changed(ctx: &mut Ctx<'_>) {
    if !understood(ctx) {
        let session = ctx.id;
        let refusal = invalid(ctx, "multiline-need-capability");
        give_up(&mut ctx.turn, session, refusal);
    }
}

/// Drops the message that a session leaves open: nothing of it has come for long.
/// <https://ircv3.net/specs/extensions/client-batch#errors>
pub(crate) fn time_out(turn: &mut Turn<'_>, session: SessionId) {
    let open = turn.state.sessions.get(&session);
    let Some(reference) = open.and_then(|open| Some(open.multiline.as_ref()?.reference.clone()))
    else {
        return;
    };
    let seconds = limits::BATCH_SECONDS.to_string();
    let ctx = Ctx::new(turn.reborrow(), session, None);
    let variables = [("seconds", seconds.as_str())];
    let refusal = ctx.failure(
        "BATCH",
        "TIMEOUT",
        &[&reference],
        "multiline-timeout",
        &variables,
    );
    give_up(turn, session, refusal);
}

/// A line of a session could not be taken: the message that it may have been a line of is not said without it.
pub(crate) fn line_lost(turn: &mut Turn<'_>, session: SessionId) {
    let ctx = Ctx::new(turn.reborrow(), session, None);
    let refusal = invalid(&ctx, "multiline-line-lost");
    give_up(turn, session, refusal);
}

/// Drops the message that is being received because of the line that is being handled. It is told under the label of its
/// opening; what is left to say is the answer to the line, where it has a label of its own.
fn give_up_for(ctx: &mut Ctx<'_>, fault: Refusal) -> Refusal {
    let session = ctx.id;
    give_up(&mut ctx.turn, session, fault.clone());
    if ctx.is_labelled() {
        fault
    } else {
        Refusal::Silent
    }
}

/// Drops the message that a session is sending, if it is, and tells so in a bundle of its own: under the label of its
/// opening, which is not that of the line which is being handled. Nothing else changes.
fn give_up(turn: &mut Turn<'_>, session: SessionId, refusal: Refusal) {
    let open = turn.state.sessions.get_mut(&session);
    if let Some(given_up) = open.and_then(|open| open.abandon_batch()) {
        let mut ctx = Ctx::new(turn.reborrow(), session, given_up.label);
        ctx.refuse(refusal);
        ctx.conclude();
    }
}

/// What becomes of a line of a batch while nothing can be recorded: the message that it belongs to is not said.
pub(super) fn frozen(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (reference, ends) = match (message.tags.get("batch"), message.params.first()) {
        (Some(reference), _) => (reference, false),
        (None, Some(word)) => (word.get(1..).unwrap_or_default(), word.starts_with('-')),
        (None, None) => ("", false),
    };
    let is_labelled = ctx.is_labelled();
    let (session, id) = (ctx.id, &ctx.id);
    let Some(found) = ctx.turn.state.sessions.get_mut(id) else {
        return Ok(());
    };
    let known = found.has_refused_batch(reference);
    if ends {
        found.admit_batch(reference);
    } else {
        found.refuse_batch(reference);
    }
    let refusal = ctx.failure("BATCH", "TEMPORARILY_UNAVAILABLE", &[], "unavailable", &[]);
    let told = ctx.session().is_receiving(reference);
    if told {
        give_up(&mut ctx.turn, session, refusal.clone());
    }
    Err(if (told || known) && !is_labelled {
        Refusal::Silent
    } else {
        refusal
    })
}

impl Session {
    /// Notes that a batch was refused, so that what comes of it is dropped without a further word: until it is ended, or
    /// the time is over in which that may be expected.
    fn refuse_batch(&mut self, reference: &str) {
        if !self.has_refused_batch(reference) {
            self.admit_batch(reference);
            if self.refused_batches.len() >= limits::REFUSED_BATCHES {
                self.refused_batches.remove(0);
            }
            let reference = split::cut(reference, limits::WORD_BYTES);
            self.refused_batches.push((reference.into(), self.age));
        }
    }

    fn has_refused_batch(&self, reference: &str) -> bool {
        let reference = split::cut(reference, limits::WORD_BYTES);
        let mut refused = self.refused_batches.iter();
        refused.any(|(refused, at)| {
            refused == reference && self.age.saturating_sub(*at) < limits::BATCH_SECONDS
        })
    }

    /// Forgets that a batch was refused. Says whether it was.
    fn admit_batch(&mut self, reference: &str) -> bool {
        let reference = split::cut(reference, limits::WORD_BYTES);
        let before = self.refused_batches.len();
        self.refused_batches
            .retain(|(refused, _)| refused != reference);
        self.refused_batches.len() < before
    }

    /// Whether a message of that reference is being received.
    fn is_receiving(&self, reference: &str) -> bool {
        let open = self.multiline.as_deref();
        open.is_some_and(|multiline| multiline.reference == reference)
    }

    /// Drops the message that is being received, and what else comes of it.
    fn abandon_batch(&mut self) -> Option<Box<Multiline>> {
        let given_up = self.multiline.take()?;
        self.refuse_batch(&given_up.reference);
        Some(given_up)
    }
}

fn invalid(ctx: &Ctx<'_>, key: &str) -> Refusal {
    invalid_with(ctx, key, &[])
}

fn invalid_with(ctx: &Ctx<'_>, key: &str, variables: &[(&str, &str)]) -> Refusal {
    ctx.failure("BATCH", "MULTILINE_INVALID", &[], key, variables)
}
