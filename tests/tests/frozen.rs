//! What a release wrote is opened by everything that comes after it: its messages, a phone's home with something
//! waiting in it, and a center's folder that knows that phone.
//!
//! The clocks of both sides go on from the moment of freezing, so that no session and no certificate grows old.

use serde_json::Value;
use siaga_center::Center;
use siaga_center::exchange::answer::Turn;
use siaga_domain::id::{DeviceId, RecordId};
use siaga_domain::record::Record;
use siaga_field::Field;
use siaga_field::request::ById;
use siaga_field::view::Reach;
use siaga_tests::frozen::{self, Story, Wire, said, short, thawed};
use siaga_wire::archive::{self, SignedArchive};
use siaga_wire::codec;
use siaga_wire::exchange::{ExchangeAnswer, Outcome};
use siaga_wire::key::{CenterPublicKey, DevicePublicKey};
use siaga_wire::{enrol, envelope, receipt};
use std::sync::Arc;

/// A release's folders, copied, with its center open.
struct Thawed {
    story: Story,
    folders: thawed::Thawed,
}

impl Thawed {
    fn of(release: &str) -> Self {
        let story: Story = frozen::read(release, "story.json").expect("a story");
        let folders = thawed::Thawed::open(&frozen::folder(release), story.frozen_ms).expect("an old center");
        Self { story, folders }
    }

    fn center(&self) -> &Arc<Center> {
        &self.folders.center
    }

    fn phone(&self) -> Field {
        self.folders.phone().expect("an old home")
    }

    fn record(&self, id: &str) -> Record {
        let id: RecordId = id.parse().expect("an id");
        let stored = self.center().record(&id).expect("the center reads").expect("the center has it");
        stored.record.expect("it can be projected")
    }

    fn statuses(&self) -> Vec<String> {
        let Record::Assignment(assignment) = self.record(&self.story.assignment) else { return Vec::new() };
        assignment.events.iter().map(|event| event.status.code().to_owned()).collect()
    }
}

