//! Words that people type: which of them a record can hold, and which say nothing.
//!
//! One rule for the phone, the console and the admission check: text that one side takes is never refused by another.
//! Lengths that a form allows are the caller's; the limit here is the one no entry may pass.

/// UTF-8 bytes of one text in an entry, at most.
pub const MAX_BYTES: usize = 8 * 1024;

/// Stands where a text was cut.
const CUT: &str = "…";

/// Why a text cannot be stored. Never repeats the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unstorable {
    #[error("it contains the control character NUL")]
    Nul,
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
}

/// Checks a text as the admission check does.
///
/// # Errors
/// [`Unstorable`] names the reason.
pub fn check(text: &str) -> Result<(), Unstorable> {
    if text.contains('\0') {
        return Err(Unstorable::Nul);
    }
    if text.len() > MAX_BYTES { Err(Unstorable::TooLong) } else { Ok(()) }
}

/// Whether a text shows nothing: empty, or only spaces, control characters and characters without a glyph.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || character.is_control() || is_invisible(character))
}

/// Characters that take part in a line and show nothing: joiners, direction marks, fillers, selectors, tags.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The text without the characters that cannot be stored, in pieces of at most `piece_bytes` UTF-8 bytes. A piece that
/// goes on in the next one ends with an ellipsis. One empty piece for a text of which nothing is left.
#[must_use]
pub fn cleaned(text: &str, piece_bytes: usize) -> Vec<String> {
    let room = piece_bytes.saturating_sub(CUT.len()).max(4);
    let text: String = text.chars().filter(|character| *character != '\0').collect();
    if text.len() <= piece_bytes {
        return vec![text];
    }
    let mut pieces = vec![String::new()];
    for character in text.chars() {
        let is_full = pieces.last().is_some_and(|piece| piece.len().saturating_add(character.len_utf8()) > room);
        if is_full {
            if let Some(piece) = pieces.last_mut() {
                piece.push_str(CUT);
            }
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_a_nul_or_more_bytes_than_an_entry_holds_is_not_stored() {
        assert_eq!(check("air\0naik"), Err(Unstorable::Nul));
        assert_eq!(check(&"水".repeat(2_730)), Ok(()));
        assert_eq!(check(&"水".repeat(2_731)), Err(Unstorable::TooLong));
    }

    #[test]
    fn characters_without_a_glyph_say_nothing_alone_and_are_kept_among_others() {
        for blank in ["", " \t\n", "\u{200b}", "\u{feff}\u{202e}", "\u{3164}", "\u{2800}", "\u{0}", "\u{e0020}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank("👩\u{200d}⚕\u{fe0f}"));
        assert!(!is_blank("\u{202e}Siti"));
    }

    #[test]
    fn a_cleaned_text_loses_no_word() {
        let long = "水".repeat(3_000);

        let pieces = cleaned(&format!("air\0{long}"), 6_000);

        assert!(pieces.iter().all(|piece| check(piece).is_ok() && piece.len() <= 6_000));
        let joined: String = pieces.iter().map(|piece| piece.trim_end_matches(CUT)).collect();
        assert_eq!(joined, format!("air{long}"));
        assert_eq!(cleaned("\0", 6_000), [""]);
    }
}
