//! Words on their way in: trimmed, not empty, not endless. What they say is never repeated in an error.

use crate::failure::Failure;
use siaga_domain::text;

/// A name, a reason, a landmark: characters.
pub(crate) const SHORT: usize = 200;
/// A narrative or a note: characters. In any script it stays below what one entry may weigh.
pub(crate) const LONG: usize = 2_000;

/// # Errors
/// `BadInput` when nothing visible is there, more than `limit` characters, or a character that no record holds.
pub(crate) fn required(argument: &str, text: &str, limit: usize) -> Result<String, Failure> {
    optional(argument, Some(text), limit)?
        .ok_or_else(|| Failure::input(argument, "it is empty", "say it in a few words"))
}

/// An empty text is as good as none.
///
/// # Errors
/// `BadInput` for more than `limit` characters.
pub(crate) fn optional(argument: &str, text: Option<&str>, limit: usize) -> Result<Option<String>, Failure> {
    let Some(text) = text.map(str::trim).filter(|text| !text::is_blank(text)) else { return Ok(None) };
    let count = text.chars().count();
    if count > limit {
        return Err(Failure::input(
            argument,
            format!("it has {count} characters, {limit} at most"),
            "shorten it, or write the rest as a note",
        ));
    }
    text::check(text).map_err(|wrong| Failure::input(argument, wrong.to_string(), "remove what cannot be stored"))?;
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_alone_are_not_words() {
        let failure = required("reason", "  ", SHORT).expect_err("a refusal");

        assert_eq!(failure.argument.as_deref(), Some("reason"));
        assert_eq!(optional("name", Some(" Ani "), SHORT), Ok(Some("Ani".to_owned())));
    }

    #[test]
    fn an_error_never_repeats_what_was_typed() {
        let failure = required("name", &"Siti ".repeat(100), SHORT).expect_err("a refusal");

        assert!(!failure.to_string().contains("Siti"));
    }
}
