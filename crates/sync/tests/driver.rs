//! The driver against a center that can be told to misbehave: what is believed, what is sent again, what comes
//! first. Real sockets, real TLS, a real store.

#[path = "driver/stage.rs"]
mod stage;

use siaga_document::{Document, Header, NewEntry};
use siaga_domain::delivery::Delivery;
use siaga_domain::entry::{Body, Stamp};
use siaga_domain::id::{ActorId, EntryId, Epoch, RecordId};
use siaga_domain::kind::RecordKind;
use siaga_domain::place::Position;
use siaga_domain::record::Record;
use siaga_domain::record::sos::{Answered, Raised};
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::{Gap, GapCause, Sign};
use siaga_store::{NewFix, Reach, Tracked, TrackingMark};
use siaga_sync::driver::Network;
use siaga_wire::exchange::{Credential, News, Outcome, WireChange};
use stage::{Mischief, Stage, eventually};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn entry(number: u8, body: Body) -> NewEntry {
    NewEntry { id: EntryId::v7(1_665_360_000_000, [number; 10]), stamp: Stamp::default(), body }
}

/// An alarm of another crew that was answered twice: its three changes, one hanging on the other.
fn alarm(number: u8) -> (RecordId, [Vec<u8>; 3]) {
    let record = RecordId::v7(1_665_360_000_000, [number; 10]);
    let raised = Raised { unit: "AMB-02".to_owned(), lat: None, lon: None, accuracy_m: None };
    let header = Header { id: record, kind: RecordKind::Sos, schema: 1 };
    let actor = ActorId::from_bytes([50; 16]);
    let (mut document, mut changes) =
        Document::create(header, actor, &[entry(number, Body::SosRaised(raised))]).expect("begins");
    for (number, text) in [(number + 1, "polisi menuju"), (number + 2, "polisi di lokasi")] {
        let answered = Body::SosAnswered(Answered { text: text.to_owned(), holds: None });
        changes.extend(document.append(actor, &[entry(number, answered)]).expect("goes on"));
    }
    let changes: Vec<Vec<u8>> = changes.into_iter().map(|change| change.bytes).collect();
    (record, changes.try_into().expect("three changes"))
}

fn entered(number: u8) -> News {
    let (record, [raised, ..]) = alarm(number);
    News::Entered {
        record,
        kind: "sos".to_owned(),
        generation: 1,
        position: 1,
        changes: vec![WireChange::plain(raised)],
    }
}

#[tokio::test]
async fn what_was_written_reaches_the_center_once_however_often_it_is_asked() {
    let mut stage = Stage::new().await;
    let id = stage.report(1);

    let first = stage.driver().sync_once().await.expect("syncs");
    let second = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((first.sent_changes, first.receipted_changes, first.saved_left), (1, 1, 0));
    assert_eq!((second.exchanges, second.sent_changes), (1, 0));
    assert_eq!(stage.center.heard.lock().expect("lock").envelopes.len(), 1);
    let delivery = stage.store.record(id).expect("answers").expect("is here").delivery;
    assert_eq!(delivery, Some(Delivery::Received { at_ms: UtcMs(7_000) }));
}

#[tokio::test]
async fn a_center_that_does_not_say_it_takes_gaps_is_offered_none_and_nothing_waits_for_it() {
    let mut stage = Stage::new().await;
    let gap = Gap { from: UtcMs(1_000), until: UtcMs(2_000_000), cause: GapCause::HeldBack };
    let sign = Sign { at: gap.until, monotonic_ms: 1, boot_id: "boot".to_owned(), process: 1 };
    let mark = TrackingMark { sign, location_off: false };
    stage.store.note_tracking(&Tracked { mark, gaps: vec![gap], offset_ms: None }).expect("notes");
    stage.report(1);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.saved_left), (Reach::Reached, 0));
    let heard = stage.center.heard.lock().expect("lock");
    assert!(heard.requests.iter().all(|request| request.repair.as_ref().is_none_or(|ask| ask.gaps.is_empty())));
}

