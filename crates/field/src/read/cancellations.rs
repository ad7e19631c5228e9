//! Cancelled orders that nobody on this phone acknowledged: they stay in front of the crew until somebody does, whenever
//! the cancellation arrived and whatever was restarted meanwhile.
//!
//! The acknowledged ones are kept in the home. Cancellations that were here before this version ran, or from before
//! the enrolment, are taken as known.

use crate::desk::Look;
use crate::failure::Failure;
use crate::read::tasks::Surroundings;
use crate::view::CancellationNotice;
use siaga_domain::kind::RecordKind;
use siaga_domain::record::Record;
use siaga_domain::record::assignment::Assignment;
use std::collections::BTreeSet;

/// Setting: the entries of acknowledged cancellations, as a JSON list.
pub(crate) const ACKNOWLEDGED: &str = "cancellations_acknowledged";
/// Setting: cancellations before this center time are history to this phone, milliseconds.
pub(crate) const SINCE: &str = "cancellations_since";

pub(crate) fn acknowledged(look: &Look<'_>) -> Result<Option<BTreeSet<String>>, Failure> {
    Ok(look.setting(ACKNOWLEDGED)?.map(|text| serde_json::from_str(&text).unwrap_or_default()))
}

/// Orders of this unit that were cancelled.
fn cancelled(look: &Look<'_>) -> Result<Vec<Assignment>, Failure> {
    let Some(me) = &look.enrolment else { return Ok(Vec::new()) };
    let of = |record| match record {
        Record::Assignment(assignment) if assignment.unit == me.unit && assignment.cancelled.is_some() => {
            Some(assignment)
        }
        _ => None,
    };
    Ok(look.store.records(RecordKind::Assignment)?.into_iter().filter_map(|stored| of(stored.record)).collect())
}

/// Takes every cancellation that is here as known, once: when this version first opens a home of an older one.
pub(crate) fn begin(look: &Look<'_>) -> Result<(), Failure> {
    if look.enrolment.is_none() || look.setting(ACKNOWLEDGED)?.is_some() {
        return Ok(());
    }
    let known: Vec<String> =
        cancelled(look)?.into_iter().filter_map(|one| one.cancelled.map(|is| is.author.entry)).collect();
    let text = serde_json::to_string(&known).map_err(|_| Failure::internal("write down the cancellations"))?;
    Ok(look.store.set_setting(ACKNOWLEDGED, &text)?)
}

pub(crate) fn waiting(look: &Look<'_>, around: &Surroundings) -> Result<Vec<CancellationNotice>, Failure> {
    let known = acknowledged(look)?.unwrap_or_default();
    let since = look.setting(SINCE)?.and_then(|text| text.parse::<i64>().ok()).unwrap_or(i64::MIN);
    let mut waiting = Vec::new();
    for assignment in cancelled(look)? {
        let Some(is) = assignment.cancelled else { continue };
        if known.contains(&is.author.entry) || is.author.at_ms.0 < since {
            continue;
        }
        let incident = look.store.record(assignment.incident)?.and_then(|stored| match stored.record {
            Record::Incident(incident) => Some(incident),
            _ => None,
        });
        let place = incident.as_ref().and_then(|incident| incident.place.as_ref()).map(|place| &place.value);
        waiting.push(CancellationNotice {
            task: assignment.id.to_string(),
            category: incident.as_ref().and_then(|incident| incident.category.as_ref()).map(|is| is.value),
            priority: assignment.priority,
            whereabouts: around.whereabouts(place),
            reason: is.reason,
            by: is.author.by,
            at_ms: is.author.at_ms,
            entry: is.author.entry,
        });
    }
    waiting.sort_by_key(|notice| notice.at_ms);
    Ok(waiting)
}
