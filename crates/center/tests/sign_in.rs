//! Signing in while somebody guesses passwords, with a one-time password, and with those that everybody knows.
#![allow(clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use siaga_center::api::view::StaffRole;
use siaga_center::listen::Patience;
use siaga_center::listen::line::Line;
use siaga_center::serve::{ServeError, ServeOptions, serve};
use siaga_center::{Center, api, people};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tower::ServiceExt;

const PASSWORD: &str = "kata-sandi-sari";

struct Stage {
    center: Arc<Center>,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What an answer to a sign-in says, and the cookies it sets.
struct Said {
    status: StatusCode,
    body: Value,
    cookies: Vec<String>,
}

impl Said {
    fn cookie(&self, name: &str) -> Option<String> {
        let wanted = format!("{name}=");
        self.cookies
            .iter()
            .find(|cookie| cookie.starts_with(&wanted))
            .and_then(|cookie| cookie.split(';').next())
            .map(str::to_owned)
    }
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let center = Arc::new(Center::open(&folder.path().join("center")).expect("a center"));
        people::add(&center, "sari", "Sari", "dispatcher", PASSWORD).expect("a person");
        Self { router: api::router(Arc::clone(&center)), center, _folder: folder }
    }

    async fn sign_in(&self, from: [u8; 4], cookie: Option<&str>, body: Value) -> Said {
        sign_in(self.router.clone(), from, cookie.map(str::to_owned), body).await
    }

    async fn right(&self, from: [u8; 4], cookie: Option<&str>) -> Said {
        self.sign_in(from, cookie, json!({"user": "sari", "password": PASSWORD})).await
    }

    async fn get(&self, path: &str, cookie: &str) -> StatusCode {
        let request = Request::builder().uri(path).header(COOKIE, cookie).body(Body::empty()).expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer").status()
    }
}

