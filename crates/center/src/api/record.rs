//! Any record as the center has it: its picture, the Automerge document itself, and how it came to be.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::incident::parse_id;
use super::view::{ChangeView, EntryKey, Received, RecordView};
use crate::db::{desk, projection};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use axum::response::IntoResponse;
use siaga_domain::entry::Entry;
use siaga_domain::id::{ChangeHash, EntryId, RecordId};
use siaga_domain::kind::RecordKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record's picture, and how much of it the center has.
#[utoipa::path(get, path = "/api/records/{id}", tag = "records", params(("id" = String, Path, description = "The record's id")),
    responses((status = 200, body = RecordView), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn get(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RecordView>, ApiError> {
    let id = parse_id("id", &id)?;
    let view = console
        .run(move |console| {
            let stored = found(console, &caller, &id, "record.read")?;
            let record = stored.record.ok_or_else(|| ApiError::not_found("record"))?;
            let span = console.look(|look| Ok(desk::received_span(look.db, &id)?))?;
            let received = Received {
                heads: stored.heads.iter().map(ToString::to_string).collect(),
                change_count: stored.change_count,
                first_at_ms: span.map(|(first, _)| first),
                last_at_ms: span.map(|(_, last)| last),
            };
            Ok(RecordView { record, received })
        })
        .await?;
    Ok(Json(view))
}

/// The Automerge document, saved, reloaded and compared before it is sent.
#[utoipa::path(get, path = "/api/records/{id}/automerge", tag = "records", params(("id" = String, Path, description = "The record's id")),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn automerge(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let id = parse_id("id", &id)?;
    let bytes = console
        .run(move |console| {
            found(console, &caller, &id, "record.export")?;
            let document = console.center.document(&id)?.ok_or_else(|| ApiError::not_found("record"))?;
            document.save_verified().map_err(|cause| ApiError::internal("save the document", &cause))
        })
        .await?;
    let headers: [(HeaderName, String); 2] = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.automerge\"")),
    ];
    Ok((headers, bytes))
}

/// Every change of a record, in the order the center took them.
#[utoipa::path(get, path = "/api/records/{id}/history", tag = "records", params(("id" = String, Path, description = "The record's id")),
    responses((status = 200, body = [ChangeView]), (status = 401, body = ApiError), (status = 404, body = ApiError)))]
pub async fn history(
    State(console): State<Arc<Console>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ChangeView>>, ApiError> {
    let id = parse_id("id", &id)?;
    let list = console
        .run(move |console| {
            found(console, &caller, &id, "record.history")?;
            changes(console, &id)
        })
        .await?;
    Ok(Json(list))
}

/// Reading what is known of a patient leaves a row in the audit chain before the answer goes out.
fn found(console: &Console, caller: &Caller, id: &RecordId, act: &str) -> Result<projection::Stored, ApiError> {
    let stored = console.center.record(id)?.ok_or_else(|| ApiError::not_found("record"))?;
    if matches!(stored.kind, RecordKind::Patient | RecordKind::Identity) {
        console.center.audit(&caller.user, act, &id.to_string(), stored.kind.code())?;
    }
    Ok(stored)
}

fn changes(console: &Console, id: &RecordId) -> Result<Vec<ChangeView>, ApiError> {
    let document = console.center.document(id)?.ok_or_else(|| ApiError::not_found("record"))?;
    let deps: BTreeMap<ChangeHash, Vec<ChangeHash>> =
        document.changes().into_iter().map(|change| (change.hash, change.deps)).collect();
    let entries: BTreeMap<EntryId, Entry> = document.entries().into_iter().map(|entry| (entry.id, entry)).collect();
    console.look(|look| {
        let mut brought: BTreeMap<ChangeHash, Vec<(String, EntryId)>> = BTreeMap::new();
        for (change, kind, entry) in desk::entries_by_change(look.db, id)? {
            brought.entry(change).or_default().push((kind, entry));
        }
        let logged = crate::db::log::of_record(look.db, id)?;
        Ok(logged
            .into_iter()
            .map(|change| {
                let keys = brought.remove(&change.hash).unwrap_or_default();
                let stamps: Vec<_> =
                    keys.iter().filter_map(|(_, id)| entries.get(id)).map(|entry| &entry.stamp).collect();
                let mut by: Vec<String> =
                    stamps.iter().map(|stamp| stamp.by.clone()).filter(|name| !name.is_empty()).collect();
                by.sort();
                by.dedup();
                ChangeView {
                    hash: change.hash.to_string(),
                    deps: deps.get(&change.hash).into_iter().flatten().map(ToString::to_string).collect(),
                    author: change.origin.map_or_else(|| "center".to_owned(), |device| device.to_string()),
                    unit: change.origin.and_then(|device| look.unit_of_device(&device)),
                    by,
                    actor: hex::encode(change.actor.as_bytes()),
                    seq: change.seq,
                    at_device_ms: stamps.iter().map(|stamp| stamp.clock.device).min(),
                    at_ms: stamps.iter().map(|stamp| stamp.clock.center_estimate()).min(),
                    received_at_ms: change.received_ms,
                    verdict: change.verdict,
                    entries: keys.into_iter().map(|(kind, id)| EntryKey { kind, id: id.to_string() }).collect(),
                    size_bytes: u32::try_from(change.bytes.len()).unwrap_or(u32::MAX),
                }
            })
            .collect())
    })
}
