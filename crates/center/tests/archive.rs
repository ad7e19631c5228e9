//! The archive: what goes in, when, what comes after, and that nobody can change it unnoticed.

#[path = "support/world.rs"]
mod world;

use siaga_center::archive::ARCHIVE;
use siaga_center::backup::{Present, restore};
use siaga_center::db::archive::{Archived, all};
use siaga_center::exchange::news::{self, Slice};
use siaga_center::journal::{RecordWrite, Start};
use siaga_center::{Center, check::Problem};
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{RecordId, UnitCode};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::assignment::{Cancelled, Order};
use siaga_domain::record::incident::{Closed, ClosureReason, Opened, Priority, Source};
use siaga_wire::archive::{SignedArchive, verify};
use siaga_wire::exchange::News;
use std::io::Read;
use std::path::PathBuf;
use world::{Phone, World};

const HOUR_S: i64 = 3_600;

fn write(center: &Center, record: RecordId, kind: RecordKind, start: Start, body: Body) {
    center.write(RecordWrite { record, kind, start, entries: vec![body] }, "dispatcher").expect("written");
}

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

/// An incident with one assignment, both just begun.
fn incident(world: &World) -> (RecordId, RecordId) {
    let (incident, assignment) = (world.center.new_record(), world.center.new_record());
    let opened = Opened {
        source: Source::Call,
        narrative: "air naik di Asam Jelai".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    write(&world.center, incident, RecordKind::Incident, Start::Create, Body::IncidentOpened(opened));
    let order = Order {
        incident,
        unit: UnitCode::new("AMB-01").expect("a code"),
        priority: Priority::P1,
        text: String::new(),
        ack_within_s: 60,
    };
    write(&world.center, assignment, RecordKind::Assignment, Start::Create, Body::Order(order));
    (incident, assignment)
}

fn finish(world: &World, assignment: RecordId) {
    let cancelled = Body::Cancelled(Cancelled { reason: "sudah ditangani".to_owned() });
    write(&world.center, assignment, RecordKind::Assignment, Start::Append, cancelled);
}

fn close(world: &World, incident: RecordId) {
    let closed = Body::Closed(Closed { reason: ClosureReason::Done, text: String::new() });
    write(&world.center, incident, RecordKind::Incident, Start::Append, closed);
}

/// An incident whose work is done and whose archive is made.
fn ended(world: &World) -> RecordId {
    let (id, assignment) = incident(world);
    finish(world, assignment);
    close(world, id);
    world.pass(73 * HOUR_S);
    world.center.archive_due("test").expect("archived");
    id
}

fn archived(center: &Center, incident: RecordId) -> Vec<Archived> {
    let rows = center.db().read(|tx| all(tx)).expect("a reading");
    rows.into_iter().filter(|row| row.incident == incident).collect()
}

fn file(center: &Center, row: &Archived) -> PathBuf {
    center.dir().join(ARCHIVE).join(&row.path)
}

fn faults(center: &Center) -> Vec<&'static str> {
    let problems = center.check().expect("a check").problems;
    problems.iter().map(|Problem { fault, .. }| *fault).collect()
}

/// A file of an archive, by its name.
fn inside(center: &Center, row: &Archived, name: &str) -> Vec<u8> {
    let mut tar = tar::Archive::new(std::fs::File::open(file(center, row)).expect("an archive"));
    for entry in tar.entries().expect("entries") {
        let mut entry = entry.expect("an entry");
        if entry.path().expect("a name").to_str() == Some(name) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("bytes");
            return bytes;
        }
    }
    Vec::new()
}