async fn sign_in(router: Router, from: [u8; 4], cookie: Option<String>, body: Value) -> Said {
    let mut request = Request::builder().method("POST").uri("/api/session").header(CONTENT_TYPE, "application/json");
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let line = Arc::new(Line::new(IpAddr::from(from), None));
    let request = request.extension(line).body(Body::from(body.to_string())).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let cookies = parts.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok().map(str::to_owned));
    let cookies = cookies.collect();
    let body = to_bytes(body, 64 * 1024).await.expect("a body");
    Said { status: parts.status, body: serde_json::from_slice(&body).unwrap_or(Value::Null), cookies }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_person_signs_in_every_time_while_somebody_guesses_at_their_name() {
    let stage = Stage::set();
    let attacker = [10, 0, 0, 66];
    let known = stage.right(attacker, None).await.cookie("siaga_known").expect("a cookie of a known browser");
    let (stop, guesses, put_off) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let attack: Vec<_> = (0..16)
        .map(|number| {
            let (router, stop, guesses, put_off) =
                (stage.router.clone(), Arc::clone(&stop), Arc::clone(&guesses), Arc::clone(&put_off));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let guess = guesses.fetch_add(1, Ordering::SeqCst);
                    // At one name, and at names that nobody has.
                    let user = if number % 2 == 0 { "sari".to_owned() } else { format!("orang-{guess}") };
                    let said =
                        sign_in(router.clone(), attacker, None, json!({"user": user, "password": "salah"})).await;
                    if said.status == StatusCode::TOO_MANY_REQUESTS {
                        put_off.fetch_add(1, Ordering::SeqCst);
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    while put_off.load(Ordering::SeqCst) < 50 {
        tokio::task::yield_now().await;
    }

    let mut right = 0;
    for _ in 0..25 {
        right += usize::from(stage.right([10, 0, 0, 7], None).await.status == StatusCode::OK);
        right += usize::from(stage.right(attacker, Some(&known)).await.status == StatusCode::OK);
    }
    stop.store(true, Ordering::SeqCst);
    for one in attack {
        one.await.expect("a task");
    }

    assert_eq!(right, 50, "25 from another address, 25 from the attacker's with a browser that signed in before");
    assert!(guesses.load(Ordering::SeqCst) > 100);
}

#[tokio::test]
async fn a_guesser_is_put_off_and_no_made_up_cookie_earns_further_guesses() {
    let stage = Stage::set();
    let wrong = || json!({"user": "sari", "password": "salah"});
    for _ in 0..5 {
        assert_eq!(stage.sign_in([10, 0, 0, 66], None, wrong()).await.status, StatusCode::UNAUTHORIZED);
    }

    for cookie in [None, Some("siaga_known=73617269.00"), Some("siaga_known=sari"), Some("siaga_known=")] {
        let said = stage.sign_in([10, 0, 0, 66], cookie, wrong()).await;
        assert_eq!(
            (said.status, said.body["code"].as_str()),
            (StatusCode::TOO_MANY_REQUESTS, Some("too_many_attempts"))
        );
    }
    let known = stage.right([10, 0, 0, 7], None).await.cookie("siaga_known").expect("a cookie");
    let mut refused = Vec::new();
    for _ in 0..6 {
        refused.push(stage.sign_in([10, 0, 0, 66], Some(&known), wrong()).await.status);
    }
    assert_eq!(refused.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "a known browser has its own five, no more");
}

#[tokio::test]
async fn a_one_time_password_signs_in_once_together_with_one_of_ones_own() {
    let stage = Stage::set();
    let given = stage.center.add_person("Budi", "Budi Santoso", StaffRole::Supervisor, "test").expect("a person");
    let here = [10, 0, 0, 7];
    let ask = |password: &str, new: Option<&str>| json!({"user": "budi", "password": password, "new_password": new});

    let bare = stage.sign_in(here, None, ask(&given.password, None)).await;
    let short = stage.sign_in(here, None, ask(&given.password, Some("pendek"))).await;
    let same = stage.sign_in(here, None, ask(&given.password, Some(&given.password))).await;
    let demo = stage.sign_in(here, None, ask(&given.password, Some("latihan-supervisor"))).await;
    let renewed = stage.sign_in(here, None, ask(&given.password, Some("sandi milik budi"))).await;
    let again = stage.sign_in(here, None, ask(&given.password, Some("sandi lain budi"))).await;
    let own = stage.sign_in(here, None, ask("sandi milik budi", None)).await;

    assert_eq!((bare.status, bare.body["code"].as_str()), (StatusCode::FORBIDDEN, Some("new_password_needed")));
    assert!(bare.cookies.is_empty(), "nobody is signed in yet");
    for said in [&short, &same, &demo] {
        assert_eq!((said.status, said.body["argument"].as_str()), (StatusCode::BAD_REQUEST, Some("new_password")));
    }
    assert_eq!((renewed.status, renewed.body["role"].as_str()), (StatusCode::OK, Some("supervisor")));
    assert_eq!((again.status, own.status), (StatusCode::UNAUTHORIZED, StatusCode::OK));
}

#[tokio::test]
async fn somebody_who_ended_or_got_a_new_password_is_signed_out_at_once() {
    let stage = Stage::set();
    let here = [10, 0, 0, 7];
    let first = stage.right(here, None).await.cookie("siaga").expect("a cookie");
    assert_eq!(stage.get("/api/session", &first).await, StatusCode::OK);

    let given = stage.center.renew_password("sari", "test").expect("a password");
    assert_eq!(stage.get("/api/session", &first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.right(here, None).await.status, StatusCode::UNAUTHORIZED);
    let new = json!({"user": "sari", "password": given.password, "new_password": "sandi milik sari"});
    let second = stage.sign_in(here, None, new).await.cookie("siaga").expect("a cookie");
    stage.center.end_person("sari", "test").expect("an end");

    assert_eq!(stage.get("/api/session", &second).await, StatusCode::UNAUTHORIZED);
    let ended = stage.sign_in(here, None, json!({"user": "sari", "password": "sandi milik sari"})).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_center_that_others_reach_is_not_served_with_passwords_of_the_exercise() {
    let stage = Stage::set();
    people::add(&stage.center, "supervisor", "Supervisor", "supervisor", "latihan-supervisor").expect("a person");
    people::add(&stage.center, "budi", "Budi", "dispatcher", "latihan-dispatcher").expect("a person");
    let (_stop, stopping) = tokio::sync::watch::channel(false);
    let served = |console: &str| {
        let options = ServeOptions {
            console: console.parse().expect("an address"),
            // Never read: the passwords are looked at first.
            console_tls: Some(("/nowhere.pem".into(), "/nowhere.key".into())),
            field: "127.0.0.1:0".parse().expect("an address"),
            field_urls: Vec::new(),
            patience: Patience::of_the_field(),
        };
        serve(Arc::clone(&stage.center), options, stopping.clone())
    };

    let refused = served("0.0.0.0:0").await;
    assert!(matches!(refused.err(), Some(ServeError::DemoPasswords(users)) if users == ["budi", "supervisor"]));
    stage.center.renew_password("supervisor", "test").expect("a password");
    stage.center.end_person("budi", "test").expect("an end");
    let allowed = served("0.0.0.0:0").await;

    assert!(matches!(allowed.err(), Some(ServeError::ReadTls(..))), "the passwords are no reason any more");
}
