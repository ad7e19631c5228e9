//! Words on their way in: trimmed, not empty, not endless. What they say is never repeated in an error.

use crate::failure::Failure;

/// A name, a reason, a landmark: characters.
pub(crate) const SHORT: usize = 200;
/// A narrative or a note: characters. In any script it stays below what one entry may weigh.
pub(crate) const LONG: usize = 2_000;

/// # Errors
/// `BadInput` when nothing but spaces is there, or more than `limit` characters.
pub(crate) fn required(argument: &str, text: &str, limit: usize) -> Result<String, Failure> {
    optional(argument, Some(text), limit)?
        .ok_or_else(|| Failure::input(argument, "it is empty", "say it in a few words"))
}

/// An empty text is as good as none.
///
/// # Errors
/// `BadInput` for more than `limit` characters.
pub(crate) fn optional(argument: &str, text: Option<&str>, limit: usize) -> Result<Option<String>, Failure> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > limit {
        return Err(Failure::input(
            argument,
            format!("it is longer than {limit} characters"),
            "shorten it, or write the rest as a note",
        ));
    }
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