#[tokio::test]
async fn an_answer_without_a_receipt_proves_nothing() {
    let mut stage = Stage::new().await;
    stage.report(1);
    (0..5).for_each(|_| stage.act(Mischief::NoReceipts));

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.receipted_changes, report.saved_left), (Reach::Reached, 0, 1));
    assert_eq!(stage.waiting(), 1);
}

#[tokio::test]
async fn a_receipt_under_another_key_is_not_believed() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::ForgedReceipts);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!(report.reach, Reach::NotOurCenter);
    assert_eq!(stage.waiting(), 1);
}

#[tokio::test]
async fn news_under_another_key_is_not_believed() {
    let mut stage = Stage::new().await;
    stage.center.news.lock().expect("lock").push(entered(9));
    stage.act(Mischief::ForgedReceipts);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.received_changes), (Reach::NotOurCenter, 0));
    assert!(stage.store.records(RecordKind::Sos).expect("answers").is_empty());
}

#[tokio::test]
async fn a_page_with_status_200_is_not_our_center() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::Portal);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!(report.reach, Reach::NotOurCenter);
    assert_eq!(stage.store.peer().expect("answers").expect("enrolled").reach, Reach::NotOurCenter);
    assert_eq!(stage.waiting(), 1);
}

#[tokio::test]
async fn whoever_has_another_root_hears_nothing() {
    let mut stage = Stage::with_an_impostor().await;
    stage.report(1);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.bytes_up), (Reach::NotOurCenter, 0));
    assert!(stage.center.heard.lock().expect("lock").requests.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_made_up_for_by_the_same_bytes() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::TakeAndHangUp);
    let lost = stage.driver().sync_once().await.expect("syncs");
    assert_eq!((lost.reach, stage.waiting()), (Reach::NoSignal, 1));

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.receipted_changes, stage.waiting()), (1, 0));
    let heard = stage.center.heard.lock().expect("lock");
    assert!(heard.envelopes.len() >= 2);
    assert!(heard.envelopes.iter().all(|envelope| *envelope == heard.envelopes[0]), "byte for byte");
}

#[tokio::test]
async fn the_urgent_lane_goes_first_whatever_was_written_first() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.report(2);
    stage.sos(3);

    stage.driver().sync_once().await.expect("syncs");

    assert_eq!(stage.lanes_heard(), [[0, 1]]);
}

#[tokio::test]
async fn a_center_of_the_first_release_hears_the_long_form_at_once_and_for_the_rest_of_the_day() {
    let mut stage = Stage::new().await;
    stage.forgets_how_the_center_speaks();
    stage.report(1);
    let driver = stage.driver();

    let first = driver.sync_once().await.expect("syncs");
    stage.report(2);
    let second = driver.sync_once().await.expect("syncs");

    assert_eq!((first.sent_changes, first.receipted_changes, first.exchanges), (1, 1, 1));
    assert_eq!((second.sent_changes, second.receipted_changes), (1, 1));
    assert_eq!(stage.center.heard.lock().expect("lock").not_understood, 1);
}

#[tokio::test]
async fn a_center_of_a_version_that_is_not_known_asks_for_an_update_and_saving_goes_on() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::Newer);

    let report = stage.driver().sync_once().await.expect("syncs");
    stage.report(2);

    assert_eq!((report.reach, report.receipted_changes), (Reach::UpdateNeeded, 0));
    assert_eq!(stage.waiting(), 2);
}

/// A phone that holds the first change of an alarm, a center that holds all three and tells the last: what its short
/// form hangs on is not on the phone. A report waits beside it.
async fn told_what_cannot_be_made(stage: &mut Stage) -> (RecordId, Vec<u8>) {
    let (record, [raised, first, second]) = alarm(9);
    stage.speaks_shortly(record, vec![raised, first.clone(), second.clone()]);
    stage.center.news.lock().expect("lock").push(entered(9));
    stage.driver().sync_once().await.expect("syncs");
    let change = WireChange::plain(second);
    stage.center.news.lock().expect("lock").push(News::Changed { record, position: 3, change });
    *stage.center.heard.lock().expect("lock") = stage::Heard::default();
    stage.report(1);
    (record, first)
}

