//! The commands of the page: one line each, name for name the responder's use cases.
//!
//! `ui/src/lib/api.ts` and `permissions/field.toml` hold the same list; `tests/tests/architecture.rs` compares the
//! three. Nothing here looks into a request or an answer.

use crate::engine::Engine;
use siaga_field::request::*;
use siaga_field::view::*;
use siaga_field::{Failure, Village};
use tauri::State;

/// Makes a Tauri command of each line `name(Request) -> Answer = the method of Field`, and the handler of them all.
///
/// They run on the runtime's threads, never on the window's: a slow disk must not freeze a finger. `.await` marks those
/// that ask the network.
macro_rules! commands {
    ($($name:ident($($request:ty)?) -> $answer:ty = $use_case:ident $(.$wait:ident)?;)*) => {
        $(commands!(@one $name($($request)?) -> $answer = $use_case $(.$wait)?);)*

        /// Answers what the page invokes.
        pub(crate) fn handler<R: tauri::Runtime>() -> impl Fn(tauri::ipc::Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
    (@one $name:ident() -> $answer:ty = $use_case:ident) => {
        #[tauri::command(async)]
        fn $name(engine: State<'_, Engine>) -> Result<$answer, Failure> {
            engine.field()?.$use_case()
        }
    };
    (@one $name:ident($request:ty) -> $answer:ty = $use_case:ident) => {
        #[tauri::command(async)]
        fn $name(engine: State<'_, Engine>, request: $request) -> Result<$answer, Failure> {
            engine.field()?.$use_case(&request)
        }
    };
    (@one $name:ident() -> $answer:ty = $use_case:ident.await) => {
        #[tauri::command]
        async fn $name(engine: State<'_, Engine>) -> Result<$answer, Failure> {
            engine.field()?.$use_case().await
        }
    };
    (@one $name:ident($request:ty) -> $answer:ty = $use_case:ident.await) => {
        #[tauri::command]
        async fn $name(engine: State<'_, Engine>, request: $request) -> Result<$answer, Failure> {
            engine.field()?.$use_case(&request).await
        }
    };
}

commands! {
    home() -> Home = home;
    tasks() -> Vec<TaskBrief> = tasks;
    task(ById) -> Task = task;
    mark_seen(ById) -> Written = mark_seen;
    accept(Accept) -> Written = accept;
    decline(Decline) -> Written = decline;
    press(Press) -> Written = press;
    report(Report) -> Written = report;
    add_patient(AddPatient) -> PatientAdded = add_patient;
    patient(ById) -> PatientScreen = patient;
    identify(Identify) -> Written = identify;
    triage(Triage) -> Written = triage;
    vitals(RecordVitals) -> Written = record_vitals;
    treat(Treat) -> Written = treat;
    handover(HandOver) -> Written = hand_over;
    note(AddNote) -> Written = note;
    strike(StrikeEntry) -> Written = strike;
    assess(Assess) -> Written = assess;
    assessment(ById) -> AssessmentScreen = assessment;
    duty() -> DutyScreen = duty;
    duty_on(DutyOn) -> Written = duty_on;
    duty_off(DutyOff) -> Written = duty_off;
    sos(RaiseSos) -> Written = raise_sos;
    sos_cancel(CancelSos) -> Written = cancel_sos;
    fix(RecordFix) -> FixTaken = record_fix;
    trail() -> Trail = trail;
    self_test() -> SelfTest = self_test;
    outbox() -> Outbox = outbox;
    disputes() -> Vec<DisputeItem> = disputes;
    resolve(Resolve) -> Written = resolve;
    get(ById) -> RecordView = get;
    digest() -> Digest = digest;
    map() -> MapScreen = map;
    choices() -> Choices = choices;
    search_villages(SearchVillages) -> Vec<Village> = search_villages;
    save_draft(SaveDraft) -> () = save_draft;
    describe_patient(DescribePatient) -> Written = describe_patient;
    keep_photo(KeepPhoto) -> Photo = keep_photo;
    acknowledge_cancellation(ById) -> Written = acknowledge_cancellation;
    draft(DraftOf) -> Draft = draft;
    set_preferences(SetPreferences) -> () = set_preferences;
    enrol_code(Enrol) -> EnrolCode = enrol_code;
    moved_seen() -> () = moved_seen;
    network_up() -> () = network_up;
    network_is(NetworkIs) -> () = network_is;
    want_file(WantFile) -> FileState = want_file;
    packs() -> Vec<Pack> = packs;
    enrol(Enrol) -> Enrolled = enrol.await;
    sync() -> SyncReport = sync.await;
}