fn each_release(story: impl Fn(&str)) {
    for release in frozen::releases().expect("releases") {
        story(&release);
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    hex::decode(hex).expect("hexadecimal digits")
}

fn wire(release: &str) -> (Wire, CenterPublicKey, DevicePublicKey) {
    let wire: Wire = frozen::read(release, "wire.json").expect("messages");
    let center = CenterPublicKey(bytes_of(&wire.center_key).try_into().expect("32 bytes"));
    let device = DevicePublicKey(bytes_of(&wire.device_key).try_into().expect("33 bytes"));
    (wire, center, device)
}

#[test]
fn every_message_of_every_release_says_what_it_said() {
    each_release(|release| {
        let (wire, ..) = wire(release);

        assert!(wire.messages.len() >= 19, "{release} has {} messages", wire.messages.len());
        for message in &wire.messages {
            let says = said::read(&message.kind, &bytes_of(&message.hex));
            let says = says.unwrap_or_else(|error| panic!("{release}, {}: {error:#}", message.name));
            assert_eq!(says, message.says, "{release}, {}", message.name);
        }
    });
}

#[test]
fn every_signature_of_every_release_is_believed_still_and_no_other() {
    each_release(|release| {
        let (wire, center, device) = wire(release);
        let named = |name: &str| {
            let found = wire.messages.iter().find(|message| message.name == name);
            bytes_of(&found.unwrap_or_else(|| panic!("{release} has no {name}")).hex)
        };
        let id = DeviceId::from_bytes([2; 16]);
        let stranger = DeviceId::from_bytes([3; 16]);

        let sealed: envelope::Envelope = codec::decode(&named("envelope")).expect("an envelope");
        let mut changed = sealed.clone();
        changed.documents[0].changes[0].bytes[50] ^= 1;
        assert!(envelope::verify(&sealed, &device).is_ok());
        assert!(envelope::verify(&changed, &device).is_err());

        let signed: receipt::SignedReceipt = codec::decode(&named("receipt with every verdict")).expect("a receipt");
        assert!(receipt::verify(&signed, &center, &id).is_ok());
        assert!(receipt::verify(&signed, &center, &stranger).is_err());

        let answer: ExchangeAnswer = codec::decode(&named("answer: exchanged")).expect("an answer");
        let Outcome::Exchanged(all) = answer.outcome else { panic!("not exchanged") };
        assert!(receipt::verify_news(&all.news, &answer.epoch, &id, &center, &all.news_signature));
        assert!(!receipt::verify_news(&all.news[1..], &answer.epoch, &id, &center, &all.news_signature));

        let link = String::from_utf8(named("invitation")).expect("text");
        let invitation = enrol::Invitation::from_link(&link).expect("an invitation");
        let asked: enrol::EnrolRequest = codec::decode(&named("enrolment asked")).expect("a request");
        assert!(enrol::mac_matches(&invitation, &asked.public_key, &asked.mac));
    });
}

#[test]
fn what_a_short_message_of_every_release_leaves_out_is_filled_in_to_the_byte_that_was_signed() {
    each_release(|release| {
        let (wire, center, device) = wire(release);
        let short = |kind: &str| -> Vec<Vec<u8>> {
            let of_kind = wire.messages.iter().filter(|message| message.kind == kind);
            of_kind.map(|message| bytes_of(&message.hex)).collect()
        };
        let (requests, answers) = (short("short_request"), short("short_answer"));
        assert!(release == "0.1.0" || (requests.len() >= 3 && answers.len() >= 4), "{release} has no short messages");

        for request in requests {
            let request = short::read_request(&request).expect("a request");
            for sealed in &request.envelopes {
                assert!(envelope::verify(sealed, &device).is_ok(), "{release}");
            }
        }
        for answer in answers {
            let answer = short::read_answer(&answer).expect("an answer");
            let Outcome::Exchanged(all) = &answer.outcome else { continue };
            let id = short::KNOWN.device;
            assert!(all.receipts.iter().all(|signed| receipt::verify(signed, &center, &id).is_ok()), "{release}");
            assert!(
                all.news.is_empty()
                    || receipt::verify_news(&all.news, &answer.epoch, &id, &center, &all.news_signature),
                "{release}"
            );
            assert!(all.later.iter().all(|signed| receipt::verify_verdicts(signed, &center, &id).is_ok()), "{release}");
            let proven = |one: &SignedArchive| archive::verify(&one.statement, &one.signature, &center).is_some();
            assert!(all.archives.iter().flatten().all(proven), "{release}");
            let repair = all.repair.iter();
            let mut lives = repair.filter_map(|repair| repair.testimony.as_ref());
            assert!(lives.all(|signed| signed.verified(&center).is_some()), "{release}");
        }
    });
}

#[test]
fn a_home_of_every_release_opens_and_shows_its_records() {
    each_release(|release| {
        let thawed = Thawed::of(release);
        let story = &thawed.story;
        let field = thawed.phone();

        let tasks = field.tasks().expect("tasks");
        let task = field.task(&ById { id: story.assignment.clone() }).expect("the task");
        let patient = field.patient(&ById { id: story.patient.clone() }).expect("the patient");
        let record = field.get(&ById { id: story.assignment.clone() }).expect("the assignment");
        let outbox = field.outbox().expect("the outbox");
        let trail = field.trail().expect("the trail");

        assert!(tasks.iter().any(|brief| brief.id == story.assignment && brief.incident == story.incident));
        assert!(!tasks.iter().any(|brief| brief.id == story.unseen_assignment), "nobody told this phone of it");
        assert_eq!(task.patients.len(), 1);
        assert_eq!(task.assessments.len(), 1);
        let Record::Assignment(assignment) = record.record else { panic!("not an assignment") };
        let statuses: Vec<&str> = assignment.events.iter().map(|event| event.status.code()).collect();
        assert_eq!(statuses, story.statuses);
        assert_eq!(patient.brief.label, story.patient_name);
        let vitals = serde_json::to_value(&patient.patient.vitals).expect("vitals");
        let pulses: Vec<f64> = vitals.as_array().into_iter().flatten().filter_map(pulse).collect();
        assert_eq!(pulses, story.pulses);
        for id in [&story.assessment, &story.sos] {
            field.get(&ById { id: id.clone() }).expect("a record of the story");
        }
        assert_eq!(outbox.sync.saved + outbox.sync.sent, story.waiting_changes);
        assert_eq!(outbox.sync.fixes_waiting, story.waiting_fixes);
        assert_eq!(outbox.sync.attachments_waiting, story.waiting_attachments);
        assert_eq!(trail.fixes.len(), story.fixes as usize);
        let home = field.home().expect("the first screen");
        if let Some(id) = &story.elsewhere {
            assert!(home.elsewhere.iter().any(|brief| brief.incident == *id), "{release}: an incident of others");
            assert!(field.get(&ById { id: id.clone() }).is_err(), "nothing of it is here");
        }
        if let Some(id) = &story.archived {
            assert!(home.archived.iter().any(|brief| brief.incident == *id), "{release}: an archived incident");
            assert!(field.get(&ById { id: id.clone() }).is_err(), "its documents went");
        }
        for photo in [&story.received_photo, &story.waiting_photo] {
            field.attachment(photo).expect("a photograph of the story");
        }
    });
}

fn pulse(vitals: &Value) -> Option<f64> {
    vitals.pointer("/vitals/hr")?.as_f64()
}

#[test]
fn a_center_of_every_release_opens_and_agrees_with_the_phone_as_it_was_when_quiet() {
    each_release(|release| {
        let thawed = Thawed::of(release);

        assert_eq!(thawed.statuses(), thawed.story.received_statuses);
        let Record::Patient(patient) = thawed.record(&thawed.story.patient) else { panic!("not a patient") };
        assert_eq!(patient.vitals.len(), 1, "the second set still waits on the phone");
        let Record::Assignment(unseen) = thawed.record(&thawed.story.unseen_assignment) else { panic!("no order") };
        assert!(unseen.events.is_empty());
        let checked = thawed.center().check().expect("a check");
        // What an older build made of a record is a cache, written anew with the record's next change.
        let mut faults = checked.problems.iter().filter(|problem| problem.fault != "projection");
        assert!(faults.next().is_none(), "{release}: {:?}", checked.problems);
        assert_eq!(checked.archives, usize::from(thawed.story.archived.is_some()), "{release}");
    });
}

#[test]
fn what_waited_in_a_home_of_every_release_reaches_its_center_once() {
    each_release(|release| {
        let thawed = Thawed::of(release);
        let story = &thawed.story;
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (serving, stopping) = thawed.folders.served(&runtime).expect("served");
        let field = thawed.phone();

        let mut report = runtime.block_on(field.sync()).expect("an exchange");
        let mut rounds = 1;
        while rounds < 10 && report.received_changes + report.receipted_changes + report.sent_attachments > 0 {
            report = runtime.block_on(field.sync()).expect("an exchange");
            rounds += 1;
        }

        assert_eq!(report.reach, Reach::Reached);
        let outbox = field.outbox().expect("the outbox").sync;
        assert_eq!((outbox.saved, outbox.sent, outbox.refused), (0, 0, 0));
        assert_eq!((outbox.fixes_waiting, outbox.attachments_waiting), (0, 0));
        assert_eq!(thawed.statuses(), story.statuses);
        let Record::Patient(patient) = thawed.record(&story.patient) else { panic!("not a patient") };
        assert_eq!(patient.vitals.len(), story.pulses.len());
        let tasks = field.tasks().expect("tasks");
        assert!(tasks.iter().any(|brief| brief.id == story.unseen_assignment), "the order came down");
        let device: DeviceId = story.device.parse().expect("an id");
        let (at_center, _) = thawed.center().digest(&device).expect("the center computes");
        assert_eq!(field.digest().expect("a digest").digest, hex::encode(at_center));
        let photo = thawed.folders.path("center/attachments").join(&story.waiting_photo);
        assert!(photo.is_file(), "the photograph that waited is whole at the center");
        stopping.send(true).expect("the center listens");
        runtime.block_on(serving.finished());
    });
}

#[test]
fn a_request_that_a_phone_of_every_release_would_send_is_answered_in_words_it_knows() {
    each_release(|release| {
        let thawed = Thawed::of(release);
        let request = bytes_of(&thawed.story.request);
        let asked = said::read("request", &request).expect("a request");

        let first = answer(thawed.center(), &request);
        let again = answer(thawed.center(), &request);

        assert_eq!(first["version"], asked["version"], "an old phone reads no other version");
        let receipts = first["outcome"]["receipts"].as_array().expect("receipts").clone();
        let envelopes = asked["envelopes"].as_array().expect("envelopes");
        assert!(!envelopes.is_empty());
        for sent in envelopes {
            let named = receipts.iter().any(|receipt| {
                receipt["lane"] == sent["lane"] && receipt["up_to_seq"].as_u64() >= sent["seq"].as_u64()
            });
            assert!(named, "no receipt names the envelope {} of lane {}", sent["seq"], sent["lane"]);
        }
        assert!(receipts.iter().all(|receipt| receipt["exceptions"] == Value::Array(Vec::new())), "{receipts:?}");
        assert_eq!(again["outcome"]["receipts"], first["outcome"]["receipts"], "asking again changes nothing");
        let news = first["outcome"]["news"].as_array().expect("news");
        assert!(news.iter().any(|one| one["entered"] == thawed.story.unseen_assignment.as_str()));
        for change in news.iter().flat_map(changes) {
            assert_eq!(change["coding"], 0, "an old phone reads plain changes only");
        }
        assert!(!news.iter().any(|one| one == "newer"), "an old phone knows no other news");
    });
}

fn answer(center: &Center, request: &[u8]) -> Value {
    let turn = center.exchange(request, center.now()).expect("an answer");
    // A request that carries something is never held.
    let answer = if let Turn::Answer(answer) = turn { Some(*answer) } else { None };
    let bytes = codec::encode(&answer.expect("an answer at once")).expect("encoded");
    said::read("answer", &bytes).expect("an answer that reads")
}

fn changes(news: &Value) -> Vec<Value> {
    let many = news["changes"].as_array().cloned().unwrap_or_default();
    many.into_iter().chain(news.get("change").cloned()).collect()
}