#[test]
fn an_incident_is_archived_when_it_is_closed_its_work_is_done_and_its_time_has_passed() {
    let world = World::new();
    let (id, assignment) = incident(&world);
    let due = || world.center.archive_due("test").expect("archived");

    world.pass(100 * HOUR_S);
    assert_eq!(due(), [], "it is open");
    close(&world, id);
    world.pass(71 * HOUR_S);
    assert_eq!(due(), [], "phones may still be out of coverage");
    world.pass(2 * HOUR_S);
    assert_eq!(due(), [], "a unit is still at work");
    finish(&world, assignment);
    assert_eq!(due(), [id]);
    assert_eq!(due(), [], "nothing came after");

    let rows = archived(&world.center, id);
    assert_eq!(rows.len(), 1);
    let statement =
        verify(&rows[0].statement, &rows[0].signature, &world.center.key().public_key()).expect("signed by the center");
    let named: Vec<RecordId> = statement.records.iter().map(|ended| ended.record).collect();
    assert_eq!(named, [id, assignment]);
    let stored = world.center.record(&id).expect("a reading").expect("still in the database");
    assert_eq!(statement.records[0].heads.iter().map(|head| head.0).collect::<Vec<_>>(), stored.heads);
    let json = inside(&world.center, &rows[0], &format!("{id}/record.json"));
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert!(json["record"].to_string().contains("air naik di Asam Jelai"));
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(2));
    assert!(json["entries"][0]["clock"]["device"].is_number() && json["entries"][0]["center_ms"].is_number());
    assert!(faults(&world.center).is_empty());
}

#[test]
fn what_comes_after_the_archive_goes_into_an_addendum_and_the_first_file_stays_as_it_is() {
    let world = World::new();
    let id = ended(&world);
    let first = archived(&world.center, id).remove(0);
    let bytes = std::fs::read(file(&world.center, &first)).expect("an archive");

    write(&world.center, id, RecordKind::Incident, Start::Append, note("ditemukan satu korban lagi"));
    assert_eq!(world.center.archive_due("test").expect("archived"), [id]);

    let rows = archived(&world.center, id);
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(std::fs::read(file(&world.center, &first)).expect("an archive"), bytes);
    let json = inside(&world.center, &rows[1], &format!("{id}/record.json"));
    assert!(String::from_utf8(json).expect("text").contains("ditemukan satu korban lagi"));
    assert!(faults(&world.center).is_empty());
}

/// What a device is told after its cursors; moves them.
fn told(world: &World, phone: &Phone, cursors: &mut [u64; 2]) -> Slice {
    let slice = world.center.db().read(|tx| news::slice(tx, &phone.device, *cursors, 1_000_000)).expect("a reading");
    assert!(!slice.more);
    *cursors = slice.cursors;
    slice
}

fn left(slice: &Slice) -> Vec<RecordId> {
    let gone = |news: &News| match news {
        News::Left { record, .. } => Some(*record),
        _ => None,
    };
    slice.news.iter().filter_map(gone).collect()
}

/// The numbers of the archives told, each signed by this center.
fn numbers(world: &World, slice: &Slice) -> Vec<u32> {
    let read = |one: &SignedArchive| verify(&one.statement, &one.signature, &world.center.key().public_key());
    slice.archives.iter().map(|one| read(one).expect("signed by the center").number).collect()
}

#[test]
fn an_archive_takes_its_records_from_phones_and_tells_them_where_each_ended() {
    let world = World::new();
    let phone = world.phone("AMB-01", Role::Medic);
    let (id, assignment) = incident(&world);
    let mut cursors = [0, 0];
    assert_eq!(numbers(&world, &told(&world, &phone, &mut cursors)), [0_u32; 0]);
    finish(&world, assignment);
    close(&world, id);
    world.pass(73 * HOUR_S);

    world.center.archive_due("test").expect("archived");
    let slice = told(&world, &phone, &mut cursors);

    assert_eq!(left(&slice), [assignment, id], "the urgent lane first");
    assert_eq!(numbers(&world, &slice), [1], "once an answer");
    world.pass(120);
    world.center.settle_time().expect("settled");
    let back = told(&world, &phone, &mut cursors);
    let entered = |news: &News| matches!(news, News::Entered { record, .. } if [id, assignment].contains(record));
    assert!(!back.news.iter().any(entered), "and the passing of time does not bring them back");
}

