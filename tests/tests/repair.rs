//! What is lost on one side comes back from the other: a center or a phone put back from a copy, one home on two phones,
//! two centers from one backup. The real engine and the real center over TLS.

use serde_json::json;
use siaga_center::db::{part, trail};
use siaga_domain::kind::Role;
use siaga_domain::record::Record;
use siaga_domain::status::Status;
use siaga_field::request::{AddNote, AddPatient};
use siaga_field::view::Reach;
use siaga_testkit::world::{Phone, Task, World};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Forty bytes in the middle of every document's cache, on either side.
const SPOIL_CACHES: &str =
    "UPDATE snapshot SET bytes = CAST(substr(bytes, 1, 200) || zeroblob(40) || substr(bytes, 241) AS BLOB)";

#[test]
fn a_center_put_back_from_yesterday_gets_back_its_own_orders_and_what_a_lost_phone_wrote() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let before = world.center().assign("AMB-01", "kemarin");
    world.run_until_quiet();
    let yesterday = world.back_up();
    world.passes(DAY);
    // What only the center wrote, and what a phone wrote that is never heard of again.
    let task = world.center().assign("AMB-01", "banjir di Asam Jelai");
    world.run_until_quiet();
    budi.accept(&task);
    note(&budi, &task, "jembatan putus");
    world.run_until_quiet();
    let (order, incident) = (world.center().record(&task.assignment), world.center().record(&task.incident));
    budi.offline();

    drop(world.put_back_center(&yesterday));
    assert_eq!(world.center().record(&task.assignment), None);
    ani.press(&before, Status::EnRoute);
    world.run_until_quiet();

    assert_eq!(world.center().record(&task.assignment), order);
    assert_eq!(world.center().record(&task.incident), incident);
    assert_eq!(world.center().statuses(&before), [Status::EnRoute]);
    assert_same(&world, &[&ani]);
    budi.online();
    world.run_until_quiet();
    budi.press(&task, Status::EnRoute);
    world.run_until_quiet();
    assert_eq!(world.center().statuses(&task), [Status::Accepted, Status::EnRoute]);
    assert_same(&world, &[&ani, &budi]);
    assert_eq!(world.center().inner().check().expect("a check").problems, []);
}

#[test]
fn a_part_that_a_restored_center_lost_is_read_beside_the_one_it_opened_meanwhile() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let yesterday = world.back_up();
    world.passes(DAY);
    // The first of a day opens the next part, the second stands in it.
    said_by_center(&world, &task, ["pagi", "siang"]);
    world.run_until_quiet();
    ani.offline();

    drop(world.put_back_center(&yesterday));
    said_by_center(&world, &task, ["pagi lagi", "siang lagi"]);
    ani.online();
    world.run_until_quiet();

    let mut both = notes(&world, &task);
    both.sort();
    assert_eq!(both, ["pagi", "pagi lagi", "siang", "siang lagi"]);
    let incident = task.incident.parse().expect("an id");
    let parts = world.center().inner().db().read(|tx| part::of(tx, &incident)).expect("a reading");
    assert_eq!(parts.iter().map(|part| part.part).collect::<Vec<_>>(), [2, 2], "each center's second");
    assert_same(&world, &[&ani]);
    assert_eq!(Some(ani.get(&task.incident).record), world.center().record(&task.incident));
    note(&ani, &task, "diterima");
    world.run_until_quiet();
    assert_eq!(notes(&world, &task).last().map(String::as_str), Some("diterima"));
    assert_same(&world, &[&ani]);
    assert_eq!(world.center().inner().check().expect("a check").problems, []);
}

#[test]
fn an_idle_exchange_carries_nothing_of_a_repair_and_a_daily_comparison_costs_little() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    for number in 0..30 {
        let _ = world.center().assign("AMB-01", &format!("panggilan {number}"));
    }
    world.run_until_quiet();
    let cost = |phone: &Phone| {
        let report = phone.try_sync().expect("answered");
        (report.exchanges, report.bytes_up, report.bytes_down)
    };
    let documents = u64::try_from(ani.known_documents()).expect("few");

    let (idle_exchanges, idle_up, idle_down) = cost(&ani);
    ani.store().compare_all().expect("asked");
    let (exchanges, up, down) = cost(&ani);

    assert_eq!((idle_exchanges, exchanges), (1, 1), "equal at the first look");
    assert!(idle_up < 100 && idle_down < 60, "{idle_up} {idle_down}");
    assert!(up - idle_up <= 30 * documents + 80, "{up} bytes for {documents} documents");
    assert!(down - idle_down < 250, "{down}");
}

