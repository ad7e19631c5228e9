//! What becomes of changes that are not simply accepted: parked, overruled, refused; over real TLS.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;

use phone::{Phone, Stage, fresh, now_ms};
use siaga_center::Center;
use siaga_center::db::verdict;
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::{ChangeHash, RecordId};
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::record::incident::{Closed, ClosureReason, Incident, Opened, PlaceIs, Priority, PriorityIs, Source};
use siaga_domain::time::UtcMs;
use siaga_wire::envelope::{Envelope, change_hash};
use siaga_wire::exchange::{ExchangeRequest, Exchanged, News, Outcome};
use siaga_wire::receipt::{LaterVerdicts, Verdict, verify_verdicts};

const HOUR_MS: i64 = 3_600_000;

struct Ahead(i64);

impl siaga_center::clock::Clock for Ahead {
    fn now(&self) -> UtcMs {
        UtcMs(now_ms()).plus(self.0)
    }
}

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

fn reported() -> Body {
    Body::IncidentOpened(Opened {
        source: Source::Field,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    })
}

fn incident(center: &Center, id: RecordId) -> Incident {
    match center.record(&id).expect("a reading").expect("it is there").record {
        Some(Record::Incident(incident)) => incident,
        other => panic!("no incident: {other:?}"),
    }
}

fn notes(center: &Center, id: RecordId) -> Vec<String> {
    incident(center, id).notes.into_iter().map(|note| note.text).collect()
}

fn hash_in(envelope: &Envelope) -> ChangeHash {
    change_hash(&envelope.documents[0].changes[0].bytes)
}

fn later(phone: &Phone, stage: &Stage, answer: &Exchanged) -> Option<LaterVerdicts> {
    let signed = answer.later.as_ref()?;
    Some(verify_verdicts(signed, &stage.center.key().public_key(), &phone.device).expect("signed by the center"))
}

async fn ask(phone: &mut Phone, request: ExchangeRequest) -> Exchanged {
    let Outcome::Exchanged(exchanged) = phone.ask(request).await.outcome else { panic!("exchanged") };
    phone.take(&exchanged);
    exchanged
}