fn answers(stage: &Stage, record: RecordId) -> Vec<String> {
    match stage.store.record(record).expect("answers").expect("is here").record {
        Record::Sos(sos) => sos.answers.into_iter().map(|answer| answer.text).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[tokio::test]
async fn what_an_answer_hangs_on_and_this_phone_lacks_is_asked_for_plain_once_and_nothing_is_lost() {
    let mut stage = Stage::new().await;
    let (record, lacked) = told_what_cannot_be_made(&mut stage).await;

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.receipted_changes, report.saved_left), (Reach::Reached, 1, 0));
    assert_eq!(report.sent_changes, 1, "counted once, though it left twice");
    {
        let heard = stage.center.heard.lock().expect("lock");
        assert_eq!(heard.plainly, [false, true], "asked again once, and no more");
        assert_eq!(heard.envelopes.len(), 2);
        assert_eq!(heard.envelopes[0], heard.envelopes[1], "byte for byte");
    }
    assert_eq!(answers(&stage, record), [""; 0], "what came waits for what it hangs on");

    // The change between them comes: what was kept aside stands behind it.
    let change = WireChange::plain(lacked);
    stage.center.news.lock().expect("lock").push(News::Changed { record, position: 4, change });
    stage.driver().sync_once().await.expect("syncs");
    assert_eq!(answers(&stage, record), ["polisi menuju", "polisi di lokasi"]);

    let told = std::mem::take(&mut stage.center.heard.lock().expect("lock").plainly);
    assert_eq!(told, [false, true, true], "plain for a while");
    stage.passes(600_000);
    stage.driver().sync_once().await.expect("syncs");
    assert_eq!(stage.center.heard.lock().expect("lock").plainly, [false], "and short again after it");
}

#[tokio::test]
async fn a_center_that_never_says_it_plainly_is_asked_three_times_and_what_waited_is_kept() {
    let mut stage = Stage::new().await;
    let (record, lacked) = told_what_cannot_be_made(&mut stage).await;
    (0..9).for_each(|_| stage.act(Mischief::NeverPlain));

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!(stage.center.heard.lock().expect("lock").plainly, [false, true, true], "not without end");
    assert_eq!((report.receipted_changes, report.received_changes, report.saved_left), (0, 0, 1));
    assert_eq!(stage.waiting(), 1, "no receipt of it was read");

    stage.center.mischief.lock().expect("lock").clear();
    let change = WireChange::plain(lacked);
    stage.center.news.lock().expect("lock").push(News::Changed { record, position: 4, change });
    let report = stage.driver().sync_once().await.expect("syncs");
    assert_eq!((report.receipted_changes, stage.waiting()), (1, 0));
    assert_eq!(answers(&stage, record), ["polisi menuju", "polisi di lokasi"]);
}

#[tokio::test]
async fn a_large_outbox_goes_in_small_envelopes_and_all_of_it_arrives() {
    let mut stage = Stage::new().await;
    for number in 1..=120 {
        stage.report(number);
    }
    stage.sos(200);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.sent_changes, report.receipted_changes, report.saved_left), (121, 121, 0));
    let heard = stage.center.heard.lock().expect("lock");
    let first = &heard.requests[0].envelopes;
    assert_eq!(first[0].header.lane, 0);
    assert!(heard.envelopes.iter().all(|envelope| envelope.len() < 10 * 1024));
    assert!(heard.requests.len() > 2, "the first requests are small");
}

#[tokio::test]
async fn a_challenge_is_answered_with_a_signature_and_nothing_is_sent_before() {
    let mut stage = Stage::new().await;
    stage.report(1);
    let lease = stage.store.take_lease([77; 16], 0, 1).expect("answers").expect("is free");
    stage.store.forget_token(&lease).expect("forgets");
    stage.store.release_lease(&lease).expect("releases");

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.exchanges, report.receipted_changes), (2, 1));
    let heard = stage.center.heard.lock().expect("lock");
    assert_eq!(heard.requests[0].credential, Credential::None);
    assert!(heard.requests[0].envelopes.is_empty());
    assert!(matches!(heard.requests[1].credential, Credential::Proof { .. }));
}

