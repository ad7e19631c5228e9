//! A phone on a disk that is full to the last block. Where no small disk can be mounted there is nothing to test on, and the
//! test says so and ends.

use siaga_domain::status::Status;
use siaga_field::FailureCode;
use siaga_field::request::{Accept, AddNote, CancelSos, RaiseSos};
use siaga_testkit::world::{Phone, World};
use siaga_tests::small_disk::SmallDisk;

fn raise() -> RaiseSos {
    RaiseSos { position: None }
}

fn has_been_damaged(phone: &Phone) -> bool {
    let health = phone.field().home().expect("answers").health;
    let set_aside = |entry: std::fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("damaged-") || name == "siaga.suspect"
    };
    health.home_lost.is_some()
        || health.damaged_waiting > 0
        || health.damaged_lost > 0
        || std::fs::read_dir(phone.home()).expect("a folder").flatten().any(set_aside)
}

#[test]
fn on_a_full_disk_a_phone_starts_shows_its_tasks_and_takes_presses_and_a_call_for_help() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.switch_off();
    let Some(disk) = SmallDisk::under(ani.home()) else {
        println!("nothing to test on: no small disk can be mounted here");
        return;
    };
    ani.switch_on();
    world.run_until_quiet();
    ani.offline();
    // Whatever is free at any moment somebody else takes.
    disk.fill();
    ani.press(&task, Status::EnRoute);
    disk.fill();
    for _ in 0..3 {
        ani.switch_off();
        disk.fill();
        ani.switch_on();
        disk.fill();
        assert_eq!(ani.field().tasks().expect("are readable").len(), 1);
        ani.press(&task, Status::OnScene);
        disk.fill();
        assert!(!has_been_damaged(&ani));
    }
    let sos = ani.field().raise_sos(&raise()).expect("is taken");
    disk.fill();
    ani.field().cancel_sos(&CancelSos { reason: "salah tekan".to_owned() }).expect("is taken");
    disk.fill();
    let note = AddNote { id: task.incident.clone(), text: "air naik".to_owned(), photo: None };
    let mut taken = 0;
    let refused = loop {
        match ani.field().note(&note) {
            Ok(_) => taken += 1,
            Err(failure) => break failure,
        }
        disk.fill();
    };
    assert_eq!(refused.code, FailureCode::StorageFull);
    for _ in 0..50 {
        ani.press(&task, Status::AtPatient);
        disk.fill();
    }

    ani.online();
    ani.try_sync().expect("answers");
    disk.fill();
    assert!(world.center().statuses(&task).contains(&Status::AtPatient), "it travels too");
    let second = world.center().assign("AMB-01", "kebakaran");
    ani.try_sync().expect("answers");
    disk.fill();
    ani.field().accept(&Accept { id: second.assignment, position: None, shown: None }).expect("is taken");
    ani.switch_off();
    disk.empty();
    ani.switch_on();
    ani.field().note(&note).expect("is taken again");
    world.run_until_quiet();
    ani.switch_off();
    disk.fill();
    ani.switch_on();

    assert!(!has_been_damaged(&ani), "and what is held is whole again");
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
    let notes = world.center().get(&format!("/api/incidents/{}", task.incident));
    assert_eq!(notes["incident"]["notes"].as_array().map(Vec::len), Some(taken + 1));
    let calls = world.center().get("/api/sos");
    assert_eq!(calls[0]["sos"]["id"], sos.id.as_str());
}

#[test]
fn a_phone_whose_reserve_is_gone_too_is_opened_for_one_process_and_another_one_is_told_that_the_disk_is_full() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.switch_off();
    let Some(disk) = SmallDisk::under(ani.home()) else {
        println!("nothing to test on: no small disk can be mounted here");
        return;
    };
    ani.switch_on();
    ani.switch_off();
    std::fs::remove_file(ani.home().join("siaga.reserve-index")).expect("lies by");
    disk.fill();

    ani.switch_on();
    disk.fill();
    ani.press(&task, Status::EnRoute);
    let refused = ani.try_sync().expect_err("a second opening");

    assert_eq!(refused.code, FailureCode::StorageFull);
    assert_eq!(ani.field().tasks().expect("are readable").len(), 1);
    disk.empty();
    ani.switch_off();
    ani.switch_on();
    world.run_until_quiet();
    assert!(!has_been_damaged(&ani));
    assert_eq!(world.center().statuses(&task), [Status::EnRoute]);
}