#[test]
fn a_phone_put_back_from_last_week_takes_its_own_lost_changes_back_and_is_no_copy() {
    for with_mark in [true, false] {
        let mut world = World::seeded(7);
        let [ani, budi] = world.phones(["Ani", "Budi"]);
        let task = world.center().assign("AMB-01", "banjir");
        world.run_until_quiet();
        ani.accept(&task);
        world.run_until_quiet();
        ani.switch_off();
        let last_week = ani.copy_home();
        ani.switch_on();
        world.passes(7 * DAY);
        ani.press(&task, Status::EnRoute);
        let patient = patient_of(&ani, &task);
        world.run_until_quiet();

        ani.switch_off();
        ani.put_back(&last_week);
        if !with_mark {
            std::fs::remove_file(ani.home().join("siaga.mark")).expect("there was a mark");
        }
        ani.switch_on();
        ani.press(&task, Status::OnScene);
        world.run_until_quiet();

        assert_eq!(world.center().statuses(&task), [Status::Accepted, Status::EnRoute, Status::OnScene]);
        assert!(matches!(ani.get(&patient).record, Record::Patient(_)), "its own patient came back");
        assert_same(&world, &[&ani, &budi]);
        assert_eq!(alerts(&world, "copied_phone"), 0, "it knew before it wrote");
    }
}

#[test]
fn one_home_on_two_phones_loses_nothing_of_either_and_is_told_on_the_console() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();
    ani.switch_off();
    let copy = world.copy_of(&ani, "Salinan");
    ani.switch_on();
    world.run_until_quiet();

    for round in 0..3 {
        note(ani.offline(), &task, &format!("asli {round}"));
        note(&copy, &task, &format!("salinan {round}"));
        ani.online();
        let _ = copy.sync();
        let _ = ani.sync();
    }
    world.run_until_quiet();

    let mut notes = notes(&world, &task);
    notes.sort();
    assert_eq!(notes, ["asli 0", "asli 1", "asli 2", "salinan 0", "salinan 1", "salinan 2"]);
    assert_eq!((ani.waiting(), copy.waiting()), (0, 0));
    assert_eq!(alerts(&world, "copied_phone"), 1);
    assert_same(&world, &[&ani, &copy]);
}

#[test]
fn a_phone_put_back_numbers_its_fixes_a_second_time_and_every_one_of_them_is_kept_once() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    ani.check_in("PSC-DELTAPAWAN");
    world.drives(&ani, 3);
    world.run_until_quiet();
    ani.switch_off();
    let yesterday = ani.copy_home();
    ani.switch_on();
    world.drives(&ani, 4);
    world.run_until_quiet();

    ani.switch_off();
    ani.put_back(&yesterday);
    ani.switch_on();
    world.drives(&ani, 5);
    world.run_until_quiet();

    let device = ani.device().parse().expect("an id");
    let kept = world.center().inner().db().read(|tx| trail::count(tx, &device)).expect("counted");
    assert_eq!(kept, 3 + 4 + 5);
}

#[test]
fn two_centers_from_one_backup_the_older_life_is_not_believed_and_both_consoles_tell() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let backup = world.back_up();
    world.passes(DAY);
    let older = world.put_back_center(&backup);
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();
    assert_eq!(world.center().statuses(&task), [Status::Accepted]);

    let newer = world.change_center(older);
    ani.press(&task, Status::EnRoute);
    let met = ani.try_sync().expect("answered");
    let _ = ani.try_sync().expect("answered");

    assert_eq!(met.reach, Reach::NotOurCenter);
    assert_eq!(world.center().statuses(&task), [], "nothing was given to it");
    assert_eq!(alerts(&world, "second_center"), 1, "the older one is told");
    drop(world.change_center(newer));
    world.run_until_quiet();
    assert_eq!(world.center().statuses(&task), [Status::Accepted, Status::EnRoute]);
    assert_eq!(alerts(&world, "second_center"), 1, "and so is the newer one");
}

#[test]
fn a_center_rolled_back_without_a_word_is_shown_what_it_signed_and_begins_another_life() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let backup = world.back_up();
    ani.accept(&task);
    let later = world.center().assign("AMB-01", "longsor");
    world.run_until_quiet();

    drop(world.roll_back_center(&backup));
    world.run_until_quiet();

    assert_eq!(world.center().statuses(&task), [Status::Accepted]);
    assert!(world.center().record(&later.assignment).is_some(), "its own order came back");
    assert_same(&world, &[&ani]);
}

#[test]
fn a_phone_away_for_four_hundred_days_comes_back_and_everything_is_there() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let budi = world.phone("Budi", "AMB-01", Role::Medic);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.offline().accept(&task);
    note(&ani, &task, "masih di lokasi");

    world.passes(400 * DAY);
    let later = world.center().assign("AMB-01", "tahun depan");
    world.reconnect();
    world.run_until_quiet();

    assert_eq!(world.center().statuses(&task), [Status::Accepted]);
    assert_eq!(notes(&world, &task), ["masih di lokasi"]);
    assert!(matches!(ani.get(&later.assignment).record, Record::Assignment(_)));
    assert_same(&world, &[&ani, &budi]);
}

