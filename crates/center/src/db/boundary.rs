//! Imported outlines of villages.

use super::{DbError, Step};
use rusqlite::{Connection, params};

/// A row of `boundary`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BoundaryRow {
    pub code: String,
    pub name: String,
    /// GeoJSON geometry.
    pub geometry: String,
}

/// Puts outlines in place of those with the same codes; how many are new or different.
///
/// # Errors
/// [`DbError`] when a row cannot be written.
pub fn replace(db: &Connection, rows: &[BoundaryRow]) -> Result<usize, DbError> {
    let mut statement = db
        .prepare_cached(
            "INSERT INTO boundary (code, name, geometry) VALUES (?1, ?2, ?3)
             ON CONFLICT (code) DO UPDATE SET name = excluded.name, geometry = excluded.geometry
             WHERE name <> excluded.name OR geometry <> excluded.geometry",
        )
        .step("put an outline")?;
    let mut changed = 0_usize;
    for row in rows {
        changed = changed
            .saturating_add(statement.execute(params![row.code, row.name, row.geometry]).step("put an outline")?);
    }
    Ok(changed)
}

/// All of them, by code.
///
/// # Errors
/// [`DbError`] when a row cannot be read.
pub fn all(db: &Connection) -> Result<Vec<BoundaryRow>, DbError> {
    db.prepare_cached("SELECT code, name, geometry FROM boundary ORDER BY code")
        .step("read the outlines")?
        .query_map([], |row| Ok(BoundaryRow { code: row.get(0)?, name: row.get(1)?, geometry: row.get(2)? }))
        .step("read the outlines")?
        .collect::<Result<_, _>>()
        .step("read the outlines")
}
