//! Incidents that are not on this phone: what they are and in which village, as the center told it.

use crate::desk::Look;
use crate::failure::Failure;
use crate::read::tasks::Surroundings;
use crate::view::ElsewhereBrief;
use siaga_domain::record::incident::PlaceIs;

pub(crate) fn open(look: &Look<'_>, around: &Surroundings) -> Result<Vec<ElsewhereBrief>, Failure> {
    let all = look.store.elsewhere()?;
    Ok(all
        .into_iter()
        .map(|one| {
            let place = PlaceIs { village: one.brief.village, ..PlaceIs::default() };
            ElsewhereBrief {
                incident: one.record.to_string(),
                category: one.brief.category,
                priority: one.brief.priority,
                whereabouts: around.whereabouts(Some(&place)),
                opened_at_ms: one.brief.opened_ms,
                told_at_ms: one.told_ms,
            }
        })
        .collect())
}
