//! Tasks: seen, accepted, pressed, undone, and what the screens say about it.

use crate::stage::{Center, Stage, UNIT, VILLAGE, Written, hear, store};
use siaga_domain::category::Category;
use siaga_domain::delivery::Delivery;
use siaga_domain::entry::Body;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::place::{Compass, Position};
use siaga_domain::record::assignment::Cancelled;
use siaga_domain::status::{KnownOutcome, Outcome, Status};
use siaga_field::FailureCode;
use siaga_field::request::{Accept, AddNote, ById, Decline, Press, RaiseSos, Report, ShownFor, StrikeEntry};

fn press(id: &str, status: Status) -> Press {
    Press { id: id.to_owned(), status, position: None, reason: None, shown: None, outcome: None }
}

fn by_id(id: &str) -> ById {
    ById { id: id.to_owned() }
}

#[test]
fn a_press_survives_the_process() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.press(&press(&task, Status::EnRoute)).expect("is kept");

    let again = Stage::reopened(stage.folder);

    let tasks = again.field.tasks().expect("tasks");
    assert_eq!(tasks.len(), 1);
    assert_eq!((tasks[0].status, tasks[0].next), (Some(Status::EnRoute), Some(Status::OnScene)));
    assert!(matches!(tasks[0].delivery, Some(Delivery::Saved { .. })));
}

#[test]
fn the_list_says_what_where_how_far_and_what_next() {
    let (stage, task, incident) = Stage::with_a_task(Role::Medic);
    let town = Position::new(-1.813, 109.958, Some(8.0)).expect("a point");
    stage.be_at(town);

    let tasks = stage.field.tasks().expect("tasks");

    let brief = &tasks[0];
    assert_eq!(
        (brief.id.as_str(), brief.incident.as_str(), brief.unit.as_str()),
        (task.as_str(), incident.as_str(), UNIT)
    );
    assert_eq!(brief.category.map(|category| category.code()), Some("BANJIR"));
    assert_eq!(brief.whereabouts.village.as_ref().map(|village| village.name.as_str()), Some("Asam Jelai"));
    assert_eq!(brief.whereabouts.compass, Some(Compass::East));
    assert!((103_000.0..105_500.0).contains(&brief.whereabouts.distance_m.expect("a distance")));
    assert!(!brief.whereabouts.distance_approximate);
    assert_eq!(brief.next, Some(Status::Accepted));
    assert!(!brief.overdue);
    stage.clock.forward(61_000);
    assert!(stage.field.tasks().expect("tasks")[0].overdue);
}

#[test]
fn a_village_without_coordinates_is_as_far_as_its_district_roughly() {
    let (stage, ..) = Stage::with_a_task(Role::Medic);
    let town = Position::new(-1.813, 109.958, Some(8.0)).expect("a point");
    stage.be_at(town);
    let reported = stage.field.report(&village_only()).expect("is kept");

    let map = stage.field.map().expect("a map");

    let drawn = map.incidents.iter().find(|incident| incident.incident == reported.id).expect("the report");
    assert!(drawn.whereabouts.position.is_none());
    assert!(drawn.whereabouts.distance_approximate);
    assert!((103_000.0..105_500.0).contains(&drawn.whereabouts.distance_m.expect("a distance")));
}

fn village_only() -> Report {
    Report {
        category: Category::Flood,
        text: "air naik".into(),
        position: None,
        village: Some(VILLAGE.into()),
        landmark: None,
        photo: None,
        outside_ok: None,
    }
}

#[test]
fn a_press_out_of_order_or_twice_is_kept() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    for status in [Status::AtPatient, Status::OnScene, Status::OnScene] {
        stage.field.press(&press(&task, status)).expect("is kept");
        stage.clock.forward(1_000);
    }

    let screen = stage.field.task(&by_id(&task)).expect("the task");
    let pressed: Vec<Status> =
        screen.steps.iter().filter(|step| step.entry.is_some()).map(|step| step.status).collect();
    assert_eq!(pressed, [Status::OnScene, Status::AtPatient]);
    assert_eq!(stage.field.outbox().expect("the outbox").sync.saved, 3);
}

#[test]
fn a_pressed_step_says_how_far_it_got_and_where_it_was_pressed() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    let position = Position::new(-1.9, 110.8, None).ok();
    stage.field.accept(&Accept { id: task.clone(), position, shown: None }).expect("is kept");

    let screen = stage.field.task(&by_id(&task)).expect("the task");

    let accepted = screen.steps.iter().find(|step| step.status == Status::Accepted).expect("a step");
    assert!(accepted.has_position);
    assert!(matches!(accepted.delivery, Some(Delivery::Saved { .. })));
    let ahead: Vec<Status> = screen.steps.iter().filter(|step| step.entry.is_none()).map(|step| step.status).collect();
    assert_eq!(ahead, Status::ROAD);
    assert_eq!(screen.dispatcher_text, "bawa perahu");
}

