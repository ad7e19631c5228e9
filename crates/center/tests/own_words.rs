//! The center judges its own changes as it judges those of phones: text that a phone would refuse is refused at the
//! console, with the field's name, and nothing of it is written.

#[path = "support/world.rs"]
mod world;

use axum::http::StatusCode;
use serde_json::{Value, json};
use siaga_center::db::log::{self, Writer};
use siaga_center::journal::{RecordWrite, Start, WriteError};
use siaga_document::Document;
use siaga_domain::entry::{Body, Note};
use siaga_domain::kind::RecordKind;
use siaga_domain::record::directory::Agency;
use world::World;

/// Each is refused by the admission check of every phone.
fn unfit() -> Vec<String> {
    vec!["air\u{0}naik".to_owned(), "水".repeat(3_000), "\u{0}".to_owned(), "a".repeat(8_193)]
}

/// Every change the center wrote would be taken by a phone.
fn all_fit(world: &World) {
    let own = world.center.db().read(|tx| log::written_after(tx, Writer::Center, 0, 100_000)).expect("the log");
    assert!(!own.is_empty());
    for (position, record, bytes) in own {
        assert!(Document::check_alone(&bytes).is_ok(), "{record} at {position}");
    }
}

#[tokio::test]
async fn every_text_of_the_console_is_refused_where_a_phone_would_refuse_it() {
    let world = World::new();
    let flood = world.flood().await;
    let incident = flood.pointer("/incident/id").and_then(Value::as_str).expect("an id").to_owned();
    let order = world.order(&flood, "AMB-01").await;
    let assignment = order.get("id").and_then(Value::as_str).expect("an id").to_owned();
    let call = |field: &str, text: &str| {
        let mut call = json!({"category": "BANJIR", "narrative": "air naik", "village": "61.04.14.2015"});
        call[field] = json!(text);
        call
    };
    for text in unfit() {
        for (path, field, body) in [
            ("/api/incidents".to_owned(), "narrative", call("narrative", &text)),
            ("/api/incidents".to_owned(), "caller_name", call("caller_name", &text)),
            ("/api/incidents".to_owned(), "caller_phone", call("caller_phone", &text)),
            ("/api/incidents".to_owned(), "landmark", call("landmark", &text)),
            (format!("/api/incidents/{incident}/notes"), "text", json!({"text": text})),
            (format!("/api/incidents/{incident}/place"), "landmark", json!({"landmark": text})),
            (format!("/api/incidents/{incident}/close"), "text", json!({"reason": "done", "text": text})),
            ("/api/assignments".to_owned(), "text", json!({"incident": incident, "unit": "AMB-02", "text": text})),
            (format!("/api/assignments/{assignment}/cancel"), "reason", json!({"reason": text})),
        ] {
            let (status, answer) = world.post(&path, body).await;

            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {field}: {answer}");
            assert_eq!(answer["argument"], field, "{path}: {answer}");
            assert!(answer["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{path}: {answer}");
        }
    }

    all_fit(&world);
}

#[tokio::test]
async fn texts_that_fit_alone_and_not_together_are_refused_and_nothing_is_written() {
    let world = World::new();
    let before = world.get("/api/incidents?state=all").await;
    let (narrative, landmark) = ("水".repeat(2_700), "水".repeat(390));
    let call = json!({"category": "BANJIR", "narrative": narrative, "caller_name": landmark, "caller_phone": landmark});

    let (status, answer) = world.post("/api/incidents", call).await;

    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    assert!(answer["remedy"].as_str().is_some_and(|remedy| remedy.contains("shorten")), "{answer}");
    assert_eq!(world.get("/api/incidents?state=all").await, before);
}

#[tokio::test]
async fn the_journal_itself_writes_nothing_that_a_phone_refuses() {
    let world = World::new();
    let directory = world.center.records(RecordKind::Directory).expect("records").remove(0).id;
    let agency = |name: String| Body::Agency(Agency { code: "X".parse().expect("a code"), name });
    let flood = world.flood().await;
    let incident = flood.pointer("/incident/id").and_then(Value::as_str).expect("an id").parse().expect("an id");

    for text in unfit() {
        for (record, kind, body) in [
            (directory, RecordKind::Directory, agency(text.clone())),
            (incident, RecordKind::Incident, Body::Note(Note { text: text.clone(), ..Note::default() })),
        ] {
            let write = RecordWrite { record, kind, start: Start::Append, entries: vec![body] };
            let refused = world.center.write(write, "sistem lain");
            assert!(matches!(refused, Err(WriteError::Unfit(_) | WriteError::Author(_))), "{kind:?}");
        }
        let write = RecordWrite {
            record: incident,
            kind: RecordKind::Incident,
            start: Start::Append,
            entries: vec![Body::Note(Note { text: "ya".to_owned(), ..Note::default() })],
        };
        assert!(world.center.write(write, &text).is_err(), "the name of who writes");
    }

    all_fit(&world);
}

#[tokio::test]
async fn text_of_which_nothing_can_be_seen_counts_as_empty() {
    let world = World::new();
    let flood = world.flood().await;
    let incident = flood.pointer("/incident/id").and_then(Value::as_str).expect("an id").to_owned();

    for blank in ["\u{200b}", "\u{feff}", "\u{202e}", "\u{3164}", " \u{2060} "] {
        let (status, answer) = world.post(&format!("/api/incidents/{incident}/notes"), json!({"text": blank})).await;

        assert_eq!(status, StatusCode::BAD_REQUEST, "{blank:?}: {answer}");
    }
}
