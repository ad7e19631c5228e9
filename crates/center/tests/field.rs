//! The field listener over real TLS: enrolment, chains, receipts, scope, held requests, attachments.

#[allow(dead_code, reason = "another test file uses the rest")]
#[path = "field/phone.rs"]
mod phone;

use phone::{Phone, Stage, fresh, now_ms, served};
use siaga_center::Center;
use siaga_center::backup::{Present, RestoreError, restore};
use siaga_center::db::{device, trail};
use siaga_center::journal::{RecordWrite, Start};
use siaga_domain::entry::{Body, Note};
use siaga_domain::id::RecordId;
use siaga_domain::kind::{RecordKind, Role};
use siaga_domain::record::Record;
use siaga_domain::record::assignment::{Cancelled, StatusEvent};
use siaga_domain::record::incident::{Opened, Priority, PriorityIs, Source};
use siaga_domain::record::patient;
use siaga_domain::status::Status;
use siaga_domain::time::UtcMs;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest};
use siaga_wire::exchange::{Fix, News, Outcome, TrailBlock};
use siaga_wire::receipt::Verdict;
use std::sync::Arc;
use std::time::Duration;

fn pressed(status: Status) -> Body {
    Body::StatusEvent(StatusEvent { status, lat: None, lon: None, accuracy_m: None, reason: None, outcome: None })
}

fn note(text: &str) -> Body {
    Body::Note(Note { text: text.to_owned(), ..Note::default() })
}

fn reported() -> Body {
    Body::IncidentOpened(Opened {
        source: Source::Field,
        narrative: "pohon tumbang".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: Some("AMB-01".to_owned()),
    })
}

