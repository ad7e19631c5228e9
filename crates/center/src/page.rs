//! The console's page, built beforehand and carried in the binary (read from its folder in debug builds).
//!
//! Its policy allows nothing but its own scripts and styles, and map tiles of this center.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

/// The built pages. The folder may be empty: the API works without them.
#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Built;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Serves the page behind the API's routes, and puts the security headers on everything.
pub fn around(api: Router) -> Router {
    api.fallback(page).layer(middleware::from_fn(guarded))
}

async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    // An unknown API path is not a page.
    if path.starts_with("api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let name = if path.is_empty() { "console.html" } else { path };
    match Built::get(name) {
        Some(file) => {
            let media = HeaderValue::from_str(file.metadata.mimetype()).unwrap_or(HeaderValue::from_static("application/octet-stream"));
            // Files under assets/ carry the hash of their content in their name.
            let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
            ([(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, HeaderValue::from_static(cache))], file.data).into_response()
        }
        None if path.is_empty() => {
            (StatusCode::OK, Html("<!doctype html><title>Siaga 112</title><p>The pages are not built: run <code>make run</code>. The API answers under <code>/api</code>.")).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