#[tokio::test]
async fn another_life_of_the_center_is_read_from_zero_in_its_epoch() {
    let mut stage = Stage::new().await;
    *stage.center.epoch.lock().expect("lock") = Epoch([8; 8]);
    stage.act(Mischief::Answer(Box::new(Outcome::OtherEpoch { testimony: None })));

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.exchanges), (Reach::Reached, 2));
    let heard = stage.center.heard.lock().expect("lock");
    assert_eq!((heard.requests[1].epoch, heard.requests[1].cursors), (Epoch([8; 8]), [0, 0]));
}

#[tokio::test]
async fn a_closed_access_is_said_and_everything_stays_saved() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::Answer(Box::new(Outcome::Revoked)));

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.reach, report.saved_left), (Reach::Revoked, 1));
}

#[tokio::test]
async fn an_app_too_old_for_its_center_is_told_so_and_goes_on_saving() {
    let mut stage = Stage::new().await;
    stage.report(1);
    stage.act(Mischief::Answer(Box::new(Outcome::UpdateNeeded { least_version: 2 })));

    let report = stage.driver().sync_once().await.expect("syncs");
    stage.report(2);

    assert_eq!((report.reach, report.saved_left), (Reach::UpdateNeeded, 1));
    assert_eq!(stage.waiting(), 2);
}

#[tokio::test]
async fn the_trail_goes_in_blocks_and_is_confirmed() {
    let mut stage = Stage::new().await;
    for number in 0..400 {
        let position = Position::new(-1.8, 110.0, Some(8.0)).expect("on the earth");
        let fix = NewFix { position, at_ms: UtcMs(number), speed_mps: None, offset_ms: None, is_mock: false };
        stage.store.add_fix(&fix).expect("adds");
    }

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!(report.sent_fixes, 400);
    assert_eq!(stage.store.sync_counts().expect("answers").fixes_waiting, 0);
    assert_eq!(stage.driver().sync_once().await.expect("syncs").sent_fixes, 0);
}

#[tokio::test]
async fn a_center_that_takes_no_packed_trail_gets_it_plainly() {
    let mut stage = Stage::new().await;
    for number in 0..300 {
        let position = Position::new(-1.8, 110.0 + 0.0004 * f64::from(number), Some(8.0)).expect("on the earth");
        let at_ms = UtcMs(i64::from(number) * 5_000);
        stage
            .store
            .add_fix(&NewFix { position, at_ms, speed_mps: Some(8.9), offset_ms: Some(7), is_mock: false })
            .expect("adds");
    }
    stage.act(Mischief::OldTrail);
    stage.act(Mischief::OldTrail);

    stage.driver().sync_once().await.expect("syncs");
    stage.driver().sync_once().await.expect("syncs");

    let heard = stage.center.heard.lock().expect("lock");
    let packed = heard.requests.iter().filter(|request| !request.packed_trail.is_empty()).count();
    let plain: usize = heard.requests.iter().flat_map(|request| &request.trail).map(|block| block.fixes.len()).sum();
    assert_eq!((packed, plain), (1, 300), "packed once, then plain");
    assert_eq!(stage.store.sync_counts().expect("answers").fixes_waiting, 0);
}

#[tokio::test]
async fn a_photograph_goes_in_pieces_after_everything_else() {
    let mut stage = Stage::new().await;
    stage.photograph(1, vec![7; 150_000]);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.receipted_changes, report.sent_attachments, report.saved_left), (1, 1, 0));
    let heard = stage.center.heard.lock().expect("lock");
    let sent: usize = heard.pieces.iter().map(|(_, size)| size).sum();
    assert_eq!(sent, 150_000, "no byte twice");
    assert!(heard.pieces.len() > 1);
}