#[test]
fn a_document_whose_cache_is_damaged_on_the_phone_is_made_again_no_press_fails_and_the_center_is_told() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    (0..40).for_each(|number| note(&ani, &task, &format!("catatan {number}")));
    world.run_until_quiet();
    let damaged = ani.store().inspect().execute(SPOIL_CACHES, []).expect("damages");
    assert!(damaged > 0, "there was a cache");

    ani.switch_off();
    ani.switch_on();
    note(&ani, &task, "sesudahnya");
    world.run_until_quiet();

    assert_eq!(notes(&world, &task).len(), 41);
    assert_same(&world, &[&ani]);
    assert_eq!(faults_told(&world), ["cache"]);
    assert_eq!(alerts(&world, "phone_fault"), 0, "nothing was lost");
}

#[test]
fn a_document_whose_cache_is_damaged_at_the_center_is_made_again_and_written_down() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    (0..40).for_each(|number| note(&ani, &task, &format!("catatan {number}")));
    world.run_until_quiet();
    let damaged = at_center(&world, SPOIL_CACHES);
    assert!(damaged > 0, "there was a cache");
    restart_center(&mut world);

    note(&ani, &task, "sesudahnya");
    world.run_until_quiet();
    world.center().inner().look_over(1_000).expect("looks");

    assert_eq!(notes(&world, &task).len(), 41);
    assert_same(&world, &[&ani]);
    assert_eq!(acts(&world, "snapshot.damaged"), 1);
    assert_eq!(world.center().inner().check().expect("a check").problems, []);
}

#[test]
fn a_damaged_order_on_a_phone_comes_again_from_the_center() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir di Asam Jelai");
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();
    // The order, and what the center said when it brought it.
    assert_eq!(damage(&ani, "origin = 'center' AND kind = 'assignment'"), 1);

    ani.switch_off();
    ani.switch_on();
    ani.press(&task, Status::EnRoute);
    assert_eq!(ani.store().damage().expect("answers").waiting, 1, "kept aside, and the press is saved");
    world.run_until_quiet();

    let store = ani.store();
    assert_eq!(store.check_documents(siaga_domain::time::UtcMs(0)).expect("checks"), siaga_store::Damage::default());
    assert_eq!(world.center().statuses(&task), [Status::Accepted, Status::EnRoute]);
    assert!(matches!(ani.get(&task.assignment).record, Record::Assignment(order) if order.events.len() == 2));
    assert_same(&world, &[&ani]);
    assert_eq!(doubled(&ani), 0);
}

#[test]
fn what_a_phone_wrote_and_the_center_has_comes_back_when_it_is_damaged_here() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    note(&ani, &task, "jembatan putus");
    note(&ani, &task, "air naik");
    world.run_until_quiet();
    let first =
        "hash = (SELECT hash FROM change WHERE origin = 'local' AND kind = 'incident' ORDER BY position LIMIT 1)";
    assert_eq!(damage(&ani, first), 1);

    world.run_until_quiet();

    let store = ani.store();
    assert_eq!(store.check_documents(siaga_domain::time::UtcMs(0)).expect("checks"), siaga_store::Damage::default());
    assert_eq!(notes(&world, &task), ["jembatan putus", "air naik"]);
    assert_same(&world, &[&ani]);
    assert_eq!((ani.waiting(), doubled(&ani)), (0, 0));
}

#[test]
fn an_order_damaged_at_the_center_comes_again_from_a_phone_that_has_it() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    ani.accept(&task);
    world.run_until_quiet();
    let order = world.center().record(&task.assignment);
    let damaged = at_center(
        &world,
        "UPDATE change SET bytes = CAST(substr(bytes, 1, 40) || x'00ff00' || substr(bytes, 44) AS BLOB)
         WHERE length(origin) = 0 AND record IN (SELECT record FROM projection WHERE kind = 'assignment')",
    );
    assert!(damaged > 0);
    restart_center(&mut world);
    world.center().inner().look_over(10_000).expect("looks");
    assert_eq!(alerts(&world, "damaged_record"), 1);
    assert!(!world.center().inner().check().expect("a check").problems.is_empty());

    // What it brings meanwhile waits for the rest, and stops nothing.
    budi.press(&task, Status::EnRoute);
    world.run_until_quiet();

    assert_eq!(world.center().inner().check().expect("a check").problems, []);
    assert_eq!(world.center().statuses(&task), [Status::Accepted, Status::EnRoute]);
    assert_ne!(world.center().record(&task.assignment), order, "it went on");
    assert_eq!(alerts(&world, "damaged_record"), 0);
    assert_same(&world, &[&ani, &budi]);
}

