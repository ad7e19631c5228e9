//! What a phone knows of its own tracking, at the center: made-up positions, and when nobody looked for any.

#[allow(dead_code, reason = "another test file uses the rest")]
#[path = "field/phone.rs"]
mod phone;

use phone::{Phone, Stage, now_ms};
use siaga_center::db::gap::{self, GapRow};
use siaga_center::db::{DbError, trail};
use siaga_domain::kind::Role;
use siaga_domain::time::UtcMs;
use siaga_domain::tracking::GapCause;
use siaga_wire::exchange::{Credential, ExchangeRequest, Exchanged, Fix, Outcome, TrailBlock};
use siaga_wire::repair::{Gap, MAX_GAPS, RepairAsk};

const MINUTE_MS: i64 = 60_000;

async fn exchanged(phone: &mut Phone, request: ExchangeRequest) -> Exchanged {
    let outcome = phone.ask(request).await.outcome;
    if let Outcome::Exchanged(exchanged) = outcome { Some(exchanged) } else { None }.expect("exchanged")
}

fn fix(at_ms: i64, mock: bool) -> Fix {
    Fix { at_ms, lat_e6: -1_830_000, lon_e6: 109_960_000, accuracy_m: Some(5), speed_cms: None, offset_ms: None, mock }
}

/// Minutes ago.
fn gap(from: i64, until: i64, cause: &str) -> Gap {
    let now = now_ms() / MINUTE_MS * MINUTE_MS;
    let at = |ago: i64| now - ago * MINUTE_MS;
    Gap { from_ms: at(from), until_ms: at(until), cause: cause.to_owned(), offset_ms: Some(0) }
}

fn kept(stage: &Stage) -> Vec<GapRow> {
    stage.center.db().read(|tx| gap::since(tx, UtcMs(0))).expect("a reading")
}

/// Of each fix that is here, in order of numbers; and of the newest position.
fn marks(stage: &Stage, phone: &Phone) -> (Vec<bool>, Vec<bool>) {
    let read = stage.center.db().read(|tx| {
        let fixes = trail::since(tx, &phone.device, UtcMs(0), 100)?;
        Ok::<_, DbError>((fixes, trail::positions(tx)?))
    });
    let (fixes, positions) = read.expect("a reading");
    (fixes.iter().map(|fix| fix.is_mock).collect(), positions.iter().map(|one| one.is_mock).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_that_was_made_up_is_kept_as_such_packed_or_plain_and_the_unit_says_so_until_a_receiver_speaks() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    let from = now_ms() - 60_000;
    let mut plain = ani.request(Vec::new(), 0);
    plain.trail = vec![TrailBlock { first: 1, fixes: vec![fix(from, false), fix(from + 5_000, true)] }];
    let mut packed = ani.request(Vec::new(), 0);
    let run = [fix(from + 10_000, true), fix(from + 15_000, false), fix(from + 20_000, true)];
    packed.packed_trail = siaga_wire::trail::pack(3, &run).into_iter().collect();
    let mut newest = ani.request(Vec::new(), 0);
    newest.newest_fix = Some(fix(from + 25_000, false));

    exchanged(&mut ani, plain).await;
    assert_eq!(marks(&stage, &ani), (vec![false, true], vec![true]));
    exchanged(&mut ani, packed).await;
    assert_eq!(marks(&stage, &ani), (vec![false, true, true, false, true], vec![true]));
    exchanged(&mut ani, newest).await;

    assert_eq!(marks(&stage, &ani).1, [false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_center_says_that_it_takes_gaps_at_the_beginning_and_when_a_session_is_opened_and_not_when_idle() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;

    let first = ani.exchange(Vec::new(), 0).await;
    let opening = ExchangeRequest { credential: Credential::None, ..ani.request(Vec::new(), 0) };

    let opened = exchanged(&mut ani, opening).await;
    let idle = ani.exchange(Vec::new(), 0).await;

    assert!(first.repair.is_some_and(|said| said.takes_gaps));
    assert!(opened.repair.is_some_and(|said| said.takes_gaps));
    assert_eq!(idle.repair, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_told_twice_are_kept_once_on_the_clock_of_the_center() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let slow = Gap { offset_ms: Some(MINUTE_MS), ..gap(58, 20, "restarted") };
    let mut request = ani.request(Vec::new(), 0);
    request.repair = Some(RepairAsk { gaps: vec![slow.clone(), gap(15, 8, "location_off")], ..RepairAsk::default() });

    let answer = exchanged(&mut ani, request.clone()).await;
    exchanged(&mut ani, request).await;

    assert!(answer.repair.is_some_and(|said| said.takes_gaps && said.answers));
    let here = kept(&stage);
    assert_eq!(
        here.iter().map(|gap| gap.cause).collect::<Vec<_>>(),
        [Some(GapCause::LocationOff), Some(GapCause::Restarted)]
    );
    assert_eq!((here[1].from.0, here[1].until.0), (slow.from_ms + MINUTE_MS, slow.until_ms + MINUTE_MS));
    assert_eq!(here[1].device, ani.device);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_that_is_none_is_not_kept_a_cause_of_a_newer_phone_is_and_no_more_than_a_request_may_name() {
    let stage = Stage::set().await;
    let mut ani = stage.phone("AMB-01", Role::Medic).await;
    ani.exchange(Vec::new(), 0).await;
    let mut request = ani.request(Vec::new(), 0);
    let mut gaps = vec![
        gap(8, 15, "ended"),
        gap(15, 8, "Naik piket di rumah"),
        gap(15, 8, "battery_out"),
        Gap { from_ms: i64::MIN, until_ms: i64::MAX, cause: "ended".to_owned(), offset_ms: Some(i64::MAX) },
    ];
    gaps.extend((0..100).map(|number| gap(200 + number, 190, "ended")));
    request.repair = Some(RepairAsk { gaps, ..RepairAsk::default() });

    exchanged(&mut ani, request).await;

    let here = kept(&stage);
    assert_eq!(here.len(), MAX_GAPS - 2);
    assert!(here.iter().all(|gap| gap.until.0 <= now_ms()));
    assert_eq!(here.iter().filter(|gap| gap.cause.is_none()).count(), 1);
}
