//! The sync lease: exactly one process moves bytes.
//!
//! Time is counted on the monotonic clock of one boot, so setting the phone's clock neither prolongs nor ends a
//! lease. Whoever takes it over raises the fence; every write of the one before is then refused.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Store, row};
use rusqlite::{OptionalExtension, Transaction, params};

/// The right to sync, until it expires or somebody else takes it over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    pub holder: [u8; 16],
    pub fence: u64,
}

impl Store {
    /// Takes or renews the lease. `None` while another holder's runs.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn take_lease(&self, holder: [u8; 16], monotonic_ms: i64, ttl_ms: i64) -> Result<Option<Lease>, StoreError> {
        let tx = self.writing()?;
        let known = tx
            .ask("SELECT holder, boot_id, expires_ms, fence FROM lease WHERE id = 1", [], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
            })
            .optional()
            .step("read the lease")?;
        let fence = match &known {
            Some((by, boot, expires, fence)) => {
                let mine = by == holder.as_slice();
                if !mine && *boot == self.boot_id && *expires > monotonic_ms {
                    return Ok(None);
                }
                if mine { *fence } else { fence.saturating_add(1) }
            }
            None => 1,
        };
        tx.run(
            "INSERT INTO lease (id, holder, boot_id, expires_ms, fence) VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET holder = ?1, boot_id = ?2, expires_ms = ?3, fence = ?4",
            params![holder.as_slice(), self.boot_id, monotonic_ms.saturating_add(ttl_ms), fence],
        )
        .step("take the lease")?;
        tx.commit().step("take the lease")?;
        Ok(Some(Lease { holder, fence: row::unsigned(fence) }))
    }

    /// Lets the next one begin at once. Harmless when it was lost already.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.conn
            .run(
                "UPDATE lease SET expires_ms = 0 WHERE id = 1 AND holder = ?1 AND fence = ?2",
                params![lease.holder.as_slice(), row::signed(lease.fence)],
            )
            .step("release the lease")?;
        Ok(())
    }
}

/// Asked inside each transaction of the sync side.
pub(crate) fn check(tx: &Transaction<'_>, lease: &Lease) -> Result<(), StoreError> {
    let held = tx
        .prepare_cached("SELECT 1 FROM lease WHERE id = 1 AND holder = ?1 AND fence = ?2")
        .and_then(|mut statement| statement.exists(params![lease.holder.as_slice(), row::signed(lease.fence)]))
        .step("check the lease")?;
    if held { Ok(()) } else { Err(StoreError::LeaseLost) }
}
