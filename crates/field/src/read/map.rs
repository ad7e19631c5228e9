//! The map: own position and trail, open incidents, posts, facilities and the districts' points.

use crate::engine::Field;
use crate::failure::Failure;
use crate::read::tasks::Surroundings;
use crate::read::trail;
use crate::view::{MapIncident, MapScreen};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use std::collections::BTreeMap;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn map(&self) -> Result<MapScreen, Failure> {
        let look = self.look()?;
        let around = Surroundings::new(&look)?;
        let mine = look.enrolment.as_ref().map(|me| &me.unit);
        let mut tasks: BTreeMap<RecordId, RecordId> = BTreeMap::new();
        for stored in look.store.records(RecordKind::Assignment)? {
            if let Record::Assignment(assignment) = &stored.record
                && Some(&assignment.unit) == mine
            {
                tasks.insert(assignment.incident, stored.id);
            }
        }
        let mut incidents = Vec::new();
        for stored in look.store.records(RecordKind::Incident)? {
            if let Record::Incident(incident) = &stored.record
                && incident.closed.is_none()
            {
                incidents.push(MapIncident {
                    incident: stored.id.to_string(),
                    task: tasks.get(&stored.id).map(ToString::to_string),
                    category: incident.category.as_ref().map(|category| category.value),
                    priority: incident.priority,
                    whereabouts: around.whereabouts(incident.place.as_ref().map(|place| &place.value)),
                });
            }
        }
        let trail = trail::fixes(&look)?;
        let Surroundings { directory, here, .. } = around;
        Ok(MapScreen {
            here,
            districts: directory.districts,
            facilities: directory.facilities,
            posts: directory.posts,
            incidents,
            trail,
        })
    }
}
