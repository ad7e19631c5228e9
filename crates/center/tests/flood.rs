//! Too much of anything: requests, connections, guesses, silence. Who sends it is put off, and nobody else notices.
#![allow(clippy::panic, clippy::indexing_slicing, reason = "a test ends where something is not as it must be")]

#[path = "field/phone.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod phone;

use phone::{Phone, Stage};
use siaga_center::admission::inside::Inside;
use siaga_center::api::desk::Desk;
use siaga_center::clock::{Clock, SystemClock};
use siaga_center::hub::Changed;
use siaga_center::listen::Patience;
use siaga_domain::kind::Role;
use siaga_domain::time::UtcMs;
use siaga_wire::enrol::{EnrolAnswer, EnrolRequest};
use siaga_wire::exchange::Outcome;
use siaga_wire::{MEDIA_TYPE, VERSION, codec};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The machine's time of day, and a monotonic clock that moves when the test says so.
#[derive(Clone, Default)]
struct Stopped(Arc<AtomicI64>);

impl Clock for Stopped {
    fn now(&self) -> UtcMs {
        SystemClock.now()
    }

    fn monotonic_ms(&self) -> Option<i64> {
        Some(self.0.load(Ordering::SeqCst))
    }
}

async fn stage(clock: &Stopped, patience: Patience) -> Stage {
    Stage::under(Box::new(Inside), Box::new(clock.clone()), patience).await
}

/// Sends the same question so many times down one connection; gives the heads of the answers.
async fn flood(phone: &Phone, times: usize) -> Vec<String> {
    pipelined(phone, &phone.kept_open(&phone.request(Vec::new(), 0)), times).await
}

/// Sends the same bytes so many times down one connection of a phone; gives the heads of the answers.
async fn pipelined(phone: &Phone, question: &[u8], times: usize) -> Vec<String> {
    let mut stream = phone.connect().await;
    stream.write_all(&question.repeat(times)).await.expect("sent");
    let (mut heads, mut seen) = (Vec::new(), Vec::new());
    while heads.len() < times {
        let mut more = vec![0; 64 * 1024];
        let count = stream.read(&mut more).await.expect("an answer");
        assert!(count > 0, "answered before it ends: {} of {times}", heads.len());
        seen.extend_from_slice(&more[..count]);
        while let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&seen[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            let whole = end + 4 + length.unwrap_or(0);
            if seen.len() < whole {
                break;
            }
            seen.drain(..whole);
            heads.push(head);
        }
    }
    heads
}

fn count(heads: &[String], status: &str) -> usize {
    heads.iter().filter(|head| head.starts_with(&format!("http/1.1 {status}"))).count()
}

#[tokio::test]
async fn a_phone_that_floods_is_put_off_and_seen_while_another_is_answered() {
    let clock = Stopped::default();
    let stage = stage(&clock, Patience::of_the_field()).await;
    let (mut wild, mut calm) = (stage.phone("AMB-01", Role::Medic).await, stage.phone("TRC-01", Role::Volunteer).await);
    wild.exchange(Vec::new(), 0).await;
    let mut screens = stage.center.changes();

    let heads = flood(&wild, 600).await;
    let answered = calm.exchange(Vec::new(), 0).await;
    clock.0.fetch_add(1_000, Ordering::SeqCst);
    let a_second_later = flood(&wild, 30).await;

    assert_eq!((count(&heads, "200"), count(&heads, "429")), (59, 541));
    assert!(heads.iter().filter(|head| head.contains("429")).all(|head| head.contains("retry-after: 1")));
    assert_eq!((count(&a_second_later, "200"), count(&a_second_later, "429")), (20, 10));
    assert!(!answered.cursors.is_empty());
    let looked = |phone: &Phone| {
        stage.center.db().read(|tx| {
            let desk = Desk::open(&stage.center, Arc::default(), tx)?;
            let device = desk.devices.iter().find(|one| one.id == phone.device).expect("a device");
            Ok::<_, siaga_center::db::DbError>(desk.device_view(device).throttled.map(|one| one.put_off))
        })
    };
    assert_eq!(looked(&wild).expect("a view"), Some(541 + 10));
    assert_eq!(looked(&calm).expect("a view"), None);
    let mut told = Vec::new();
    while let Ok(changed) = screens.try_recv() {
        told.push(changed);
    }
    assert!(told.contains(&Changed::Device { device: wild.device }), "screens are told: {told:?}");
}

#[tokio::test]
async fn the_fifth_connection_of_a_phone_ends_the_first_and_the_newest_is_served() {
    let stage = stage(&Stopped::default(), Patience::of_the_field()).await;
    let mut phone = stage.phone("AMB-01", Role::Medic).await;
    phone.exchange(Vec::new(), 0).await;
    let question = phone.kept_open(&phone.request(Vec::new(), 0));
    let mut lines = Vec::new();

    for _ in 0..5 {
        let mut line = phone.connect().await;
        line.write_all(&question).await.expect("sent");
        let mut answer = vec![0; 4096];
        assert!(line.read(&mut answer).await.expect("an answer") > 0);
        lines.push(line);
    }

    let mut rest = Vec::new();
    // How a connection ends that is dropped is the system's business; that it ends is ours.
    let _ = lines[0].read_to_end(&mut rest).await;
    for line in &mut lines[1..] {
        line.write_all(&question).await.expect("sent");
        let mut answer = vec![0; 4096];
        assert!(line.read(&mut answer).await.expect("an answer") > 0);
    }
}