#[test]
fn what_a_phone_brought_and_is_damaged_at_the_center_is_mended_from_its_envelope() {
    let mut world = World::seeded(7);
    let [ani] = world.phones(["Ani"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    note(&ani, &task, "jembatan putus");
    world.run_until_quiet();
    let damaged = at_center(
        &world,
        "UPDATE change SET bytes = CAST(substr(bytes, 1, 40) || x'00ff00' || substr(bytes, 44) AS BLOB)
         WHERE length(origin) = 16",
    );
    assert!(damaged > 0);
    restart_center(&mut world);

    world.center().inner().look_over(10_000).expect("looks");

    assert_eq!(world.center().inner().check().expect("a check").problems, []);
    assert_eq!(notes(&world, &task), ["jembatan putus"]);
    assert_eq!(alerts(&world, "damaged_record"), 0);
}

/// Bytes of changes become others, and every other copy of them on the phone goes.
fn damage(phone: &Phone, which: &str) -> usize {
    let store = phone.store();
    let sql = format!(
        "UPDATE change SET bytes = CAST(substr(bytes, 1, 40) || x'00ff00' || substr(bytes, 44) AS BLOB) WHERE {which}"
    );
    let damaged = store.inspect().execute(&sql, []).expect("damages");
    store
        .inspect()
        .execute_batch(
            "DELETE FROM snapshot; UPDATE told SET news = zeroblob(9); UPDATE envelope SET sealed = zeroblob(9)",
        )
        .expect("damages");
    damaged
}

/// Entries that stand under more than one change of this phone.
fn doubled(phone: &Phone) -> i64 {
    let sql = "SELECT count(*) FROM (SELECT entry FROM entry n JOIN change c ON c.hash = n.change
               WHERE c.verdict NOT IN ('refuse', 'replayed') GROUP BY entry HAVING count(*) > 1)";
    phone.store().inspect().query_row(sql, [], |row| row.get(0)).expect("answers")
}

fn at_center(world: &World, sql: &str) -> usize {
    let written = world.center().inner().db().write(|db| Ok::<_, siaga_center::db::DbError>(db.execute(sql, [])));
    written.expect("a transaction").expect("damages")
}

/// The same center in a process that remembers nothing.
fn restart_center(world: &mut World) {
    let as_it_is = world.back_up();
    drop(world.roll_back_center(&as_it_is));
}

fn acts(world: &World, act: &str) -> i64 {
    let sql = "SELECT count(*) FROM audit WHERE act = ?1";
    let count =
        world.center().inner().db().read(|db| {
            Ok::<_, siaga_center::db::DbError>(db.query_row(sql, [act], |row| row.get(0)).expect("answers"))
        });
    count.expect("a transaction")
}

fn faults_told(world: &World) -> Vec<String> {
    let faults = world.center().inner().db().read(|db| {
        let mut statement =
            db.prepare("SELECT code FROM device_fault ORDER BY received_ms, number").expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("answers");
        Ok::<Vec<String>, siaga_center::db::DbError>(rows.map(|row| row.expect("a row")).collect())
    });
    faults.expect("a transaction")
}

fn assert_same(world: &World, phones: &[&Phone]) {
    for phone in phones {
        assert_eq!(phone.waiting(), 0, "{}", phone.name());
        assert_eq!(phone.digest(), world.center().digest(phone.device()), "{}", phone.name());
    }
}

fn note(phone: &Phone, task: &Task, text: &str) {
    let request: AddNote = serde_json::from_value(json!({ "id": task.incident, "text": text })).expect("a request");
    phone.field().note(&request).expect("saved");
}

fn said_by_center(world: &World, task: &Task, texts: [&str; 2]) {
    for text in texts {
        let _ = world.center().post(&format!("/api/incidents/{}/notes", task.incident), &json!({ "text": text }));
    }
}

fn patient_of(phone: &Phone, task: &Task) -> String {
    let request: AddPatient =
        serde_json::from_value(json!({ "incident": task.incident, "age_years": 32 })).expect("a request");
    phone.field().add_patient(&request).expect("saved").id
}

fn notes(world: &World, task: &Task) -> Vec<String> {
    match world.center().record(&task.incident) {
        Some(Record::Incident(incident)) => incident.notes.into_iter().map(|note| note.text).collect(),
        _ => Vec::new(),
    }
}

fn alerts(world: &World, kind: &str) -> usize {
    let all = world.center().get("/api/alerts");
    all.as_array().into_iter().flatten().filter(|alert| alert["kind"] == kind).count()
}