/// Ani reports an incident and writes three notes; the second never leaves with the others.
async fn with_a_hole(stage: &Stage) -> (Phone, RecordId, Vec<u8>, [ChangeHash; 2]) {
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let id = fresh(RecordId::from_bytes);
    let begun = ani.begin(id, RecordKind::Incident, reported());
    ani.exchange(vec![begun], 0).await;
    let held_back = ani.append(id, note("kedua")).remove(0);
    let (third, fourth) =
        (ani.add(id, RecordKind::Incident, note("ketiga")), ani.add(id, RecordKind::Incident, note("keempat")));
    let waiting = [hash_in(&third), hash_in(&fourth)];
    let answer = ani.exchange(vec![third, fourth], 0).await;
    let receipt = &ani.receipts(&answer)[0];
    let named: Vec<_> = receipt.exceptions.iter().map(|one| (one.verdict, one.reason.as_str())).collect();
    assert_eq!(named, [(Verdict::Park, "missing_dependency"); 2]);
    assert_eq!(later(&ani, stage, &answer).expect("asked").missing[0].0, change_hash(&held_back));
    (ani, id, held_back, waiting)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_change_enters_by_itself_when_what_it_hangs_on_comes_and_its_verdict_follows() {
    let stage = Stage::set().await;
    let (mut ani, id, held_back, waiting) = with_a_hole(&stage).await;
    assert_eq!(notes(&stage.center, id), [""; 0]);

    let envelope = ani.seal(vec![(id, RecordKind::Incident, vec![held_back])]);
    let answer = ani.exchange(vec![envelope], 0).await;

    assert!(ani.receipts(&answer)[0].exceptions.iter().all(|one| one.verdict == Verdict::Accept));
    assert_eq!(notes(&stage.center, id), ["kedua", "ketiga", "keempat"]);
    let told = later(&ani, &stage, &answer).expect("later verdicts");
    let verdicts: Vec<_> = told.verdicts.iter().map(|one| (one.change.0, one.verdict)).collect();
    assert_eq!(verdicts, waiting.map(|hash| (hash, Verdict::Accept)));
    assert!(stage.center.check().expect("a check").problems.is_empty());
    // Told until the phone says so, and never again after.
    let again = ani.exchange(Vec::new(), 0).await;
    assert_eq!(later(&ani, &stage, &again).expect("still told").verdicts, told.verdicts);
    let up_to = told.verdicts.iter().map(|one| one.number).max();
    let said = ExchangeRequest { verdicts_up_to: up_to, ..ani.request(Vec::new(), 0) };
    assert!(ask(&mut ani, said).await.later.is_none());
    assert!(ani.exchange(Vec::new(), 0).await.later.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_three_days_is_refused_and_reported_and_its_bytes_are_kept() {
    let stage = Stage::set().await;
    let (mut ani, id, _, waiting) = with_a_hole(&stage).await;

    Center::open_with(stage.center.dir(), Box::new(Ahead(71 * HOUR_MS)))
        .expect("a center")
        .settle_waiting()
        .expect("time passed");
    let early = ani.exchange(Vec::new(), 0).await;
    Center::open_with(stage.center.dir(), Box::new(Ahead(73 * HOUR_MS)))
        .expect("a center")
        .settle_waiting()
        .expect("time passed");
    let answer = ani.exchange(Vec::new(), 0).await;

    assert!(later(&ani, &stage, &early).is_none_or(|later| later.verdicts.is_empty()));
    let told = later(&ani, &stage, &answer).expect("later verdicts");
    let verdicts: Vec<_> = told.verdicts.iter().map(|one| (one.change.0, one.verdict, one.reason.as_str())).collect();
    assert_eq!(verdicts, waiting.map(|hash| (hash, Verdict::Refuse, "parked_too_long")));
    assert_eq!(notes(&stage.center, id), [""; 0]);
    assert!(stage.center.check().expect("a check").problems.is_empty(), "every byte is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reader_sees_an_overruled_entry_take_effect_however_narrow_the_link() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (id, _) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let mut budi = Phone::new(stage.serving.field, &stage.center, 9);
    let answer = budi.enrol(&stage.invite("AMB-01", Role::Medic, true)).await;
    budi.take_enrolment(answer);
    budi.exchange(Vec::new(), 0).await;
    let bad = ani.add(id, RecordKind::Incident, Body::Priority(PriorityIs { priority: Priority::P1 }));
    let good = ani.add(id, RecordKind::Incident, note("masih ada orang"));

    let answer = ani.exchange(vec![bad.clone(), good], 0).await;

    let named: Vec<_> =
        ani.receipts(&answer)[0].exceptions.iter().map(|one| (one.change.0, one.verdict, one.reason.clone())).collect();
    assert_eq!(named, [(hash_in(&bad), Verdict::Overrule, "center_only".to_owned())]);
    assert_eq!(incident(&stage.center, id).priority, None);
    assert_eq!(notes(&stage.center, id), ["masih ada orang"], "what hangs on it was taken");
    let mut overruled_seen = false;
    for _ in 0..20 {
        let narrow = ExchangeRequest { budget_bytes: 1, ..budi.request(Vec::new(), 0) };
        let more = ask(&mut budi, narrow).await.more;
        let Some(Record::Incident(seen)) = budi.documents.get(&id).and_then(siaga_document::Document::record) else {
            continue;
        };
        assert_eq!(seen.priority, None);
        overruled_seen |= seen.struck.iter().any(|gone| gone.reason == "center_only");
        if !more {
            break;
        }
    }
    assert!(overruled_seen, "and everybody sees why");
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_a_closed_incident_is_accepted_as_an_addendum_and_leaves_what_was_closed_as_it_was() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (id, _) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let mut budi = Phone::new(stage.serving.field, &stage.center, 9);
    let answer = budi.enrol(&stage.invite("AMB-01", Role::Medic, true)).await;
    budi.take_enrolment(answer);
    budi.exchange(Vec::new(), 0).await;
    let landmark = PlaceIs { landmark: Some("dekat surau".to_owned()), ..PlaceIs::default() };
    let late = [
        ani.add(id, RecordKind::Incident, note("masih ada orang")),
        ani.add(id, RecordKind::Incident, Body::Place(landmark)),
    ];
    let denied = ani.add(id, RecordKind::Incident, Body::Priority(PriorityIs { priority: Priority::P1 }));
    let closed = Body::Closed(Closed { reason: ClosureReason::Done, text: String::new() });
    let write = RecordWrite { record: id, kind: RecordKind::Incident, start: Start::Append, entries: vec![closed] };
    stage.center.write(write, "dispatcher").expect("closed");

    let answer = ani.exchange(late.iter().chain([&denied]).cloned().collect(), 0).await;

    let named: Vec<_> = ani.receipts(&answer)[0].exceptions.iter().map(|one| (one.change.0, one.verdict)).collect();
    assert_eq!(named, [(hash_in(&denied), Verdict::Overrule)], "what is late is accepted, what is denied is not");
    let told = |incident: &Incident| -> Vec<(String, String)> {
        incident.addenda.iter().map(|one| (one.kind.clone(), one.text.clone())).collect()
    };
    let expected =
        [("note", "masih ada orang"), ("place", "dekat surau")].map(|(kind, text)| (kind.to_owned(), text.to_owned()));
    let now = incident(&stage.center, id);
    assert_eq!(told(&now), expected);
    assert!(now.closed.is_some() && now.notes.is_empty() && now.place.is_none() && now.priority.is_none());
    assert_eq!(now.struck.len(), 1, "only what is denied is told as denied");
    let mut seen = Vec::new();
    for _ in 0..20 {
        let narrow = ExchangeRequest { budget_bytes: 1, ..budi.request(Vec::new(), 0) };
        let more = ask(&mut budi, narrow).await.more;
        let Some(Record::Incident(now)) = budi.documents.get(&id).and_then(siaga_document::Document::record) else {
            continue;
        };
        assert!(now.notes.is_empty() && now.place.is_none(), "nobody ever sees it take effect");
        seen = told(&now);
        if !more {
            break;
        }
    }
    assert_eq!(seen, expected);
    let listed = stage.center.db().read(|tx| verdict::not_taken(tx, 500)).expect("a reading");
    assert_eq!(listed.iter().map(|one| one.hash).collect::<Vec<_>>(), [hash_in(&denied)]);
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_change_in_the_middle_of_fifty_costs_only_itself_and_what_hangs_on_it_is_named() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let mut envelopes = Vec::new();
    let ids: Vec<RecordId> = (0..50).map(|_| fresh(RecordId::from_bytes)).collect();
    for (number, id) in ids.iter().enumerate() {
        if number == 25 {
            let mut bytes = ani.append_to_new(*id, reported());
            *bytes.last_mut().expect("bytes") ^= 1;
            envelopes.push(ani.seal(vec![(*id, RecordKind::Incident, vec![bytes])]));
        } else {
            envelopes.push(ani.begin(*id, RecordKind::Incident, reported()));
        }
    }

    let answer = ani.exchange(envelopes, 0).await;

    let receipt = &ani.receipts(&answer)[0];
    // Fifty within an hour are more than the quota: a person lets the others in.
    let refused: Vec<_> = receipt.exceptions.iter().filter(|one| one.reason != "quota").collect();
    assert_eq!((receipt.up_to_seq, refused.len()), (50, 1));
    assert_eq!((refused[0].verdict, refused[0].reason.as_str()), (Verdict::Refuse, "checksum"));
    stage.center.release(&ani.device, "test").expect("released");
    let here = ids.iter().filter(|id| stage.center.record(id).expect("a reading").is_some()).count();
    assert_eq!(here, 49);
    assert!(answer.news.iter().all(|news| !matches!(news, News::Left { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_center_lists_what_it_did_not_take_with_who_wrote_it_and_keeps_its_bytes() {
    let stage = Stage::set().await;
    let (mut ani, id, _, waiting) = with_a_hole(&stage).await;
    let (incident, _) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let denied = ani.add(incident, RecordKind::Incident, Body::Priority(PriorityIs { priority: Priority::P1 }));
    let denied_hash = hash_in(&denied);
    let other = fresh(RecordId::from_bytes);
    let mut bytes = ani.append_to_new(other, reported());
    *bytes.last_mut().expect("bytes") ^= 1;
    let broken = ani.seal(vec![(other, RecordKind::Incident, vec![bytes.clone()])]);
    let before = ani.chains;
    ani.exchange(vec![denied, broken], 0).await;
    // A home that was put back goes on from where it stood.
    ani.chains = before;
    ani.chains[1].0 -= 1;
    let forked = ani.add(id, RecordKind::Incident, note("kelima"));
    ani.exchange(vec![forked], 0).await;

    let listed = stage.center.db().read(|tx| verdict::not_taken(tx, 500)).expect("a reading");

    let of = |hash: ChangeHash| {
        let row = listed.iter().find(|row| row.hash == hash).expect("listed");
        (row.verdict.as_str(), row.reason.as_str(), row.record, row.device)
    };
    assert_eq!(listed.len(), 5);
    assert!(listed.iter().all(|row| row.by == "Ani"), "{listed:?}");
    let envelope = listed.iter().find(|row| row.kind == "envelope").expect("listed");
    assert_eq!((envelope.verdict.as_str(), envelope.reason.as_str(), envelope.record), ("refuse", "fork", None));
    for hash in waiting {
        assert_eq!(of(hash), ("park", "missing_dependency", Some(id), ani.device));
    }
    assert_eq!(of(denied_hash), ("overrule", "center_only", Some(incident), ani.device));
    assert_eq!(of(change_hash(&bytes)), ("refuse", "checksum", Some(other), ani.device));
    let kept = stage.center.db().read(|tx| verdict::bytes_of(tx, &change_hash(&bytes))).expect("a reading");
    assert_eq!(kept, Some(bytes));
}
