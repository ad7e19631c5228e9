//! Finding records without reading them all: by the beginning of an id, and those people disagree about.

use crate::failure::{Step, StoreError};
use crate::{Store, Stored, row};
use siaga_domain::id::RecordId;
use siaga_domain::kind::RecordKind;

impl Store {
    /// Records whose id begins with these hexadecimal digits (1 to 32, no hyphens), in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub fn ids_beginning(&self, digits: &str) -> Result<Vec<(RecordId, RecordKind)>, StoreError> {
        let bound = |fill: char| {
            let mut text = digits.to_owned();
            text.extend(std::iter::repeat_n(fill, 32_usize.saturating_sub(digits.len())));
            hex::decode(text).unwrap_or_default()
        };
        let (low, high) = (bound('0'), bound('f'));
        if low.len() != 16 || high.len() != 16 {
            return Ok(Vec::new());
        }
        let rows: Vec<(Vec<u8>, String)> = self
            .conn
            .prepare_cached(
                "SELECT id, kind FROM record WHERE id BETWEEN ?1 AND ?2
                 AND NOT EXISTS (SELECT 1 FROM part WHERE part.record = record.id) ORDER BY id",
            )
            .and_then(|mut statement| statement.query_map([low, high], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .step("find the records")?;
        rows.into_iter().map(|(id, kind)| Ok((row::record_id(&id)?, row::kind(&kind)?))).collect()
    }

    /// Records with a dispute in them, least recently changed first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer or a projection cannot be read back.
    pub fn disputed(&self) -> Result<Vec<Stored>, StoreError> {
        // The bodies are searched inside the database: reading a thousand to find three costs a frame.
        let ids: Vec<Vec<u8>> = self
            .conn
            .prepare_cached(
                "SELECT record FROM projection WHERE json_array_length(body, '$.disputes') > 0 ORDER BY updated_ms, record",
            )
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .step("find the disputes")?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.record(row::record_id(&id)?)?);
        }
        Ok(found)
    }
}
