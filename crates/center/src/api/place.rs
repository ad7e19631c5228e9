//! Places by name and by outline, and what forms offer.

use super::console::Console;
use super::failure::ApiError;
use super::guard::Caller;
use super::input::{self, LONGEST_TEXT};
use super::request::{PlaceQuery, PointQuery};
use super::view::{CategoryChoice, Choices, PointView};
use crate::alarm;
use crate::db::boundary;
use crate::places::search;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use siaga_domain::category::Category;
use siaga_domain::coordinates::judge_text;
use siaga_domain::place::Village;
use siaga_domain::record::incident::{ClosureReason, Priority};
use std::sync::Arc;

/// Villages whose name, district or code fits, best first, at most 50.
#[utoipa::path(get, path = "/api/places", tag = "places", params(PlaceQuery),
    responses((status = 200, body = [Village]), (status = 401, body = ApiError)))]
pub async fn places(
    State(console): State<Arc<Console>>,
    _: Caller,
    Query(asked): Query<PlaceQuery>,
) -> Result<Json<Vec<Village>>, ApiError> {
    let query = asked.query.unwrap_or_default();
    Ok(Json(console.ask(move |desk| Ok(search::villages(&desk.directory.villages, &query))).await?))
}

/// Reads coordinates as people type and paste them, and says what is wrong with them: for a form, before it is sent.
#[utoipa::path(get, path = "/api/point", tag = "places", params(PointQuery),
    responses((status = 200, body = PointView), (status = 400, body = ApiError), (status = 401, body = ApiError)))]
pub async fn point(
    State(console): State<Arc<Console>>,
    _: Caller,
    Query(asked): Query<PointQuery>,
) -> Result<Json<PointView>, ApiError> {
    let text = input::optional_words("text", &asked.text, LONGEST_TEXT)?;
    Ok(Json(console.ask(move |desk| Ok(judge_text(&text, desk.region().as_ref()).into())).await?))
}

/// The imported outlines of villages as a GeoJSON FeatureCollection; for orientation, not for law.
#[utoipa::path(get, path = "/api/boundaries", tag = "places",
    responses((status = 200, content_type = "application/geo+json", body = Object), (status = 401, body = ApiError)))]
pub async fn boundaries(State(console): State<Arc<Console>>, _: Caller) -> Result<impl IntoResponse, ApiError> {
    let text = console
        .ask(|desk| {
            let features: Vec<String> = boundary::all(desk.db)?.iter().map(feature).collect();
            Ok(format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")))
        })
        .await?;
    Ok(([(CONTENT_TYPE, "application/geo+json")], text))
}

/// The geometry is kept as text that was parsed when it was imported, so it is not parsed again for each map.
fn feature(row: &boundary::BoundaryRow) -> String {
    let text = |value: &str| serde_json::Value::from(value).to_string();
    let (code, name) = (text(&row.code), text(&row.name));
    let geometry = &row.geometry;
    format!(r#"{{"type":"Feature","id":{code},"properties":{{"code":{code},"name":{name}}},"geometry":{geometry}}}"#)
}

/// What forms offer.
#[utoipa::path(get, path = "/api/choices", tag = "places",
    responses((status = 200, body = Choices), (status = 401, body = ApiError)))]
pub async fn choices(State(console): State<Arc<Console>>, _: Caller) -> Result<Json<Choices>, ApiError> {
    let choices = console
        .ask(|desk| {
            let directory = &desk.directory;
            Ok(Choices {
                categories: Category::ALL.iter().map(|category| category_choice(*category)).collect(),
                priorities: Priority::ALL.to_vec(),
                closure_reasons: ClosureReason::ALL.to_vec(),
                agencies: directory.agencies.clone(),
                units: directory.units.clone(),
                posts: directory.posts.clone(),
                facilities: directory.facilities.clone(),
                districts: directory.districts.clone(),
                ack_within_s: alarm::ack_within_s(directory),
            })
        })
        .await?;
    Ok(Json(choices))
}

fn category_choice(category: Category) -> CategoryChoice {
    let mapping = category.mapping();
    CategoryChoice {
        code: category,
        name: mapping.name.to_owned(),
        lead_agency: mapping.lead_agency.to_owned(),
        supporting: mapping.supporting.to_owned(),
        eido: mapping.eido.map(str::to_owned),
        cap: mapping.cap.map(str::to_owned),
        form: mapping.form,
    }
}
