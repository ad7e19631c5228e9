//! Map packs, and which phones have them. Adding and withdrawing one is a command of the center.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::view::{PackPhoneView, PackView};
use crate::db::file;
use axum::Json;
use axum::extract::State;
use siaga_domain::time::UtcMs;
use std::sync::Arc;

/// Every map pack by name, with the phones it is for.
#[utoipa::path(get, path = "/api/packs", tag = "devices",
    responses((status = 200, body = [PackView]), (status = 401, body = ApiError)))]
pub async fn list(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Vec<PackView>>, ApiError> {
    let packs = console
        .run(|console| {
            let packs = console.center.db().read(|tx| {
                let packs = file::packs(tx)?;
                packs
                    .into_iter()
                    .map(|pack| {
                        let phones = file::phones_of_pack(tx, &pack)?;
                        Ok((pack, phones))
                    })
                    .collect::<Result<Vec<_>, crate::db::DbError>>()
            })?;
            Ok(packs.into_iter().map(view).collect())
        })
        .await?;
    Ok(Json(packs))
}

fn view((pack, phones): (file::Pack, Vec<file::PackPhone>)) -> PackView {
    let phone = |phone: file::PackPhone| PackPhoneView {
        device: phone.device.to_string(),
        unit: phone.unit,
        name: phone.name,
        sent_at_ms: phone.sent_ms.map(UtcMs),
    };
    PackView {
        name: pack.name,
        format: pack.kind.code().to_owned(),
        sha256: hex::encode(pack.hash),
        size_bytes: pack.size_bytes,
        added_at_ms: UtcMs(pack.added_ms),
        units: pack.units,
        phones: phones.into_iter().map(phone).collect(),
    }
}
