//! Tasks: seen, accepted, pressed, undone, and what the screens say about it.

use crate::stage::{Stage, UNIT, VILLAGE};
use siaga_domain::category::Category;
use siaga_domain::delivery::Delivery;
use siaga_domain::kind::Role;
use siaga_domain::place::{Compass, Position};
use siaga_domain::status::Status;
use siaga_field::FailureCode;
use siaga_field::request::{Accept, AddNote, ById, Decline, Press, RaiseSos, Report, StrikeEntry};

fn press(id: &str, status: Status) -> Press {
    Press { id: id.to_owned(), status, position: None, reason: None }
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
    stage.field.accept(&Accept { id: task.clone(), position }).expect("is kept");

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

    let silent = stage.field.decline(&Decline { id: task.clone(), reason: "  ".into() }).expect_err("a refusal");
    let pressed = stage.field.press(&press(&task, Status::Accepted)).expect_err("a refusal");

    assert_eq!(silent.argument.as_deref(), Some("reason"));
    assert_eq!(pressed.argument.as_deref(), Some("status"));
    stage.field.decline(&Decline { id: task, reason: "ban bocor".into() }).expect("is kept");
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
