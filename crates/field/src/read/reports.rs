//! What this phone reported, how far each report got, and what the center made of it.

use crate::desk::Look;
use crate::failure::Failure;
use crate::read::tasks::Surroundings;
use crate::view::{OtherUnit, OwnReport};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;

pub(crate) fn own(look: &Look<'_>, around: &Surroundings) -> Result<Vec<OwnReport>, Failure> {
    let mut reports = Vec::new();
    for id in look.store.written_with("opened")? {
        let Some(stored) = look.store.record(id)? else { continue };
        let delivery = stored.reached();
        let Record::Incident(incident) = stored.record else { continue };
        let units =
            look.store.of_incident(id, RecordKind::Assignment)?.into_iter().filter_map(|order| match order.record {
                Record::Assignment(order) if order.cancelled.is_none() => Some(OtherUnit {
                    at_ms: order.events.last().map(|event| event.author.at_ms),
                    unit: order.unit.to_string(),
                    status: order.status,
                }),
                _ => None,
            });
        reports.push(OwnReport {
            incident: id.to_string(),
            category: incident.category.as_ref().map(|category| category.value),
            priority: incident.priority,
            whereabouts: around.whereabouts(incident.place.as_ref().map(|place| &place.value)),
            narrative: incident.narrative,
            reported_at_ms: incident.opened.at_ms,
            delivery,
            units: units.collect(),
            closed: incident.closed.map(|closed| closed.reason),
        });
    }
    reports.sort_by_key(|report| std::cmp::Reverse(report.reported_at_ms));
    Ok(reports)
}
