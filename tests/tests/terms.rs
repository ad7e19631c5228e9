//! What the center has on file of a phone reaches it: letters for its patients, its unit, and what may be written; and what
//! it wrote before a move is taken all the same. Real phones and a real center over TLS.

use siaga_center::scope::MoveError;
use siaga_domain::id::DeviceId;
use siaga_domain::kind::Role;
use siaga_domain::patient_number::PatientLetters;
use siaga_domain::status::Status;
use siaga_field::FailureCode;
use siaga_field::request::{AddNote, AddPatient, ById};
use siaga_testkit::world::{Phone, Task, World};
use std::collections::BTreeSet;

fn adds_patient(phone: &Phone, task: &Task) -> String {
    let add = AddPatient {
        incident: task.incident.clone(),
        name: None,
        sex: None,
        age_years: None,
        age: None,
        age_band: None,
        complaint: None,
        nik: None,
    };
    phone.field().add_patient(&add).expect("saved").id
}

fn number(phone: &Phone, id: &str) -> Option<String> {
    let screen = phone.field().patient(&ById { id: id.to_owned() }).expect("is here");
    screen.brief.name.number.map(|number| number.to_string())
}

/// Number by id, as the console shows them; with whether each is doubtful.
fn at_console(world: &World, task: &Task) -> Vec<(String, Option<String>, bool)> {
    let incident = world.center().get(&format!("/api/incidents/{}", task.incident));
    let patients = incident.get("patients").and_then(serde_json::Value::as_array).expect("a list");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    patients
        .iter()
        .map(|one| (text(&one["id"]).expect("an id"), text(&one["number"]), one["number_doubtful"] == true))
        .collect()
}

fn note(phone: &Phone, id: &str, text: &str) {
    phone.field().note(&AddNote { id: id.to_owned(), text: text.to_owned(), photo: None }).expect("saved");
}

fn refused(phone: &Phone) -> u32 {
    phone.field().outbox().expect("answers").sync.refused
}

#[test]
fn patients_that_two_phones_add_offline_keep_their_numbers_after_the_merge() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "tabrakan");
    world.run_until_quiet();
    let first = adds_patient(&ani, &task);
    world.run_until_quiet();
    ani.offline();
    budi.offline();
    let by_budi = [adds_patient(&budi, &task), adds_patient(&budi, &task)];
    let by_ani = [adds_patient(&ani, &task), adds_patient(&ani, &task)];
    let all: Vec<&String> = std::iter::once(&first).chain(&by_ani).chain(&by_budi).collect();
    let before = ["A01", "A02", "A03", "B01", "B02"].map(|number| Some(number.to_owned()));
    let own = |phone: &Phone, ids: &[String]| ids.iter().map(|id| number(phone, id)).collect::<Vec<_>>();
    assert_eq!([own(&ani, &by_ani), own(&budi, &by_budi)].concat(), before[1..]);

    world.reconnect();
    world.run_until_quiet();

    for phone in [&ani, &budi] {
        let now: Vec<_> = all.iter().map(|id| number(phone, id)).collect();
        assert_eq!(now, before, "{}", phone.name());
    }
    let shown: BTreeSet<_> = at_console(&world, &task).into_iter().map(|(_, number, doubt)| (number, doubt)).collect();
    assert_eq!(shown, before.into_iter().map(|number| (number, false)).collect());
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
}

#[test]
fn a_phone_that_counts_over_two_incidents_never_makes_one_number_twice() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let tasks = [world.center().assign("AMB-01", "tabrakan"), world.center().assign("AMB-01", "longsor")];
    world.run_until_quiet();

    let ids = [adds_patient(&ani, &tasks[0]), adds_patient(&ani, &tasks[1])];

    assert_eq!(ids.map(|id| number(&ani, &id).expect("a number")), ["A01", "A02"]);
}

#[test]
fn a_patient_without_a_number_gets_one_of_the_center_that_never_moves() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "tabrakan");
    world.run_until_quiet();
    // As an app writes that has no letters: the home was put back, and there is no coverage.
    let copy = ani.copy_home();
    ani.switch_off();
    ani.put_back(&copy);
    ani.switch_on();
    ani.offline();
    let without = adds_patient(&ani, &task);
    let screen = ani.field().patient(&ById { id: without.clone() }).expect("is here");
    assert_eq!(screen.brief.name.number, None);
    assert_eq!(screen.brief.name.short_id, without[without.len() - 3..]);
    let by_budi = adds_patient(&budi, &task);
    world.run_until_quiet();

    world.reconnect();
    world.run_until_quiet();
    let later = adds_patient(&ani, &task);
    world.run_until_quiet();

    for phone in [&ani, &budi] {
        assert_eq!(number(phone, &without).as_deref(), Some("1"), "{}", phone.name());
        assert_eq!(number(phone, &by_budi).as_deref(), Some("B01"), "{}", phone.name());
        assert_eq!(number(phone, &later).as_deref(), Some("C01"), "other letters than before");
    }
    assert!(at_console(&world, &task).iter().all(|(.., doubtful)| !doubtful));
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
}

