//! `POST /api/<command>`: the use cases as a table of contents, one line each.

use super::Desk;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use siaga_field::request::{
    Accept, AddNote, AddPatient, Assess, ById, CancelSos, Decline, DescribePatient, DraftOf, DutyOff, DutyOn, Enrol,
    HandOver, Identify, KeepPhoto, NetworkIs, Offline, Press, RaiseSos, RecordFix, RecordVitals, Report, Resolve,
    SaveDraft, SearchVillages, SetPreferences, StrikeEntry, Treat, Triage, WantFile,
};
use siaga_field::view::{Reach, SyncReport};
use siaga_field::{Failure, FailureCode, Field};

macro_rules! table {
    ($($name:literal => $use_case:ident $(($request:ty))?;)+) => {
        /// Answers a command that never waits for the network; `None` when there is no such command.
        fn answer(field: &Field, command: &str, body: &[u8]) -> Option<Result<Value, Failure>> {
            Some(match command {
                $($name => table!(@call field, body, $use_case $(, $request)?),)+
                _ => return None,
            })
        }
    };
    (@call $field:ident, $body:ident, $use_case:ident) => { $field.$use_case().and_then(said) };
    (@call $field:ident, $body:ident, $use_case:ident, $request:ty) => {
        read::<$request>($body).and_then(|request| $field.$use_case(&request)).and_then(said)
    };
}

table! {
    "home" => home;
    "tasks" => tasks;
    "task" => task(ById);
    "mark_seen" => mark_seen(ById);
    "accept" => accept(Accept);
    "decline" => decline(Decline);
    "press" => press(Press);
    "report" => report(Report);
    "add_patient" => add_patient(AddPatient);
    "describe_patient" => describe_patient(DescribePatient);
    "patient" => patient(ById);
    "identify" => identify(Identify);
    "triage" => triage(Triage);
    "vitals" => record_vitals(RecordVitals);
    "treat" => treat(Treat);
    "handover" => hand_over(HandOver);
    "note" => note(AddNote);
    "acknowledge_cancellation" => acknowledge_cancellation(ById);
    "strike" => strike(StrikeEntry);
    "assess" => assess(Assess);
    "assessment" => assessment(ById);
    "duty" => duty;
    "duty_on" => duty_on(DutyOn);
    "duty_off" => duty_off(DutyOff);
    "sos" => raise_sos(RaiseSos);
    "sos_cancel" => cancel_sos(CancelSos);
    "fix" => record_fix(RecordFix);
    "trail" => trail;
    "self_test" => self_test;
    "outbox" => outbox;
    "disputes" => disputes;
    "resolve" => resolve(Resolve);
    "get" => get(ById);
    "digest" => digest;
    "map" => map;
    "choices" => choices;
    "search_villages" => search_villages(SearchVillages);
    "save_draft" => save_draft(SaveDraft);
    "keep_photo" => keep_photo(KeepPhoto);
    "draft" => draft(DraftOf);
    "set_preferences" => set_preferences(SetPreferences);
    "enrol_code" => enrol_code(Enrol);
    "moved_seen" => moved_seen;
    "network_up" => network_up;
    "network_is" => network_is(NetworkIs);
    "want_file" => want_file(WantFile);
    "packs" => packs;
}

pub(super) async fn command(State(desk): State<Desk>, Path(command): Path<String>, body: Bytes) -> Response {
    let outcome = match command.as_str() {
        "enrol" => enrol(&desk, &body).await,
        "sync" => sync(&desk).await,
        "offline" => offline(&desk, &body),
        _ => asked(&desk, command, body).await,
    };
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(failure) => (status_of(failure.code), Json(failure)).into_response(),
    }
}

/// Use cases write to the disk and wait until it has it, so they run beside the server's own threads.
async fn asked(desk: &Desk, command: String, body: Bytes) -> Result<Value, Failure> {
    let field = std::sync::Arc::clone(&desk.field);
    tokio::task::spawn_blocking(move || answer(&field, &command, &body))
        .await
        .map_err(|_| Failure::internal("finish the command"))?
        .unwrap_or_else(|| {
            Err(Failure::new(FailureCode::NotFound, Some("command"), "there is no such command", "reload the page"))
        })
}

async fn enrol(desk: &Desk, body: &[u8]) -> Result<Value, Failure> {
    let request = read::<Enrol>(body)?;
    desk.field.enrol(&request).await.and_then(said)
}

async fn sync(desk: &Desk) -> Result<Value, Failure> {
    if *desk.offline.borrow() {
        let left = desk.field.outbox()?.sync;
        return said(SyncReport {
            reach: Reach::NoSignal,
            saved_left: left.saved.saturating_add(left.sent),
            ..SyncReport::default()
        });
    }
    desk.field.sync().await.and_then(said)
}

fn offline(desk: &Desk, body: &[u8]) -> Result<Value, Failure> {
    let offline = read::<Offline>(body)?.on;
    desk.offline.send_replace(offline);
    if offline {
        desk.field.network_lost()?;
    }
    said(())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        // A missing field is named by us; anything else might repeat what was typed.
        let text = error.to_string();
        let detail = text.split(" at line ").next().filter(|text| text.starts_with("missing field"));
        let argument = detail.and_then(|text| text.split('`').nth(1));
        Failure::new(
            FailureCode::BadInput,
            argument,
            detail.unwrap_or("the request does not have the shape of its command"),
            "correct the field and send it again",
        )
    })
}

/// Nothing to say is an empty object.
fn said(value: impl Serialize) -> Result<Value, Failure> {
    let value = serde_json::to_value(value).map_err(|_| Failure::internal("write the answer"))?;
    Ok(if value.is_null() { json!({}) } else { value })
}

const fn status_of(code: FailureCode) -> StatusCode {
    match code {
        FailureCode::BadInput => StatusCode::BAD_REQUEST,
        FailureCode::NotFound => StatusCode::NOT_FOUND,
        FailureCode::NotPermitted => StatusCode::FORBIDDEN,
        FailureCode::NotEnrolled
        | FailureCode::MovedOn
        | FailureCode::PostWouldBeEmpty
        | FailureCode::RefusedByCenter
        | FailureCode::Unsent
        | FailureCode::UpdateNeeded => StatusCode::CONFLICT,
        FailureCode::CenterNotReached => StatusCode::SERVICE_UNAVAILABLE,
        FailureCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        FailureCode::Storage | FailureCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_named_and_a_wrong_one_is_not_repeated() {
        let missing = read::<Decline>(br#"{"id":"0190"}"#).expect_err("a refusal");
        let wrong = read::<Press>(br#"{"id":"0190","status":"Siti Aminah"}"#).expect_err("a refusal");

        assert_eq!(missing.argument.as_deref(), Some("reason"));
        assert!(!wrong.to_string().contains("Siti"));
    }
}
