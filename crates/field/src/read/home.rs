//! The header of every screen and the start page: who this phone is, what there is to do, what waits.

use crate::desk::Look;
use crate::engine::{Field, PREFERENCES};
use crate::failure::Failure;
use crate::read::tasks::Surroundings;
use crate::read::{cancellations, disputes, duty, elsewhere, outbox, reports, tasks};
use crate::start::Manner;
use crate::view::{ArchivedBrief, Health, Home, HomeLost, Me, Moved, Preferences};
use siaga_domain::record::directory::Directory;

impl Field {
    /// # Errors
    /// `Storage` when the store does not answer.
    pub fn home(&self) -> Result<Home, Failure> {
        let look = self.look()?;
        let around = Surroundings::new(&look)?;
        let home = Home {
            me: me(&look, &around.directory)?,
            sync: outbox::sync_state(&look)?,
            tasks: tasks::of_unit(&look, &around)?,
            elsewhere: elsewhere::open(&look, &around)?,
            cancellations: cancellations::waiting(&look, &around)?,
            reports: reports::own(&look, &around)?,
            sos: look.own_sos()?,
            archived: archived(&look, &around.directory)?,
            dispute_count: u32::try_from(disputes::all(&look)?.len()).unwrap_or(u32::MAX),
            health: Health { safe_start: self.manner == Manner::Safe, ..health(&look)? },
            now_ms: look.clock.device,
        };
        self.start.reached();
        Ok(home)
    }
}

/// How long a lost home is told.
const TOLD_FOR_MS: i64 = 7 * 24 * 3_600_000;
const FAULTS: u32 = 50;

fn health(look: &Look<'_>) -> Result<Health, Failure> {
    let damage = look.store.damage()?;
    let lost = look.store.faults(FAULTS)?.into_iter().find(|fault| matches!(fault.code.as_str(), "home" | "log_lost"));
    let home_lost = lost
        .filter(|fault| fault.at_ms.until(look.clock.device).saturating_abs() < TOLD_FOR_MS)
        .map(|fault| HomeLost { at_ms: fault.at_ms, saved: fault.saved, lost: fault.count });
    Ok(Health { home_lost, damaged_waiting: damage.waiting, damaged_lost: damage.lost, safe_start: false })
}

/// Lines of the list shown at once; older ones are in the archive of the center all the same.
const LINES: usize = 50;

fn archived(look: &Look<'_>, directory: &Directory) -> Result<Vec<ArchivedBrief>, Failure> {
    let lines = look.store.archived()?.into_iter().take(LINES);
    Ok(lines
        .map(|one| ArchivedBrief {
            incident: one.incident.to_string(),
            category: one.category,
            village: one.village.and_then(|code| directory.village(&code).cloned()),
            opened_at_ms: one.opened_ms,
            archived_at_ms: one.archived_ms,
            added_to: one.number > 1,
        })
        .collect())
}

fn me(look: &Look<'_>, directory: &Directory) -> Result<Option<Me>, Failure> {
    let Some(enrolment) = &look.enrolment else { return Ok(None) };
    Ok(Some(Me {
        device: enrolment.device.to_string(),
        device_name: enrolment.name.clone(),
        unit: enrolment.unit.to_string(),
        unit_name: directory.unit(&enrolment.unit).map_or_else(|| enrolment.unit.to_string(), |unit| unit.name.clone()),
        role: enrolment.role,
        center_name: enrolment.center_name.clone(),
        moved: moved(look, directory)?,
        duty: duty::current(look, directory, &look.shifts()?)?,
        preferences: preferences(look)?,
    }))
}

fn moved(look: &Look<'_>, directory: &Directory) -> Result<Option<Moved>, Failure> {
    let Some(moved) = look.store.moved()? else { return Ok(None) };
    let known = moved.from_unit.parse().ok().and_then(|code| directory.unit(&code).map(|unit| unit.name.clone()));
    Ok(Some(Moved {
        from_unit_name: known.unwrap_or_else(|| moved.from_unit.clone()),
        from_unit: moved.from_unit,
        from_role: moved.from_role,
        unsent: look.store.unsent()?,
    }))
}

/// Preferences that cannot be read back are as good as none: a theme is no reason to stop.
fn preferences(look: &Look<'_>) -> Result<Preferences, Failure> {
    Ok(look.setting(PREFERENCES)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
