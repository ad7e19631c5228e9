//! Everything people disagree about, until a human chooses.

use crate::desk::Look;
use crate::engine::Field;
use crate::failure::Failure;
use crate::read::patient;
use crate::view::DisputeItem;
use siaga_domain::record::Record;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn disputes(&self) -> Result<Vec<DisputeItem>, Failure> {
        all(&self.look()?)
    }
}

pub(crate) fn all(look: &Look<'_>) -> Result<Vec<DisputeItem>, Failure> {
    let mut items = Vec::new();
    for stored in look.store.disputed()? {
        let incident = match &stored.record {
            Record::Identity(identity) => look.store.record(identity.patient)?.and_then(|of| of.record.incident()),
            record => record.incident(),
        };
        let patient = patient::name_of(look, &stored.record)?;
        items.extend(stored.record.disputes().iter().map(|dispute| DisputeItem {
            id: stored.id.to_string(),
            patient: patient.clone(),
            kind: stored.kind,
            incident: incident.map(|incident| incident.to_string()),
            dispute: dispute.clone(),
        }));
    }
    Ok(items)
}
