//! The console's and other systems' HTTP API, under `/api`.
//!
//! Handlers read and write through the center's journal only. A route exists only together with its description:
//! `/api/openapi.json` is made from the same list the requests are routed by.

pub mod alert_view;
pub mod amend;
pub mod archive;
pub mod assignment;
pub mod attachment;
pub mod console;
pub mod deed;
pub mod desk;
pub mod events;
pub mod failure;
pub mod guard;
pub mod incident;
pub mod input;
pub mod pack;
pub mod place;
pub mod post;
pub mod record;
pub mod request;
pub mod session;
pub mod setting;
pub mod sos;
pub mod story;
pub mod taken;
pub mod unit;
pub mod unplaced;
pub mod verdict;
pub mod view;

use crate::Center;
use crate::storage::Room;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::IntoResponse;
use axum::{Extension, Json, Router, middleware, routing};
use console::Console;
use failure::{ApiError, ErrorCode};
use session::Transport;
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

/// No request of this API is longer.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Siaga 112",
        description = "Incidents, assignments, units and records of a 112 center. Sign in for a session cookie, or send a bearer token \
                       made with `siaga-center token`. Times are milliseconds since 1970-01-01T00:00:00Z.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(view::ChangedEvent, view::AlarmEvent)),
    modifiers(&Schemes),
    // Either alone is enough. With the cookie, unsafe requests also carry the header.
    security(("token" = []), ("cookie" = []), ("cookie" = [], "csrf" = []))
)]
struct Base;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut Description) {
        let components = openapi.components.get_or_insert_default();
        let key = |name: &str, description: &str| ApiKeyValue::with_description(name, description);
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        );
        components.add_security_scheme(
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(key(guard::COOKIE_NAME, "set by POST /api/session"))),
        );
        components.add_security_scheme(
            "csrf",
            SecurityScheme::ApiKey(ApiKey::Header(key("X-Siaga-CSRF", "the csrf of GET /api/session"))),
        );
    }
}

/// The API of a center whose console is on loopback.
pub fn router(center: Arc<Center>) -> Router {
    router_over(center, Transport::Loopback)
}

/// The API of a center, with cookies for the transport it is reached over.
pub fn router_over(center: Arc<Center>, transport: Transport) -> Router {
    let console = Console::new(center);
    let (router, description) = described(&console).split_for_parts();
    let description = Arc::new(description);
    let shown = Arc::clone(&description);
    router
        .route("/api/openapi.json", routing::get(move || async move { Json((*shown).clone()) }))
        .route("/api/{*unknown}", routing::any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(Extension(transport))
        .with_state(console)
}

/// The description of every route, for the build's own checks.
#[must_use]
pub fn description(center: Arc<Center>) -> Description {
    described(&Console::new(center)).into_openapi()
}

fn described(console: &Arc<Console>) -> OpenApiRouter<Arc<Console>> {
    let open = OpenApiRouter::with_openapi(Base::openapi()).routes(routes!(session::sign_in)).routes(routes!(health));
    let guarded = guarded().route_layer(middleware::from_fn(deed::once));
    open.merge(guarded.route_layer(middleware::from_fn_with_state(Arc::clone(console), guard::require_caller)))
}

/// Everything somebody must be signed in for.
fn guarded() -> OpenApiRouter<Arc<Console>> {
    OpenApiRouter::new()
        .routes(routes!(session::who, session::sign_out))
        .routes(routes!(incident::list, incident::create))
        .routes(routes!(incident::get))
        .routes(routes!(incident::close))
        .routes(routes!(incident::note))
        .routes(routes!(incident::resolve))
        .routes(routes!(archive::list))
        .routes(routes!(amend::priority))
        .routes(routes!(amend::category))
        .routes(routes!(amend::place))
        .routes(routes!(amend::reopen))
        .routes(routes!(assignment::list, assignment::create))
        .routes(routes!(assignment::get))
        .routes(routes!(assignment::cancel))
        .routes(routes!(unit::units))
        .routes(routes!(unit::devices))
        .routes(routes!(unit::confirm))
        .routes(routes!(unit::revoke))
        .routes(routes!(unit::release))
        .routes(routes!(unit::digest))
        .routes(routes!(verdict::list))
        .routes(routes!(verdict::bytes))
        .routes(routes!(post::posts))
        .routes(routes!(post::sos))
        .routes(routes!(post::answer))
        .routes(routes!(sos::safe))
        .routes(routes!(sos::incident))
        .routes(routes!(taken::take))
        .routes(routes!(setting::list, setting::set))
        .routes(routes!(post::alerts))
        .routes(routes!(record::get))
        .routes(routes!(record::automerge))
        .routes(routes!(record::history))
        .routes(routes!(unplaced::list))
        .routes(routes!(unplaced::place))
        .routes(routes!(place::places))
        .routes(routes!(place::point))
        .routes(routes!(place::boundaries))
        .routes(routes!(place::choices))
        .routes(routes!(attachment::get))
        .routes(routes!(pack::list))
        .routes(routes!(events::events))
}

/// Whether the center answers, its database can be read, and its disk has room.
#[utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, body = view::Health), (status = 500, body = ApiError), (status = 503, body = view::Health)))]
async fn health(State(console): State<Arc<Console>>) -> Result<(StatusCode, Json<view::Health>), ApiError> {
    let (now_ms, room) = console
        .run(|console| {
            console.center.identity()?;
            Ok((console.center.now(), console.center.storage().room()))
        })
        .await?;
    let (code, status) =
        if room == Room::Enough { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "storage") };
    Ok((code, Json(view::Health { status: status.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), now_ms })))
}

async fn unknown() -> impl IntoResponse {
    ApiError::new(ErrorCode::NotFound, "there is no such path", "see /api/openapi.json for the paths there are")
}

async fn wrong_method() -> impl IntoResponse {
    let mut answer = ApiError::new(
        ErrorCode::BadInput,
        "this path does not take this method",
        "see /api/openapi.json for the methods there are",
    )
    .into_response();
    *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    answer
}
