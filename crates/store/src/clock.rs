//! What this phone knows of the center's time: the sharpest comparison of late, and the newest moment that is signed.
//!
//! Nothing here reads a clock. The monotonic clock counts within one boot only, so beside each reading stands whose
//! boot it was.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Store, row};
use rusqlite::{OptionalExtension, Transaction, params};
use siaga_domain::time::{ClockAnchor, ClockReading, KnownTime, UtcMs};

impl Store {
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn known_time(&self) -> Result<KnownTime, StoreError> {
        self.conn
            .prepare_cached(
                "SELECT learned_device_ms, learned_monotonic_ms, offset_ms, uncertainty_ms, learned_boot_id, signed_ms
                 FROM peer WHERE id = 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([], |row| {
                        let (offset, uncertainty): (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
                        let anchor = offset.map(|offset_ms| {
                            Ok::<_, rusqlite::Error>(ClockAnchor {
                                device: UtcMs(row.get(0)?),
                                monotonic_ms: row.get(1)?,
                                offset_ms,
                                uncertainty_ms: uncertainty.unwrap_or(0),
                            })
                        });
                        let signed: i64 = row.get(5)?;
                        Ok(KnownTime {
                            anchor: anchor.transpose()?,
                            same_boot: row.get::<_, String>(4)? == self.boot_id,
                            signed: (signed > 0).then_some(UtcMs(signed)),
                        })
                    })
                    .optional()
            })
            .step("read what is known of the center's time")
            .map(Option::unwrap_or_default)
    }

    /// The device's clocks, read against what is known of the center's.
    ///
    /// # Errors
    /// As [`known_time`](Self::known_time).
    pub fn read_clock(&self, device: UtcMs, monotonic_ms: i64) -> Result<ClockReading, StoreError> {
        Ok(self.known_time()?.reading(device, monotonic_ms, self.boot))
    }

    /// Keeps a comparison with the center's clock that came by another road than an exchange.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn learn_clock(&self, anchor: &ClockAnchor) -> Result<(), StoreError> {
        let tx = self.writing()?;
        learn(&tx, &self.boot_id, Some(anchor), None, None)?;
        tx.commit().step("keep what is known of the center's time")
    }

    /// Notes how far the satellites' time is before the estimated time of the center; only what a receiver said.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_satellite_ahead(&self, ahead_ms: i64) -> Result<(), StoreError> {
        self.conn
            .run("UPDATE peer SET satellite_ahead_ms = ?1 WHERE id = 1", [ahead_ms])
            .step("note the satellites' time")?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn satellite_ahead(&self) -> Result<Option<i64>, StoreError> {
        self.conn
            .prepare_cached("SELECT satellite_ahead_ms FROM peer WHERE id = 1")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
            .step("read the satellites' time")
            .map(Option::flatten)
    }
}

/// Keeps what an answer taught: a comparison, where it is worth more than the one that is kept, and the newest moment
/// it bears under a signature.
pub(crate) fn learn(
    tx: &Transaction<'_>,
    boot_id: &str,
    anchor: Option<&ClockAnchor>,
    signed: Option<UtcMs>,
    answered: Option<UtcMs>,
) -> Result<(), StoreError> {
    if let Some(anchor) = anchor {
        tx.run(
            "UPDATE peer SET learned_device_ms = ?1, learned_monotonic_ms = ?2, learned_boot_id = ?3, offset_ms = ?4,
               uncertainty_ms = ?5, satellite_ahead_ms = NULL WHERE id = 1",
            params![anchor.device.0, anchor.monotonic_ms, boot_id, anchor.offset_ms, anchor.uncertainty_ms],
        )
        .step("keep what is known of the center's time")?;
    }
    if let Some(signed) = signed {
        tx.run("UPDATE peer SET signed_ms = max(signed_ms, ?1) WHERE id = 1", [signed.0])
            .step("keep the newest signed moment")?;
    }
    if let Some(answered) = answered {
        // Only a center whose clock was set back answers from before what it signed.
        tx.run(
            "UPDATE peer SET signed_ms = ?1 WHERE id = 1 AND signed_ms > ?1 + ?2",
            params![answered.0, row::signed(DAY_MS)],
        )
        .step("follow a center whose clock was set back")?;
    }
    Ok(())
}

const DAY_MS: u64 = 24 * 3_600_000;
