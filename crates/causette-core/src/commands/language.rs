//! LANGUAGE: in which language the server speaks to one. <https://gist.github.com/DanielOaks/8126122f74b26012a3de37db80e4e0c6>

use super::{Command, Needs};
use crate::account::own;
use crate::reply::{Ctx, Outcome};
use crate::state::account::Setting;
use causette_proto::Message;
use causette_proto::numeric::{ERR_NOLANGUAGE, RPL_YOURLANGUAGESARE};
use causette_text::Language;

pub(super) const LANGUAGE: Command = Command {
    verb: "LANGUAGE",
    params: 1,
    needs: Needs::Nothing,
    syntax: "LANGUAGE <en | fr | default>",
    summary: "command-language",
    spec: "https://gist.github.com/DanielOaks/8126122f74b26012a3de37db80e4e0c6",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let word = message.params[0].as_str();
    let language = if word.eq_ignore_ascii_case("default") {
        None
    } else {
        let Some(language) = Language::from_tag(word) else {
            return Err(ctx.refusal(
                ERR_NOLANGUAGE,
                &[word],
                "no-language",
                &[("language", word)],
            ));
        };
        Some(language)
    };
    ctx.session_mut().language = language;
    if let Some(account) = ctx.session().account {
        let value = language.map_or("", Language::tag).into();
        let actor = ctx.actor();
        own::set(&mut ctx.turn, &actor, account, Setting::Language, value)?;
    }
    let tag = ctx.language().tag();
    let text = ctx.text("your-language");
    ctx.numeric(RPL_YOURLANGUAGESARE, &[tag], &text);
    Ok(())
}
