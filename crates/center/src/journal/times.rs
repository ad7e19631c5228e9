//! Times of records that were logged before claimed times were judged: judged once, when the center opens.

use super::WriteError;
use crate::Center;
use crate::db::claimed::{self, OldChange};
use crate::db::projection::{self, Stored};
use crate::db::{part, setting};
use siaga_domain::id::RecordId;
use std::collections::BTreeSet;

/// Setting: what was logged up to here is judged; later changes are judged as they are logged.
const JUDGED_UP_TO: &str = "times_judged_up_to";

const AT_ONCE: u16 = 1_000;

impl Center {
    /// # Errors
    /// [`WriteError`] when the database fails; the next opening goes on where this one stopped.
    pub fn judge_old_times(&self) -> Result<(), WriteError> {
        if self.setting(JUDGED_UP_TO)?.as_deref() == Some("all") {
            return Ok(());
        }
        let mut position = 0;
        let mut doubted: BTreeSet<RecordId> = BTreeSet::new();
        loop {
            let rows = self.db().read(|tx| claimed::logged_after(tx, position, AT_ONCE))?;
            position = rows.last().map_or(position, |row| row.position);
            self.db().write(|tx| {
                for OldChange { record, bytes, received, .. } in &rows {
                    if claimed::note(tx, record, bytes, *received)? {
                        doubted.insert(part::incident_of(tx, record)?.unwrap_or(*record));
                    }
                }
                Ok::<_, WriteError>(())
            })?;
            if rows.len() < usize::from(AT_ONCE) {
                break;
            }
        }
        self.db().write(|tx| {
            for record in &doubted {
                let Some(known) = projection::get(tx, record)? else { continue };
                let claims = claimed::of(tx, record)?;
                let corrected = known.record.clone().map(|shown| claims.correct(shown, known.made_ms));
                projection::put(tx, &Stored { record: corrected, ..known })?;
            }
            setting::set(tx, JUDGED_UP_TO, "all")?;
            Ok::<_, WriteError>(())
        })
    }
}
