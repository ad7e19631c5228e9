//! Who this phone is, which center it trusts, and how things stand between them.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Lease, Store, away, compare, lease, row, terms, tracking};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use siaga_domain::id::{CenterId, DeviceId, Epoch, UnitCode};
use siaga_domain::kind::Role;
use siaga_domain::time::UtcMs;

/// What an accepted invitation gave.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub device: DeviceId,
    pub unit: UnitCode,
    pub role: Role,
    /// The device's name on the center's list.
    pub name: String,
    pub center_id: CenterId,
    pub center_name: String,
    /// Best first.
    pub urls: Vec<String>,
    /// The only root this phone trusts for its center.
    pub root_der: Vec<u8>,
    /// Ed25519, checks receipts and news.
    pub center_key: [u8; 32],
    /// As of the enrolment; `Peer` has the current one.
    pub epoch: Epoch,
    /// As of the enrolment; `Peer` has the current one.
    pub token: Option<Vec<u8>>,
    /// Center UTC at the enrolment; `None` when read back.
    pub center_ms: Option<UtcMs>,
}

/// What the last attempt to reach the center came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reach {
    #[default]
    Unknown,
    Reached,
    NoSignal,
    /// Something answered that is not our center: a captive portal, an interceptor.
    NotOurCenter,
    /// The center closed this phone's access.
    Revoked,
    /// The center needs a newer app; saving goes on.
    UpdateNeeded,
    /// This phone's clock is so wrong that the center's certificate seems not to hold.
    ClockWrong,
}

impl Reach {
    const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Reached,
        Self::NoSignal,
        Self::NotOurCenter,
        Self::Revoked,
        Self::UpdateNeeded,
        Self::ClockWrong,
    ];

    /// As it stands in the database.
    const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Reached => "reached",
            Self::NoSignal => "no_signal",
            Self::NotOurCenter => "not_our_center",
            Self::Revoked => "revoked",
            Self::UpdateNeeded => "update_needed",
            Self::ClockWrong => "clock_wrong",
        }
    }

    fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|reach| reach.code() == code).unwrap_or_default()
    }
}

/// How things stand with the center.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    pub epoch: Epoch,
    /// Applied feed positions: urgent lane, records.
    pub cursors: [u64; 2],
    pub token: Option<Vec<u8>>,
    /// Device UTC of the newest answer.
    pub last_exchange_ms: Option<UtcMs>,
    /// Center UTC of the newest receipt.
    pub last_receipt_ms: Option<UtcMs>,
    pub reach: Reach,
    /// Fixes below this number are on the center's disk.
    pub trail_received: u64,
    /// The newest later verdict the center was not told about yet; 0 for none.
    pub verdicts_up_to: u64,
}

impl Store {
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        type Raw = ([u8; 16], String, String, String, [u8; 16], String, String, Vec<u8>, [u8; 32]);
        let raw: Option<Raw> = self
            .conn
            .prepare_cached(
                "SELECT device, unit, role, name, center, center_name, urls, root_der, center_key
                 FROM enrolment WHERE id = 1",
            )
            .and_then(|mut statement| statement.query_row([], |row| row.try_into()).optional())
            .step("read the enrolment")?;
        let Some((device, unit, role, name, center, center_name, urls, root_der, center_key)) = raw else {
            return Ok(None);
        };
        let damaged = StoreError::Damaged { what: "enrolment" };
        let (Ok(unit), Ok(role), Ok(urls)) = (UnitCode::new(unit), role.parse(), serde_json::from_str(&urls)) else {
            return Err(damaged);
        };
        let peer = read_peer(&self.conn)?.ok_or(damaged)?;
        Ok(Some(Enrolment {
            device: DeviceId::from_bytes(device),
            unit,
            role,
            name,
            center_id: CenterId::from_bytes(center),
            center_name,
            urls,
            root_der,
            center_key,
            epoch: peer.epoch,
            token: peer.token,
            center_ms: None,
        }))
    }

    /// Becomes this device of this center. What waits in the outbox waits on; envelopes of an earlier enrolment
    /// are cut anew, because they speak for another device.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_enrolment(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let tx = self.writing()?;
        enrol(&tx, enrolment)?;
        tx.commit().step("keep the enrolment")
    }

    /// Is nobody's device any more. Records, the outbox, the trail and files stay as they are for the next enrolment, which
    /// cuts anew what this one cut.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn forget_enrolment(&self) -> Result<(), StoreError> {
        let step = "forget the enrolment";
        let tx = self.writing()?;
        away::remember(&tx)?;
        tx.run("DELETE FROM enrolment", []).step(step)?;
        tx.run("DELETE FROM peer", []).step(step)?;
        tx.commit().step(step)
    }

    /// `None` before enrolment.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn peer(&self) -> Result<Option<Peer>, StoreError> {
        read_peer(&self.conn)
    }

    /// Writes nothing when nothing changed, so that guests are not woken for it.
    ///
    /// # Errors
    /// [`StoreError::Sql`] when the database does not answer.
    pub fn set_reach(&self, reach: Reach) -> Result<(), StoreError> {
        self.conn
            .run("UPDATE peer SET reach = ?1 WHERE id = 1 AND reach <> ?1", [reach.code()])
            .step("keep the reach")?;
        Ok(())
    }

    /// The token opened nothing: the next request asks for a challenge.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn forget_token(&self, lease: &Lease) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        tx.run("UPDATE peer SET token = x'' WHERE id = 1", []).step("forget the token")?;
        tx.commit().step("forget the token")
    }

    /// Another life of the center: its feed is read from the beginning, and what it may have lost is offered again.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another process syncs now.
    pub fn enter_epoch(&self, lease: &Lease, epoch: Epoch) -> Result<(), StoreError> {
        let tx = self.writing()?;
        lease::check(&tx, lease)?;
        enter_epoch(&tx, epoch)?;
        tx.commit().step("enter the epoch")
    }
}

