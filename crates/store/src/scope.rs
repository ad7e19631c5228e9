//! The scope: which documents the center says belong on this phone, and the digest both sides compute of them.

use crate::cached::Cached as _;
use crate::failure::{Step, StoreError};
use crate::{Store, log, row};
use rusqlite::{OptionalExtension, Transaction, params};
use siaga_domain::id::{ChangeHash, RecordId};

/// What the digest is computed over.
#[derive(Clone, Debug, Default)]
pub struct DigestScope {
    /// By membership at the applied cursor.
    pub documents: Vec<(RecordId, Vec<ChangeHash>)>,
    /// Documents left out because something of theirs awaits its verdict.
    pub unsent_documents: u32,
}

impl Store {
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn digest_scope(&self) -> Result<DigestScope, StoreError> {
        let tx = self.reading()?;
        let rows: Vec<(Vec<u8>, Vec<u8>, bool)> = tx
            .prepare_cached(
                "SELECT r.id, r.heads, EXISTS (SELECT 1 FROM outbox o WHERE o.record = r.id)
                        OR EXISTS (SELECT 1 FROM change c WHERE c.record = r.id AND c.verdict = 'park')
                 FROM membership m JOIN record r ON r.id = m.record WHERE m.state = 'entered' ORDER BY r.id",
            )
            .and_then(|mut statement| {
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .step("read the scope")?;
        // A record begun here is not a member before the center has it; it waits all the same.
        let begun_here: u32 = tx
            .ask(
                "SELECT count(*) FROM (SELECT record FROM outbox UNION SELECT record FROM change WHERE verdict = 'park') o
                 WHERE NOT EXISTS (SELECT 1 FROM membership m WHERE m.record = o.record AND m.state = 'entered')",
                [],
                |row| row.get(0),
            )
            .step("read the scope")?;
        let mut scope = DigestScope { documents: Vec::new(), unsent_documents: begun_here };
        for (id, heads, waits) in rows {
            if waits {
                scope.unsent_documents = scope.unsent_documents.saturating_add(1);
            } else {
                scope.documents.push((row::record_id(&id)?, row::split(&heads)?));
            }
        }
        Ok(scope)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Entered,
    /// Left, or about to.
    Gone,
}

/// How a record stands, and since which generation; `None` when the center never spoke of it.
pub(crate) fn standing(tx: &Transaction<'_>, record: RecordId) -> Result<Option<(Standing, u32)>, StoreError> {
    tx.prepare_cached("SELECT state, generation FROM membership WHERE record = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([record.as_bytes().as_slice()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
                .optional()
        })
        .step("read the membership")
        .map(|found| {
            found.map(|(state, generation)| {
                (if state == "entered" { Standing::Entered } else { Standing::Gone }, generation)
            })
        })
}

pub(crate) fn set(
    tx: &Transaction<'_>,
    record: RecordId,
    state: &str,
    generation: u32,
    position: u64,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO membership (record, state, generation, position) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (record) DO UPDATE SET state = ?2, generation = ?3, position = ?4",
    )
    .and_then(|mut statement| {
        statement.execute(params![record.as_bytes().as_slice(), state, generation, row::signed(position)])
    })
    .step("keep the membership")?;
    Ok(())
}

/// Forgets what left the scope, once nothing of it awaits a verdict any more: no change here or parked at the center, no
/// file the center has not confirmed. What an archive names is forgotten only as that archive says it ended.
pub(crate) fn forget_what_left(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let gone: Vec<Vec<u8>> = tx
        .prepare_cached(
            "SELECT record FROM membership m WHERE state = 'leaving'
             AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.record = m.record)
             AND NOT EXISTS (SELECT 1 FROM change c WHERE c.record = m.record AND c.verdict = 'park')
             AND NOT EXISTS (SELECT 1 FROM kept k WHERE k.record = m.record)
             AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.record = m.record AND a.state = 'waiting')
             AND (NOT EXISTS (SELECT 1 FROM archived a WHERE a.record = m.record)
                  OR NOT EXISTS (SELECT 1 FROM record r WHERE r.id = m.record)
                  OR EXISTS (SELECT 1 FROM archived a JOIN record r ON r.id = a.record AND r.heads = a.heads WHERE a.record = m.record))",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .step("find what left the scope")?;
    gone.iter().try_for_each(|record| log::forget(tx, row::record_id(record)?))
}