#[test]
fn a_press_is_undone_by_striking_it() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.press(&press(&task, Status::EnRoute)).expect("is kept");
    let wrong = stage.field.press(&press(&task, Status::OnScene)).expect("is kept");

    let strike = StrikeEntry { id: task.clone(), entry: wrong.entry, reason: "salah tekan".into() };
    stage.field.strike(&strike).expect("is struck");

    assert_eq!(stage.field.tasks().expect("tasks")[0].status, Some(Status::EnRoute));
}

#[test]
fn an_order_cannot_be_struck_away() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    let seen = stage.field.mark_seen(&by_id(&task)).expect("is kept");
    let siaga_domain::record::Record::Assignment(order) = stage.field.get(&by_id(&task)).expect("the task").record
    else {
        panic!("an assignment");
    };

    let strike = |entry: &str| StrikeEntry { id: task.clone(), entry: entry.to_owned(), reason: "tidak".into() };
    let failure = stage.field.strike(&strike(&order.ordered.entry)).expect_err("a refusal");

    assert_eq!((failure.code, failure.argument.as_deref()), (FailureCode::BadInput, Some("entry")));
    stage.field.strike(&strike(&seen.entry)).expect("what was written here is struck");
}

#[test]
fn opening_the_screen_twice_is_said_once() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    let first = stage.field.mark_seen(&by_id(&task)).expect("is kept");
    let second = stage.field.mark_seen(&by_id(&task)).expect("is kept");

    assert_eq!(first.entry, second.entry);
    assert_eq!(stage.field.outbox().expect("the outbox").items.len(), 1);
}

#[test]
fn declining_needs_a_reason_and_accepting_is_not_a_press() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    let silent =
        stage.field.decline(&Decline { id: task.clone(), reason: "  ".into(), shown: None }).expect_err("a refusal");
    let pressed = stage.field.press(&press(&task, Status::Accepted)).expect_err("a refusal");

    assert_eq!(silent.argument.as_deref(), Some("reason"));
    assert_eq!(pressed.argument.as_deref(), Some("status"));
    stage.field.decline(&Decline { id: task, reason: "ban bocor".into(), shown: None }).expect("is kept");
    assert!(!stage.field.tasks().expect("tasks")[0].open);
}

#[test]
fn a_note_on_a_task_goes_to_its_incident() {
    let (stage, task, incident) = Stage::with_a_task(Role::Medic);

    let note = AddNote { id: task, text: "jembatan putus".into(), photo: None };
    let written = stage.field.note(&note).expect("is kept");

    assert_eq!(written.id, incident);
}

#[test]
fn a_unique_beginning_of_an_id_is_enough_and_an_ambiguous_one_is_said() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    // Ids made in one moment begin alike; what is random in them comes after.
    let sos = stage.field.raise_sos(&RaiseSos::default()).expect("is kept").id;

    let ambiguous = stage.field.get(&by_id(&task[..8])).expect_err("a refusal");
    let found = stage.field.get(&by_id(&sos[..24].to_uppercase()));
    let nothing = stage.field.get(&by_id("ffffffff")).expect_err("a refusal");
    let malformed = stage.field.get(&by_id("../etc")).expect_err("a refusal");

    assert_eq!((ambiguous.code, ambiguous.argument.as_deref()), (FailureCode::BadInput, Some("id")));
    assert!(found.is_ok());
    assert_eq!(nothing.code, FailureCode::NotFound);
    assert_eq!(malformed.code, FailureCode::BadInput);
}

#[test]
fn another_guest_of_the_home_sees_a_press_and_its_stamp_moves() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    let page = stage.another_guest();
    let before = page.change_stamp().expect("a stamp");

    stage.field.press(&press(&task, Status::EnRoute)).expect("is kept");

    assert_ne!(page.change_stamp().expect("a stamp"), before);
    assert_eq!(page.tasks().expect("tasks")[0].status, Some(Status::EnRoute));
}

#[test]
fn before_enrolment_screens_are_empty_and_writing_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::reopened(folder);

    let home = stage.field.home().expect("a home");
    let failure = stage.field.press(&press("01900000", Status::EnRoute)).expect_err("a refusal");

    assert!(home.me.is_none() && home.tasks.is_empty());
    assert_eq!(failure.code, FailureCode::NotEnrolled);
}

#[test]
fn the_second_tap_of_a_double_tap_presses_nothing() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    let shown = Some(ShownFor { status: Some(Status::Accepted) });
    stage
        .field
        .accept(&Accept { id: task.clone(), position: None, shown: Some(ShownFor { status: None }) })
        .expect("is kept");
    stage.field.press(&Press { shown, ..press(&task, Status::EnRoute) }).expect("is kept");

    let again = stage.field.press(&Press { shown, ..press(&task, Status::EnRoute) }).expect_err("a refusal");
    let declined = stage
        .field
        .decline(&Decline { id: task.clone(), reason: "ban bocor".into(), shown: Some(ShownFor { status: None }) })
        .expect_err("a refusal");

    assert_eq!((again.code, declined.code), (FailureCode::MovedOn, FailureCode::MovedOn));
    let tasks = stage.field.tasks().expect("tasks");
    assert_eq!(tasks[0].status, Some(Status::EnRoute));
    assert_eq!(stage.field.outbox().expect("the outbox").sync.saved, 2);
}