pub(crate) fn enrol(tx: &Transaction<'_>, enrolment: &Enrolment) -> Result<(), StoreError> {
    let step = "keep the enrolment";
    let urls = serde_json::to_string(&enrolment.urls).map_err(|_| StoreError::Damaged { what: "address" })?;
    let before: Option<(String, String)> = tx
        .ask("SELECT unit, role FROM enrolment WHERE id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .step(step)?;
    if let Some((unit, role)) = before
        && (unit.as_str(), role.as_str()) != (enrolment.unit.as_str(), enrolment.role.code())
    {
        terms::note_move(tx, &unit, &role, enrolment.center_ms.unwrap_or_default())?;
    }
    // Letters are of one enrolment, and every one gets its own.
    tx.execute_batch(
        "DELETE FROM letters;
     DELETE FROM setting WHERE key IN ('was', 'was_at');
         UPDATE outbox SET envelope = NULL;
         DELETE FROM envelope;
         DELETE FROM lane;
         DELETE FROM receipt;
         UPDATE attachment SET held_bytes = 0, state = 'waiting' WHERE state = 'received';",
    )
    .step(step)?;
    tx.run(
        "INSERT OR REPLACE INTO enrolment
           (id, device, unit, role, name, center, center_name, urls, root_der, center_key)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            enrolment.device.as_bytes().as_slice(),
            enrolment.unit.as_str(),
            enrolment.role.code(),
            enrolment.name,
            enrolment.center_id.as_bytes().as_slice(),
            enrolment.center_name,
            urls,
            enrolment.root_der,
            enrolment.center_key.as_slice(),
        ],
    )
    .step(step)?;
    tx.run(
        "INSERT OR REPLACE INTO peer
           (id, epoch, cursor_urgent, cursor_records, token, reach, trail_received, signed_ms)
         VALUES (1, ?1, 0, 0, ?2, ?3, 0, ?4)",
        params![
            enrolment.epoch.0.as_slice(),
            enrolment.token.clone().unwrap_or_default(),
            Reach::Unknown.code(),
            enrolment.center_ms.map_or(0, |at| at.0)
        ],
    )
    .step(step)?;
    Ok(())
}

pub(crate) fn enter_epoch(tx: &Transaction<'_>, epoch: Epoch) -> Result<(), StoreError> {
    let known = read_peer(tx)?.ok_or(StoreError::NotEnrolled)?;
    if known.epoch == epoch {
        return Ok(());
    }
    // Membership is kept, for entries bring nothing twice; generations are not, for another life counts its own.
    tx.run("UPDATE membership SET generation = 0", []).step("enter the epoch")?;
    tx.run(
        "UPDATE peer SET epoch = ?1, cursor_urgent = 0, cursor_records = 0, trail_received = 0,
           verdicts_up_to = 0, files_after = 0, thin_known = 0, terms_stamp = 0, terms_told = -1, kinds = ''
         WHERE id = 1",
        [epoch.0.as_slice()],
    )
    .step("enter the epoch")?;
    if known.epoch != Epoch::default() {
        compare::ask_in_another_life(tx)?;
        tracking::tell_again(tx)?;
        tx.run(
            "UPDATE attachment SET state = 'waiting' WHERE state = 'received' AND hash IN (SELECT hash FROM file)",
            [],
        )
        .step("enter the epoch")?;
    }
    Ok(())
}

pub(crate) fn read_peer(conn: &Connection) -> Result<Option<Peer>, StoreError> {
    conn.prepare_cached(
        "SELECT epoch, cursor_urgent, cursor_records, token, last_exchange_ms, last_receipt_ms, reach, trail_received,
                verdicts_up_to FROM peer WHERE id = 1",
    )
    .and_then(|mut statement| {
        statement
            .query_row([], |row| {
                let token: Vec<u8> = row.get(3)?;
                let reach: String = row.get(6)?;
                Ok(Peer {
                    epoch: Epoch(row.get(0)?),
                    cursors: [row::unsigned(row.get(1)?), row::unsigned(row.get(2)?)],
                    token: (!token.is_empty()).then_some(token),
                    last_exchange_ms: row.get::<_, Option<i64>>(4)?.map(UtcMs),
                    last_receipt_ms: row.get::<_, Option<i64>>(5)?.map(UtcMs),
                    reach: Reach::from_code(&reach),
                    trail_received: row::unsigned(row.get(7)?),
                    verdicts_up_to: row::unsigned(row.get(8)?),
                })
            })
            .optional()
    })
    .step("read how things stand with the center")
}
