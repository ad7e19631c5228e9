//! The archives of an incident, each file read back and compared at every asking.
//!
//! What is told is whether the file is as it was made. What is in it stays in it: it is read with any program that opens
//! a tar file, at the center's own machine.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::parse_id;
use super::view::ArchiveView;
use crate::archive::ARCHIVE;
use crate::db::archive::{self, Archived};
use crate::db::projection;
use axum::Json;
use axum::extract::{Path, State};
use siaga_domain::id::RecordId;
use siaga_wire::archive::verify;
use std::sync::Arc;

/// The archives of an incident, the first one first, as they stand now; none before it is archived.
#[utoipa::path(get, path = "/api/incidents/{id}/archives", tag = "incidents", params(("id" = String, Path, description = "The incident's id")),
    responses((status = 200, body = [ArchiveView]), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn list(
    State(console): State<Arc<Console>>,
    _: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ArchiveView>>, ApiError> {
    let id: RecordId = parse_id("id", &id)?;
    let archives = console
        .run(move |console| {
            let rows = console.center.db().read(|tx| {
                let known = projection::get(tx, &id)?.is_some();
                Ok::<_, crate::db::DbError>(if known { Some(archive::of(tx, &id)?) } else { None })
            })?;
            let rows = rows.ok_or_else(|| ApiError::not_found("incident"))?;
            Ok(rows.iter().map(|row| view(console, row)).collect())
        })
        .await?;
    Ok(Json(archives))
}

fn view(console: &Console, row: &Archived) -> ArchiveView {
    let center = &console.center;
    let named = verify(&row.statement, &row.signature, &center.key().public_key()).map(|statement| statement.records);
    let records = named.unwrap_or_default();
    let file = std::fs::metadata(center.dir().join(ARCHIVE).join(&row.path));
    ArchiveView {
        number: row.number,
        path: row.path.clone(),
        size_bytes: file.map_or(0, |file| file.len()),
        sha256: hex::encode(row.sha256),
        archived_at_ms: row.archived_ms,
        records: u32::try_from(records.len()).unwrap_or(u32::MAX),
        changes: records.iter().fold(0, |sum, ended| sum.saturating_add(ended.changes)),
        fault: center.archive_fault(row).map(str::to_owned),
        checked_at_ms: center.now(),
    }
}
