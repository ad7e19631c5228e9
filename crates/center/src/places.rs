//! Names, codes and outlines of places: read from tables and files, searched, never invented.

pub mod areas;
pub mod boundaries;
pub mod search;

use crate::Center;
use crate::api::console::OUTLINES_STAMP;
use crate::db::boundary::{self, BoundaryRow};
use crate::db::{DbError, audit, setting};
use sha2::{Digest, Sha256};

/// Outlines were not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportBoundariesError {
    #[error(transparent)]
    Read(#[from] boundaries::ReadBoundariesError),
    #[error("could not write the outlines")]
    Write(#[from] DbError),
}

/// What an import came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct BoundariesImported {
    pub outlines: usize,
    /// Those that are new or different from before.
    pub changed: usize,
}

/// Imports every outline of a GeoJSON text, or none.
///
/// # Errors
/// [`ImportBoundariesError`]; with wrong features every one is listed.
pub fn import_boundaries(center: &Center, text: &str) -> Result<BoundariesImported, ImportBoundariesError> {
    let rows: Vec<BoundaryRow> = boundaries::read(text)?
        .into_iter()
        .map(|new| BoundaryRow { code: new.outline.code.to_string(), name: new.name, geometry: new.geometry })
        .collect();
    let now = center.now();
    let changed = center.db().write(|tx| {
        let changed = boundary::replace(tx, &rows)?;
        if changed > 0 {
            let stamp = format!("{} {}", now.0, hex::encode(Sha256::digest(text.as_bytes())));
            setting::set(tx, OUTLINES_STAMP, &stamp)?;
            let detail = format!("outlines={} changed={changed}", rows.len());
            audit::append(
                tx,
                now.0,
                &audit::Act { by: "center", act: "boundaries.import", subject: "", detail: &detail },
            )?;
        }
        Ok::<_, DbError>(changed)
    })?;
    Ok(BoundariesImported { outlines: rows.len(), changed })
}