#[tokio::test]
async fn connections_that_say_nothing_or_little_are_ended_and_a_phone_is_answered_meanwhile() {
    let short = Duration::from_millis(300);
    let patience = Patience { handshake: short, headers: short, first: short, unproven: Some(short) };
    let stage = stage(&Stopped::default(), patience).await;
    let mut phone = stage.phone("AMB-01", Role::Medic).await;
    let (mut silent, mut greeted, mut half, mut second, mut stranger) = (vec![], vec![], vec![], vec![], vec![]);

    for _ in 0..50 {
        silent.push(TcpStream::connect(stage.serving.field).await.expect("a connection"));
        greeted.push(phone.connect().await);
        let mut line = phone.connect().await;
        line.write_all(b"POST /field/v1/exchange HTTP/1.1\r\nHost: a\r\nX-").await.expect("sent");
        half.push(line);
        let mut line = phone.connect().await;
        line.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
        second.push(line);
        let mut line = phone.connect().await;
        line.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
        stranger.push(line);
    }
    let answered = phone.exchange(Vec::new(), 0).await;

    assert!(answered.cursors.iter().all(|cursor| *cursor > 0));
    let mut rest = Vec::new();
    for line in &mut silent {
        let _ = line.read_to_end(&mut rest).await;
    }
    for line in [greeted, half, second, stranger].iter_mut().flatten() {
        let _ = line.read_to_end(&mut rest).await;
    }
    // Each of these ended: nothing above returned before the center hung up.
    phone.exchange(Vec::new(), 0).await;
}

/// A request to be enrolled by an invitation that nobody made.
fn junk() -> EnrolRequest {
    EnrolRequest {
        version: VERSION,
        number: vec![1; 8],
        public_key: vec![2; 33],
        mac: vec![3; 32],
        app: String::new(),
        was: None,
    }
}

#[tokio::test]
async fn junk_enrolments_from_an_address_shut_no_phone_of_that_address_out() {
    let stage = stage(&Stopped::default(), Patience::of_the_field()).await;
    let (stranger, invited) =
        (Phone::new(stage.serving.field, &stage.center, 9), Phone::new(stage.serving.field, &stage.center, 8));
    let invitation = stage.invite("AMB-01", Role::Medic, true);

    let body = codec::encode(&junk()).expect("a message");
    let head = format!("POST /field/v1/enrol HTTP/1.1\r\nHost: a\r\nContent-Type: {MEDIA_TYPE}\r\n");
    let junk = [format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes(), body].concat();
    let heads = pipelined(&stranger, &junk, 300).await;
    let enrolled = invited.enrol(&invitation).await;

    assert_eq!(count(&heads, "200"), 300, "each is answered, and refused");
    assert!(matches!(enrolled, EnrolAnswer::Enrolled { .. }), "{enrolled:?}");
}

#[tokio::test]
async fn a_flood_for_one_invitation_is_put_off_and_another_invitation_is_answered() {
    let clock = Stopped::default();
    let stage = stage(&clock, Patience::of_the_field()).await;
    let (wild, calm) =
        (Phone::new(stage.serving.field, &stage.center, 9), Phone::new(stage.serving.field, &stage.center, 8));
    let (known, other) = (stage.invite("AMB-01", Role::Medic, false), stage.invite("AMB-01", Role::Medic, true));
    let asked = EnrolRequest { number: known.number.clone(), ..junk() };
    let body = codec::encode(&asked).expect("a message");
    let headers = format!("Content-Type: {MEDIA_TYPE}\r\n");
    let mut last = 200;

    for _ in 0..61 {
        (last, _) = wild.send("POST", "/field/v1/enrol", &body, &headers).await;
    }

    assert_eq!(last, 429);
    assert!(matches!(calm.enrol(&other).await, EnrolAnswer::Enrolled { .. }));
    clock.0.fetch_add(1_000, Ordering::SeqCst);
    assert_eq!(wild.send("POST", "/field/v1/enrol", &body, &headers).await.0, 200);
}

#[tokio::test]
async fn proving_oneself_again_and_again_is_put_off_and_costs_the_phone_nothing_it_has_open() {
    let stage = stage(&Stopped::default(), Patience::of_the_field()).await;
    let mut phone = stage.phone("AMB-01", Role::Medic).await;
    phone.exchange(Vec::new(), 0).await;
    let thief = Phone::new(stage.serving.field, &stage.center, 8);
    let mut request = phone.request(Vec::new(), 0);
    request.credential = siaga_wire::exchange::Credential::Proof { nonce: vec![1; 32], signature: vec![2; 64] };
    let mut last = 200;

    for _ in 0..61 {
        (last, _) = thief.post("/field/v1/exchange", &codec::encode(&request).expect("a message"), "").await;
    }

    assert_eq!(last, 429);
    let answer = phone.ask_once(&phone.request(Vec::new(), 0)).await;
    assert!(matches!(answer.outcome, Outcome::Exchanged(_)), "{:?}", answer.outcome);
}
