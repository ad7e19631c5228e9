//! Brings a database to this build's schema, one numbered file at a time, each in a transaction of its own.

use rusqlite::{Connection, TransactionBehavior};

/// In order; a file that was ever released is never changed.
const STEPS: [&str; 23] = [
    include_str!("001_first.sql"),
    include_str!("002_first_told.sql"),
    include_str!("003_verdicts.sql"),
    include_str!("004_files.sql"),
    include_str!("005_archive.sql"),
    include_str!("006_pack_sent.sql"),
    include_str!("007_part.sql"),
    include_str!("008_satellites.sql"),
    include_str!("009_lives.sql"),
    include_str!("010_damage.sql"),
    include_str!("011_copied.sql"),
    include_str!("012_part_number.sql"),
    include_str!("013_author.sql"),
    include_str!("014_marks.sql"),
    include_str!("015_replaced.sql"),
    include_str!("016_clock_wrong.sql"),
    include_str!("017_placing.sql"),
    include_str!("018_quota.sql"),
    include_str!("019_one_time.sql"),
    include_str!("020_claimed_time.sql"),
    include_str!("021_terms.sql"),
    include_str!("022_desk.sql"),
    include_str!("023_count.sql"),
];

/// The schema could not be brought up.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database was written by a newer build")]
    Newer,
    #[error("could not read the version of the schema")]
    Version(#[source] rusqlite::Error),
    #[error("could not apply step {step}")]
    Apply {
        step: usize,
        #[source]
        cause: rusqlite::Error,
    },
}

/// # Errors
/// [`MigrateError`]; the database then stands at the last step that succeeded.
pub fn migrate(connection: &mut Connection) -> Result<(), MigrateError> {
    loop {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(MigrateError::Version)?;
        let at: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(MigrateError::Version)?;
        let at = usize::try_from(at).map_err(|_| MigrateError::Newer)?;
        if at > STEPS.len() {
            return Err(MigrateError::Newer);
        }
        let Some(sql) = STEPS.get(at) else { return Ok(()) };
        let step = at.saturating_add(1);
        let failed = |cause| MigrateError::Apply { step, cause };
        tx.execute_batch(sql).map_err(failed)?;
        tx.pragma_update(None, "user_version", i64::try_from(step).unwrap_or(i64::MAX)).map_err(failed)?;
        tx.commit().map_err(failed)?;
    }
}
