//! A human chooses between values that people wrote without seeing one another's.
//!
//! The choice is one more entry with the chosen value, and replaces every value that stood when it was made.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::Resolve;
use crate::view::Written;
use siaga_domain::entry::Entries;
use siaga_domain::register;

/// Shortest beginning of an entry's id that names it.
const SHORTEST_BEGINNING: usize = 4;

impl Field {
    /// # Errors
    /// `BadInput` when the field is not disputed or the choice is none of its sides, `NotFound` for an unknown
    /// record, and what saving may give.
    pub fn resolve(&self, request: &Resolve) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let (id, kind) = desk.find_any("id", &request.id)?;
        let stored = desk.stored("id", id, kind)?;
        let dispute =
            stored.record.disputes().iter().find(|dispute| dispute.field == request.field).ok_or_else(|| {
                Failure::input("field", "nobody disagrees about this field", "look at the list of disputes")
            })?;
        let typed = request.choice.trim();
        let is_entry = |entry: &str| typed.len() >= SHORTEST_BEGINNING && entry.starts_with(typed);
        let chosen = dispute
            .choices
            .iter()
            .find(|choice| choice.value == typed)
            .or_else(|| dispute.choices.iter().find(|choice| is_entry(&choice.author.entry)))
            .ok_or_else(|| {
                Failure::input(
                    "choice",
                    "this is none of the values people disagree about",
                    "give one of the values, or the id of its entry, from the list of disputes",
                )
            })?;
        let all = desk.entries(id)?;
        let entries = Entries::of(&all);
        let standing = register::standing(&entries, &request.field);
        let body = standing
            .iter()
            .find(|entry| entry.id.to_string() == chosen.author.entry)
            .map(|entry| entry.body.clone())
            .ok_or_else(|| Failure::internal("find the chosen entry"))?;
        let entry = desk.entry_replacing(body, standing.iter().map(|entry| entry.id).collect());
        desk.append("resolve", request, id, kind, entry)
    }
}
