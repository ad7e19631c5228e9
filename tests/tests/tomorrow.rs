//! What a newer app writes passes through today's phone and center and comes back as it was.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, ScalarValue};
use siaga_center::Center;
use siaga_center::journal::WriteError;
use siaga_center::journal::admit::{Brought, Delivery, Verdict, Writing};
use siaga_domain::id::{DeviceId, RecordId};
use siaga_field::request::AddNote;
use siaga_testkit::world::World;
use siaga_wire::SCHEMA;
use siaga_wire::envelope::DocumentChanges;
use siaga_wire::exchange::WireChange;

/// The id of the note that the newer app writes.
const NOTE: &str = "note/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b";

/// The entry of the newer app as a document has it: its fields by name.
fn fields(save: &[u8]) -> Vec<(String, String)> {
    let document = AutoCommit::load(save).expect("a document");
    let (_, note) = document.get(ROOT, NOTE).expect("a reading").expect("the note of the newer app");
    document.map_range(&note, ..).map(|item| (item.key.to_string(), format!("{:?}", item.value))).collect()
}

/// A phone's change, admitted as an exchange would admit it.
fn bring(center: &Center, device: &str, record: RecordId, change: Vec<u8>) -> Vec<Verdict> {
    let device: DeviceId = device.parse().expect("an id");
    let device = center.device(&device).expect("a reading").expect("an enrolled phone");
    let changes = vec![WireChange::plain(change)];
    let sent = DocumentChanges { record, kind: "incident".to_owned(), schema: SCHEMA, changes };
    let delivery = Delivery { device: &device, lane: 1, seq: 1, envelope: 1, author: "Budi", now: center.now() };
    let judged = center.judge(&device, &[Brought { lane: 1, sent: &sent }], delivery.now).expect("a judgement");
    let write = |tx: &_| {
        let mut writing = Writing::default();
        let verdicts = center.write_judged(tx, &delivery, &sent, (&judged, 0), &mut writing)?;
        center.finish(tx, &device, writing, delivery.now)?;
        Ok::<_, WriteError>(verdicts)
    };
    let verdicts = center.db().write(|tx| write(tx)).expect("written");
    center.announce().expect("told");
    verdicts
}

#[test]
fn a_field_of_tomorrow_goes_through_center_and_phone_and_back_unchanged() {
    let mut world = World::seeded(7);
    let [ani, budi] = world.phones(["Ani", "Budi"]);
    let task = world.center().assign("AMB-01", "banjir");
    world.run_until_quiet();
    let center = world.center().inner();
    let record: RecordId = task.incident.parse().expect("an id");
    let at_center =
        || center.document(&record).expect("a reading").expect("an incident").save_verified().expect("a save");
    let mut newer = AutoCommit::load(&at_center()).expect("a document");
    newer.set_actor(automerge::ActorId::from(vec![9_u8; 16]));
    let note = newer.put_object(ROOT, NOTE, ObjType::Map).expect("a note");
    let said: [(&str, ScalarValue); 6] = [
        ("text", "air surut".into()),
        ("_by", "Budi".into()),
        ("_at", ScalarValue::Int(1_795_395_600_000)),
        ("water_colour", "coklat".into()),
        ("turbidity_ntu", ScalarValue::F64(412.5)),
        ("_lens_checked", ScalarValue::Boolean(true)),
    ];
    for (name, value) in said {
        newer.put(&note, name, value).expect("a field");
    }
    let change = newer.get_last_local_change().expect("a change").raw_bytes().to_vec();

    let verdicts = bring(center, budi.device(), record, change);
    world.run_until_quiet();
    ani.field().note(&AddNote { id: task.incident.clone(), text: "dilihat".to_owned(), photo: None }).expect("saved");
    world.run_until_quiet();

    assert_eq!(verdicts, [Verdict::Accept]);
    let written = fields(&newer.save());
    assert_eq!(written.len(), 6);
    assert_eq!(fields(&at_center()), written);
    let on_phone = ani.store().document(record).expect("a reading").expect("an incident");
    assert_eq!(fields(&on_phone.save_verified().expect("a save")), written);
    assert_eq!(ani.digest(), world.center().digest(ani.device()));
}
