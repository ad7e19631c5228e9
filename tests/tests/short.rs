//! The short form of the exchange between real phones and a real center: what it weighs to the byte, and what becomes of
//! it where one side lacks something.

use siaga_domain::status::Status;
use siaga_field::request::AddNote;
use siaga_testkit::world::{Phone, Task, World};

const IDLE_BYTES: u64 = 50;
const PRESS_UP_BYTES: u64 = 250;
const PRESS_DOWN_BYTES: u64 = 130;
const TWENTY_UP_BYTES: u64 = 750;

/// A world with one medic, two orders, and nothing left to say.
fn quiet() -> (World, Phone, [Task; 2]) {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let tasks = [world.center().assign("AMB-01", "banjir"), world.center().assign("AMB-01", "longsor")];
    world.run_until_quiet();
    for task in &tasks {
        ani.accept(task);
    }
    world.run_until_quiet();
    (world, ani, tasks)
}

#[test]
fn an_idle_exchange_has_fifty_bytes_each_way() {
    let (_world, ani, _tasks) = quiet();
    let driver = ani.driver();
    ani.exchange(&driver);

    let idle = ani.exchange(&driver);

    println!("idle: {} up, {} down", idle.bytes_up, idle.bytes_down);
    assert!(idle.bytes_up <= IDLE_BYTES && idle.bytes_down <= IDLE_BYTES, "{idle:?}");
}

#[test]
fn a_press_has_250_bytes_up_and_130_down_with_its_signed_receipt() {
    let (world, ani, [task, _]) = quiet();
    let driver = ani.driver();
    ani.exchange(&driver);
    ani.press(&task, Status::EnRoute);

    let press = ani.exchange(&driver);

    println!("press: {} up, {} down", press.bytes_up, press.bytes_down);
    assert_eq!((press.sent_changes, press.receipted_changes, press.exchanges), (1, 1, 1));
    assert!(press.bytes_up <= PRESS_UP_BYTES && press.bytes_down <= PRESS_DOWN_BYTES, "{press:?}");
    assert_eq!(world.center().statuses(&task).last(), Some(&Status::EnRoute));
}

#[test]
fn twenty_presses_written_offline_have_750_bytes_and_one_exchange() {
    let (world, ani, tasks) = quiet();
    let driver = ani.driver();
    ani.exchange(&driver);
    for (status, task) in Status::ROAD.iter().cycle().zip(tasks.iter().cycle()).take(20) {
        ani.press(task, *status);
    }

    let twenty = ani.exchange(&driver);

    println!("twenty: {} up, {} down", twenty.bytes_up, twenty.bytes_down);
    assert_eq!((twenty.sent_changes, twenty.receipted_changes), (20, 20));
    assert!(twenty.bytes_up <= TWENTY_UP_BYTES, "{twenty:?}");
    world.run_until_quiet();
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
}

#[test]
fn what_others_wrote_comes_short_and_says_the_same() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "banjir setinggi dada di dua dusun");
    world.run_until_quiet();
    ani.offline();
    for number in 0..50 {
        let text = format!("air naik {} cm, {} keluarga pindah ke balai desa", 3 * number, number + 2);
        budi.field().note(&AddNote { id: task.incident.clone(), text, photo: None }).expect("saved");
    }
    while budi.sync() > 0 {}
    ani.online();
    let driver = ani.driver();

    let told = ani.exchange(&driver);

    println!("50 notes: {} down", told.bytes_down);
    assert!(told.received_changes >= 50, "{told:?}");
    assert!(told.bytes_down < 50 * 90, "{told:?}");
    world.run_until_quiet();
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
}

#[test]
fn an_incident_of_another_unit_is_listed_and_nothing_of_it_is_on_the_phone() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-02", "dua rumah roboh, penelepon Bu Rini");
    let own = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();

    let home = ani.field().home().expect("answers");

    assert_eq!(home.elsewhere.iter().map(|one| &one.incident).collect::<Vec<_>>(), [&task.incident]);
    assert!(home.elsewhere[0].whereabouts.village.is_some() && home.elsewhere[0].category.is_some());
    assert_eq!(home.tasks.iter().map(|one| &one.incident).collect::<Vec<_>>(), [&own.incident]);
    let told = serde_json::to_string(&home.elsewhere).expect("written");
    assert!(!told.contains("Rini") && !told.contains("roboh"), "{told}");
}

#[test]
fn an_incident_elsewhere_leaves_the_list_when_it_comes_here_or_is_closed() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let comes = world.center().assign("AMB-02", "banjir");
    let closes = world.center().assign("AMB-02", "longsor");
    world.run_until_quiet();
    assert_eq!(ani.field().home().expect("answers").elsewhere.len(), 2);

    let order = serde_json::json!({ "incident": comes.incident, "unit": "AMB-01", "text": "" });
    world.center().post("/api/assignments", &order);
    let path = format!("/api/incidents/{}/close", closes.incident);
    world.center().post(&path, &serde_json::json!({ "reason": "done", "text": "" }));
    world.run_until_quiet();

    let home = ani.field().home().expect("answers");
    assert!(home.elsewhere.is_empty(), "{:?}", home.elsewhere);
    assert_eq!(home.tasks[0].incident, comes.incident);
}