#[test]
fn a_copied_phone_and_its_original_never_make_one_number() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "tabrakan");
    world.run_until_quiet();
    adds_patient(&ani, &task);
    world.run_until_quiet();
    ani.switch_off();
    let copy = world.copy_of(&ani, "Salinan");
    ani.switch_on();
    world.run_until_quiet();

    for phone in [&ani, &copy, &ani, &copy] {
        adds_patient(phone, &task);
    }
    world.run_until_quiet();

    let shown = at_console(&world, &task);
    let numbers: BTreeSet<_> = shown.iter().map(|(_, number, _)| number.clone().expect("a number")).collect();
    assert_eq!(numbers.len(), 5, "{shown:?}");
    assert!(shown.iter().all(|(.., doubtful)| !doubtful), "{shown:?}");
}

#[test]
fn a_number_with_the_letters_of_another_phone_is_taken_and_shown_as_doubtful() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "tabrakan");
    world.run_until_quiet();
    let mine = adds_patient(&ani, &task);
    world.run_until_quiet();
    // A phone that says what it likes: the letters in its home are those of another.
    let store = budi.store();
    store.inspect().execute("UPDATE letters SET letters = 'A', counted = 0", []).expect("is changed");
    drop(store);
    let forged = adds_patient(&budi, &task);
    world.run_until_quiet();

    assert_eq!(refused(&budi), 0);
    let shown = at_console(&world, &task);
    for id in [&mine, &forged] {
        let one = shown.iter().find(|(known, ..)| known == id).expect("is listed");
        assert_eq!((one.1.as_deref(), one.2), (Some("A01"), true), "two with one number are told apart by their ids");
    }
    let screen = ani.field().patient(&ById { id: mine }).expect("is here");
    assert!(screen.brief.name.number_twice);
}

#[test]
fn a_center_put_back_from_a_backup_gives_no_letters_that_the_lost_life_gave() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "tabrakan");
    world.run_until_quiet();
    let backup = world.back_up();
    let [budi] = world.phones(["Budi"]);
    world.run_until_quiet();
    let lost = adds_patient(&budi, &task);
    world.run_until_quiet();
    assert_eq!(number(&budi, &lost).as_deref(), Some("B01"));

    drop(world.put_back_center(&backup));
    let [citra] = world.phones(["Citra"]);
    world.run_until_quiet();
    let new = adds_patient(&citra, &task);
    world.run_until_quiet();
    // Budi's phone is not known any more and is enrolled anew; what it wrote comes back with its number.
    let link = world.center().invite("AMB-01", Role::Medic, "Budi", budi.link().address());
    budi.enrols(&link);
    world.run_until_quiet();

    let new = number(&citra, &new).expect("a number");
    assert!(!new.starts_with('B') || new.len() > 3, "{new}");
    // As the running center does each minute.
    world.center().inner().number_patients().expect("numbered");
    let shown = at_console(&world, &task);
    assert!(shown.contains(&(lost, Some("B01".to_owned()), false)), "{shown:?}");
    assert!(number(&ani, &shown[0].0).is_some());
}

#[test]
fn a_phone_moved_by_a_new_invitation_brings_what_it_wrote_before_and_says_that_it_was_moved() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.accept(&task);
    let patient = adds_patient(&ani, &task);
    world.run_until_quiet();
    ani.offline();
    ani.press(&task, Status::EnRoute);
    note(&ani, &task.incident, "jembatan putus");
    note(&ani, &patient, "sesak");

    let link = world.center().invite("AMB-02", Role::Medic, "Ani", ani.link().address());
    ani.online();
    ani.enrols(&link);
    let moved = ani.field().home().expect("answers").me.expect("enrolled").moved.expect("moved");
    assert_eq!((moved.from_unit.as_str(), moved.unsent), ("AMB-01", 3));
    world.run_until_quiet();

    assert_eq!(refused(&ani), 0);
    assert_eq!(ani.waiting(), 0);
    assert_eq!(world.center().statuses(&task).last(), Some(&Status::EnRoute));
    ani.field().moved_seen().expect("is noted");
    assert!(ani.field().home().expect("answers").me.expect("enrolled").moved.is_none());
}

#[test]
fn a_phone_in_another_role_or_enrolled_anew_after_it_was_revoked_loses_nothing_it_wrote() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let patient = adds_patient(&ani, &task);
    world.run_until_quiet();
    for phone in [&ani, &budi] {
        phone.offline();
        note(phone, &task.incident, "sebelum");
    }
    world.center().revoke(budi.device());

    // A supervisor sees patients as a medic does; Budi comes back to another unit.
    for (phone, unit, role) in [(&ani, "AMB-01", Role::Supervisor), (&budi, "AMB-02", Role::Medic)] {
        note(phone, &patient, "lagi");
        let link = world.center().invite(unit, role, phone.name(), phone.link().address());
        phone.online();
        phone.enrols(&link);
    }
    world.run_until_quiet();

    assert_eq!([refused(&ani), refused(&budi)], [0, 0]);
    assert_eq!([ani.waiting(), budi.waiting()], [0, 0]);
}

