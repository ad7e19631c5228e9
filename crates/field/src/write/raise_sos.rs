//! A responder in danger calls for help. Holding the button again while a call stands says so in the same call: where the
//! person is by now, and that the danger goes on. The center may have ended the call where this phone has no signal.

use crate::desk::Draft;
use crate::engine::{Field, SOS};
use crate::failure::Failure;
use crate::request::RaiseSos;
use crate::view::Written;
use siaga_domain::entry::Body;
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::sos::Raised;

/// A position older than this says little about where somebody is in danger.
const FRESH_MS: i64 = 10 * 60 * 1000;

impl Field {
    /// # Errors
    /// What saving may give. Without a position the newest fix of the trail is used while it is fresh.
    pub fn raise_sos(&self, request: &RaiseSos) -> Result<Written, Failure> {
        let desk = self.desk_to_write()?;
        let position = match request.position.filter(|position| !position.is_nowhere()) {
            Some(position) => Some(position),
            None => desk.position_within(FRESH_MS)?,
        };
        let entry = desk.entry(Body::SosRaised(Raised {
            unit: desk.enrolment.unit.to_string(),
            lat: position.as_ref().map(Position::lat),
            lon: position.as_ref().map(Position::lon),
            accuracy_m: position.as_ref().and_then(Position::accuracy_m),
        }));
        if let Some(standing) = desk.own_sos()? {
            return desk.append("sos", request, standing.id, RecordKind::Sos, entry);
        }
        let id = desk.new_record();
        let written = desk.written(id, &entry);
        let mut draft = Draft::create(id, RecordKind::Sos, vec![entry]);
        draft.settings.push((SOS.to_owned(), id.to_string()));
        desk.save("sos", request, draft)?;
        Ok(written)
    }
}