fn statuses(center: &Center, assignment: &RecordId) -> Vec<Status> {
    match center.record(assignment).expect("a reading").and_then(|stored| stored.record) {
        Some(Record::Assignment(assignment)) => assignment.events.iter().map(|event| event.status).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_told_its_units_assignment_and_the_incident_behind_it() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let mut other = Phone::new(stage.serving.field, &stage.center, 8);
    let invitation = stage.invite("TRC-01", Role::Volunteer, true);
    let answer = other.enrol(&invitation).await;
    other.take_enrolment(answer);
    let (incident, assignment) = stage.order("AMB-01");

    ani.exchange(Vec::new(), 0).await;
    other.exchange(Vec::new(), 0).await;

    assert!(ani.documents.contains_key(&incident) && ani.documents.contains_key(&assignment));
    assert_eq!(ani.documents.len(), 3, "directory, incident, assignment");
    assert_eq!(other.documents.len(), 1, "another unit has the directory alone");
    assert_eq!(stage.center.digest(&ani.device).expect("a digest"), (ani.digest(), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pressed_status_is_receipted_projected_and_not_echoed() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));

    let answer = ani.exchange(vec![envelope], 0).await;

    let receipts = ani.receipts(&answer);
    assert_eq!(receipts.len(), 1);
    assert_eq!((receipts[0].lane, receipts[0].up_to_seq), (0, 1));
    assert_eq!(receipts[0].head, ani.chains[0].1);
    assert!(receipts[0].exceptions.is_empty());
    assert!(answer.news.is_empty(), "its own change does not come back: {:?}", answer.news);
    assert_eq!(statuses(&stage.center, &assignment), [Status::Accepted]);
    assert_eq!(stage.center.digest(&ani.device).expect("a digest").0, ani.digest());
    let received = stage.center.received(&assignment).expect("a reading");
    assert_eq!(received.values().filter(|entry| entry.origin == Some(ani.device)).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_envelope_gets_the_same_receipt_and_has_no_effect() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));

    let first = ani.exchange(vec![envelope.clone()], 0).await;
    let again = ani.exchange(vec![envelope], 0).await;

    assert_eq!(first.receipts, again.receipts);
    assert_eq!(statuses(&stage.center, &assignment), [Status::Accepted]);
    assert_eq!(stage.center.check().expect("a check").envelopes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_after_a_gap_changes_nothing_and_the_missing_one_is_named() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let first = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));
    let second = ani.add(assignment, RecordKind::Assignment, pressed(Status::EnRoute));

    let gap = ani.exchange(vec![second.clone()], 0).await;
    let whole = ani.exchange(vec![first, second], 0).await;

    assert_eq!(gap.needed.iter().map(|needed| (needed.lane, needed.seq)).collect::<Vec<_>>(), [(0, 1)]);
    assert!(gap.receipts.is_empty());
    assert_eq!(ani.receipts(&whole)[0].up_to_seq, 2);
    assert_eq!(statuses(&stage.center, &assignment), [Status::Accepted, Status::EnRoute]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_cannot_be_replayed_to_another_center_or_changed_on_the_way() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));
    let mut foreign = envelope.clone();
    foreign.header.center = siaga_domain::id::CenterId::from_bytes([1; 16]);
    let mut altered = envelope.clone();
    altered.header.user = "Budi".to_owned();

    for bad in [foreign, altered] {
        let answer = ani.exchange(vec![bad], 0).await;
        assert!(answer.receipts.is_empty());
        assert_eq!(answer.needed.len(), 1);
    }

    assert!(statuses(&stage.center, &assignment).is_empty());
    ani.exchange(vec![envelope], 0).await;
    assert_eq!(statuses(&stage.center, &assignment), [Status::Accepted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_may_not_write_enters_without_effect_and_is_named_and_blocks_nothing_else() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let (good, bad): (RecordId, RecordId) = (fresh(RecordId::from_bytes), fresh(RecordId::from_bytes));
    let envelope = ani.begin(bad, RecordKind::Incident, Body::Priority(PriorityIs { priority: Priority::P1 }));
    let bad_hash = siaga_wire::envelope::change_hash(&envelope.documents[0].changes[0].bytes);
    let next = ani.begin(good, RecordKind::Incident, reported());

    let answer = ani.exchange(vec![envelope, next], 0).await;

    let receipt = &ani.receipts(&answer)[0];
    assert_eq!(receipt.up_to_seq, 2);
    let named: Vec<_> = receipt.exceptions.iter().map(|one| (one.change.0, one.verdict, one.reason.as_str())).collect();
    assert_eq!(named, [(bad_hash, Verdict::Overrule, "center_only")]);
    assert!(stage.center.record(&bad).expect("a reading").expect("it is there").record.is_none());
    assert!(stage.center.record(&good).expect("a reading").is_some());
    assert!(stage.center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_cannot_write_into_the_assignment_of_another_unit() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let (_, assignment) = stage.order("TRC-01");
    // Somebody showed it the document.
    let document = stage.center.document(&assignment).expect("a reading").expect("a document");
    ani.documents.insert(assignment, document);
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::Declined));

    let answer = ani.exchange(vec![envelope], 0).await;

    assert_eq!(ani.receipts(&answer)[0].exceptions[0].reason, "out_of_scope");
    assert!(statuses(&stage.center, &assignment).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn patients_are_told_to_those_who_treat_and_to_nobody_else() {
    let stage = Stage::set().await;
    let mut medic = stage.phone("AMB-01", Role::Medic).await;
    let mut village = Phone::new(stage.serving.field, &stage.center, 8);
    let answer = village.enrol(&stage.invite("AMB-01", Role::Village, true)).await;
    village.take_enrolment(answer);
    let mut colleague = Phone::new(stage.serving.field, &stage.center, 9);
    let answer = colleague.enrol(&stage.invite("AMB-01", Role::Medic, true)).await;
    colleague.take_enrolment(answer);
    let (incident, _) = stage.order("AMB-01");
    medic.exchange(Vec::new(), 0).await;
    let patient: RecordId = fresh(RecordId::from_bytes);
    let opened: patient::Opened = serde_json::from_value(
        serde_json::json!({ "incident": incident, "sex": "L", "identity": fresh(RecordId::from_bytes) }),
    )
    .expect("a patient");
    let envelope = medic.begin(patient, RecordKind::Patient, Body::PatientOpened(opened));

    medic.exchange(vec![envelope], 0).await;
    village.exchange(Vec::new(), 0).await;
    colleague.exchange(Vec::new(), 0).await;

    assert!(colleague.documents.contains_key(&patient));
    assert!(!village.documents.contains_key(&patient));
    assert!(village.documents.contains_key(&incident));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_request_is_answered_when_the_feed_moves_and_released_when_the_center_stops() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;

    let (answer, assignment) = tokio::join!(ani.exchange(Vec::new(), 50_000), async {
        while !stage.center.hub().anyone_held() {
            tokio::task::yield_now().await;
        }
        stage.order("AMB-01").1
    });

    let entered = answer.news.iter().any(|news| matches!(news, News::Entered { record, .. } if *record == assignment));
    assert!(entered, "{:?}", answer.news);
    ani.exchange(Vec::new(), 0).await;
    let (last, ()) = tokio::join!(ani.exchange(Vec::new(), 50_000), async {
        while !stage.center.hub().anyone_held() {
            tokio::task::yield_now().await;
        }
        stage.stop.send(true).expect("a listening center");
    });
    assert!(last.news.is_empty());
    tokio::time::timeout(Duration::from_secs(10), stage.serving.finished()).await.expect("an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_writes_wakes_a_held_request() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (incident, _) = stage.order("AMB-01");
    while ani.exchange(Vec::new(), 0).await.more {}
    let guest = Center::open(stage.center.dir()).expect("a second opening");

    let (answer, ()) = tokio::join!(ani.exchange(Vec::new(), 50_000), async {
        while !stage.center.hub().anyone_held() {
            tokio::task::yield_now().await;
        }
        let write = RecordWrite {
            record: incident,
            kind: RecordKind::Incident,
            start: Start::Append,
            entries: vec![note("dari proses lain")],
        };
        guest.write(write, "roster").expect("a note");
    });

    assert!(
        matches!(answer.news.as_slice(), [News::Changed { record, .. }] if *record == incident),
        "{:?}",
        answer.news
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_link_gets_the_feed_in_slices_urgent_records_first() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let orders: Vec<_> = (0..5).map(|_| stage.order("AMB-01")).collect();

    ani.epoch = stage.center.identity().expect("a reading").epoch;
    let mut slices = 0;
    loop {
        let mut request = ani.request(Vec::new(), 0);
        request.budget_bytes = 1;
        let Outcome::Exchanged(exchanged) = ani.ask(request).await.outcome else { panic!("not exchanged") };
        slices += 1;
        assert!(exchanged.news.len() <= 1);
        ani.take(&exchanged);
        if slices == 5 {
            assert!(orders.iter().all(|(incident, assignment)| {
                ani.documents.contains_key(assignment) && !ani.documents.contains_key(incident)
            }));
        }
        if !exchanged.more {
            break;
        }
    }

    assert_eq!(slices, 11, "five assignments, the directory, five incidents");
    assert_eq!(stage.center.digest(&ani.device).expect("a digest").0, ani.digest());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_a_quarter_of_an_hour_without_use() {
    use siaga_center::exchange::session::Session;
    use siaga_wire::exchange::Credential;
    let stage = Stage::set().await;
    let ani = stage.phone("AMB-01", Role::Medic).await;
    let token = Credential::Token(ani.token.clone().expect("a token"));
    let later =
        |minutes: i64| Center::open_with(stage.center.dir(), Box::new(Ahead(minutes * 60_000))).expect("a center");

    let used = later(14).session(&ani.device, &token).expect("a session");
    let kept = later(28).session(&ani.device, &token).expect("a session");
    let idle = later(44).session(&ani.device, &token).expect("a session");

    assert!(matches!(used, Session::Open { .. }));
    assert!(matches!(kept, Session::Open { .. }), "using it keeps it open");
    assert!(matches!(idle, Session::Challenge(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_is_told_so_and_writes_nothing_more() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let late = ani.begin(fresh(RecordId::from_bytes), RecordKind::Incident, reported());

    stage.center.revoke_device(&ani.device, "supervisor").expect("a revocation");
    let with_token = ani.ask(ani.request(vec![late], 0)).await;
    ani.token = None;
    let with_proof = ani.ask(ani.request(Vec::new(), 0)).await;

    assert_eq!(with_token.outcome, Outcome::Revoked);
    assert_eq!(with_proof.outcome, Outcome::Revoked);
    assert!(stage.center.records(RecordKind::Incident).expect("a reading").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attended_invitation_waits_for_a_supervisor_and_its_answer_can_be_asked_again() {
    let stage = Stage::set().await;
    let mut ani = Phone::new(stage.serving.field, &stage.center, 7);
    let invitation = stage.invite("AMB-01", Role::Medic, false);

    let waiting = ani.enrol(&invitation).await;
    let devices = stage.center.devices().expect("a reading");
    stage.center.confirm_device(&devices[0].id, "supervisor").expect("a confirmation");
    let enrolled = ani.enrol(&invitation).await;
    let somebody_else = Phone::new(stage.serving.field, &stage.center, 8).enrol(&invitation).await;

    assert_eq!(waiting, EnrolAnswer::AwaitingConfirmation);
    let expected = siaga_wire::enrol::comparison_code(&invitation, &devices[0].public_key.0);
    assert_eq!(devices[0].code, expected);
    ani.take_enrolment(enrolled);
    assert_eq!(ani.device, devices[0].id);
    assert_eq!(somebody_else, EnrolAnswer::Refused);
    assert_eq!(stage.center.devices().expect("a reading").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_only_an_invitation_names_is_in_the_certificate_before_the_phone_comes() {
    let stage = Stage::set().await;
    let ani = Phone::new(stage.serving.field, &stage.center, 7);
    let before = ani.reaches("pusat.uji").await;
    let wish = siaga_center::exchange::enrol::Invite {
        unit: "AMB-01".to_owned(),
        role: Role::Medic,
        name: "HP uji".to_owned(),
        unattended: true,
    };

    let guest = Center::open(stage.center.dir()).expect("a second opening");
    guest.invite(&wish, &["https://pusat.uji:8443".to_owned()], "test").expect("an invitation");
    let reached = async { while !ani.reaches("pusat.uji").await {} };
    let after = tokio::time::timeout(Duration::from_secs(10), reached).await;

    assert!(!before);
    assert!(after.is_ok());
    assert!(ani.reaches("localhost").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_answers_burn_an_invitation() {
    let stage = Stage::set().await;
    let ani = Phone::new(stage.serving.field, &stage.center, 7);
    let invitation = stage.invite("AMB-01", Role::Medic, true);
    let public_key = siaga_wire::key::Signer::public_key(&ani.signer).expect("a key").0.to_vec();
    let wrong = EnrolRequest {
        version: siaga_wire::VERSION,
        number: invitation.number.clone(),
        public_key,
        mac: vec![0; 32],
        app: String::new(),
        was: None,
    };

    for _ in 0..5 {
        assert_eq!(ani.ask_to_enrol(&wrong).await, EnrolAnswer::Refused);
    }

    // Nothing more is heard from this address for a while; the invitation is burnt from anywhere.
    let right = EnrolRequest { mac: siaga_wire::enrol::mac(&invitation, &wrong.public_key), ..wrong };
    assert_eq!(stage.center.enrol(&right).expect("an answer"), EnrolAnswer::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_center_lives_in_another_epoch_and_takes_back_what_it_lost() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let file = stage.folder.path().join("cadangan");
    stage.center.backup(&file, "test").expect("a backup");
    let lost = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));
    ani.exchange(vec![lost.clone()], 0).await;

    let dir = stage.folder.path().join("restored");
    let refused = restore(&file, stage.center.dir(), Present::Refuse, UtcMs(1));
    restore(&file, &dir, Present::Refuse, UtcMs(now_ms())).expect("a restored center");
    let center = Arc::new(Center::open(&dir).expect("a center"));
    let (serving, _stop) = served(&center).await;
    let mut ani = ani.moved(serving.field, &center);
    let answer = ani.ask(ani.request(Vec::new(), 0)).await;
    let epoch = answer.epoch;
    (ani.epoch, ani.cursors) = (epoch, [0, 0]);
    ani.exchange(vec![lost], 0).await;

    assert!(matches!(refused, Err(RestoreError::NotEmpty(_))));
    assert!(matches!(answer.outcome, Outcome::OtherEpoch { testimony: Some(_) }), "{:?}", answer.outcome);
    assert_ne!(epoch, stage.center.identity().expect("a reading").epoch);
    assert_eq!(center.id(), stage.center.id());
    assert_eq!(statuses(&center, &assignment), [Status::Accepted]);
    assert_eq!(center.digest(&ani.device).expect("a digest").0, ani.digest());
    assert!(center.check().expect("a check").problems.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_sent_twice_is_there_once_and_an_old_fix_does_not_move_the_unit() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let now = now_ms();
    let fix = |at_ms: i64, lon_e6: i32| Fix {
        at_ms,
        lat_e6: -1_830_000,
        lon_e6,
        accuracy_m: Some(5),
        speed_cms: None,
        offset_ms: None,
        mock: false,
    };
    let mut request = ani.request(Vec::new(), 0);
    request.trail =
        vec![TrailBlock { first: 1, fixes: vec![fix(now - 2000, 109_960_000), fix(now - 1000, 109_970_000)] }];

    let answer = ani.ask(request.clone()).await;
    ani.ask(request.clone()).await;
    request.trail.clear();
    request.newest_fix = Some(fix(now - 60_000, 100_000_000));
    ani.ask(request).await;

    let Outcome::Exchanged(exchanged) = answer.outcome else { panic!("not exchanged") };
    assert_eq!(exchanged.trail_received, Some(3));
    let (count, positions) = stage
        .center
        .db()
        .read(|tx| Ok::<_, siaga_center::db::DbError>((trail::count(tx, &ani.device)?, trail::positions(tx)?)))
        .expect("a reading");
    assert_eq!(count, 2);
    assert!((positions[0].position.lon() - 109.97).abs() < 1e-9);
    assert_eq!(positions[0].unit, "AMB-01");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_of_a_unit_is_the_fix_taken_last_whatever_a_clock_showed_before() {
    const HOUR_MS: i64 = 3_600_000;
    let wrong = [HOUR_MS, 365 * 24 * HOUR_MS, -1024 * 7 * 24 * HOUR_MS, -60 * 365 * 24 * HOUR_MS, i64::MAX, i64::MIN];
    for ahead_ms in wrong {
        let stage = Stage::set().await;
        let mut ani = stage.phone("AMB-01", Role::Medic).await;
        let now = now_ms();
        let fix = |at_ms: i64, lon_e6: i32| Fix {
            at_ms,
            lat_e6: -1_830_000,
            lon_e6,
            accuracy_m: Some(5),
            speed_cms: None,
            offset_ms: Some(0),
            mock: false,
        };
        let newest = || {
            let read = stage.center.db().read(|tx| trail::positions(tx)).expect("a reading");
            let one = read.first().expect("a position");
            ((one.position.lon() * 1e6).round() as i32, one.is_clock_wrong)
        };
        let mut first = ani.request(Vec::new(), 0);
        first.trail = vec![TrailBlock { first: 1, fixes: vec![fix(now.saturating_add(ahead_ms), 110_800_000)] }];
        let mut ahead = ani.request(Vec::new(), 0);
        ahead.newest_fix = Some(fix(now - 2_000, 109_990_000));
        let mut rest = ani.request(Vec::new(), 0);
        let taken = [
            fix(now - 60_000, 109_970_000),
            fix(now.saturating_add(ahead_ms), 110_800_000),
            fix(now - 2_000, 109_990_000),
        ];
        rest.trail = vec![TrailBlock { first: 2, fixes: taken.to_vec() }];
        let mut last = ani.request(Vec::new(), 0);
        last.trail = vec![TrailBlock { first: 5, fixes: vec![fix(now - 30_000, 109_980_000)] }];

        ani.ask(first).await;
        // The satellites' weeks began anew in 2007: that can be true, and is old.
        let is_doubted = ahead_ms != -1024 * 7 * 24 * HOUR_MS;
        assert_eq!(newest(), (110_800_000, is_doubted), "its age is unknown: {ahead_ms}");
        ani.ask(ahead.clone()).await;
        assert_eq!(newest(), (109_990_000, false), "sent ahead of the trail: {ahead_ms}");
        ani.ask(rest).await;
        assert_eq!(newest(), (109_990_000, false), "older fixes arrive late: {ahead_ms}");
        ani.ask(last).await;
        assert_eq!(newest(), (109_980_000, false), "a clock was set back by a minute: {ahead_ms}");
        ani.ask(ahead).await;
        assert_eq!(newest(), (109_980_000, false), "a request comes once more: {ahead_ms}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_trail_is_read_to_where_it_is_readable_and_confirmed_no_further() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let from = now_ms() - 600_000;
    let fixes: Vec<Fix> = (0..60)
        .map(|number| Fix {
            at_ms: from + i64::from(number) * 5_000,
            lat_e6: -1_830_000 + number * 400,
            lon_e6: 109_960_000,
            accuracy_m: Some(5),
            speed_cms: Some(890),
            offset_ms: Some(12),
            mock: false,
        })
        .collect();
    let mut request = ani.request(Vec::new(), 0);
    let good = siaga_wire::trail::pack(1, &fixes).expect("packed");
    let unknown = siaga_wire::trail::PackedTrail { coding: 99, first: 61, bytes: vec![1, 2, 3] };
    request.packed_trail = vec![good, unknown.clone()];

    let mixed = ani.ask(request.clone()).await;
    request.packed_trail = vec![unknown];
    let unreadable = ani.ask(request).await;

    let (Outcome::Exchanged(mixed), Outcome::Exchanged(unreadable)) = (mixed.outcome, unreadable.outcome) else {
        panic!("not exchanged")
    };
    assert_eq!((mixed.trail_received, unreadable.trail_received), (Some(61), None));
    let (count, positions) = stage
        .center
        .db()
        .read(|tx| Ok::<_, siaga_center::db::DbError>((trail::count(tx, &ani.device)?, trail::positions(tx)?)))
        .expect("a reading");
    assert_eq!(count, 60);
    assert!((positions[0].position.lat() - (-1.806_4)).abs() < 2e-5, "{}", positions[0].position.lat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_encoded_or_of_another_kind_is_not_read() {
    let stage = Stage::set().await;
    let ani = stage.phone("AMB-01", Role::Medic).await;

    let (large, _) = ani.post("/field/v1/exchange", &vec![0; 300 * 1024], "").await;
    let (encoded, _) = ani.post("/field/v1/exchange", &[0], "Content-Encoding: gzip\r\n").await;
    let (other, _) = ani.send("POST", "/field/v1/exchange", b"{}", "Content-Type: application/json\r\n").await;
    let (malformed, _) = ani.post("/field/v1/exchange", &[0xff], "").await;

    assert_eq!((large, encoded, other, malformed), (413, 415, 415, 400));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_assignment_nobody_looked_at_leaves_the_phone_after_half_a_day() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (_, assignment) = stage.order("AMB-01");
    let cancel = RecordWrite {
        record: assignment,
        kind: RecordKind::Assignment,
        start: Start::Append,
        entries: vec![Body::Cancelled(Cancelled { reason: "ganda".to_owned() })],
    };
    stage.center.write(cancel, "dispatcher").expect("a cancellation");
    ani.exchange(Vec::new(), 0).await;

    let told = stage.center.settle_time().map(|()| stage.center.digest(&ani.device).expect("a digest").1);
    // The same folder under a clock that is thirteen hours ahead.
    let later = Center::open_with(stage.center.dir(), Box::new(Ahead(13 * 3_600_000))).expect("a center");
    later.settle_time().expect("time passed");
    let answer = ani.exchange(Vec::new(), 0).await;

    assert_eq!(told.expect("time passed"), 3);
    assert!(answer.news.iter().any(|news| matches!(news, News::Left { record, .. } if *record == assignment)));
}

struct Ahead(i64);

impl siaga_center::clock::Clock for Ahead {
    fn now(&self) -> UtcMs {
        UtcMs(now_ms()).plus(self.0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_the_change_the_projection_and_the_audit_row_that_were_altered() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let (incident, assignment) = stage.order("AMB-01");
    ani.exchange(Vec::new(), 0).await;
    let envelope = ani.add(assignment, RecordKind::Assignment, pressed(Status::Accepted));
    ani.exchange(vec![envelope], 0).await;
    assert!(stage.center.check().expect("a check").problems.is_empty());

    let db = rusqlite::Connection::open(stage.center.db().path()).expect("the database");
    for sql in [
        "UPDATE projection SET json = replace(json, 'air naik', 'air surut') WHERE kind = 'incident'",
        "UPDATE audit SET detail = 'role=supervisor unattended=true' WHERE number = 1",
        "UPDATE envelope SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB)",
        "UPDATE change SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'7f' AS BLOB) WHERE record IN (SELECT record FROM projection WHERE kind = 'assignment')",
    ] {
        assert!(db.execute(sql, []).expect("an alteration") > 0, "{sql}");
    }
    let found = stage.center.check().expect("a check").problems;

    let named = |what: &str, id: &str| found.iter().any(|problem| problem.what == what && problem.id == id);
    assert!(named("record", &incident.to_string()), "{found:?}");
    assert!(named("audit", "1"), "{found:?}");
    assert!(named("envelope", "1"), "{found:?}");
    assert!(found.iter().any(|problem| problem.what == "change"), "{found:?}");
    assert_eq!(
        stage.center.db().read(|tx| device::get(tx, &ani.device)).expect("a reading").map(|device| device.unit),
        Some("AMB-01".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_no_longer_understood_is_told_the_least_that_is_and_a_newer_one_is_answered() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let id = fresh(RecordId::from_bytes);
    let opened = Opened {
        source: Source::Field,
        narrative: "air naik".to_owned(),
        caller_name: None,
        caller_phone: None,
        unit: None,
    };
    let envelope = ani.begin(id, RecordKind::Incident, Body::IncidentOpened(opened));
    let mut request = ani.request(vec![envelope], 0);

    request.version = 0;
    let old = ani.ask_once(&request).await.outcome;
    let taken_of_the_old = stage.center.record(&id).expect("a reading").is_some();
    request.version = 2;
    let newer = ani.ask_once(&request).await.outcome;

    assert_eq!(old, Outcome::UpdateNeeded { least_version: 1 });
    assert!(!taken_of_the_old);
    assert!(matches!(newer, Outcome::Exchanged(_)), "{newer:?}");
    assert!(stage.center.record(&id).expect("a reading").is_some());
}
