//! Finding a village by its name or code. Names repeat across districts, so both are shown.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::SearchVillages;
use siaga_domain::place::Village;

/// More than this nobody reads on a phone.
const SHOWN: usize = 30;

impl Field {
    /// Every word typed must stand in the village's name, its district or its code; names that begin with the
    /// text come first.
    ///
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn search_villages(&self, request: &SearchVillages) -> Result<Vec<Village>, Failure> {
        let typed = request.text.trim().to_lowercase();
        let words: Vec<&str> = typed.split_whitespace().collect();
        let mut found: Vec<Village> = self
            .look()?
            .directory()?
            .villages
            .into_iter()
            .filter(|village| {
                let whole = format!("{} {} {}", village.name, village.district, village.code).to_lowercase();
                words.iter().all(|word| whole.contains(word))
            })
            .collect();
        found.sort_by_key(|village| {
            let name = village.name.to_lowercase();
            (!name.starts_with(&typed), name, village.code.clone())
        });
        found.truncate(SHOWN);
        Ok(found)
    }
}