#[test]
fn having_seen_the_order_is_no_step_that_a_button_waits_for() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.mark_seen(&by_id(&task)).expect("is kept");

    stage.field.accept(&Accept { id: task, position: None, shown: Some(ShownFor { status: None }) }).expect("is kept");

    assert_eq!(stage.field.tasks().expect("tasks")[0].status, Some(Status::Accepted));
}

#[test]
fn an_order_that_led_nowhere_ends_with_what_came_of_it() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.press(&press(&task, Status::OnScene)).expect("is kept");
    let outcome = Some(KnownOutcome::NothingFound);
    let early = stage.field.press(&Press { outcome, ..press(&task, Status::AtPatient) }).expect_err("a refusal");

    stage.field.press(&Press { outcome, ..press(&task, Status::Available) }).expect("is kept");

    assert_eq!((early.code, early.argument.as_deref()), (FailureCode::BadInput, Some("outcome")));
    let screen = stage.field.task(&by_id(&task)).expect("the task");
    assert!(!screen.brief.open);
    let ended = screen.steps.iter().find(|step| step.status == Status::Available).expect("a step");
    assert_eq!(ended.outcome, Some(Outcome::Known(KnownOutcome::NothingFound)));
}

#[test]
fn a_crew_that_accepted_may_decline_after_all() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.accept(&Accept { id: task.clone(), position: None, shown: None }).expect("is kept");

    let shown = Some(ShownFor { status: Some(Status::Accepted) });
    stage.field.decline(&Decline { id: task, reason: "ban bocor".into(), shown }).expect("is kept");

    let tasks = stage.field.tasks().expect("tasks");
    assert_eq!((tasks[0].status, tasks[0].open), (Some(Status::Declined), false));
}

/// The same task with the order cancelled by the center, as a later exchange brings it.
fn cancel(stage: &Stage, task: &str) {
    let id = task.parse().expect("an id");
    let document = store(stage.folder.path()).document(id).expect("answers").expect("a document");
    let changes = document.changes().into_iter().map(|change| change.bytes).collect();
    let mut record = Written { id, kind: RecordKind::Assignment, changes };
    let mut center = Center::new();
    // Past the ids that the order was made with.
    for _ in 0..1_000 {
        center.id();
    }
    center.more(&mut record, Body::Cancelled(Cancelled { reason: "api sudah padam".into() }));
    hear(stage.folder.path(), vec![record]);
}

#[test]
fn a_cancellation_that_arrives_after_a_gap_is_announced_until_somebody_acknowledges_it_once() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);
    stage.field.accept(&Accept { id: task.clone(), position: None, shown: None }).expect("is kept");
    cancel(&stage, &task);

    let stage = Stage::reopened(stage.folder);
    let announced = stage.field.home().expect("a home").cancellations;
    stage.field.acknowledge_cancellation(&by_id(&task)).expect("is kept");

    assert_eq!(announced.len(), 1);
    assert_eq!((announced[0].task.as_str(), announced[0].reason.as_str()), (task.as_str(), "api sudah padam"));
    assert!(stage.field.home().expect("a home").cancellations.is_empty());
    let again = Stage::reopened(stage.folder);
    assert!(again.field.home().expect("a home").cancellations.is_empty());
}

#[test]
fn an_order_that_is_not_cancelled_cannot_be_acknowledged_as_such() {
    let (stage, task, _) = Stage::with_a_task(Role::Medic);

    let refused = stage.field.acknowledge_cancellation(&by_id(&task)).expect_err("a refusal");

    assert_eq!(refused.code, FailureCode::BadInput);
    assert!(stage.field.home().expect("a home").cancellations.is_empty());
}

#[test]
fn what_this_phone_reported_stays_on_it_with_how_far_it_got() {
    let (stage, ..) = Stage::with_a_task(Role::Village);
    let report = Report {
        category: Category::Flood,
        text: "air masuk rumah".into(),
        position: None,
        village: Some(VILLAGE.into()),
        landmark: None,
        photo: None,
        outside_ok: None,
    };
    let written = stage.field.report(&report).expect("is kept");

    let reports = stage.field.home().expect("a home").reports;

    assert_eq!(reports.len(), 1, "the incident of the center is not among them");
    assert_eq!((reports[0].incident.as_str(), reports[0].narrative.as_str()), (written.id.as_str(), "air masuk rumah"));
    assert!(matches!(reports[0].delivery, Some(Delivery::Saved { .. })));
    assert_eq!(reports[0].closed, None);
}

#[test]
fn what_came_whole_from_the_center_is_there_and_what_was_written_here_only_by_its_receipt() {
    let (stage, task, incident) = Stage::with_a_task(Role::Medic);
    let before = stage.field.tasks().expect("tasks").remove(0).delivery;
    stage.field.note(&AddNote { id: incident.clone(), text: "air naik".into(), photo: None }).expect("is kept");

    let screen = stage.field.task(&by_id(&task)).expect("the task");

    assert!(matches!(before, Some(Delivery::Received { .. })));
    assert!(matches!(screen.note_delivery[0].delivery, Delivery::Saved { .. }));
}