#[test]
fn a_device_moved_at_the_center_learns_it_in_the_next_exchange_without_an_invitation() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let old = world.center().assign("AMB-01", "banjir");
    let new = world.center().assign("AMB-02", "longsor");
    world.run_until_quiet();
    let id: DeviceId = ani.device().parse().expect("an id");
    let patient = adds_patient(&budi, &old);
    world.run_until_quiet();
    ani.offline();
    ani.press(&old, Status::EnRoute);

    world.center().inner().move_device(&id, "AMB-02", None, "Rina").expect("is moved");
    world.reconnect();
    world.run_until_quiet();

    let home = ani.field().home().expect("answers");
    let me = home.me.expect("enrolled");
    assert_eq!((me.unit.as_str(), me.moved.expect("moved").from_unit.as_str()), ("AMB-02", "AMB-01"));
    assert!(home.tasks.iter().any(|task| task.incident == new.incident));
    assert_eq!((refused(&ani), world.center().statuses(&old).last()), (0, Some(&Status::EnRoute)));
    let gone = ani.field().patient(&ById { id: patient });
    assert_eq!(gone.expect_err("not any more").code, FailureCode::NotFound, "patients of the old unit are not told on");
    let ever = world.center().inner().db().read(|tx| siaga_center::db::device::units_ever(tx, &id)).expect("reads");
    assert_eq!(ever, ["AMB-01", "AMB-02"]);
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
    let nowhere = world.center().inner().move_device(&id, "AMB-99", None, "Rina");
    assert!(matches!(nowhere, Err(MoveError::UnknownUnit(_))));
}

#[test]
fn another_center_is_refused_while_something_is_unsent_and_what_was_set_aside_comes_back() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let elsewhere = World::seeded(8);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let patient = adds_patient(&ani, &task);
    world.run_until_quiet();
    ani.offline();
    ani.press(&task, Status::EnRoute);
    note(&ani, &patient, "sesak");
    let there = elsewhere.center();
    let link = || there.invite("AMB-01", Role::Medic, "Ani", there.field());

    let enrols = |link: String, set_aside| ani.try_enrol(&link, set_aside);
    let refusal = enrols(link(), false).expect_err("refused");
    assert_eq!(refusal.code, FailureCode::Unsent);
    assert!(refusal.detail.starts_with("2 "), "{refusal}");
    assert_eq!(ani.waiting(), 2);

    enrols(link(), true).expect("enrolled");
    let outbox = ani.field().outbox().expect("answers");
    assert_eq!((outbox.items.len(), ani.waiting()), (0, 0), "nothing of one center is offered to another");
    assert!(ani.field().tasks().expect("answers").is_empty());
    ani.try_sync().expect("answers");
    assert!(there.inner().record(&task.incident.parse().expect("an id")).expect("reads").is_none());

    let back = world.center().invite("AMB-02", Role::Medic, "Ani", ani.link().address());
    ani.online();
    enrols(back, false).expect("enrolled");
    assert_eq!(ani.waiting(), 2);
    world.run_until_quiet();

    assert_eq!((refused(&ani), ani.waiting()), (0, 0));
    assert_eq!(world.center().statuses(&task).last(), Some(&Status::EnRoute));
    let damage = ani.field().home().expect("answers").health.home_lost;
    assert!(damage.is_none(), "nothing was damaged");
    let names = std::fs::read_dir(ani.home()).expect("a folder").flatten().map(|entry| entry.file_name());
    let kept: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.starts_with("away-") || name.starts_with("unread-"))
        .collect();
    let of_the_other = format!("away-{}-", hex::encode(there.inner().id().as_bytes()));
    assert!(matches!(kept.as_slice(), [only] if only.starts_with(&of_the_other)), "{kept:?}");
}

#[test]
fn a_phone_that_lost_its_key_brings_what_it_wrote_to_its_new_unit() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.offline();
    ani.press(&task, Status::EnRoute);
    ani.loses_its_key();
    assert!(ani.field().home().expect("answers").me.is_none());

    let link = world.center().invite("AMB-02", Role::Medic, "Ani", ani.link().address());
    ani.online();
    ani.enrols(&link);
    world.run_until_quiet();

    assert_eq!((refused(&ani), ani.waiting()), (0, 0));
    assert_eq!(world.center().statuses(&task).last(), Some(&Status::EnRoute));
}

#[test]
fn letters_stand_for_a_device_and_for_nobody_else_for_ever() {
    let mut world = World::seeded(7);
    let phones = world.phones(["Ani", "Budi", "Citra"]);
    world.run_until_quiet();
    world.center().revoke(phones[0].device());
    let [dewi] = world.phones(["Dewi"]);
    world.run_until_quiet();
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();

    let patient = adds_patient(&dewi, &task);

    let own = number(&dewi, &patient).expect("a number");
    assert_eq!(own, format!("{}01", PatientLetters::at(3).as_str()));
}