/// Bytes of which no two stretches are alike.
fn picture(size: u32) -> Vec<u8> {
    (0..size).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[tokio::test]
async fn an_upload_cut_midway_goes_on_where_the_center_says() {
    let mut stage = Stage::new().await;
    let photo = picture(60_000);
    stage.photograph(1, photo.clone());
    stage.center.cuts.lock().expect("lock").push_back(2_500);

    let cut = stage.driver().sync_once().await.expect("syncs");
    let done = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((cut.reach, cut.sent_attachments, done.sent_attachments), (Reach::NoSignal, 0, 1));
    let heard = stage.center.heard.lock().expect("lock");
    assert_eq!(heard.pieces[..2], [(0, 2_500), (0, 0)], "cut, then asked");
    let mut held = 2_500;
    for (offset, size) in &heard.pieces[2..] {
        assert_eq!(*offset, held);
        held += *size as u64;
    }
    assert_eq!(*stage.center.blob.lock().expect("lock"), photo);
}

#[tokio::test]
async fn a_chunk_of_64_kb_that_is_cut_again_and_again_arrives_with_no_byte_twice() {
    let mut stage = Stage::new().await;
    let photo = picture(64 * 1024);
    stage.photograph(1, photo.clone());
    // Of every piece so much arrives; from the first byte to beyond what one carries.
    let cuts = [1, 2, 255, 256, 1_023, 1_024, 1_025, 4_095, 4_096, 4_097, 8_192, 9_999];
    stage.center.cuts.lock().expect("lock").extend(cuts);

    let mut whole = 0;
    for _ in 0..=cuts.len() {
        whole += stage.driver().sync_once().await.expect("syncs").sent_attachments;
    }

    let arrived: usize = stage.center.heard.lock().expect("lock").pieces.iter().map(|(_, size)| size).sum();
    assert_eq!((whole, arrived), (1, photo.len()));
    assert_eq!(*stage.center.blob.lock().expect("lock"), photo);
}

#[tokio::test]
async fn a_piece_whose_answer_was_lost_is_not_sent_again() {
    let mut stage = Stage::new().await;
    let photo = picture(20_000);
    stage.photograph(1, photo.clone());
    // All of a piece arrives, and nothing comes back.
    stage.center.cuts.lock().expect("lock").extend([usize::MAX, usize::MAX]);

    let mut sent = 0;
    for _ in 0..3 {
        sent += stage.driver().sync_once().await.expect("syncs").sent_attachments;
    }

    let arrived: usize = stage.center.heard.lock().expect("lock").pieces.iter().map(|(_, size)| size).sum();
    assert_eq!((sent, arrived), (1, photo.len()), "no byte twice");
    assert_eq!(*stage.center.blob.lock().expect("lock"), photo);
}

#[tokio::test]
async fn a_download_cut_midway_goes_on_where_it_was() {
    let mut stage = Stage::new().await;
    let pack = picture(100_000);
    stage.offers_pack(&pack);
    stage.driver().sync_once().await.expect("hears of it");
    let offered = stage.store.offered_packs().expect("answers");
    assert_eq!(offered[0].held_bytes, 0, "a map pack comes when it is asked for");
    stage.store.want(&offered[0].hash).expect("answers");
    stage.center.cuts.lock().expect("lock").extend([5_000, 11]);

    let cuts = [stage.driver().sync_once().await, stage.driver().sync_once().await];
    let done = stage.driver().sync_once().await.expect("syncs");

    assert!(cuts.iter().flatten().all(|report| (report.reach, report.received_files) == (Reach::NoSignal, 0)));
    assert_eq!(done.received_files, 1);
    let heard = stage.center.heard.lock().expect("lock");
    let mut held = 0;
    for (offset, size) in &heard.fetched {
        assert_eq!(*offset, held, "no byte twice: {:?}", heard.fetched);
        held += *size as u64;
    }
    let used = stage.store.packs().expect("answers");
    assert_eq!(stage.store.pack_bytes(&used[0].hash, 0, usize::MAX).expect("reads"), pack);
}

#[tokio::test]
async fn while_one_process_syncs_the_other_only_waits_for_it() {
    let mut stage = Stage::new().await;
    stage.report(1);
    let one = stage.driver();
    let other = stage.driver();

    let (one, other) = tokio::join!(one.sync_once(), other.sync_once());

    let sent = one.expect("syncs").sent_changes + other.expect("waits").sent_changes;
    assert_eq!(sent, 1);
    assert_eq!(stage.center.heard.lock().expect("lock").envelopes.len(), 1);
    assert_eq!(stage.waiting(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_goes_beside_a_held_request_and_news_ends_the_hold() {
    let mut stage = Stage::new().await;
    stage.store.set_setting(siaga_store::PERSON, "Ani").expect("checks in");
    let driver = stage.driver();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watching = tokio::spawn(async move {
        driver.watch(async move { drop(stopped.await) }, || {}).await;
    });
    let center = std::sync::Arc::clone(&stage.center);
    let held = || center.heard.lock().expect("lock").requests.iter().any(|request| request.hold_ms > 0);
    eventually("a request is held", held).await;

    stage.sos(1);
    eventually("the press arrived while the other request was held", || stage.waiting() == 0).await;
    let carried = |stage: &Stage| {
        let heard = stage.center.heard.lock().expect("lock");
        heard.requests.iter().all(|request| request.hold_ms == 0 || request.envelopes.is_empty())
    };
    assert!(carried(&stage), "a held request carries no outbox");

    let before = center.heard.lock().expect("lock").requests.len();
    center.moved.notify_one();
    eventually("an answered hold is followed by the next", || {
        center.heard.lock().expect("lock").requests.len() > before
    })
    .await;
    drop(stop);
    watching.await.expect("stops when told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_on_a_connection_the_network_forgot_goes_on_a_new_one_and_so_does_the_hold() {
    let mut stage = Stage::new().await;
    stage.store.set_setting(siaga_store::PERSON, "Ani").expect("checks in");
    let driver = stage.driver();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let watching = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        driver.watch(stopped, || {}).await;
    });
    let holds = |stage: &Stage| -> Vec<u32> {
        let heard = stage.center.heard.lock().expect("lock");
        heard.requests.iter().map(|request| request.hold_ms).filter(|hold_ms| *hold_ms > 0).collect()
    };
    eventually("the hold is there", || holds(&stage) == [50_000]).await;

    stage.act(Mischief::Forgotten);
    stage.sos(1);
    eventually("the press is there", || stage.waiting() == 0).await;

    eventually("the hold is there again, and shorter", || holds(&stage) == [50_000, 25_000]).await;
    assert_eq!(stage.lanes_heard().iter().filter(|lanes| **lanes == [0]).count(), 1, "the other went nowhere");
    let _ = stop.send(());
    watching.await.expect("stops");
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_not_asked_before_the_one_that_did() {
    let mut stage = Stage::new().await;
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let mut enrolment = stage.store.enrolment().expect("answers").expect("enrolled");
    enrolment.urls.insert(0, format!("https://{}", elsewhere.local_addr().expect("an address")));
    stage.store.set_enrolment(&enrolment).expect("enrols");
    let asked = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&asked);
    tokio::spawn(async move {
        // Hangs up on whoever calls.
        while elsewhere.accept().await.is_ok() {
            counting.fetch_add(1, Ordering::SeqCst);
        }
    });
    stage.act(Mischief::Answer(Box::new(Outcome::Challenge { nonce: vec![9; 32] })));
    stage.report(1);

    let report = stage.driver().sync_once().await.expect("syncs");

    assert_eq!((report.exchanges, report.receipted_changes), (2, 1));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_network_coming_back_is_not_waited_for() {
    let mut stage = Stage::new().await;
    let network = Network::default();
    let driver = stage.driver_on(&network);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // Their waits are half a minute together, longer than this test has patience.
    (0..6).for_each(|_| stage.act(Mischief::TakeAndHangUp));
    let watching = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        driver.watch(stopped, || {}).await;
    });
    let requests = |stage: &Stage| stage.center.heard.lock().expect("lock").requests.len();

    for number in 1..=6 {
        eventually("it asked and was cut", || requests(&stage) == number).await;
        network.is_back();
    }
    stage.report(1);
    network.is_back();
    eventually("the report is there", || stage.waiting() == 0).await;

    let _ = stop.send(());
    watching.await.expect("stops");
}
