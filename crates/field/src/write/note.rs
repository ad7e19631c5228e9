//! A line in a log, perhaps with a photograph. A note on a task goes to its incident, where everybody reads it.

use crate::desk::Draft;
use crate::engine::Field;
use crate::failure::Failure;
use crate::request::AddNote;
use crate::text::{self, LONG};
use crate::view::Written;
use siaga_domain::entry::{Body, Note};
use siaga_domain::kind::RecordKind;

impl Field {
    /// # Errors
    /// `BadInput` with neither words nor photo, or for a record that keeps no log; `NotFound`; and what saving
    /// may give.
    pub fn note(&self, request: &AddNote) -> Result<Written, Failure> {
        let words = text::optional("text", Some(&request.text), LONG)?;
        let photo = request.photo.as_ref().map(crate::photo::prepare).transpose()?;
        let desk = self.desk_to_write()?;
        let (id, kind) = desk.find_any("id", &request.id)?;
        let (id, kind) = match kind {
            RecordKind::Assignment => (desk.incident_of("id", id)?, RecordKind::Incident),
            kind => (id, kind),
        };
        if siaga_domain::entry::belongs("note", kind) != Some(true) {
            return Err(Failure::input(
                "id",
                "this record keeps no log",
                "write the note on an incident, a task, a patient, an assessment or an SOS",
            ));
        }
        let mut draft = Draft::append(id, kind, Vec::new());
        let entry = match (photo, words) {
            (Some(photo), words) => draft.attach(&desk, id, photo, words.unwrap_or_default())?,
            (None, Some(text)) => {
                let entry = desk.entry(Body::Note(Note { text, ..Note::default() }));
                let written = entry.id;
                draft.push(entry);
                written
            }
            (None, None) => {
                return Err(Failure::input("text", "the note is empty", "write some words or attach a photo"));
            }
        };
        let written = desk.written_as(id, entry);
        desk.save("note", &AddNote { photo: None, ..request.clone() }, draft)?;
        Ok(written)
    }
}