#[tokio::test]
async fn what_a_phone_writes_after_the_archive_is_an_addendum_in_the_next_file_and_on_the_console() {
    let world = World::new();
    let phone = world.phone("AMB-01", Role::Medic);
    let id = ended(&world);
    let document = world.center.document(&id).expect("a reading").expect("a document");
    let mut cursors = [0, 0];
    told(&world, &phone, &mut cursors);
    let entry = world.entry("Ani", world.center.now(), &[], note("ditemukan satu korban lagi"));
    let sent = world.write(&phone, RecordKind::Incident, Some(&(id, document)), &[entry]);

    let tally = world.receive(&phone, "Ani", &sent);
    let back = told(&world, &phone, &mut cursors);
    assert_eq!(world.center.archive_due("test").expect("archived"), [id]);
    let gone = told(&world, &phone, &mut cursors);

    assert_eq!((tally.accepted, tally.overruled), (1, 0));
    assert!(
        matches!(back.news[..], [News::Entered { record, .. }] if record == id),
        "its writer sees what became of it"
    );
    assert_eq!((left(&gone), numbers(&world, &gone)), (vec![id], vec![1, 2]));
    let rows = archived(&world.center, id);
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    let json: serde_json::Value =
        serde_json::from_slice(&inside(&world.center, &rows[1], &format!("{id}/record.json"))).expect("JSON");
    assert_eq!(json["record"]["addenda"][0]["text"], "ditemukan satu korban lagi");
    let shown = world.get(&format!("/api/incidents/{id}")).await;
    let items = shown["timeline"].as_array().expect("a timeline");
    let item = items.iter().find(|item| item["addendum"] == true).expect("an addendum");
    assert_eq!((item["by"].as_str(), item["unit"].as_str()), (Some("Ani"), Some("AMB-01")));
    assert!(item["at_ms"].is_number() && item["received_at_ms"].is_number() && item["overruled"].is_null());
    assert!(faults(&world.center).is_empty());
}

#[tokio::test]
async fn the_console_is_told_which_archives_there_are_and_which_file_is_not_as_it_was_made() {
    let world = World::new();
    let (open, _) = incident(&world);
    let id = ended(&world);
    write(&world.center, id, RecordKind::Incident, Start::Append, note("ditemukan satu korban lagi"));
    assert_eq!(world.center.archive_closed_for(0, "test").expect("archived"), [id]);
    let asked = |id: RecordId| format!("/api/incidents/{id}/archives");

    let whole = world.get(&asked(id)).await;
    let first = archived(&world.center, id).remove(0);
    let mut changed = std::fs::read(file(&world.center, &first)).expect("an archive");
    changed.push(0);
    std::fs::write(file(&world.center, &first), changed).expect("written");
    let broken = world.get(&asked(id)).await;

    let told = |body: &serde_json::Value| -> Vec<(u64, Option<String>)> {
        let rows = body.as_array().expect("archives").iter();
        rows.map(|row| (row["number"].as_u64().expect("a number"), row["fault"].as_str().map(str::to_owned))).collect()
    };
    assert_eq!(told(&whole), [(1, None), (2, None)]);
    assert_eq!(told(&broken), [(1, Some("hash".to_owned())), (2, None)]);
    assert_eq!((whole[0]["records"].as_u64(), whole[0]["changes"].as_u64()), (Some(2), Some(4)));
    assert_eq!(whole[0]["sha256"], hex::encode(first.sha256));
    assert!(whole[0]["size_bytes"].as_u64().is_some_and(|size| size > 1_000), "{whole}");
    assert_eq!(told(&world.get(&asked(open)).await), [], "it is not archived");
}

#[test]
fn an_archive_that_was_changed_or_lost_is_found_and_a_backup_brings_it_along() {
    let world = World::new();
    let id = ended(&world);
    let row = archived(&world.center, id).remove(0);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let backup = elsewhere.path().join("cadangan");
    world.center.backup(&backup, "test").expect("a backup");
    let path = file(&world.center, &row);
    let good = std::fs::read(&path).expect("an archive");

    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&path, changed).expect("written");
    assert_eq!(faults(&world.center), ["hash"]);
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(faults(&world.center), ["missing"]);

    let dir = elsewhere.path().join("restored");
    restore(&backup, &dir, Present::Refuse, world.center.now()).expect("a restored center");
    let restored = Center::open(&dir).expect("a center");
    assert_eq!(std::fs::read(file(&restored, &row)).expect("an archive"), good);
    assert!(faults(&restored).is_empty());
}
