//! Language, theme and text size of this device, and what may come to it unasked. They never travel.

use crate::engine::{Field, PREFERENCES};
use crate::failure::Failure;
use crate::request::SetPreferences;
use crate::view::Unasked;

const LANGUAGES: [&str; 2] = ["id", "en"];
const THEMES: [&str; 5] = ["auto", "day", "night", "red", "contrast"];
const TEXT_PERCENTS: [u16; 4] = [100, 130, 160, 200];

impl Field {
    /// # Errors
    /// `BadInput` for a value there is no such thing of, and what saving may give.
    pub fn set_preferences(&self, request: &SetPreferences) -> Result<(), Failure> {
        let wanted = &request.preferences;
        if !LANGUAGES.contains(&wanted.language.as_str()) {
            return Err(Failure::input("language", "this language is not there", "use id or en"));
        }
        if !THEMES.contains(&wanted.theme.as_str()) {
            return Err(Failure::input("theme", "this theme is not there", "use auto, day, night, red or contrast"));
        }
        if !TEXT_PERCENTS.contains(&wanted.text_percent) {
            return Err(Failure::input("text_percent", "this size is not there", "use 100, 130, 160 or 200"));
        }
        let text = serde_json::to_string(wanted).map_err(|_| Failure::internal("write down the preferences"))?;
        let store = self.store();
        store.set_unasked(match wanted.unasked {
            Unasked::Free => siaga_store::Unasked::Free,
            Unasked::Always => siaga_store::Unasked::Always,
            Unasked::Never => siaga_store::Unasked::Never,
        })?;
        Ok(store.set_setting(PREFERENCES, &text)?)
    }
}
