//! An entry is withdrawn, in words. It stays in the record, struck through; a press is undone the same way.

use crate::engine::Field;
use crate::failure::Failure;
use crate::request::StrikeEntry;
use crate::text::{self, SHORT};
use crate::view::Written;
use siaga_domain::entry::{Body, Strike, can_be_struck};

impl Field {
    /// # Errors
    /// `BadInput` without a reason, for an entry that opens its record or is the center's alone, or for a strike itself; `NotFound` for
    /// an unknown record or entry; and what saving may give.
    pub fn strike(&self, request: &StrikeEntry) -> Result<Written, Failure> {
        let reason = text::required("reason", &request.reason, SHORT)?;
        let desk = self.desk_to_write()?;
        let (id, kind) = desk.find_any("id", &request.id)?;
        let entries = desk.entries(id)?;
        let target = desk.find_entry("entry", &request.entry, &entries)?;
        if !can_be_struck(target.body.kind()) || matches!(target.body, Body::Strike(_)) {
            return Err(Failure::input(
                "entry",
                "this entry cannot be withdrawn",
                "an SOS is withdrawn by cancelling it, an incident by a note to the center",
            ));
        }
        let entry = desk.entry(Body::Strike(Strike { target: target.id, reason }));
        desk.append("strike", request, id, kind, entry)
    }
}
